"""The talk of a call-in takes the member's time, as a booking does: the constraint lets no two overlap."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import errors, expiry

LASTS = timedelta(minutes=45)
TAKE = text("""
    INSERT INTO member_time (call_in_id, member_id, span) VALUES (:call_in, :member, tstzrange(:starts_at, :ends_at))
    ON CONFLICT DO NOTHING RETURNING call_in_id
""")
GIVE = text("DELETE FROM member_time WHERE call_in_id = :call_in")


async def take(session: AsyncSession, member_id: UUID, call_in_id: UUID, starts_at: datetime, *, now: datetime) -> None:
    """The caller holds the member (locks.py). Raises MemberBusy when they have booked something at that time."""
    await expiry.mine(session, member_id, now=now)
    times = {"starts_at": starts_at, "ends_at": starts_at + LASTS}
    if await session.scalar(TAKE, times | {"call_in": call_in_id, "member": member_id}) is None:
        raise errors.MemberBusy(field="talkAt")


async def give(session: AsyncSession, call_in_id: UUID) -> None:
    """The talk is over, or called off."""
    await session.execute(GIVE, {"call_in": call_in_id})
