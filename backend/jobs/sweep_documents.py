"""Deleting the bytes of documents that were taken away, and of uploads whose request never came to its end."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.job_log import queries, storage
from backend.jobs.job import Counts, Moment
from backend.settings import Settings

# Bytes are stored before the row that names them: what is younger may still get one.
SPARED = timedelta(days=1)


async def work(session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings) -> Counts:
    """How many objects were deleted. The transaction waits for the store meanwhile, locking its own batch alone."""
    del member_ids
    store = storage.open_store(settings.data / "documents", settings.documents_url)
    deleted = 0
    for keys in await storage.older_than(store, moment.now - SPARED):
        known = await queries.known_keys(session, keys)
        unknown = [key for key in keys if key not in known]
        await storage.remove(store, unknown)
        deleted += len(unknown)
    return {"documents": deleted}
