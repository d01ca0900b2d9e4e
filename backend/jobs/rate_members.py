"""The weekly run: every member is rated as of the scheduled day, and what follows is done."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.followup import service as followup
from backend.jobs.job import Counts, Moment
from backend.settings import Settings


async def work(session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings) -> Counts:
    summary = await followup.rate_and_follow_up(
        session,
        member_ids,
        now=moment.scheduled_for,
        mode="weekly",
        call_queue=settings.call_queue,
        sent_at=moment.now,
    )
    return {"members": len(member_ids), **asdict(summary)}
