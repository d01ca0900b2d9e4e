"""By when members must have booked: set, paused, extended, met, missed, each change with its reason kept."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import errors, rules_deadlines
from backend.booking.rules_deadlines import Deadline
from backend.booking.tables_calendar import BookingDeadline
from backend.clock import local_date
from backend.db.types import new_id
from backend.errors import NotFound


class NewDeadline(NamedTuple):
    """A member is told today to book this item. `last_day` asks for later than eight days from now."""

    obligation_id: UUID
    member_id: UUID
    last_day: date | None = None


class Missed(NamedTuple):
    deadline_id: UUID
    member_id: UUID
    obligation_id: UUID
    due_on: date


CHANGES = text("""
    INSERT INTO deadline_change (id, deadline_id, kind, on_day, due_on, outage_id, staff_id, reason, at)
    SELECT gen_random_uuid(), n.id, :kind, :today, n.due_on, CAST(:outage AS uuid), CAST(:staff AS uuid),
        CAST(:reason AS text), :now
    FROM unnest(CAST(:ids AS uuid[]), CAST(:due AS date[])) AS n (id, due_on)
    ON CONFLICT DO NOTHING RETURNING deadline_id
""")
SET = text("""
    INSERT INTO booking_deadline (id, obligation_id, member_id, told_on, due_on, state)
    SELECT n.id, o.id, o.member_id, :today, n.due_on, 'open'
    FROM unnest(CAST(:ids AS uuid[]), CAST(:items AS uuid[]), CAST(:members AS uuid[]), CAST(:due AS date[]))
         AS n (id, obligation_id, member_id, due_on)
    JOIN obligation AS o ON o.id = n.obligation_id AND o.member_id = n.member_id AND o.state = 'planned'
    ON CONFLICT DO NOTHING RETURNING id, due_on
""")
MOVE = text("""
    UPDATE booking_deadline AS d SET due_on = n.due_on
    FROM unnest(CAST(:ids AS uuid[]), CAST(:due AS date[])) AS n (id, due_on)
    WHERE d.id = n.id
""")
# Whoever holds a place is about to book, and whoever has one has booked.
MISSED = text("""
    UPDATE booking_deadline AS d SET state = 'missed', ended_at = :now
    FROM obligation AS o
    WHERE d.obligation_id = o.id AND d.state = 'open' AND d.paused_on IS NULL AND d.due_on < :today
      AND o.state = 'planned'
      AND NOT EXISTS (SELECT FROM booking_obligation AS l JOIN booking AS b ON b.id = l.booking_id
                      WHERE l.obligation_id = o.id AND b.state = 'held' AND b.held_until > :now)
      AND NOT EXISTS (SELECT FROM outage AS x WHERE x.to_at IS NULL AND x.from_at <= :now)
    RETURNING d.id, d.member_id, d.obligation_id, d.due_on
""")
NO_SLOT = text("""
    WITH noted AS (
        INSERT INTO deadline_change (id, deadline_id, kind, on_day, due_on, at)
        SELECT gen_random_uuid(), id, 'no_slot', CAST(:today AS date), CAST(:due AS date), :now
        FROM booking_deadline WHERE id = :deadline AND state = 'open'
        ON CONFLICT DO NOTHING RETURNING deadline_id)
    UPDATE booking_deadline AS d SET due_on = greatest(d.due_on, CAST(:due AS date))
    FROM noted WHERE d.id = noted.deadline_id
    RETURNING d.due_on
""")
LIFT = text("""
    UPDATE booking_deadline AS d SET state = 'lifted', ended_at = :now
    FROM obligation AS o
    WHERE d.obligation_id = o.id AND o.id = ANY(CAST(:items AS uuid[])) AND d.state = 'open'
    RETURNING d.id, d.due_on
