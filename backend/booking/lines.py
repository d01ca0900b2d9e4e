"""A member's places in line, as the member sees them: one statement for all."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import rules_waiting
from backend.booking.rules_waiting import Reason, Sending
from backend.errors import NotFound
from backend.notifications.sending import held

MINE = text("""
    SELECT w.session_id, w.state, w.offer_until, w.blocked, w.joined_at, s.activity, s.starts_at, s.ends_at, s.form,
        s.place, s.closes_at, s.capacity - s.taken - s.held - s.offered AS free,
        (SELECT count(*) FROM waiting_entry AS x
         WHERE x.session_id = w.session_id AND x.state IN ('waiting', 'offered')
           AND (x.priority, x.joined_at, x.id) <= (w.priority, w.joined_at, w.id)) AS position
    FROM waiting_entry AS w JOIN activity_session AS s ON s.id = w.session_id
    WHERE w.member_id = :member AND w.state IN ('waiting', 'offered')
      AND (CAST(:session AS uuid) IS NULL OR w.session_id = :session)
    ORDER BY s.starts_at, s.id
""")


class Place(NamedTuple):
    """A place in line for a session: `position` 1 is next, `reason` why there is no seat yet."""

    session_id: UUID
    activity: str
    starts_at: datetime
    ends_at: datetime
    form: str
    place: str | None
    closes_at: datetime
    joined_at: datetime
    position: int
    state: str
    offer_until: datetime | None
    reason: Reason


async def of_member(
    session: AsyncSession, member_id: UUID, *, now: datetime, only: UUID | None = None, may_send: Sending = held
) -> list[Place]:
    """All places of this member, by when the session begins; `only` that of one session."""
    rows = await session.execute(MINE, {"member": member_id, "session": only})
    return [
        Place(
            row.session_id, row.activity, row.starts_at, row.ends_at, row.form, row.place, row.closes_at,
            row.joined_at, row.position, row.state, row.offer_until,
            rules_waiting.reason(
                state=row.state, blocked=row.blocked, free=row.free, now=now, closes_at=row.closes_at,
                may_send=may_send,
            ),
        )
        for row in rows
    ]  # fmt: skip


async def one(session: AsyncSession, member_id: UUID, session_id: UUID, *, now: datetime) -> Place:
    """The member's place in this line. Raises NotFound."""
    found = await of_member(session, member_id, now=now, only=session_id)
    if not found:
        raise NotFound
    return found[0]
