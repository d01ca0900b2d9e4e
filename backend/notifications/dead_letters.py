"""Deliveries that were given up though nobody meant it: to be looked at, and sent on their way again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.types import new_id
from backend.errors import NotFound
from backend.notifications.errors import NotReplayable

# As many go on their way again in one go.
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Filters:
    """What to look at: of one channel, one final state (failed, rejected, expired), one reason; None: all."""

    channel: str | None = None
    state: str | None = None
    reason: str | None = None


class Position(NamedTuple):
    """A place in the list."""

    finished_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A delivery that was given up. `reason` is a code; `replays` how often it was tried anew; it can be while the
    message is worth sending and the phone it was for is still signed in (`replayable`). No token and no address.
    """

    id: UUID
    message_id: UUID
    member_id: UUID
    key: str
    channel: str
    state: str
    reason: str | None
    attempts: int
    due_at: datetime
    finished_at: datetime
    valid_until: datetime
    replays: int
    replayable: bool

    @property
    def position(self) -> Position:
        return Position(self.finished_at, self.id)


async def page(
    session: AsyncSession, filters: Filters, *, now: datetime, after: Position | None = None, limit: int = 50
) -> list[DeadLetter]:
    """What was given up, newest first, from after a position on. One statement."""
    values = {**_filters(filters), "now": now, "limit": limit}
    if after is None:
        return [DeadLetter(**row) for row in (await session.execute(_PAGE, values)).mappings()]
    values |= {"at": after.finished_at, "id": after.id}
    return [DeadLetter(**row) for row in (await session.execute(_AFTER, values)).mappings()]


async def replay_one(session: AsyncSession, delivery_id: UUID, *, staff_id: UUID | None, now: datetime) -> UUID:
    """Send one on its way again; the member it is for. Raises NotFound, and NotReplayable when it is too late."""
    found = await _replay(session, _ONE, {"delivery": delivery_id}, staff_id, now)
    if found:
        return found[0]
    if await session.scalar(_EXISTS, {"delivery": delivery_id}):
        raise NotReplayable
    raise NotFound


async def replay(session: AsyncSession, filters: Filters, *, staff_id: UUID | None, now: datetime) -> int:
    """Send all that fit and can be on their way again, up to MOST; how many. What two people ask for goes once."""
    return len(await _replay(session, _MANY, _filters(filters), staff_id, now))


def _filters(filters: Filters) -> dict[str, object]:
    return {"channel": filters.channel, "state": filters.state, "reason": filters.reason}


async def _replay(
    session: AsyncSession, which: TextClause, values: dict[str, object], staff_id: UUID | None, now: datetime
) -> Sequence[UUID]:
    chosen = list(await session.scalars(which, values | {"now": now, "limit": MOST}))
    if not chosen:
        return []
    ids = [new_id() for _ in chosen]
    again = {"deliveries": chosen, "ids": ids, "staff": staff_id, "now": now}
    return list(await session.scalars(_REPLAY, again))


_LETTER = """
SELECT f.id, f.message_id, f.member_id, m.key, f.channel, f.state, f.last_error AS reason, f.attempts, f.due_at,
    f.finished_at, m.valid_until,
    (SELECT count(*) FROM delivery_replay r WHERE r.delivery_id = f.id) AS replays,
    m.valid_until > :now AND (f.device_id IS NULL OR v.revoked_at IS NULL) AS replayable
"""
_FROM = """
FROM delivery_done f
JOIN message m ON m.id = f.message_id
LEFT JOIN device v ON v.id = f.device_id
WHERE f.state IN ('failed', 'rejected', 'expired')
    AND (CAST(:channel AS text) IS NULL OR f.channel = :channel)
    AND (CAST(:state AS text) IS NULL OR f.state = :state)
    AND (CAST(:reason AS text) IS NULL OR f.last_error = :reason)
"""
_ORDER = "ORDER BY f.finished_at DESC, f.id DESC LIMIT :limit"
_CAN_BE = "AND m.valid_until > :now AND (f.device_id IS NULL OR v.revoked_at IS NULL) "

_PAGE = text(_LETTER + _FROM + _ORDER)
_AFTER = text(_LETTER + _FROM + "AND (f.finished_at, f.id) < (CAST(:at AS timestamptz), CAST(:id AS uuid)) " + _ORDER)
_MANY = text("SELECT f.id " + _FROM + _CAN_BE + "ORDER BY f.id LIMIT :limit FOR UPDATE OF f SKIP LOCKED")
_ONE = text("""
SELECT f.id FROM delivery_done f
JOIN message m ON m.id = f.message_id
LEFT JOIN device v ON v.id = f.device_id
WHERE f.id = :delivery AND f.state IN ('failed', 'rejected', 'expired')
    AND m.valid_until > :now AND (f.device_id IS NULL OR v.revoked_at IS NULL)
LIMIT :limit FOR UPDATE OF f
""")
_EXISTS = text(
    "SELECT EXISTS (SELECT FROM delivery_done WHERE id = :delivery AND state IN ('failed', 'rejected', 'expired'))"
)

# The row itself goes back, under its own id: there is never a second one of it. How it had ended is kept.
_REPLAY = text("""
WITH back AS (
    DELETE FROM delivery_done f
    USING unnest(CAST(:deliveries AS uuid[]), CAST(:ids AS uuid[])) AS n (delivery_id, replay_id)
    WHERE f.id = n.delivery_id
    RETURNING f.*, n.replay_id
), kept AS (
    INSERT INTO delivery_replay (id, delivery_id, message_id, channel, state, last_error, attempts, finished_at,
        staff_id, at)
    SELECT replay_id, id, message_id, channel, state, last_error, attempts, finished_at, CAST(:staff AS uuid), :now
    FROM back
)
INSERT INTO delivery (id, message_id, member_id, device_id, channel, due_at, valid_until, attempts, last_error,
    created_at)
SELECT back.id, back.message_id, back.member_id, back.device_id, back.channel, :now, m.valid_until, back.attempts,
    back.last_error, back.created_at
FROM back JOIN message m ON m.id = back.message_id
RETURNING member_id
""")
