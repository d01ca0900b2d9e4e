"""Advisers' working hours and absences: entered, changed, taken back, and which sessions they hit."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.booking import calendars, session_history, slots
from backend.booking import errors_sessions as cannot
from backend.booking.rules import Form
from backend.booking.slots import Span
from backend.booking.tables_calendar import StaffAbsence, WorkingHours
from backend.clock import COPENHAGEN, local_date
from backend.db.types import new_id
from backend.errors import NotFound
from backend.members.tables import Staff

LONGEST = timedelta(days=366)


class Day(NamedTuple):
    """Wall-clock hours of one weekday (1 Monday to 7) in which talks are held in these ways."""

    weekday: int
    from_time: time
    to_time: time
    forms: tuple[Form, ...]
    place: str | None = None


CLOSE = text("""
    UPDATE working_hours SET valid_to = CAST(:first AS date) - 1
    WHERE staff_id = :staff AND valid_from < :first AND (valid_to IS NULL OR valid_to >= :first)
""")
# Talks with somebody who has a place, and published sessions, whether or not anybody has.
HIT = text("""
    SELECT s.id AS session_id, s.activity, s.kind, s.form, s.place, s.starts_at, s.ends_at, s.taken,
        b.id AS booking_id, b.state, m.id AS member_id, m.member_no, m.name
    FROM activity_session AS s
    LEFT JOIN booking AS b ON b.session_id = s.id AND b.state IN ('booked', 'attended', 'absent') AND s.kind = 'talk'
    LEFT JOIN member AS m ON m.id = b.member_id
    WHERE s.staff_id = :staff AND s.state = 'open' AND s.starts_at < :end AND s.ends_at > :start AND s.starts_at > :now
      AND (s.kind <> 'talk' OR b.id IS NOT NULL)
    ORDER BY s.starts_at, s.id
