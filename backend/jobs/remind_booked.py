"""Reminders of talks and sessions: two working days before, and on the day."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.followup import reminders
from backend.jobs.job import Counts, Moment
from backend.settings import Settings


async def work(session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings) -> Counts:
    """By the present instant: what has begun meanwhile needs no reminder."""
    del member_ids, settings
    return {"messages": await reminders.remind(session, now=moment.now)}
