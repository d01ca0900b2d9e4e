"""Bookings that end because what they were for has fallen away: without fault of the member."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import deadlines, locks, places, waiting
from backend.booking.places import Act
from backend.booking.rules_waiting import Sending
from backend.notifications.sending import held


class Withdrawn(NamedTuple):
    booking_id: UUID
    member_id: UUID
    session_id: UUID


# A talk that counts for two items stays while one of them does.
NEEDLESS = text("""
    SELECT b.id, b.member_id, b.session_id FROM booking AS b JOIN activity_session AS s ON s.id = b.session_id
    WHERE b.state IN ('held', 'booked') AND s.starts_at > :now
      AND b.id IN (SELECT booking_id FROM booking_obligation WHERE obligation_id = ANY(CAST(:items AS uuid[])))
      AND NOT EXISTS (SELECT FROM booking_obligation AS l JOIN obligation AS o ON o.id = l.obligation_id
                      WHERE l.booking_id = b.id AND o.state NOT IN ('skipped', 'cancelled'))
    ORDER BY b.id
""")


async def end_for_items(
    session: AsyncSession, obligation_ids: Collection[UUID], *, reason: str, by: UUID | None, now: datetime,
    may_send: Sending = held,
) -> list[Withdrawn]:  # fmt: skip
    """Cancel the bookings to come that are for nothing but these items that ended, and lift their deadlines.

    `reason` is kept with each (replanned, spell_ended, skipped). All members first, then all sessions: see locks.py.
    """
    rows = await _needless(session, obligation_ids, now)
    for member_id in sorted({row.member_id for row in rows}, key=str):
        await locks.member(session, member_id)
    rows = await _needless(session, obligation_ids, now)
    await locks.sessions(session, [row.session_id for row in rows])
    ended = [
        Withdrawn(row.id, row.member_id, row.session_id) for row in rows if await _cancel(session, row, reason, by, now)
    ]
    for session_id in sorted({one.session_id for one in ended}):
        await waiting.roll(session, session_id, now=now, may_send=may_send)
    await deadlines.lift_many(session, list(obligation_ids), reason=reason, now=now)
    return ended


async def _needless(session: AsyncSession, items: Collection[UUID], now: datetime) -> Sequence[Row[Any]]:
    return (await session.execute(NEEDLESS, {"items": list(items), "now": now})).all()


async def _cancel(session: AsyncSession, row: Row[Any], reason: str, by: UUID | None, now: datetime) -> bool:
    act = Act(row.id, row.member_id, "cancelled", None, by, now)
    return await places.cancel(session, act, reason=reason, lawful=True)
