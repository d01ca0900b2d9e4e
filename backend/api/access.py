"""The table of who may call what. Every operation has exactly one rule here; one without a rule stops the start.

Relations:
  public     nobody needs to sign in
  self       a member, and only their own data: the handler takes `member` and nothing else decides whose data it is
  member     one member, named by a path parameter of SUBJECTS; outside the caller's sight it does not exist (404)
  queue      a list over the members in the caller's sight: the query itself is limited by `members.access.visible`
  aggregate  sums without persons
Reads and writes of members' data by staff are written to the access log by the door, in the same transaction.
"""

from collections import ChainMap
from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import (
    access_booking,
    access_course,
    access_messages,
    access_operations,
    access_surveys,
    access_talks,
)
from backend.api.access_roles import (
    CALL_LISTS,
    DECIDE,
    LISTS,
    PUBLIC,
    READ,
    RING,
    SELF,
    SUMS,
    Relation,
    Rule,
    Rules,
    Subject,
    Subjects,
    staff,
)
from backend.casework.tables import CallIn, Dispute, ServiceCall
from backend.errors import Forbidden, NotFound
from backend.members import access
from backend.members.identity import StaffIdentity
from backend.members.tables import ROLES, Member

__all__ = ["RULES", "SUBJECTS", "Relation", "Rule", "allow", "in_sight", "missing", "subject_of"]

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
    "listBranches": Rule(frozenset(ROLES), "aggregate"),
    **dict.fromkeys(("getMemberCard", "listMemberJobLog", "listMemberRatings", "getMemberRating"), READ),
    **dict.fromkeys(("listMemberMessages", "listMemberTimeline"), READ),
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
            "getCallIn",
            "openCallIn",
            "previewCallIn",
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
    **dict.fromkeys(("listGrants", "addGrant", "endGrant"), staff("queue", "coordinator")),
    **dict.fromkeys(("getColourFigures", "getQueueFigures"), SUMS),
    # Those who decide see how they decide together.
    "getDecisionFigures": staff("aggregate", "adviser", "coordinator", "manager"),
}

PUBLIC_RULES: dict[str, Rule] = dict.fromkeys(
    ("getHealth", "getReadiness", "getMetrics", "getDocs", "getDocsAsset", "getProblemTypes"), PUBLIC
)

# What only reads although it is a POST: a name that is searched for must not stand in a URL, which proxies log, nor
# must the reason of a decision.
READING = frozenset({"searchMembers", "previewCallIn", "searchAccessLog"})

# The main job's own, then those of each further feature.
_FEATURES = (access_booking, access_course, access_messages, access_operations, access_surveys, access_talks)
RULES: Rules = MEMBER_RULES | STAFF_RULES | PUBLIC_RULES | dict(ChainMap(*(dict(one.RULES) for one in _FEATURES)))

# Path parameter → the member it is about.
SUBJECTS: Subjects = {
    "member_id": Subject(select(Member.id), Member.id.expression),
    "call_id": Subject(
        select(Member.id).join(ServiceCall, ServiceCall.member_id == Member.id), ServiceCall.id.expression
    ),
    "call_in_id": Subject(select(Member.id).join(CallIn, CallIn.member_id == Member.id), CallIn.id.expression),
    "dispute_id": Subject(select(Member.id).join(Dispute, Dispute.member_id == Member.id), Dispute.id.expression),
    **ChainMap(*(dict(one.SUBJECTS) for one in _FEATURES)),
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


async def in_sight(session: AsyncSession, who: StaffIdentity, name: str, value: UUID, today: date) -> UUID:
    """The member that a path parameter is about. Raises NotFound when it does not exist or is out of sight."""
    sight = access.visible(who, today)
    if name == "call_id" and "contact_centre" in who.roles:
        sight = or_(sight, ServiceCall.queue == "contact_centre")
    found: UUID | None = await session.scalar(SUBJECTS[name].member.where(SUBJECTS[name].key == value, sight))
    if found is None:
        raise NotFound
    return found
