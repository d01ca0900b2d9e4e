"""The way of one message: made, on which channels, why, what came of each, and when it was read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import NotFound

What = Literal["created", "step", "waiting", "ended", "replayed", "read"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a message, or is to happen (`waiting`: a delivery that is due then).

    `reason`: of a step why it was taken (not_delivered, unread, …); of a delivery the code of its failure.
    """

    at: datetime
    what: What
    channel: str | None
    state: str | None
    reason: str | None


async def of_message(session: AsyncSession, message_id: UUID, *, member_id: UUID | None = None) -> list[Event]:
    """All of it in order of time, of the member's own message where one is given. Raises NotFound. One statement."""
    found = await session.execute(_TRAIL, {"message": message_id, "member": member_id})
    events = [Event(*row) for row in found]
    if not events:
        raise NotFound
    return events


_TRAIL = text("""
WITH m AS (
    SELECT id, created_at FROM message
    WHERE id = :message AND (CAST(:member AS uuid) IS NULL OR member_id = :member)
), event AS (
    SELECT created_at AS at, 'created' AS what, NULL AS channel, NULL AS state, NULL AS reason, 0 AS place FROM m
    UNION ALL SELECT s.at, 'step', s.rung, NULL, s.reason, 1 FROM message_step s JOIN m ON m.id = s.message_id
    UNION ALL SELECT d.due_at, 'waiting', d.channel, d.state, d.last_error, 4
        FROM delivery d JOIN m ON m.id = d.message_id
    UNION ALL SELECT f.finished_at, 'ended', f.channel, f.state, f.last_error, 2
        FROM delivery_done f JOIN m ON m.id = f.message_id
    UNION ALL SELECT r.finished_at, 'ended', r.channel, r.state, r.last_error, 2
        FROM delivery_replay r JOIN m ON m.id = r.message_id
    UNION ALL SELECT r.at, 'replayed', r.channel, NULL, NULL, 3 FROM delivery_replay r JOIN m ON m.id = r.message_id
    UNION ALL SELECT e.read_at, 'read', NULL, NULL, NULL, 5
        FROM inbox_entry e JOIN m ON m.id = e.message_id WHERE e.read_at IS NOT NULL
)
SELECT at, what, channel, state, reason FROM event ORDER BY at, place, channel
""")