""")


async def set_hours(
    session: AsyncSession, staff_id: UUID, days: Sequence[Day], *, valid_from: date, by: UUID, now: datetime
) -> list[Row[Any]]:
    """The week that holds from a day on, until another does; sessions to come that now lie outside of it.

    Hours before that day stay as they were. Raises NotFound, HoursNotPossible, DaysNotPossible.
    """
    _check(days)
    if not local_date(now) <= valid_from <= local_date(now) + LONGEST:
        raise cannot.DaysNotPossible(field="validFrom")
    await _hold(session, staff_id)
    await session.execute(CLOSE, {"staff": staff_id, "first": valid_from})
    await session.execute(
        delete(WorkingHours).where(WorkingHours.staff_id == staff_id, WorkingHours.valid_from >= valid_from)
    )
    session.add_all(_row(staff_id, day, valid_from) for day in days)
    await session.flush()
    detail = {"valid_from": valid_from, "days": [day._asdict() for day in days]}
    await session_history.note_calendar(session, staff_id, "hours", by=by, now=now, detail=detail)
    start = datetime.combine(valid_from, time.min, COPENHAGEN)
    rows = await _hit(session, staff_id, start, start + LONGEST, now)
    return [row for row in rows if row.booking_id is not None and not _within(row, days)]


async def add_absence(
    session: AsyncSession, staff_id: UUID, from_at: datetime, to_at: datetime, *, by: UUID, now: datetime
) -> StaffAbsence:
    """No talks are offered in that time. What is booked stays until somebody moves it: see `hit`.

    Raises NotFound, AbsenceNotPossible.
    """
    if not (from_at < to_at <= from_at + LONGEST and to_at > now and from_at < now + LONGEST):
        raise cannot.AbsenceNotPossible(field="fromAt")
    await _hold(session, staff_id)
    made = StaffAbsence(id=new_id(), staff_id=staff_id, from_at=from_at, to_at=to_at, cancelled_at=None)
    session.add(made)
    await session.flush()
    detail = {"absence": made.id, "from_at": from_at, "to_at": to_at}
    await session_history.note_calendar(session, staff_id, "away", by=by, now=now, detail=detail)
    return made


async def cancel_absence(session: AsyncSession, absence_id: UUID, *, by: UUID, now: datetime) -> None:
    """The time can be booked again. Raises NotFound, AbsenceOver."""
    held = await absence(session, absence_id, lock=True)
    if held.cancelled_at is not None:
        raise cannot.AbsenceOver
    held.cancelled_at = now
    await session.flush()
    detail = {"absence": absence_id}
    await session_history.note_calendar(session, held.staff_id, "back", by=by, now=now, detail=detail)


async def absence(session: AsyncSession, absence_id: UUID, *, lock: bool = False) -> StaffAbsence:
    """Raises NotFound."""
    found = await session.get(StaffAbsence, absence_id, with_for_update=lock or None, populate_existing=True)
    if found is None:
        raise NotFound
    return found


async def hit(session: AsyncSession, held: StaffAbsence, *, now: datetime) -> Sequence[Row[Any]]:
    """Sessions to come that lie in an absence: booked talks with their member, and published sessions."""
    return await _hit(session, held.staff_id, held.from_at, held.to_at, now)


async def hours_of(session: AsyncSession, staff_id: UUID, today: date) -> Sequence[WorkingHours]:
    """Hours that hold today or later."""
    statement = select(WorkingHours).where(
        WorkingHours.staff_id == staff_id, (WorkingHours.valid_to.is_(None)) | (WorkingHours.valid_to >= today)
    )
    order = (WorkingHours.valid_from, WorkingHours.weekday, WorkingHours.from_time)
    return (await session.scalars(statement.order_by(*order))).all()


async def absences_of(session: AsyncSession, staff_id: UUID, now: datetime) -> Sequence[StaffAbsence]:
    """Absences that are not over, nor taken back."""
    statement = select(StaffAbsence).where(
        StaffAbsence.staff_id == staff_id, StaffAbsence.cancelled_at.is_(None), StaffAbsence.to_at > now
    )
    return (await session.scalars(statement.order_by(StaffAbsence.from_at, StaffAbsence.id))).all()


async def sessions_of(session: AsyncSession, staff_id: UUID, first: date, last: date) -> list[Row[Any]]:
    """What is, or was, booked or published from a day to another, as `hit` has it. `state` says how a talk went."""
    start = datetime.combine(first, time.min, COPENHAGEN)
    end = datetime.combine(last + calendar.DAY, time.min, COPENHAGEN)
    return list(await _hit(session, staff_id, start, end, start))


async def free_of(session: AsyncSession, staff_id: UUID, first: date, last: date, *, now: datetime) -> list[Span]:
    """The time from a day to another that members can still book: hours less absences, talks and sessions."""
    hours = await calendars.hours(session, [staff_id], first, last)
    busy = await calendars.busy(session, [staff_id], first, last, now)
    return slots.remaining(hours[staff_id], busy[staff_id], first, last, not_before=now)


async def _hit(
    session: AsyncSession, staff_id: UUID, start: datetime, end: datetime, now: datetime
) -> Sequence[Row[Any]]:
    return (await session.execute(HIT, {"staff": staff_id, "start": start, "end": end, "now": now})).all()


async def _hold(session: AsyncSession, staff_id: UUID) -> None:
    """One who changes a calendar at a time. Raises NotFound."""
    if await session.scalar(select(Staff.id).where(Staff.id == staff_id).with_for_update(key_share=True)) is None:
        raise NotFound


def _row(staff_id: UUID, day: Day, valid_from: date) -> WorkingHours:
    return WorkingHours(
        id=new_id(), staff_id=staff_id, weekday=day.weekday, from_time=day.from_time, to_time=day.to_time,
        valid_from=valid_from, valid_to=None, forms=list(day.forms), place=day.place,
    )  # fmt: skip


def _check(days: Sequence[Day]) -> None:
    ordered = sorted(days, key=lambda day: (day.weekday, day.from_time))
    if any(day.from_time >= day.to_time or not day.forms for day in ordered):
        raise cannot.HoursNotPossible(field="days")
    if any(one.weekday == two.weekday and two.from_time < one.to_time for one, two in pairwise(ordered)):
        raise cannot.HoursNotPossible(field="days")


def _within(row: Row[Any], days: Sequence[Day]) -> bool:
    start, end = row.starts_at.astimezone(COPENHAGEN), row.ends_at.astimezone(COPENHAGEN)
    return any(
        day.weekday == start.isoweekday() and day.from_time <= start.time() and end.time() <= day.to_time
        for day in days
    )
