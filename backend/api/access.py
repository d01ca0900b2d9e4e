"""The table of who may call what. Every operation has exactly one rule here; one without a rule stops the start.

Relations:
  public     nobody needs to sign in
  self       a member, and only their own data: the handler takes `member` and nothing else decides whose data it is
  member     one member, named by a path parameter of SUBJECTS; outside the caller's sight it does not exist (404)
  queue      a list over the members in the caller's sight: the query itself is limited by `members.access.visible`
  aggregate  sums without persons
Reads and writes of members' data by staff are written to the access log by the door, in the same transaction.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework.tables import CallIn, Dispute, ServiceCall
from backend.errors import Forbidden, NotFound
from backend.members import access
from backend.members.identity import StaffIdentity
from backend.members.tables import ROLES, Member

Relation = Literal["public", "self", "member", "queue", "aggregate"]


@dataclass(frozen=True, slots=True)
class Rule:
    roles: frozenset[str]
    relation: Relation


def _staff(relation: Relation, *roles: str) -> Rule:
    return Rule(frozenset(roles), relation)


PUBLIC = Rule(frozenset(), "public")
SELF = Rule(frozenset({"member"}), "self")
# Those who work with single members; those who also decide call-ins; those who ring.
READ = _staff("member", "adviser", "job_consultant", "coordinator")
DECIDE = _staff("member", "adviser", "coordinator")
RING = _staff("member", "adviser", "job_consultant", "coordinator", "contact_centre")
LISTS = _staff("queue", "adviser", "job_consultant", "coordinator")
CALL_LISTS = _staff("queue", "adviser", "job_consultant", "coordinator", "contact_centre")
SUMS = _staff("aggregate", "manager", "coordinator")

MEMBER_RULES: dict[str, Rule] = dict.fromkeys(
    (
        "getProfile",
        "updateProfile",
        "getTimeline",
        "listTimeline",
        "listJobLogEntries",
        "createJobLogEntry",
        "getJobLogEntry",
        "updateJobLogEntry",
        "withdrawJobLogEntry",
        "restoreJobLogEntry",
        "getJobLogHistory",
        "addJobLogDocument",
        "getJobLogDocument",
        "removeJobLogDocument",
        "getRating",
        "listRatings",
        "createDispute",
        "listDisputes",
        "withdrawDispute",
        "listInbox",
        "getInboxSummary",
        "updateInboxEntry",
        "markInboxRead",
        "listDevices",
        "registerDevice",
        "rotateDevice",
        "signOutDevice",
        "getMyServiceCall",
        "chooseCallTime",
        "clearCallTime",
    ),
    SELF,
)

# The staff controllers' operations.
STAFF_RULES: dict[str, Rule] = {
    "getStaffMe": Rule(frozenset(ROLES), "aggregate"),
    **dict.fromkeys(("listTriage", "searchMembers", "listCallIns", "listOpenDisputes"), LISTS),
    **dict.fromkeys(("getMemberCard", "listMemberJobLog", "listMemberRatings"), READ),
    **dict.fromkeys(("listServiceCalls", "takeNextServiceCall"), CALL_LISTS),
    **dict.fromkeys(
        (
            "getServiceCall",
            "claimServiceCall",
            "releaseServiceCall",
            "addCallAttempt",
            "completeServiceCall",
            "undoServiceCall",
        ),
        RING,
    ),
    **dict.fromkeys(
        (
            # The sheet names why somebody is exempt.
            "openCallIn",
            "approveCallIn",
            "rejectCallIn",
            "cancelCallIn",
            "holdCallIn",
            "missCallIn",
            "setOverride",
            "endOverride",
            "grantExemption",
            "endExemption",
            "cancelExemption",
            "setRequirement",
            "answerDispute",
        ),
        DECIDE,
    ),
    **dict.fromkeys(("listGrants", "addGrant", "endGrant"), _staff("queue", "coordinator")),
    **dict.fromkeys(("getColourFigures", "getQueueFigures", "getDecisionFigures"), SUMS),
}

PUBLIC_RULES: dict[str, Rule] = dict.fromkeys(
    ("getHealth", "getReadiness", "getMetrics", "getDocs", "getDocsAsset", "getProblemTypes"), PUBLIC
)

# What only reads although it is a POST: a name that is searched for must not stand in a URL, which proxies log.
READING = frozenset({"searchMembers"})

RULES: Mapping[str, Rule] = MEMBER_RULES | STAFF_RULES | PUBLIC_RULES

# Path parameter → the member it is about.
SUBJECTS: Mapping[str, Select[Any]] = {
    "member_id": select(Member.id),
    "call_id": select(Member.id).join(ServiceCall, ServiceCall.member_id == Member.id),
    "call_in_id": select(Member.id).join(CallIn, CallIn.member_id == Member.id),
    "dispute_id": select(Member.id).join(Dispute, Dispute.member_id == Member.id),
}
KEYS: Mapping[str, ColumnElement[UUID]] = {
    "member_id": Member.id.expression,
    "call_id": ServiceCall.id.expression,
    "call_in_id": CallIn.id.expression,
    "dispute_id": Dispute.id.expression,
}


def missing(operations: Iterable[str]) -> list[str]:
    """Operations without a rule."""
    return sorted(set(operations) - set(RULES))


def allow(rule: Rule, roles: frozenset[str]) -> None:
    """Raises Forbidden when none of the caller's roles may call the operation."""
    if not rule.roles & roles:
        raise Forbidden


def subject_of(parameters: Mapping[str, object]) -> tuple[str, UUID]:
    """The path parameter that names the member."""
    for name in SUBJECTS:
        value = parameters.get(name)
        if isinstance(value, UUID):
            return name, value
    raise NotFound


async def in_sight(session: AsyncSession, staff: StaffIdentity, name: str, value: UUID, today: date) -> UUID:
    """The member that a path parameter is about. Raises NotFound when it does not exist or is out of sight."""
    sight = access.visible(staff, today)
    if name == "call_id" and "contact_centre" in staff.roles:
        sight = or_(sight, ServiceCall.queue == "contact_centre")
    found: UUID | None = await session.scalar(SUBJECTS[name].where(KEYS[name] == value, sight))
    if found is None:
        raise NotFound
    return found
