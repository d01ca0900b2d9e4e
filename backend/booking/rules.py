"""What may be booked by whom, how, and until when: pure checks. Times are instants, days Danish."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple, get_args
from uuid import UUID

from backend.booking import errors
from backend.clock import local_date
from backend.course import plans, regimes

Form = Literal["personal", "phone", "video", "letter"]
CancelReason = Literal["at_work", "job_interview", "in_offer", "other_meeting", "sick", "child_sick", "other"]
CANCEL_REASONS: tuple[CancelReason, ...] = get_args(CancelReason)
# Who has one of these has not stayed away unlawfully. A child's illness is none: the member deregisters instead.
LAWFUL = frozenset(("at_work", "job_interview", "in_offer", "other_meeting", "sick"))

# What is held with one adviser at a free time of theirs.
ALONE = ("talk", "talk_series")
HOLD_LASTS = timedelta(minutes=10)
# A talk can be booked until this long before it begins, so that the adviser can prepare.
TALK_CLOSES = timedelta(hours=2)
JOINT_MOST, JOINT_WAIT_MINUTES = 4, 45


@dataclass(frozen=True, slots=True)
class Audience:
    """For whom a session is: what is not given does not matter."""

    age_from: int | None = None
    age_below: int | None = None
    newly_qualified: bool | None = None
    it_member: bool | None = None
    basic_it: bool | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What of a member decides whether a session is for them."""

    born_on: date
    newly_qualified: bool
    it_member: bool
    basic_it: bool


class Item(NamedTuple):
    """An item of the member's course as its booking sees it."""

    id: UUID
    activity: str
    kind: str
    talks: tuple[str, ...]
    provider: str
    requirement: str
    may_be_earlier: bool
    window_from: date
    due_on: date
    booked: bool


def fits(audience: Audience, facts: Facts, day: date) -> bool:
    """Whether the session is for this member, by the age on its day."""
    age = plans.age_on(facts.born_on, day)
    if audience.age_from is not None and age < audience.age_from:
        return False
    if audience.age_below is not None and age >= audience.age_below:
        return False
    names = ("newly_qualified", "it_member", "basic_it")
    return all(getattr(audience, name) in (None, getattr(facts, name)) for name in names)


def check_alone(items: Sequence[Item]) -> None:
    """A talk of one member with one adviser. A joint talk is a seat in what is published, unless it is merged with one.

    Raises NothingToBook.
    """
    if not any(item.kind in ALONE for item in items):
        raise errors.NothingToBook


def check_talk(items: Sequence[Item], regime: regimes.Regime, form: str, *, eased: bool) -> None:
    """One talk for these items: each still to be booked, together allowed by the regime, held in an allowed way.

    Raises NothingToBook, AlreadyBooked, MergeNotAllowed, FormNotAllowed.
    """
    if not items or any(item.kind not in ("talk", "talk_series", "joint_talk") for item in items):
        raise errors.NothingToBook
    if any(item.booked for item in items):
        raise errors.AlreadyBooked
    talks = [talk for item in items for talk in item.talks]
    if len(items) > 1 and not (all(item.talks for item in items) and regimes.may_merge(regime, talks)):
        raise errors.MergeNotAllowed
    if form not in regimes.forms_allowed(regime, talks, eased=eased):
        raise errors.FormNotAllowed(field="form")


def check_window(items: Collection[Item], starts_at: datetime, *, by_staff: bool) -> None:
    """Members book within the window of every item; staff may also book later, when the last day has passed."""
    if by_staff:
        return
    first, last = window(items, date.min)
    if not first <= local_date(starts_at) <= last:
        raise errors.OutsideWindow(field="startsAt", first=first, last=last)


def window(items: Collection[Item], today: date, *, by_staff: bool = False) -> tuple[date, date]:
    """The days, from `today` on, on which a member may have what they book for these items; staff look from today."""
    first = max((item.window_from for item in items if not (item.may_be_earlier or by_staff)), default=date.min)
    return max(first, today), min((item.due_on for item in items), default=date.max)


def joint_capacity(own_minutes: int) -> int:
    """How many joint talks one adviser has in a row when nobody waits more than 45 minutes; never more than four."""
    return min(JOINT_MOST, JOINT_WAIT_MINUTES // own_minutes + 1)


def joint_wait(position: int, own_minutes: int) -> timedelta:
    """How long the member in that turn (from 1) waits after the part held together."""
    return timedelta(minutes=(position - 1) * own_minutes)


def is_lawful(reason: str) -> bool:
    """Whether staying away for this reason costs nothing. Raises ReasonUnknown."""
    if reason not in CANCEL_REASONS:
        raise errors.ReasonUnknown(field="reason")
    return reason in LAWFUL


class Candidate(NamedTuple):
    """An adviser who could hold the talk, with how many sessions they have that day."""

    staff_id: UUID
    load: int


def prefer(candidates: Collection[Candidate], known: Sequence[UUID]) -> list[UUID]:
    """In which order to try advisers: those the member knows first, as given; then who has least that day."""
    rank = {staff: n for n, staff in enumerate(known)}
    return [c.staff_id for c in sorted(candidates, key=lambda c: (rank.get(c.staff_id, len(rank)), c.load, c.staff_id))]
