"""Reports to the shared registry (DFDG), sent in order and compared with what it holds; in no open transaction."""

from collections.abc import Callable
from datetime import datetime, timedelta

from backend import clock, log
from backend.db.engine import Sessions, transaction
from backend.delivery import registry as port
from backend.delivery.registry import Registry, RegistryAwayError
from backend.jobs.job import Counts, Moment
from backend.settings import Settings
from backend.talks import registry, registry_errors

_log = log.get("jobs.registry")
BATCH = 50
# Members have one report each in a batch; the next ones follow in further rounds, and in the next run.
ROUNDS = 100
COMPARED = timedelta(days=30)


def open_port(settings: Settings) -> Registry:
    return port.open_registry(settings.dfdg_url, settings.data / "dfdg")


async def send(sessions: Sessions, *, moment: Moment, settings: Settings) -> Counts:
    """Send what is due. Two may do it at a time: each report is claimed by one."""
    del moment
    opened = open_port(settings)
    try:
        sent = await send_all(sessions, opened, now=clock.now)
    finally:
        await opened.close()
    return {"reports": sent}


async def send_all(sessions: Sessions, opened: Registry, *, now: Callable[[], datetime]) -> int:
    """Claim, commit, send, record, until nothing is due; how many were tried."""
    tried = 0
    for _ in range(ROUNDS):
        async with transaction(sessions) as session:
            claimed = await registry.claim(session, limit=BATCH, now=now())
        if not claimed:
            break
        answers = await opened.send([one.report for one in claimed], now())
        async with transaction(sessions) as session:
            await registry.record(session, claimed, answers, now=now())
        tried += len(claimed)
    async with transaction(sessions) as session:
        await registry_errors.alert(session, now=now())
    return tried


async def reconcile(sessions: Sessions, *, moment: Moment, settings: Settings) -> Counts:
    """Compare a month back. A registry that is away is asked again the next day."""
    opened = open_port(settings)
    since = moment.now - COMPARED
    try:
        held = await opened.held(since)
    except RegistryAwayError as error:
        _log.warning("registry.not_compared", error=str(error))
        return {"away": 1}
    finally:
        await opened.close()
    async with transaction(sessions) as session:
        return {"differences": await registry_errors.reconcile(session, held, since=since, now=moment.now)}
