"""The vocabulary of the table of access: what a rule is, and the sets of roles that rules share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select

Relation = Literal["public", "self", "member", "queue", "aggregate"]


@dataclass(frozen=True, slots=True)
class Rule:
    """`tries`: what is public but answers to a secret is counted by address, as failed sign-ins are."""

    roles: frozenset[str]
    relation: Relation
    tries: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """A path parameter that names something of one member: how to find that member, and the column it stands for."""

    member: Select[Any]
    key: ColumnElement[UUID]


Rules = Mapping[str, Rule]
Subjects = Mapping[str, Subject]


def staff(relation: Relation, *roles: str) -> Rule:
    return Rule(frozenset(roles), relation)


PUBLIC = Rule(frozenset(), "public")
SECRET = Rule(frozenset(), "public", tries=True)
SELF = Rule(frozenset({"member"}), "self")
# Those who work with single members; those who also decide call-ins; those who ring.
READ = staff("member", "adviser", "job_consultant", "coordinator")
DECIDE = staff("member", "adviser", "coordinator")
RING = staff("member", "adviser", "job_consultant", "coordinator", "contact_centre")
LISTS = staff("queue", "adviser", "job_consultant", "coordinator")
CALL_LISTS = staff("queue", "adviser", "job_consultant", "coordinator", "contact_centre")
SUMS = staff("aggregate", "manager", "coordinator")
