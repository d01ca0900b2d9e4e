"""Members are asked to book, reminded, and helped when a deadline passed: set by set, every day."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.booking import deadlines, outages, pauses
from backend.booking.deadlines import NewDeadline
from backend.booking.rules_deadlines import LEAST
from backend.booking.tables_calendar import BookingDeadline
from backend.casework import tasks
from backend.casework.tasks import NewTask
from backend.clock import local_date
from backend.course import plans
from backend.errors import NotFound
from backend.followup import booking_items, bookings
from backend.followup.bookings import MISSED_TASK
from backend.notices import service as notices
from backend.notices.service import NewNotice
from backend.notifications import service as notifications
from backend.notifications.sending import is_quiet_day
from backend.notifications.service import NewMessage

# How soon somebody rings a member who did not book.
RING_WITHIN = 2
# Reminded three days before the last day and one day before; a day that was missed is made up for, and before a time in
# which phones are quiet what would come too late comes earlier.
EARLY, LATE = timedelta(days=3), timedelta(days=1)

# Who is away is asked when they are back. A first talk is the earliest statutory one of the spell.
TO_ASK = text("""
    SELECT o.id, o.member_id, o.activity, o.statutory, o.due_on, m.language,
        NOT EXISTS (SELECT FROM obligation AS e
                    WHERE e.spell_id = o.spell_id AND e.statutory AND e.state <> 'cancelled'
                      AND (e.window_from, e.id) < (o.window_from, o.id)) AS first
    FROM obligation AS o JOIN member AS m ON m.id = o.member_id
    JOIN spell AS s ON s.id = o.spell_id AND s.ended_on IS NULL
    WHERE o.member_id = ANY(CAST(:members AS uuid[])) AND o.state = 'planned' AND o.kind <> 'task'
      AND o.requirement IN ('mandatory', 'course') AND o.window_from <= :opens AND o.due_on >= :today
      AND NOT EXISTS (SELECT FROM booking_deadline AS d WHERE d.obligation_id = o.id)
      AND NOT EXISTS (SELECT FROM message AS x WHERE x.member_id = o.member_id AND x.key IN ('N02', 'N21')
                      AND x.period = CAST(o.id AS text))
      AND NOT EXISTS (SELECT FROM exemption AS e WHERE e.member_id = o.member_id
                      AND e.type = ANY(CAST(:away AS text[])) AND e.cancelled_at IS NULL
                      AND e.from_on <= :today AND (e.to_on IS NULL OR e.to_on >= :today))
    ORDER BY o.member_id, o.id
""")
SET = text("""
    SELECT obligation_id, id, due_on FROM booking_deadline WHERE id = ANY(CAST(:ids AS uuid[]))
""")
TO_REMIND = text("""
    SELECT d.id, d.member_id, d.due_on FROM booking_deadline AS d JOIN obligation AS o ON o.id = d.obligation_id
    WHERE d.member_id = ANY(CAST(:members AS uuid[])) AND d.state = 'open' AND d.paused_on IS NULL
      AND o.state = 'planned' AND d.due_on BETWEEN :today AND :last AND d.told_on < :today
    ORDER BY d.member_id, d.id
""")
# Whoever let the last day pass, because they were ill or no time was free, cannot book any more; nor can those for whom
# every time is taken until then, those of whose spell we heard too late, nor who was away from a talk of the law on its
# last days. A person finds a time with them, and rings once; who was away without a lawful reason is rung anyway.
STUCK = text("""
    SELECT o.id, o.member_id, o.activity, o.due_on FROM obligation AS o
    JOIN spell AS s ON s.id = o.spell_id AND s.ended_on IS NULL
    LEFT JOIN booking_deadline AS d ON d.obligation_id = o.id
    WHERE o.member_id = ANY(CAST(:members AS uuid[])) AND CASE o.state
        WHEN 'planned' THEN o.statutory AND d.id IS NULL AND o.due_on < :today
            OR d.state = 'open' AND d.paused_on IS NULL AND d.due_on >= :today
                AND (o.due_on < :today OR d.due_on > o.due_on AND EXISTS (
                    SELECT FROM deadline_change AS c WHERE c.deadline_id = d.id AND c.kind = 'no_slot'))
        WHEN 'missed' THEN o.statutory AND NOT EXISTS (
            SELECT FROM task AS t
            WHERE t.member_id = o.member_id AND t.kind = 'no_show' AND t.state IN ('open', 'claimed')) END
      AND NOT EXISTS (SELECT FROM exemption AS e WHERE e.member_id = o.member_id
                      AND e.type = ANY(CAST(:away AS text[])) AND e.cancelled_at IS NULL
                      AND e.from_on <= :today AND (e.to_on IS NULL OR e.to_on >= :today))
    ORDER BY o.member_id, o.id
