"""Deleting the bytes of documents that were taken away, and of uploads whose request never came to its end."""

from datetime import timedelta

from backend.db.engine import Sessions, transaction
from backend.job_log import queries, storage
from backend.jobs.job import Counts, Moment
from backend.settings import Settings

# Bytes are stored before the row that names them: what is younger may still get one. Older ones never do, and a
# document that was taken away never comes back, so what is unknown in one moment may be deleted in a later one.
SPARED = timedelta(days=1)


async def outside(sessions: Sessions, *, moment: Moment, settings: Settings) -> Counts:
    """How many objects were deleted. No transaction is open while the store is asked."""
    store = storage.open_store(settings.data / "documents", settings.documents_url)
    deleted = 0
    async for keys in storage.older_than(store, moment.now - SPARED):
        unknown = await _unknown(sessions, keys)
        await storage.remove(store, unknown)
        deleted += len(unknown)
    return {"documents": deleted}


async def _unknown(sessions: Sessions, keys: list[str]) -> list[str]:
    async with transaction(sessions) as session:
        known = await queries.known_keys(session, keys)
    return [key for key in keys if key not in known]
