"""Cases and decisions as staff read them, and the kinds of input that several of their operations take."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec

from backend.api.wire import Input, Wire
from backend.casework.rules_calls import AttemptResult, Outcome
from backend.casework.tables import CallAttempt, CallIn, Dispute, ServiceCall
from backend.course.rules import ExemptionType
from backend.course.tables import Exemption
from backend.errors import Invalid
from backend.followup.calls import Excuse
from backend.i18n import N_, text
from backend.members.identity import StaffIdentity
from backend.rating.tables import RatingOverride
from backend.rating.texts import LABELS

# What a person writes as the ground of a decision: something, and not a novel.
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=2000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
Note = Annotated[str, msgspec.Meta(max_length=4000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]

# Why somebody is exempt is a matter of health at times: those who need it for their work read it, others that it is so.
READS_HEALTH = frozenset({"adviser", "coordinator"})
HEALTH = frozenset({"sygdom", "barsel", "afventer_tidlig_pension"})
EXEMPT = "exempt"


class ExcuseInput(Input):
    """An exemption: days inclusive, open without `toOn`."""

    type: ExemptionType
    from_on: date
    to_on: date | None = None
    reason: Note | None = None


class ReasonView(Wire):
    """`code` is stable, `text` a few words in the reader's language."""

    code: str
    text: str


class AttemptView(Wire):
    at: datetime
    by: str | None
    result: AttemptResult


class CallView(Wire):
    """A service call in its present state. `callAt` is the time that the member chose."""

    id: UUID
    state: str
    queue: str
    fast: bool
    due_on: date
    call_at: datetime | None
    not_before: datetime | None
    claimed_by: str | None
    attempts: list[AttemptView]
    outcome: Outcome | None
    note: str | None
    opened_at: datetime
    completed_on: date | None
    ended_at: datetime | None
    ended_reason: str | None


class CallInView(Wire):
    """A call-in. `dueOn` is the day to decide by, then that of the talk; `flaggedAt`: it improved meanwhile."""

    id: UUID
    member_id: UUID
    state: str
    due_on: date
    proposed_at: datetime
    flagged_at: datetime | None
    opened_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str | None
    talk_at: datetime | None
    talk_place: str | None
    held_on: date | None
    ended_at: datetime | None


class DisputeStaffView(Wire):
    """An objection as staff read it."""

    id: UUID
    rating_id: UUID
    state: str
    text: str
    opened_at: datetime
    due_on: date
    answer: str | None
    answered_by: str | None
    ended_at: datetime | None


class ExemptionView(Wire):
    """`type` is "exempt" for those who need not know why."""

    id: UUID
    type: str
    from_on: date
    to_on: date | None
    source: str
    granted_by: str | None
    granted_at: datetime
    reason: str | None
    cancelled_at: datetime | None


class OverrideView(Wire):
    """A colour set by a person, up to and including `until`."""

    id: UUID
    colour: str
    until: date
    reason: str
    set_by: str | None
    set_at: datetime
    ended_at: datetime | None


Names = Mapping[UUID, str]
NOBODY: Names = {}
Shape = TypeVar("Shape", bound=Wire)


def call_view(call: ServiceCall, attempts: Sequence[CallAttempt] = (), names: Names = NOBODY) -> CallView:
    tried = [AttemptView(at=a.at, by=names.get(a.staff_id), result=a.result) for a in attempts]  # type: ignore[arg-type]
    return _of(call, CallView, claimed_by=_name(names, call.claimed_by), attempts=tried)


def call_in_view(case: CallIn, names: Names = NOBODY) -> CallInView:
    return _of(case, CallInView, decided_by=_name(names, case.decided_by))


def dispute_view(dispute: Dispute, names: Names = NOBODY) -> DisputeStaffView:
    return _of(dispute, DisputeStaffView, answered_by=_name(names, dispute.answered_by))


def exemption_view(exemption: Exemption, staff: StaffIdentity, names: Names = NOBODY) -> ExemptionView:
    changes: dict[str, Any] = {"granted_by": _name(names, exemption.granted_by)}
    if hides_health(staff, exemption.type):
        changes |= {"type": EXEMPT, "reason": None}
    return _of(exemption, ExemptionView, **changes)


def override_view(override: RatingOverride, names: Names = NOBODY) -> OverrideView:
    return _of(override, OverrideView, set_by=_name(names, override.set_by))


def hides_health(staff: StaffIdentity, kind: str) -> bool:
    return kind in HEALTH and not staff.roles & READS_HEALTH


def reason_codes(staff: StaffIdentity, reasons: Sequence[str]) -> list[str]:
    """The codes of a rating, without the kind of an exemption for those who need not know it."""
    hidden = {f"{EXEMPT}:{kind}" for kind in HEALTH if hides_health(staff, kind)}
    return [EXEMPT if reason in hidden else reason for reason in reasons]


def reasons(language: str, staff: StaffIdentity, codes: Sequence[str]) -> list[ReasonView]:
    """The reasons of a rating as a list shows them: each in a few words."""
    shown = reason_codes(staff, codes)
    return [ReasonView(code=code, text=text(language, LABELS[code.partition(":")[0]])) for code in shown]


def excuse(given: ExcuseInput) -> Excuse:
    return Excuse(given.type, given.from_on, given.to_on, given.reason)


def sensible(at: datetime, field: str) -> datetime:
    """An instant that can be turned into a Danish one. Raises Invalid for those at the ends of time."""
    if not 2000 <= at.year <= 2100:
        raise Invalid(N_("This is not a date or time as the contract describes it."), field=field)
    return at


def _name(names: Names, staff_id: UUID | None) -> str | None:
    return names.get(staff_id) if staff_id else None


def _of(row: object, shape: type[Shape], **changes: Any) -> Shape:
    """The row's columns of the same names, with those that are shown otherwise."""
    fields = {name: getattr(row, name) for name in shape.__struct_fields__ if name not in changes}
    return shape(**fields, **changes)
