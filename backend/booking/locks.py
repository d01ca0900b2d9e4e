"""In which order a booking waits for others: the member, then sessions by id, then the time of an adviser.

Whoever keeps to this order never waits in a circle. Cleaning up after others skips what is locked.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

# Advisory, so that an import which writes members and a booking do not hold each other up.
MEMBER = text("SELECT pg_advisory_xact_lock(hashtextextended('booking:' || CAST(:id AS text), 0))")
MEMBERS = text("""
    SELECT pg_advisory_xact_lock(hashtextextended('booking:' || id, 0))
    FROM (SELECT DISTINCT id FROM unnest(CAST(:ids AS text[])) AS n (id) ORDER BY id) AS ordered
""")
# Only moves take these: two that change places would each wait for the time that the other is giving up.
STAFF = text("""
    SELECT pg_advisory_xact_lock(hashtextextended('booking-staff:' || id, 0))
    FROM unnest(CAST(:ids AS text[])) AS n (id)
""")
SESSIONS = text("""
    SELECT id, kind, activity, state, capacity, taken, held, offered, starts_at, closes_at, staff_id
    FROM activity_session WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR NO KEY UPDATE
""")


async def member(session: AsyncSession, member_id: UUID) -> None:
    """One booking act of a member at a time, until the transaction ends."""
    await session.execute(MEMBER, {"id": str(member_id)})


async def members(session: AsyncSession, member_ids: Collection[UUID]) -> None:
    """The same for several, in one order and one statement."""
    await session.execute(MEMBERS, {"ids": [str(one) for one in member_ids]})


async def staff(session: AsyncSession, staff_ids: Collection[UUID]) -> None:
    await session.execute(STAFF, {"ids": sorted(str(one) for one in set(staff_ids))})


async def sessions(session: AsyncSession, session_ids: Collection[UUID]) -> dict[UUID, Row[Any]]:
    """The sessions as they are now, held until the transaction ends."""
    rows: Sequence[Row[Any]] = (await session.execute(SESSIONS, {"ids": sorted(set(session_ids))})).all()
    return {row.id: row for row in rows}
