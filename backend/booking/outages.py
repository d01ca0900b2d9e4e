"""Times in which members could not book: deadlines are extended by themselves, once per outage."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import deadlines, rules_deadlines
from backend.booking.rules_deadlines import Deadline
from backend.booking.tables_calendar import Outage
from backend.clock import local_date
from backend.db.types import new_id
from backend.errors import NotFound

# Those missed during the outage too: they were missed because of it.
TOUCHED = text("""
    SELECT id, told_on, due_on, paused_on FROM booking_deadline
    WHERE state IN ('open', 'missed') AND told_on <= :last AND due_on >= :first
    ORDER BY id FOR UPDATE
""")
REOPEN = text("""
    UPDATE booking_deadline SET state = 'open', ended_at = NULL
    WHERE id = ANY(CAST(:ids AS uuid[])) AND state = 'missed'
""")


async def begin(session: AsyncSession, *, from_at: datetime, note: str | None) -> UUID:
    """An outage has begun: no deadline is missed until it ends."""
    made = Outage(id=new_id(), from_at=from_at, to_at=None, note=note)
    session.add(made)
    await session.flush()
    return made.id


async def end(session: AsyncSession, outage_id: UUID, *, to_at: datetime, now: datetime) -> int:
    """The outage is over: how many deadlines it extended. Repeated, it extends none. Raises NotFound."""
    outage = await session.get(Outage, outage_id, with_for_update=True)
    if outage is None:
        raise NotFound
    if outage.to_at is None:
        outage.to_at = to_at
        await session.flush()
    return await _extend(session, outage, now)


async def _extend(session: AsyncSession, outage: Outage, now: datetime) -> int:
    assert outage.to_at is not None
    rows = await session.execute(TOUCHED, {"first": local_date(outage.from_at), "last": local_date(outage.to_at)})
    later = {}
    for row in rows:
        held = Deadline(row.told_on, row.due_on, row.paused_on)
        due_on = rules_deadlines.outage(held, outage.from_at, outage.to_at, now)
        if due_on > row.due_on:
            later[row.id] = due_on
    new = await deadlines.note(session, list(later.items()), "outage", outage_id=outage.id, now=now)
    moved = {one: later[one] for one in new}
    await session.execute(deadlines.MOVE, {"ids": list(moved), "due": list(moved.values())})
    await session.execute(REOPEN, {"ids": list(moved)})
    return len(moved)


async def latest(session: AsyncSession, *, limit: int = 50) -> Sequence[Outage]:
    """The latest outages, that which lasts first."""
    statement = select(Outage).order_by(Outage.from_at.desc(), Outage.id.desc()).limit(limit)
    return (await session.scalars(statement)).all()
