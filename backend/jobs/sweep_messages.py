"""Each minute: what is due and unsent for over five minutes is found, and messages that were lost are put right."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend import log
from backend.jobs.job import Counts, Moment
from backend.notifications import sweep
from backend.settings import Settings

_log = log.get("jobs.sweep")


async def work(session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings) -> Counts:
    """How many are late, and how many of each kind were put right."""
    del member_ids, settings
    found = await sweep.sweep(session, now=moment.now)
    healed = {"inbox": found.inbox, "pushes": found.pushes, "ladders": found.ladders}
    if any(healed.values()):
        _log.error("sweep.healed", **healed)
    return {"late": sum(found.late.values()), "expired": found.expired, "released": found.released, **healed}
