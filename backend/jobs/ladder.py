"""Each minute: messages that did not arrive take their next step; a step by telephone becomes a task for a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import tasks
from backend.casework.tasks import NewTask
from backend.clock import local_date
from backend.db.engine import Sessions, transaction
from backend.jobs import still_true
from backend.jobs.job import Counts, Moment
from backend.notifications import ladder
from backend.settings import Settings

KIND = "unread_notice"
READ, OVER = "read", "over"
# A step by telephone whose task was not opened with it gets one within this time.
LOOKS_BACK = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class _Told:
    """A message, as still_true asks about it."""

    id: UUID
    member_id: UUID
    key: str
    period: str
    params: Mapping[str, Any]
    cause: Mapping[str, Any]


async def outside(sessions: Sessions, *, moment: Moment, settings: Settings) -> Counts:
    """How many steps were taken, how many tasks opened and closed. A batch of messages per transaction."""
    del settings
    steps, looked = 0, ladder.MOST
    while looked >= ladder.MOST:
        async with transaction(sessions) as session:
            climbed, looked = await ladder.climb(session, now=moment.now)
        steps += len(climbed)
    async with transaction(sessions) as session:
        opened = await open_tasks(session, now=moment.now)
        closed = await close_tasks(session, now=moment.now)
    return {"steps": steps, "tasks": opened, "closed": closed}


async def open_tasks(session: AsyncSession, *, now: datetime) -> int:
    """A task for each step by telephone that has none, also for one taken when the message was made.

    What no longer holds (the talk is booked, the call-in was called off) is nothing to ring anybody up about; about an
    absence somebody rings anyway, by the task that came with its registration.
    """
    found = [_Told(**row) for row in (await session.execute(_STEPS, {"since": now - LOOKS_BACK})).mappings()]
    over = await still_true.untrue(session, found)
    today = local_date(now)
    new = [
        NewTask(one.member_id, KIND, str(one.id), today, {"message_id": one.id, "key": one.key})
        for one in found
        if one.id not in over
    ]
    return len(await tasks.open_many(session, new, now=now))


async def close_tasks(session: AsyncSession, *, now: datetime) -> int:
    """Nobody need be rung up about what has been read meanwhile, or holds no longer; a call that no reading replaces
    stays.
    """
    keys = list(await session.scalars(_READ_MEANWHILE))
    closed = await tasks.close_many(session, KIND, keys, reason=READ, now=now)
    found = [_Told(**row) for row in (await session.execute(_OPEN)).mappings()]
    over = [str(message_id) for message_id in await still_true.untrue(session, found)]
    return len(closed) + len(await tasks.close_many(session, KIND, sorted(over), reason=OVER, now=now))


_STEPS = text("""
SELECT m.id, m.member_id, m.key, m.period, m.params, m.cause
FROM message_step s JOIN message m ON m.id = s.message_id
WHERE s.rung = 'phone' AND s.at >= :since
    AND NOT EXISTS (
        SELECT FROM task t WHERE t.member_id = m.member_id AND t.kind = 'unread_notice' AND t.key = m.id::text)
    AND NOT EXISTS (
        SELECT FROM task t WHERE t.member_id = m.member_id AND t.kind = 'no_show'
            AND m.cause ->> 'no_show' IN (t.key, t.params ->> 'booking'))
ORDER BY m.id
""")
_OPEN = text("""
SELECT m.id, m.member_id, m.key, m.period, m.params, m.cause
FROM task t JOIN message m ON m.id = CAST(t.key AS uuid)
WHERE t.kind = 'unread_notice' AND t.state IN ('open', 'claimed')
ORDER BY m.id
""")
_READ_MEANWHILE = text("""
SELECT t.key FROM task t
JOIN inbox_entry e ON e.member_id = t.member_id AND e.message_id::text = t.key
JOIN message_step s ON s.message_id = e.message_id
WHERE t.kind = 'unread_notice' AND t.state IN ('open', 'claimed') AND e.read_at IS NOT NULL
    AND s.rung = 'phone' AND s.reason = 'unread'
""")
