"""Holds that ran out: the seat, the adviser's time and the member's are free again, whoever meets them first."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import locks

# The sessions are locked by the caller.
RELEASE = text("""
    WITH gone AS (
        UPDATE booking SET state = 'expired', held_until = NULL, changed_at = :now
        WHERE session_id = ANY(CAST(:sessions AS uuid[])) AND state = 'held' AND held_until <= :now
        RETURNING id, session_id),
    freed AS (SELECT session_id, count(*) AS seats FROM gone GROUP BY session_id),
    seats AS (
        UPDATE activity_session AS s
        SET held = s.held - freed.seats, state = CASE WHEN s.kind = 'talk' THEN 'expired' ELSE s.state END
        FROM freed WHERE s.id = freed.session_id
        RETURNING s.id, s.kind),
    advisers AS (DELETE FROM staff_time USING seats WHERE session_id = seats.id AND seats.kind = 'talk'),
    members AS (DELETE FROM member_time USING gone WHERE booking_id = gone.id),
    told AS (
        INSERT INTO booking_history (id, booking_id, at, event, detail)
        SELECT gen_random_uuid(), id, :now, 'expired', '{}' FROM gone)
    SELECT DISTINCT session_id FROM freed
""")
MINE = text("SELECT session_id FROM booking WHERE member_id = :member AND state = 'held' AND held_until <= :now")
# Somebody is at work on a locked one: it is theirs to release.
IN_THE_WAY = text("""
    SELECT s.id FROM staff_time AS t JOIN activity_session AS s ON s.id = t.session_id
    WHERE t.staff_id = :staff AND t.span && tstzrange(:start, :end) AND t.held_until <= :now
    FOR NO KEY UPDATE OF s SKIP LOCKED
""")
DUE = text("""
    SELECT s.id FROM activity_session AS s
    WHERE s.id IN (SELECT session_id FROM booking WHERE state = 'held' AND held_until <= :now
                   ORDER BY held_until LIMIT :limit)
    FOR NO KEY UPDATE OF s SKIP LOCKED
""")


async def release(session: AsyncSession, session_ids: Collection[UUID], *, now: datetime) -> list[UUID]:
    """End the holds that ran out in these locked sessions; those that have seats free again."""
    if not session_ids:
        return []
    found = await session.execute(RELEASE, {"sessions": list(session_ids), "now": now})
    return list(found.scalars())


async def mine(session: AsyncSession, member_id: UUID, also: Collection[UUID] = (), *, now: datetime) -> None:
    """Lock the sessions given, and end this member's own holds that ran out, in one order."""
    own = (await session.execute(MINE, {"member": member_id, "now": now})).scalars()
    found = {*own, *also}
    if found:
        await locks.sessions(session, found)
        await release(session, found, now=now)


async def in_the_way(session: AsyncSession, staff_id: UUID, start: datetime, end: datetime, *, now: datetime) -> None:
    """End holds that ran out on this time of an adviser."""
    rows = await session.execute(IN_THE_WAY, {"staff": staff_id, "start": start, "end": end, "now": now})
    await release(session, list(rows.scalars()), now=now)


async def sweep(session: AsyncSession, *, now: datetime, limit: int = 200) -> list[UUID]:
    """End holds that ran out anywhere; sessions with seats free again. For a job: nobody waits for it."""
    rows = await session.execute(DUE, {"now": now, "limit": limit})
    return await release(session, list(rows.scalars()), now=now)
