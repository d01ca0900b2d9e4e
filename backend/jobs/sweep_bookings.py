"""Holds that ran out give their place back, and free seats are offered to those in line. One transaction for each."""

from datetime import datetime
from uuid import UUID

from backend import log
from backend.booking import expiry, waiting
from backend.db.engine import Sessions, transaction
from backend.followup import bookings
from backend.jobs.job import Counts, Moment
from backend.settings import Settings

_log = log.get("jobs")
BATCH, MOST_LINES = 200, 1000


async def outside(sessions: Sessions, *, moment: Moment, settings: Settings) -> Counts:
    """Sessions that got places back, offers that were made, lines that could not be moved on. Twice does no more."""
    freed = await _holds(sessions, moment.now)
    async with transaction(sessions) as session:
        lines = await waiting.due(session, now=moment.now, limit=MOST_LINES)
    offers = failed = 0
    for session_id in lines:
        try:
            offers += await _roll(sessions, session_id, settings.course_plan_set, moment.now)
        except Exception as error:  # One broken line must not stop the others; it is met again in the next run.
            failed += 1
            _log.error("job.line_left_out", session_id=str(session_id), error=type(error).__name__)
    return {"freed": freed, "offers": offers, "failed": failed}


async def _holds(sessions: Sessions, now: datetime) -> int:
    freed = 0
    while True:
        async with transaction(sessions) as session:
            found = await expiry.sweep(session, now=now, limit=BATCH)
        freed += len(found)
        if len(found) < BATCH:
            return freed


async def _roll(sessions: Sessions, session_id: UUID, set_name: str, now: datetime) -> int:
    async with transaction(sessions) as session:
        await waiting.roll(session, session_id, now=now)
        return await bookings.line_moved(session, [session_id], set_name=set_name, now=now)
