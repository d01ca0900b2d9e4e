"""The clock: says which run is due and enters it in the ledger. As many clocks as wanted; each run begins once."""

import asyncio
from datetime import datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from backend import clock, log
from backend.clock import COPENHAGEN
from backend.db.engine import Sessions, transaction
from backend.jobs import ledger
from backend.jobs.job import Job
from backend.jobs.schedule import TIMETABLE
from backend.settings import Settings

_log = log.get("jobs")
LOOK_AGAIN_SECONDS = 60


async def run(stop: asyncio.Event, sessions: Sessions, settings: Settings) -> None:
    """Tick until `stop` is set. On the start and every minute it makes up for what was missed, within its staleness."""
    del settings
    scheduler = AsyncIOScheduler(timezone=COPENHAGEN)
    for job in TIMETABLE:
        scheduler.add_job(_tick, job.trigger(), args=(sessions, job), misfire_grace_time=None, coalesce=True)
    again = IntervalTrigger(seconds=LOOK_AGAIN_SECONDS, timezone=COPENHAGEN)
    scheduler.add_job(_look_again, again, args=(sessions,), misfire_grace_time=None, coalesce=True)
    await _look_again(sessions)
    scheduler.start()
    try:
        await stop.wait()
    finally:
        scheduler.shutdown(wait=False)


async def _tick(sessions: Sessions, job: Job) -> None:
    """The database may be away just now; the next look makes up for it."""
    try:
        await make_due(sessions, job, clock.now())
    except Exception as error:
        _log.error("clock.tick_failed", job=job.name, error=type(error).__name__)


async def _look_again(sessions: Sessions) -> None:
    for job in TIMETABLE:
        await _tick(sessions, job)
    try:
        async with transaction(sessions) as session:
            lost = await ledger.sweep(session, clock.now())
    except Exception as error:
        _log.error("clock.sweep_failed", error=type(error).__name__)
    else:
        if lost:
            _log.warning("clock.batches_requeued", batches=lost)


async def make_due(sessions: Sessions, job: Job, now: datetime) -> bool:
    """Begin the run that is due now, by its scheduled time; false when there is none or it has begun already."""
    scheduled_for = job.due(now)
    if scheduled_for is None:
        return False
    async with transaction(sessions) as session:
        run_id = await ledger.begin(session, job, scheduled_for, now)
    if run_id:
        _log.info("job.begun", job=job.name, run_id=str(run_id), scheduled_for=scheduled_for.isoformat())
    return run_id is not None
