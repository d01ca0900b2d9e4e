"""Members whose facts were changed by an import are rated again, as an event: nobody gets worse between weekly runs."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.followup import service as followup
from backend.jobs.job import Counts, Moment
from backend.settings import Settings


async def work(session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings) -> Counts:
    """As of the present, however late the batch comes: by an earlier day the rule would not see what changed since."""
    summary = await followup.rate_and_follow_up(
        session, member_ids, now=moment.as_of, mode="event", call_queue=settings.call_queue, sent_at=moment.now
    )
    return {"members": len(member_ids), **asdict(summary)}
