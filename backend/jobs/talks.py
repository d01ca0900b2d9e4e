"""What time brings before and after talks: the unready, agreements that are due, handovers ahead."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.followup import talk_reminders
from backend.jobs.job import Counts, Moment
from backend.settings import Settings


async def prepare(session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings) -> Counts:
    """Who is not ready for a first talk that is near."""
    del member_ids, settings
    return await talk_reminders.prepare(session, now=moment.now)


async def to_close(session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings) -> Counts:
    """Talks of the days before whose minutes nobody closed."""
    del member_ids, settings
    return {"tasks": await talk_reminders.to_close(session, now=moment.now)}


async def agreements(
    session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings
) -> Counts:
    """What members promised and is due in two days."""
    del member_ids, settings
    return {"messages": await talk_reminders.agreements_due(session, now=moment.now)}


async def handovers(session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings) -> Counts:
    """Who goes over to the jobcentre in three weeks, or one."""
    del settings
    return {"messages": await talk_reminders.handovers(session, member_ids, now=moment.now)}
