"""Rows of the smaller files as rows of our tables. Pure but for the registers of known numbers, which they extend.

Each function takes the values of one record and raises checks.Fault. The order of the checks is that of the reasons.
"""

from datetime import date
from typing import Any
from uuid import UUID

from backend.course.tables import EXEMPTION_TYPES
from backend.db.types import new_id
from backend.intake import checks
from backend.intake.checks import Fault
from backend.intake.layout import BRANCH_KINDS, HOURS, RISKS, ROLES, YES_NO
from backend.members.names import search_key

MOST_PER_WEEK, MOST_UPLOADS = 20, 40
_EXEMPTIONS = {code: code for code in EXEMPTION_TYPES}

BRANCH_COLUMNS = ("id", "branch_no", "name", "kind", "postcode", "city", "email", "phone")
STAFF_COLUMNS = ("id", "staff_no", "name", "email", "role", "branch_id")
MEMBER_COLUMNS = (
    "id", "member_no", "name", "search_key", "born_on", "email", "phone", "language", "branch_id", "adviser_id",
    "unemployed_from", "insurance", "risk", "newly_qualified", "it_member",
)  # fmt: skip
REQUIREMENT_COLUMNS = ("min_per_week", "min_posted_per_week", "uploads_per_month")
EXEMPTION_COLUMNS = ("id", "member_id", "type", "from_on", "to_on")


class Register:
    """The numbers of one kind of thing and their ids: those in the database, and those that this file brings."""

    def __init__(self, known: dict[str, UUID]) -> None:
        self.ids = known
        self._here: set[str] = set()

    def unused(self, number: str) -> None:
        if number in self._here:
            raise Fault("duplicate_id", number)

    def take(self, number: str) -> UUID:
        """The id of a good row's number. Called last, so that a faulty row does not take a number from a good one."""
        self._here.add(number)
        return self.ids.setdefault(number, new_id())


def branch(fields: list[str], branches: Register) -> tuple[Any, ...]:
    number, name, kind, *rest = fields
    number = checks.identifier(number)
    branches.unused(number)
    kind = checks.code(kind, BRANCH_KINDS, "unknown_type")
    texts = [checks.text(value) for value in (name, *rest)]
    return (branches.take(number), number, texts[0], kind, *texts[1:])


def staff(fields: list[str], people: Register, branches: Register) -> tuple[Any, ...]:
    number, name, email, role, office = fields
    number = checks.identifier(number)
    people.unused(number)
    role = checks.code(role, ROLES, "unknown_role")
    branch_id = checks.code(office, branches.ids, "unknown_office") if office.strip() else None
    name, email = checks.text(name), checks.text(email)
    return (people.take(number), number, name, email, role, branch_id)


def member(fields: list[str], members: Register, branches: Register, people: Register) -> tuple[Any, ...]:
    """The member's columns and then the three of the requirement."""
    (number, name, born, email, phone, language, office, adviser, start, insurance, risk, new, it, *wanted) = fields
    number = checks.identifier(number)
    members.unused(number)
    born_on, unemployed_from = checks.day(born), checks.day(start)
    branch_id = checks.code(office, branches.ids, "unknown_office")
    adviser_id = checks.code(adviser, people.ids, "unknown_adviser") if adviser.strip() else None
    insurance = checks.code(insurance, HOURS, "unknown_insurance")
    risk = checks.code(risk, RISKS, "unknown_risk")
    newly_qualified, it_member = (checks.code(value, YES_NO, "bad_yes_no") for value in (new, it))
    requirement = _requirement(wanted)
    name, email, phone, language = (checks.text(value) for value in (name, email, phone, language))
    return (
        members.take(number), number, name, search_key(name), born_on, email, phone, language, branch_id, adviser_id,
        unemployed_from, insurance, risk, newly_qualified, it_member, *requirement,
    )  # fmt: skip


def _requirement(wanted: list[str]) -> tuple[int, int, int]:
    per_week = checks.number(wanted[0], MOST_PER_WEEK)
    return per_week, checks.number(wanted[1], per_week), checks.number(wanted[2], MOST_UPLOADS)


class Exemptions:
    """The exemptions of one file; the same member, type and first day may stand there once."""

    def __init__(self, members: Register) -> None:
        self._members = members
        self._here: set[tuple[UUID, str, date]] = set()

    def row(self, fields: list[str]) -> tuple[Any, ...]:
        number, kind, first, last = fields
        number = checks.identifier(number)
        member_id = checks.code(number, self._members.ids, "unknown_member")
        kind = checks.code(kind, _EXEMPTIONS, "unknown_type")
        from_on, to_on = checks.period(first, last)
        if (member_id, kind, from_on) in self._here:
            raise Fault("duplicate_row", number)
        self._here.add((member_id, kind, from_on))
        return (new_id(), member_id, kind, from_on, to_on)
