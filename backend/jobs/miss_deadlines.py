"""Booking deadlines that passed unused end, and somebody rings the members."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.followup import booking_deadlines
from backend.jobs.job import Counts, Moment
from backend.settings import Settings


async def work(session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings) -> Counts:
    """All at once: one statement ends them."""
    del member_ids
    return {"missed": await booking_deadlines.miss(session, set_name=settings.course_plan_set, now=moment.now)}
