"""Trying drafts of the rating rule on today's members, for whoever asked to know before deciding."""

from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.engine import Sessions, transaction
from backend.jobs.job import Counts, Moment, Payload
from backend.rating import trials
from backend.settings import Settings


async def plan(session: AsyncSession) -> list[Payload]:
    """Nothing at all to do, for nearly every minute."""
    return [{}] if await trials.waiting(session) else []


async def outside(sessions: Sessions, *, moment: Moment, settings: Settings) -> Counts:
    """How many members were looked at. Each batch is a transaction of its own, and none of them writes a rating."""
    del settings
    members = 0
    while True:
        async with transaction(sessions) as session:
            done = await trials.step(session, now=moment.as_of)
        if done is None:
            return {"members": members}
        members += done
