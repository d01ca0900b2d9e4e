"""An item of the course that is not needed, or needed again: what follows for booking, deadline and member."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import deadlines, locks
from backend.clock import local_date
from backend.course import skipping
from backend.course.tables_plans import Skip
from backend.followup import booking_items, bookings
from backend.notifications import service as notifications
from backend.notifications.service import NewMessage

SPELL = text("SELECT spell_id FROM obligation WHERE id = :item")


async def skip(
    session: AsyncSession, member_id: UUID, item_id: UUID, *, reason: str, staff_id: UUID, set_name: str, now: datetime
) -> None:
    """The member need not do it, and is told. A booking for it alone is given back. Raises as skipping.skip."""
    await locks.member(session, member_id)
    made = await skipping.skip(session, member_id, item_id, reason=reason, staff_id=staff_id, now=now)
    await bookings.items_ended(session, [item_id], reason="skipped", by=staff_id, set_name=set_name, now=now)
    await _tell(session, member_id, made, str(made.id), now)


async def undo(
    session: AsyncSession, member_id: UUID, item_id: UUID, *, staff_id: UUID, set_name: str, now: datetime
) -> None:
    """It is asked for again: a deadline that was lifted runs anew. Raises as skipping.undo."""
    await locks.member(session, member_id)
    ended = await skipping.undo(session, member_id, item_id, staff_id=staff_id, today=local_date(now), now=now)
    await deadlines.reopen_many(session, [item_id], now=now)
    await booking_items.show_course(session, [member_id], set_name=set_name, now=now)
    await _tell(session, member_id, ended, f"undone:{ended.id}", now)


async def _tell(session: AsyncSession, member_id: UUID, made: Skip, period: str, now: datetime) -> None:
    spell = await session.scalar(SPELL, {"item": made.obligation_id})
    message = NewMessage(member_id, "N01.changed", period, cause={"spell": str(spell)})
    await notifications.send(session, [message], now=now)
