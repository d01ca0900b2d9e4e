"""Bookings, times, sessions and booking deadlines on the wire, alike for members and staff."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar.params import QueryParameter
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import staff_view
from backend.api.staff_view import Instant, ReasonView
from backend.api.wire import Input, Wire
from backend.booking import ics, reading, texts
from backend.booking.ics import Entry
from backend.booking.reading import Deadline
from backend.booking.rules import CancelReason, Form
from backend.booking.talks import Offered
from backend.booking.times import Times
from backend.course import plans
from backend.followup.bookings import Talk
from backend.i18n import text

Items = Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=3)]
Activity = Annotated[str | None, QueryParameter(max_length=60, pattern=r"^[a-z0-9_]*$")]
FromDay = Annotated[date | None, QueryParameter(name="from", description="The first day; else of the whole window.")]
ToDay = Annotated[date | None, QueryParameter(name="to", description="The last day; else of the whole window.")]
With = Annotated[list[UUID] | None, QueryParameter(name="with", max_items=2, description="Items held in one talk.")]
SameAdviser = Annotated[bool, QueryParameter(name="sameAdviser", description="Only of advisers I have met.")]


class TalkInput(Input):
    """A talk at a time that is offered, for one item of the course or for several that may be held as one.

    Without `staffId` any adviser will do, one whom the member knows first. `hold` keeps the time for some minutes only.
    """

    obligation_ids: Items
    starts_at: Instant
    form: Form
    staff_id: UUID | None = None
    hold: bool = False


class TalkMoveInput(Input):
    starts_at: Instant
    form: Form
    staff_id: UUID | None = None


class SeatInput(Input):
    session_id: UUID
    hold: bool = False


class SeatMoveInput(Input):
    session_id: UUID


class CancelInput(Input):
    reason: CancelReason


class CalendarLinks(Wire):
    """Pages that open with the booking filled in, and the path of a file for every other calendar."""

    google: str
    outlook: str
    file: str


class BookingView(Wire):
    """A booking. `heldUntil`: confirm it by then, or it ends by itself. `ownAt` is one's own turn in a joint talk.

    What was cancelled for a lawful reason, or by us, is no absence.
    """

    id: UUID
    session_id: UUID
    obligation_ids: list[UUID]
    state: str
    kind: str
    activity: str
    title: str
    starts_at: datetime
    ends_at: datetime
    own_at: datetime | None
    form: str
    place: str | None
    language: str
    staff_name: str | None
    by_staff: bool
    held_until: datetime | None
    booked_at: datetime | None
    may_change: bool
    cancelled_at: datetime | None
    reason: ReasonView | None
    lawful: bool | None
    calendar: CalendarLinks | None


class TimeView(Wire):
    """A free time. `known`: an adviser whom the member has met."""

    starts_at: datetime
    ends_at: datetime
    staff_id: UUID
    staff_name: str
    known: bool
    forms: list[str]
    place: str | None


class TimesView(Wire):
    """Free times from `first` to `last`; `minutes` is how long the talk takes. `next` goes on; null at the end.

    `noneFree`: there is no time in the whole window. That is noted, and the deadline moves.
    """

    items: list[TimeView]
    next: str | None
    minutes: int
    forms: list[str]
    first: date
    last: date
    none_free: bool


class DeadlineChangeView(Wire):
    """`dueOn` is the day that held from `on` on."""

    on: date
    due_on: date
    kind: str
    text: str


class DeadlineView(Wire):
    """Book by `dueOn`. `state`: open, met, missed or lifted; the clock stands still since `pausedOn`."""

    told_on: date
    due_on: date
    paused_on: date | None
    state: str
    changes: list[DeadlineChangeView]


def talk(data: TalkInput) -> Talk:
    return Talk(data.obligation_ids, staff_view.sensible(data.starts_at, "startsAt"), data.form, data.staff_id)


def moved(data: TalkMoveInput) -> Talk:
    return Talk((), staff_view.sensible(data.starts_at, "startsAt"), data.form, data.staff_id)


async def one(
    session: AsyncSession, member_id: UUID, booking_id: UUID, *, language: str, set_name: str, now: datetime
) -> BookingView:
    """A booking of this member as it is now. Raises NotFound."""
    row = await reading.booking(session, member_id, booking_id)
    return booking(row, language=language, set_name=set_name, now=now)


def booking(row: Row[Any], *, language: str, set_name: str, now: datetime) -> BookingView:
    title = plans.title(set_name, row.activity, language)
    reason = row.cancel_reason
    given = ("obligation_ids", "title", "may_change", "reason", "calendar")
    same = {name: getattr(row, name) for name in BookingView.__struct_fields__ if name not in given}
    return BookingView(
        **same,
        obligation_ids=list(row.items),
        title=title,
        may_change=row.state in ("held", "booked") and row.starts_at > now,
        reason=ReasonView(code=reason, text=texts.cancelled(language, reason)) if reason else None,
        calendar=_links(row, title) if row.state == "booked" else None,
    )


def _links(row: Row[Any], title: str) -> CalendarLinks:
    entry = Entry(row.id, row.sequence, False, row.starts_at, row.ends_at, title, row.place, row.changed_at)
    return CalendarLinks(**ics.links(entry), file=f"/v1/me/bookings/{row.id}/calendar")


def time(one: Offered, found: Times) -> TimeView:
    return TimeView(
        starts_at=one.start, ends_at=one.end, staff_id=one.staff_id, staff_name=found.names[one.staff_id],
        known=one.staff_id in found.known, forms=sorted(one.forms), place=one.place,
    )  # fmt: skip


def deadline(language: str, held: Deadline | None) -> DeadlineView | None:
    if held is None:
        return None
    changes = [
        DeadlineChangeView(on=c.on_day, due_on=c.due_on, kind=c.kind, text=text(language, texts.DEADLINE[c.kind]))
        for c in held.changes
    ]
    return DeadlineView(
        told_on=held.told_on, due_on=held.due_on, paused_on=held.paused_on, state=held.state, changes=changes
    )


def reasons(language: str, words: Mapping[str, str]) -> list[ReasonView]:
    return [ReasonView(code=code, text=text(language, said)) for code, said in words.items()]
