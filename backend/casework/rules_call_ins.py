"""The call-in as a state machine: a proposal until a named person decides. Pure.

proposed → approved → held, no_show or cancelled; or proposed → rejected or cancelled. A no-show that was a mistake
becomes held. An improvement only flags a proposal: leaving it or going on is for a person too.
"""

from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from backend import calendar
from backend.casework import errors
from backend.clock import local_date

State = Literal["proposed", "approved", "rejected", "cancelled", "held", "no_show"]
# How the talk is held, and what it is about, as the letter tells the member.
Form = Literal["attendance", "phone", "video"]
Purpose = Literal["availability", "job_search", "my_plan"]

# Members must read their mail daily, so less is lawful; the fund gives this much unless somebody says why not.
NOTICE_WORKING_DAYS = 3
# A proposal that waits longer than this says nothing about the member's search any more.
DECIDE_WITHIN_WORKING_DAYS = 5
# Nobody has read the evidence in less: an approval any sooner is refused. A fund may ask for more.
READING_PAUSE = timedelta(seconds=10)


class CallIn(NamedTuple):
    """A call-in as its rules see it; `read_at` is when the person who acts opened the evidence first."""

    state: State
    read_at: datetime | None = None
    decided_at: datetime | None = None
    talk_at: datetime | None = None


class Approval(NamedTuple):
    """What the person writes. `short_notice_reason` is needed when the talk is nearer than the usual notice.

    `talk_place` is where the member meets us, the number that we call, or how to get to the video, by the `form`.
    """

    reason: str
    talk_at: datetime
    talk_place: str
    short_notice_reason: str = ""
    form: Form = "attendance"
    purpose: Purpose = "availability"


def approve(case: CallIn, approval: Approval, now: datetime, pause: timedelta = READING_PAUSE) -> State:
    """Only after reading the evidence, always with a reason: the figures alone never call anybody in.

    `pause`: how long after opening the evidence an approval is possible at the earliest.
    """
    _must_be_proposed(case)
    if case.read_at is None:
        raise errors.EvidenceUnread
    check_approval(approval, now)
    if now < case.read_at + pause:
        raise errors.ReadFirst(seconds=int(pause.total_seconds()))
    return "approved"


def check_approval(approval: Approval, now: datetime) -> None:
    """What an approval must say, also before it is given. Raises ReasonNeeded, PlaceNeeded, ShortNotice, …"""
    _must_say_why(approval.reason)
    if not approval.talk_place.strip():
        raise errors.PlaceNeeded(field="talkPlace")
    _check_talk_time(approval, now)


def preview(case: CallIn, approval: Approval, now: datetime) -> None:
    """The letter of a proposal may be looked at as often as wanted. Raises as `check_approval`, CallInDecided."""
    _must_be_proposed(case)
    check_approval(approval, now)


def _check_talk_time(approval: Approval, now: datetime) -> None:
    day = local_date(approval.talk_at)
    if approval.talk_at <= now or not calendar.is_working_day(day):
        raise errors.TalkTimeNotPossible(field="talkAt")
    if is_short_notice(day, local_date(now)) and not approval.short_notice_reason.strip():
        raise errors.ShortNotice(field="shortNoticeReason")


def is_short_notice(day: date, today: date) -> bool:
    return day < calendar.add_working_days(today, NOTICE_WORKING_DAYS)


def reject(case: CallIn, reason: str) -> State:
    _must_be_proposed(case)
    _must_say_why(reason)
    return "rejected"


def cancel(case: CallIn, reason: str) -> State:
    """Of a proposal (an improvement came first) or of an approved one (the talk is called off)."""
    if case.state not in ("proposed", "approved"):
        raise errors.CallInDecided
    _must_say_why(reason)
    return "cancelled"


def hold(case: CallIn, held_on: date, now: datetime) -> State:
    """The talk took place: the rating starts afresh from the day after `held_on`. A no-show may have been a mistake."""
    if case.state != "no_show":
        _must_be_approved(case)
    if case.decided_at is None or not local_date(case.decided_at) <= held_on <= local_date(now):
        raise errors.HeldDayNotPossible(field="heldOn")
    return "held"


def miss(case: CallIn, now: datetime) -> State:
    """The member did not come. What follows from it is a decision of its own, elsewhere."""
    _must_be_approved(case)
    if case.talk_at is None or case.talk_at > now:
        raise errors.TalkNotOver
    return "no_show"


def _must_be_proposed(case: CallIn) -> None:
    if case.state != "proposed":
        raise errors.CallInDecided


def _must_be_approved(case: CallIn) -> None:
    if case.state != "approved":
        raise errors.CallInNotApproved


def _must_say_why(reason: str) -> None:
    if not reason.strip():
        raise errors.ReasonNeeded(field="reason")
