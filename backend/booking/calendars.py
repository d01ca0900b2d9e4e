"""When advisers work, are away, and have something on: as spans, for the slots and the capacity."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.booking.slots import Hours, Span
from backend.clock import local_time

HOURS = text("""
    SELECT staff_id, weekday, from_time, to_time, valid_from, valid_to, forms, place FROM working_hours
    WHERE staff_id = ANY(CAST(:staff AS uuid[])) AND valid_from <= :last AND (valid_to IS NULL OR valid_to >= :first)
""")
ABSENT = text("""
    SELECT staff_id, from_at AS start, to_at AS end FROM staff_absence
    WHERE staff_id = ANY(CAST(:staff AS uuid[])) AND cancelled_at IS NULL AND from_at < :end AND to_at > :start
""")
# A hold that ran out is free time, whether or not anybody has cleaned it up.
TAKEN = text("""
    SELECT staff_id, lower(span) AS start, upper(span) AS end FROM staff_time
    WHERE staff_id = ANY(CAST(:staff AS uuid[])) AND span && tstzrange(:start, :end)
      AND (held_until IS NULL OR held_until > :now)
""")


async def hours(
    session: AsyncSession, staff: Sequence[UUID], first: date, last: date
) -> defaultdict[UUID, list[Hours]]:
    found: defaultdict[UUID, list[Hours]] = defaultdict(list)
    for row in await session.execute(HOURS, {"staff": list(staff), "first": first, "last": last}):
        found[row.staff_id].append(
            Hours(
                row.weekday, row.from_time, row.to_time, row.valid_from, row.valid_to, frozenset(row.forms), row.place
            )
        )
    return found


async def busy(
    session: AsyncSession, staff: Sequence[UUID], first: date, last: date, now: datetime
) -> defaultdict[UUID, list[Span]]:
    found = await absent(session, staff, first, last)
    for one, spans in (await taken(session, staff, first, last, now)).items():
        found[one] += spans
    return found


async def absent(
    session: AsyncSession, staff: Sequence[UUID], first: date, last: date
) -> defaultdict[UUID, list[Span]]:
    start, end = bounds(first, last)
    found: defaultdict[UUID, list[Span]] = defaultdict(list)
    for row in await session.execute(ABSENT, {"staff": list(staff), "start": start, "end": end}):
        found[row.staff_id].append(Span(row.start, row.end))
    return found


async def taken(
    session: AsyncSession, staff: Sequence[UUID], first: date, last: date, now: datetime
) -> defaultdict[UUID, list[Span]]:
    start, end = bounds(first, last)
    found: defaultdict[UUID, list[Span]] = defaultdict(list)
    for row in await session.execute(TAKEN, {"staff": list(staff), "start": start, "end": end, "now": now}):
        found[row.staff_id].append(Span(row.start, row.end))
    return found


def bounds(first: date, last: date) -> tuple[datetime, datetime]:
    midnight = datetime.min.time()
    return local_time(first, midnight), local_time(last + calendar.DAY, midnight)