""")


async def set_many(session: AsyncSession, items: Sequence[NewDeadline], *, now: datetime) -> list[UUID]:
    """Tell members by when to book; the deadlines that are new. An item that is booked, or has one, gets none."""
    today = local_date(now)
    columns = {
        "ids": [new_id() for _ in items],
        "items": [item.obligation_id for item in items],
        "members": [item.member_id for item in items],
        "due": [rules_deadlines.first(today, item.last_day) for item in items],
    }
    rows = (await session.execute(SET, columns | {"today": today})).all()
    await note(session, [(row.id, row.due_on) for row in rows], "set", now=now)
    return [row.id for row in rows]


async def pause(
    session: AsyncSession, obligation_id: UUID, *, reason: str, staff_id: UUID | None, now: datetime
) -> None:
    """Stop the clock, as while the member is ill. Raises NotFound, DeadlineOver."""
    held = await _open(session, obligation_id)
    if held.paused_on is None:
        held.paused_on = local_date(now)
        await _store(session, held, held.due_on, "paused", reason=reason, staff_id=staff_id, now=now)


async def resume(session: AsyncSession, obligation_id: UUID, *, staff_id: UUID | None, now: datetime) -> date:
    """Start the clock again; the day that now holds. Raises NotFound, DeadlineOver."""
    held = await _open(session, obligation_id)
    if held.paused_on is not None:
        due_on = rules_deadlines.resumed(_as_rule(held), local_date(now))
        held.paused_on = None
        await _store(session, held, due_on, "resumed", staff_id=staff_id, now=now)
    return held.due_on


async def extend(
    session: AsyncSession, obligation_id: UUID, due_on: date, *, reason: str, staff_id: UUID, now: datetime
) -> None:
    """Give the member longer. Raises NotFound, DeadlineOver, DeadlineTooShort."""
    held = await _open(session, obligation_id)
    later = rules_deadlines.extended(_as_rule(held), due_on, local_date(now))
    await _store(session, held, later, "extended", reason=reason, staff_id=staff_id, now=now)


async def no_slot(session: AsyncSession, obligation_id: UUID, *, now: datetime) -> date | None:
    """Note that the member looked and no time was free; the day that now holds, None without an open deadline.

    Called by whoever shows the times, never by the member. Once a day counts. One statement writes both, since the
    request that finds no time only reads and has no transaction.
    """
    statement = select(BookingDeadline).where(BookingDeadline.obligation_id == obligation_id)
    held = await session.scalar(
        statement.where(BookingDeadline.state == "open").execution_options(populate_existing=True)
    )
    if held is None:
        return None
    due_on = rules_deadlines.no_slot(_as_rule(held), local_date(now))
    params = {"deadline": held.id, "due": due_on, "today": local_date(now), "now": now}
    moved: date | None = await session.scalar(NO_SLOT, params)
    return moved or held.due_on


async def missed_many(session: AsyncSession, *, now: datetime) -> list[Missed]:
    """End the deadlines that passed unused; what follows is the caller's. None while an outage lasts."""
    rows = (await session.execute(MISSED, {"today": local_date(now), "now": now})).all()
    await note(session, [(row.id, row.due_on) for row in rows], "missed", now=now)
    return [Missed(row.id, row.member_id, row.obligation_id, row.due_on) for row in rows]


async def lift_many(session: AsyncSession, obligation_ids: Sequence[UUID], *, reason: str, now: datetime) -> None:
    """Take deadlines back, as when the item was cancelled."""
    rows = (await session.execute(LIFT, {"items": list(obligation_ids), "now": now})).all()
    await note(session, [(row.id, row.due_on) for row in rows], "lifted", reason=reason, now=now)


async def reopen_many(session: AsyncSession, obligation_ids: Sequence[UUID], *, now: datetime) -> None:
    """A booking was given back, or the item is needed after all: the member again has eight days to book."""
    statement = select(BookingDeadline).where(BookingDeadline.obligation_id.in_(obligation_ids))
    for held in await session.scalars(statement.where(BookingDeadline.state.in_(("met", "lifted"))).with_for_update()):
        held.state, held.ended_at = "open", None
        due_on = rules_deadlines.reopened(_as_rule(held), local_date(now))
        await _store(session, held, due_on, "set", reason="booking_given_back", now=now)


async def _open(session: AsyncSession, obligation_id: UUID) -> BookingDeadline:
    statement = select(BookingDeadline).where(BookingDeadline.obligation_id == obligation_id)
    held = await session.scalar(statement.with_for_update().execution_options(populate_existing=True))
    if held is None:
        raise NotFound
    if held.state != "open":
        raise errors.DeadlineOver
    return held


def _as_rule(held: BookingDeadline) -> Deadline:
    return Deadline(held.told_on, held.due_on, held.paused_on)


async def _store(
    session: AsyncSession, held: BookingDeadline, due_on: date, kind: str, *, now: datetime,
    reason: str | None = None, staff_id: UUID | None = None,
) -> None:  # fmt: skip
    held.due_on = due_on
    await session.flush()
    await note(session, [(held.id, due_on)], kind, reason=reason, staff_id=staff_id, now=now)


async def note(
    session: AsyncSession, rows: Sequence[tuple[UUID, date]], kind: str, *, now: datetime,
    outage_id: UUID | None = None, reason: str | None = None, staff_id: UUID | None = None,
) -> set[UUID]:  # fmt: skip
    """Write down the changes; those that were not written down before."""
    if not rows:
        return set()
    params = {
        "ids": [one for one, _ in rows], "due": [due_on for _, due_on in rows], "kind": kind, "today": local_date(now),
        "outage": outage_id, "staff": staff_id, "reason": reason, "now": now,
    }  # fmt: skip
    return set((await session.execute(CHANGES, params)).scalars())
