"""The waiting list as members use it: join, leave, accept, with what follows in the same transaction."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import waiting
from backend.followup import bookings


async def join(session: AsyncSession, member_id: UUID, session_id: UUID, *, set_name: str, now: datetime) -> None:
    """Get in line. Raises as booking.waiting.join."""
    await waiting.join(session, member_id, session_id, now=now)
    await bookings.line_moved(session, [session_id], set_name=set_name, now=now)


async def leave(session: AsyncSession, member_id: UUID, session_id: UUID, *, set_name: str, now: datetime) -> None:
    """Step out of line, or turn an offer down. Raises NotFound."""
    await waiting.leave(session, member_id, session_id, now=now)
    await bookings.line_moved(session, [session_id], set_name=set_name, now=now)


async def accept(session: AsyncSession, member_id: UUID, session_id: UUID, *, set_name: str, now: datetime) -> UUID:
    """Take the seat that was offered: the id of the booking. Raises as booking.waiting.accept."""
    placed = await waiting.accept(session, member_id, session_id, now=now)
    await bookings.follow_up(session, [placed.booking_id], [member_id], [session_id], set_name=set_name, now=now)
    return placed.booking_id