""")
# By items for which somebody is to ring already.
RUNG = text("""
    SELECT params ->> 'obligation_id' FROM task
    WHERE member_id = ANY(CAST(:members AS uuid[])) AND kind = 'booking_missed' AND state IN ('open', 'claimed')
""")
# Whose deadline has passed: unless they are excused it is missed.
PASSED = text("""
    SELECT DISTINCT member_id FROM booking_deadline
    WHERE state = 'open' AND paused_on IS NULL AND due_on < :today ORDER BY 1
""")
EXTENDED = text("""
    SELECT DISTINCT d.member_id FROM deadline_change AS c JOIN booking_deadline AS d ON d.id = c.deadline_id
    WHERE c.outage_id = :outage ORDER BY 1
""")


class Asked(NamedTuple):
    """How many deadlines were set, messages were new, and tasks opened."""

    deadlines: int
    messages: int
    tasks: int


async def ask(session: AsyncSession, member_ids: Sequence[UUID], *, set_name: str, now: datetime) -> Asked:
    """Ask members to book what is due to be booked: statutory talks with a deadline, by N02 the first of a spell.

    Where eight days would reach beyond the last day of a talk, a person finds a time with the member instead.
    Repeated, it does nothing.
    """
    if await pauses.follow_exemptions(session, member_ids, now=now):
        await bookings.close_rings(session, member_ids, now=now)
    today = local_date(now)
    params = {"members": list(member_ids), "today": today, "opens": today + booking_items.ASKED_BEFORE}
    rows = (await session.execute(TO_ASK, params | {"away": list(pauses.AWAY)})).all()
    in_time = [row for row in rows if row.statutory and row.due_on >= today + LEAST]
    late = [row for row in rows if row.statutory and row.due_on < today + LEAST]
    new = await deadlines.set_many(session, [NewDeadline(row.id, row.member_id) for row in in_time], now=now)
    until = {row.obligation_id: row for row in await session.execute(SET, {"ids": new})}
    first = [_first(row, until[row.id]) for row in in_time if row.first and row.id in until]
    others = [row for row in rows if not (row.first and row in in_time) and (row not in in_time or row.id in until)]
    told = await notices.send(session, first, now=now)
    told += await notifications.send(session, [_asking(row, until.get(row.id), set_name) for row in others], now=now)
    ring = [NewTask(row.member_id, MISSED_TASK, f"{row.id}:{row.due_on}", row.due_on, _about(row)) for row in late]
    opened = await _ring(session, ring + await _stuck(session, member_ids, today), now)
    await booking_items.show_course(session, member_ids, set_name=set_name, now=now)
    return Asked(len(new), told, opened)


async def _stuck(session: AsyncSession, member_ids: Sequence[UUID], today: date) -> list[NewTask]:
    params = {"members": list(member_ids), "today": today, "away": list(pauses.AWAY)}
    rows = await session.execute(STUCK, params)
    by = calendar.add_working_days(today, RING_WITHIN)
    return [NewTask(row.member_id, MISSED_TASK, f"{row.id}:{row.due_on}", by, _about(row)) for row in rows]


async def _ring(session: AsyncSession, wanted: Sequence[NewTask], now: datetime) -> int:
    """Have members rung about items for which nobody is to ring already; how many tasks are new."""
    members = list({one.member_id for one in wanted})
    known = set(await session.scalars(RUNG, {"members": members})) if wanted else set()
    new = [one for one in wanted if str(one.params["obligation_id"]) not in known]
    return len(await tasks.open_many(session, new, now=now))


def _first(row: Row[Any], deadline: Row[Any]) -> NewNotice:
    """The first talk of a spell is asked for by letter: not booking it may cost benefit."""
    return NewNotice(
        member_id=row.member_id,
        template="booking_deadline",
        period=str(row.id),
        letter={"book_by": deadline.due_on},
        origin="rule",
        params={"date": deadline.due_on},
        cause={"deadline": str(deadline.id)},
    )


def _asking(row: Row[Any], deadline: Row[Any] | None, set_name: str) -> NewMessage:
    by = deadline.due_on if deadline else row.due_on
    params = {"activity": plans.title(set_name, row.activity, row.language), "date": by}
    return NewMessage(row.member_id, "N21", str(row.id), params, {"obligation": str(row.id)})


def _about(row: Row[Any]) -> dict[str, Any]:
    return {"obligation_id": row.id, "activity": row.activity, "due_on": row.due_on}


async def remind(session: AsyncSession, member_ids: Sequence[UUID], *, now: datetime) -> int:
    """N03 to those whose deadline is near, twice for each last day; how many were new."""
    today = local_date(now)
    last = max(today + EARLY, _next(today) - calendar.DAY)
    rows = await session.execute(TO_REMIND, {"members": list(member_ids), "today": today, "last": last})
    return await notifications.send(session, [_reminder(row, today) for row in rows], now=now)


def _reminder(row: Row[Any], today: date) -> NewMessage:
    which = "late" if row.due_on - today <= LATE or row.due_on < _next(today) else "early"
    cause = {"deadline": str(row.id), "due_on": row.due_on.isoformat()}
    return NewMessage(row.member_id, "N03", f"{row.id}:{row.due_on}:{which}", {"date": row.due_on}, cause)


def _next(today: date) -> date:
    """The next day on which reminders are made: whose last day comes before it hears of it today."""
    day = today + calendar.DAY
    while is_quiet_day(day):
        day += calendar.DAY
    return day


async def miss(session: AsyncSession, *, set_name: str, now: datetime) -> int:
    """End the deadlines that passed unused; for each a person rings the member. How many there were."""
    passed = (await session.scalars(PASSED, {"today": local_date(now)})).all()
    await pauses.follow_exemptions(session, passed, now=now)
    missed = await deadlines.missed_many(session, now=now)
    ring = calendar.add_working_days(local_date(now), RING_WITHIN)
    found = [
        NewTask(
            one.member_id, MISSED_TASK, f"{one.obligation_id}:{one.due_on}", ring,
            {"obligation_id": one.obligation_id, "due_on": one.due_on},
        )
        for one in missed
    ]  # fmt: skip
    await _ring(session, found, now)
    members = sorted({one.member_id for one in missed}.union(passed))
    await booking_items.show_course(session, members, set_name=set_name, now=now)
    return len(missed)


async def pause(
    session: AsyncSession, member_id: UUID, obligation_id: UUID, *, reason: str, by: UUID, set_name: str, now: datetime
) -> None:
    """Stop the clock for a member. Raises NotFound, DeadlineOver."""
    await _theirs(session, member_id, obligation_id)
    await deadlines.pause(session, obligation_id, reason=reason, staff_id=by, now=now)
    await booking_items.show_course(session, [member_id], set_name=set_name, now=now)


async def resume(
    session: AsyncSession, member_id: UUID, obligation_id: UUID, *, by: UUID, set_name: str, now: datetime
) -> None:
    """Start it again. Raises NotFound, DeadlineOver."""
    await _theirs(session, member_id, obligation_id)
    await deadlines.resume(session, obligation_id, staff_id=by, now=now)
    await booking_items.show_course(session, [member_id], set_name=set_name, now=now)


async def extend(
    session: AsyncSession, member_id: UUID, obligation_id: UUID, due_on: date, *, reason: str, by: UUID, set_name: str,
    now: datetime,
) -> None:  # fmt: skip
    """Give a member longer. Raises NotFound, DeadlineOver, DeadlineTooShort."""
    await _theirs(session, member_id, obligation_id)
    await deadlines.extend(session, obligation_id, due_on, reason=reason, staff_id=by, now=now)
    await booking_items.show_course(session, [member_id], set_name=set_name, now=now)


async def end_outage(session: AsyncSession, outage_id: UUID, *, to_at: datetime, set_name: str, now: datetime) -> int:
    """Members can book again: how many deadlines were extended. Raises NotFound."""
    extended = await outages.end(session, outage_id, to_at=to_at, now=now)
    members = list(await session.scalars(EXTENDED, {"outage": outage_id}))
    await bookings.close_rings(session, members, now=now)
    await booking_items.show_course(session, members, set_name=set_name, now=now)
    return extended


async def _theirs(session: AsyncSession, member_id: UUID, obligation_id: UUID) -> None:
    statement = select(BookingDeadline.id).where(BookingDeadline.obligation_id == obligation_id)
    if await session.scalar(statement.where(BookingDeadline.member_id == member_id)) is None:
        raise NotFound
