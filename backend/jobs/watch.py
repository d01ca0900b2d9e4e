"""The watch: every process looks whether the house runs, so that one that died is missed by the others.

Of many that look at once one does it. What is found wrong becomes an alert, and is sent on to those who run the house.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock, log
from backend.alerts import service as alerts
from backend.alerts import telling
from backend.alerts.service import NewAlert
from backend.db.engine import Sessions, transaction
from backend.delivery import operators
from backend.delivery.operators import Tell
from backend.jobs import ledger
from backend.jobs.job import Job
from backend.jobs.schedule import BY_NAME
from backend.notifications import channels, health
from backend.settings import Settings

_log = log.get("watch")
EVERY_SECONDS = 30.0
LOCK = 7_401_955  # any number, with the check's own: of each check one is made at a time
# A run that is so late is missing. With the time between two looks, somebody knows within five minutes.
MISSING_AFTER = timedelta(minutes=3)
# One that cannot be made up for any more is not complained of for ever.
COMPLAINED_OF = timedelta(days=1)
# Nobody has done a batch of a run for so long, or is heard to work at one.
STUCK_AFTER = timedelta(minutes=4)
SILENT_AFTER = timedelta(minutes=1)
FAILED_WITHIN = timedelta(days=1)

STUCK = text("""
    SELECT DISTINCT r.job FROM job_run AS r
    WHERE r.state = 'running' AND r.started_at < :before
      AND NOT EXISTS (SELECT FROM job_batch AS b WHERE b.run_id = r.id AND b.done_at > :before)
      AND NOT EXISTS (SELECT FROM pgqueuer AS q WHERE q.dedupe_key LIKE r.id || ':%' AND q.status = 'picked'
                      AND q.heartbeat > :heard)
""")
FAILED = text("""
    SELECT DISTINCT r.job FROM job_run AS r
    WHERE r.state = 'failed' AND r.finished_at > :since
      AND NOT EXISTS (SELECT FROM job_run AS n
                      WHERE n.job = r.job AND n.scheduled_for > r.scheduled_for AND n.state = 'done')
""")
# One lock for all checks would let one be left out: whoever is at it might hold the lock for another check.
TAKE = text("SELECT pg_try_advisory_xact_lock(:lock, hashtext(:name))")
Check = Callable[[AsyncSession, datetime], Awaitable[None]]


async def missing_runs(session: AsyncSession, now: datetime) -> None:
    """Runs that the timetable promised and nobody began: the clocks are dead, or cannot reach the database."""
    late = await ledger.overdue(session, BY_NAME.values(), now)
    await _stand(session, "job_missing", [name for name, since in late.items() if _missing(BY_NAME[name], since)], now)


def _missing(job: Job, since: timedelta) -> bool:
    return MISSING_AFTER <= since <= job.staleness + COMPLAINED_OF


async def stuck_runs(session: AsyncSession, now: datetime) -> None:
    """Runs that began and that nobody works at: the workers are dead."""
    values = {"before": now - STUCK_AFTER, "heard": now - SILENT_AFTER}
    await _stand(session, "job_stuck", list(await session.scalars(STUCK, values)), now)


async def failed_runs(session: AsyncSession, now: datetime) -> None:
    """Runs of the last day that were given up, until a later one is done."""
    await _stand(session, "job_failed", list(await session.scalars(FAILED, {"since": now - FAILED_WITHIN})), now)


async def late_deliveries(session: AsyncSession, now: datetime) -> None:
    """Something that is due waits: no worker sends, or they cannot keep up, or a channel is down."""
    waited = await health.longest_due(session, now=now)
    minutes = {"minutes": int(waited.total_seconds() // 60)}
    found = [NewAlert("deliveries_late", "all", minutes)] if waited > health.LONGEST_DUE else []
    await _stand_with(session, "deliveries_late", found, now)


async def refused_pushes(session: AsyncSession, now: datetime) -> None:
    """FCM refuses too many of the pushes as faulty, and may come to refuse us."""
    errors = await health.push_errors(session, now=now)
    percent = {"percent": round(errors.share * 100, 1)}
    found = [NewAlert("client_errors", "push", percent)] if errors.too_many else []
    await _stand_with(session, "client_errors", found, now)


async def channels_down(session: AsyncSession, now: datetime) -> None:
    """Channels that are left alone because their provider does not answer."""
    await _stand(session, "channel_down", [one.name for one in await channels.states(session) if one.since], now)


async def dead_letters(session: AsyncSession, now: datetime) -> None:
    """Many deliveries were given up that could still be sent."""
    dead = await health.dead(session, now=now)
    found = [NewAlert("dead_letters", "all", {"n": dead})] if dead >= health.MANY_DEAD else []
    await _stand_with(session, "dead_letters", found, now)


async def blown_fuses(session: AsyncSession, now: datetime) -> None:
    """A member was to be told of more in a day than anything that we mean could bring."""
    members = await health.fused(session, now=now)
    found = [NewAlert("fuse_blown", "all", {"n": members})] if members else []
    await _stand_with(session, "fuse_blown", found, now)


# Everything that is looked at. Each check raises its alerts and ends those whose reason is gone.
CHECKS: Mapping[str, Check] = {
    "missing_runs": missing_runs,
    "stuck_runs": stuck_runs,
    "failed_runs": failed_runs,
    "late_deliveries": late_deliveries,
    "refused_pushes": refused_pushes,
    "channels_down": channels_down,
    "dead_letters": dead_letters,
    "blown_fuses": blown_fuses,
}


async def _stand(session: AsyncSession, kind: str, keys: list[str], now: datetime) -> None:
    await _stand_with(session, kind, [NewAlert(kind, key) for key in keys], now)


async def _stand_with(session: AsyncSession, kind: str, found: list[NewAlert], now: datetime) -> None:
    await alerts.raise_many(session, found, now=now)
    await alerts.end_missing(session, kind, [one.key for one in found], now=now)


@contextlib.asynccontextmanager
async def beside(sessions: Sessions, settings: Settings) -> AsyncIterator[None]:
    """Watch for as long as the process does its own work. Raises SettingsError for an address that cannot be used."""
    tell = operators.open_operators(settings.alert_urls)
    watching = asyncio.create_task(run(sessions, tell))
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.wait({watching})


async def run(sessions: Sessions, tell: Tell | None, *, every: float = EVERY_SECONDS) -> None:
    """Look and tell, again and again. The database or the net may be away: the next look comes anyway."""
    while True:
        await asyncio.sleep(every)
        try:
            await look(sessions, now=clock.now())
            if tell is not None:
                await tell_of(sessions, tell, now=clock.now())
        except Exception as error:
            _log.warning("watch.failed", error=type(error).__name__)


async def look(sessions: Sessions, *, now: datetime) -> None:
    """Each check in a transaction of its own, so that one that fails hides no other; one that another makes is left."""
    for name, check in CHECKS.items():
        try:
            async with transaction(sessions) as session:
                if await session.scalar(TAKE, {"lock": LOCK, "name": name}):
                    await check(session, now)
        except Exception as error:
            _log.warning("watch.check_failed", check=name, error=type(error).__name__)


async def tell_of(sessions: Sessions, tell: Tell, *, now: datetime) -> int:
    """Send on what nobody has been told of; how much was sent. No transaction is open meanwhile."""
    async with transaction(sessions) as session:
        news = await telling.claim(session, now=now)
    if not news or not await tell(*telling.letter(news)):
        return 0
    async with transaction(sessions) as session:
        await telling.told(session, news, now=now)
    return len(news)
