"""Each minute: messages that did not arrive take their next step; a step by telephone becomes a task for a person."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import tasks
from backend.casework.tasks import NewTask
from backend.clock import local_date
from backend.db.engine import Sessions, transaction
from backend.jobs.job import Counts, Moment
from backend.notifications import ladder
from backend.settings import Settings

KIND = "unread_notice"
READ = "read"
# A step by telephone whose task was not opened with it gets one within this time.
LOOKS_BACK = timedelta(days=2)


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
    """A task for each step by telephone that has none, also for one taken when the message was made."""
    found = await session.execute(_STEPS, {"since": now - LOOKS_BACK})
    today = local_date(now)
    new = [NewTask(row.member_id, KIND, str(row.id), today, {"message_id": row.id, "key": row.key}) for row in found]
    return len(await tasks.open_many(session, new, now=now))


async def close_tasks(session: AsyncSession, *, now: datetime) -> int:
    """Nobody need be rung up about what has been read meanwhile; a call that no reading replaces stays."""
    keys = list(await session.scalars(_READ_MEANWHILE))
    return len(await tasks.close_many(session, KIND, keys, reason=READ, now=now))


_STEPS = text("""
SELECT m.id, m.member_id, m.key FROM message_step s JOIN message m ON m.id = s.message_id
WHERE s.rung = 'phone' AND s.at >= :since
    AND NOT EXISTS (
        SELECT FROM task t WHERE t.member_id = m.member_id AND t.kind = 'unread_notice' AND t.key = m.id::text)
ORDER BY m.id
""")
_READ_MEANWHILE = text("""
SELECT t.key FROM task t
JOIN inbox_entry e ON e.member_id = t.member_id AND e.message_id::text = t.key
JOIN message_step s ON s.message_id = e.message_id
WHERE t.kind = 'unread_notice' AND t.state IN ('open', 'claimed') AND e.read_at IS NOT NULL
    AND s.rung = 'phone' AND s.reason = 'unread'
""")
