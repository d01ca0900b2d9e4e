"""Holding and closing a talk as rules: who was there, when minutes may close. Pure; days are Danish.

Attendance: booked → attended or absent, and either may be corrected to the other. Minutes: draft → closed, once.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple, get_args
from uuid import UUID

from backend.booking.rules import CancelReason, is_lawful
from backend.course import regimes
from backend.talks import errors

Form = Literal["personal", "phone", "video", "letter"]
Chair = Literal["fund", "jobcentre", "other_provider"]
Owner = Literal["member", "staff"]
# The four that the law knows, and what else is talked about.
TalkType = Literal["cv_talk", "job_talk", "availability_talk", "joint_talk", "sparring_talk", "follow_up"]
STATUTORY = frozenset(("cv_talk", "job_talk", "availability_talk", "joint_talk"))
# Why a member was not there: what they can say themselves, or that nobody has heard.
AbsenceReason = CancelReason | Literal["unknown"]
ABSENCE_REASONS: tuple[str, ...] = (*get_args(CancelReason), "unknown")
TALKS = frozenset(("talk", "joint_talk"))


class Presence(NamedTuple):
    """A booking as attendance sees it; `minutes_closed` says that the talk was held."""

    state: str
    reason: str | None
    starts_at: datetime
    minutes_closed: bool


class Mark(NamedTuple):
    """Who was there: `reason` is needed of those who were not."""

    booking_id: UUID
    attended: bool
    reason: str | None = None


def mark(known: Presence, wanted: Mark, now: datetime) -> bool:
    """Whether this changes anything. Raises NotBegun, NotBooked, MinutesStand, AbsenceReasonNeeded."""
    if known.state not in ("booked", "attended", "absent"):
        raise errors.NotBooked
    if known.starts_at > now:
        raise errors.NotBegun
    if wanted.attended:
        return known.state != "attended"
    if wanted.reason not in ABSENCE_REASONS:
        raise errors.AbsenceReasonNeeded(field="reason")
    if known.minutes_closed:
        raise errors.MinutesStand
    return known.state != "absent" or known.reason != wanted.reason


def lawful(reason: str) -> bool:
    """Whether who stays away for this reason keeps what they have."""
    return reason != "unknown" and is_lawful(reason)


@dataclass(frozen=True, slots=True)
class NewAgreement:
    """What somebody will do by a day; `staff_id` who of the staff, where the owner is not the member."""

    owner: Owner
    what: str
    due_on: date
    staff_id: UUID | None = None


class Content(NamedTuple):
    """Minutes as somebody writes them; while they are a draft everything may be missing."""

    minutes: str = ""
    held_on: date | None = None
    form: Form | None = None
    types: Sequence[TalkType] = ()
    chair: Chair = "fund"
    agreements: Sequence[NewAgreement] = ()


class Frame(NamedTuple):
    """What the content is held against: `days` the talk can have been held on, the law that holds for the spell.

    `item_talks` are the talks of each item of the course that the booking is for.
    """

    days: tuple[date, date]
    regime: regimes.Regime | None
    eased: bool
    item_talks: Sequence[Collection[str]] = ()


def check_closing(content: Content, frame: Frame) -> None:
    """Whether minutes may close as they are.

    Raises MinutesNeeded, HeldOnNotPossible, TypeNeeded, TypeNotPossible, MergeNotAllowed, FormNeeded, FormNotAllowed,
    AgreementIncomplete.
    """
    if not content.minutes.strip():
        raise errors.MinutesNeeded(field="minutes")
    if content.held_on is None or not frame.days[0] <= content.held_on <= frame.days[1]:
        raise errors.HeldOnNotPossible(field="heldOn")
    if not content.types:
        raise errors.TypeNeeded(field="types")
    _check_law(content, frame)
    for each in content.agreements:
        if not each.what.strip() or each.due_on < content.held_on:
            raise errors.AgreementIncomplete(field="agreements")


def _check_law(content: Content, frame: Frame) -> None:
    statutory = STATUTORY & set(content.types)
    if statutory and frame.regime is None:
        raise errors.TypeNotPossible(field="types")
    if frame.regime is not None and not _may_be_one(statutory, frame):
        raise errors.MergeNotAllowed(field="types")
    if content.form is None:
        raise errors.FormNeeded(field="form")
    if content.form not in forms(frame, content.types):
        raise errors.FormNotAllowed(field="form")


def _may_be_one(statutory: frozenset[str], frame: Frame) -> bool:
    """As the regime says, or as the plan itself has put them into one item."""
    planned = any(statutory <= set(talks) for talks in frame.item_talks)
    return planned or (frame.regime is not None and regimes.may_merge(frame.regime, statutory))


def forms(frame: Frame, types: Collection[str]) -> frozenset[str]:
    """How a talk of these kinds may be held; a letter counts where the law eases attendance."""
    statutory = STATUTORY & set(types)
    if frame.regime is None or not statutory:
        return regimes.FREE_FORMS
    return regimes.forms_allowed(frame.regime, statutory, eased=frame.eased)


class OpenItem(NamedTuple):
    """An item of the course that may have been met: `linked` to the booking, else any that is open."""

    id: UUID
    talks: Collection[str]
    window_from: date
    linked: bool


def met(items: Collection[OpenItem], types: Collection[str], held_on: date) -> list[UUID]:
    """The items that the talk counts for: a merged talk counts for each.

    What was booked and holds no talk of the law (coaching) is met by being held; any other item when all its talks
    were held together, not before its window.
    """
    found = []
    for item in items:
        whole = set(item.talks) <= set(types)
        if whole if item.linked else (item.talks and whole and item.window_from <= held_on):
            found.append(item.id)
    return found
