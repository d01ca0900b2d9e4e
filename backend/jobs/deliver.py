"""The delivery loop of a worker: claim, commit, send, record, and again. Any number of workers may run it."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from backend import clock, log
from backend.db.engine import Sessions, transaction
from backend.db.types import new_id
from backend.delivery.push import open_push
from backend.delivery.types import MAX_BATCH, Outcome, Push, PushSender
from backend.jobs import still_true
from backend.notifications import outbox, pushes, sending
from backend.notifications.outbox import Claim
from backend.settings import Settings

_log = log.get("jobs.deliver")

# With nothing due, ask again after half a second to a second: workers that started together drift apart.
IDLE_SECONDS = 1.0
# After a failure (the database restarts, say) the wait doubles up to this.
LONGEST_WAIT = 30.0
# An answer of the provider that is not stored is a push that will be repeated: try for as long as the claim holds.
RECORD_SECONDS = outbox.LEASE.total_seconds() - 5


@dataclass(frozen=True, slots=True)
class _Line:
    """What every round needs; `total` counts what came of the deliveries, by state."""

    sessions: Sessions
    sender: PushSender
    settings: Settings
    now: Callable[[], datetime]
    total: Counter[str] = field(default_factory=Counter)

    @property
    def quiet(self) -> sending.Quiet:
        return cast(sending.Quiet, self.settings.quiet_hours)


async def run(stop: asyncio.Event, sessions: Sessions, settings: Settings) -> None:
    """Deliver until `stop` is set; the batch at hand is finished first. Raises SettingsError before it starts."""
    line = _Line(sessions, open_push(settings), settings, clock.now)
    failures = 0
    try:
        while not stop.is_set():
            size = await _survived(line)
            failures = failures + 1 if size is None else 0
            if size is None or size < MAX_BATCH:
                await _pause(stop, failures)
    finally:
        await line.sender.close()


async def drain(sessions: Sessions, sender: PushSender, settings: Settings, now: datetime) -> Counter[str]:
    """Deliver everything that is due at `now` and return; what came of it, by state (`due`: to be tried again)."""
    line = _Line(sessions, sender, settings, lambda: now)
    while await _round(line):
        continue
    return line.total


async def run_once(sessions: Sessions, settings: Settings, now: datetime) -> Mapping[str, int]:
    """The job `deliver` as a command: everything due at `now`, through the deployment's own channel."""
    sender = open_push(settings)
    try:
        return await drain(sessions, sender, settings, now)
    finally:
        await sender.close()


async def _survived(line: _Line) -> int | None:
    """One round, or None when it failed: whatever it was, deliveries must go on when it has passed."""
    try:
        return await _round(line)
    except Exception as error:
        _log.error("deliver.round_failed", error=type(error).__name__)
        return None


async def _round(line: _Line) -> int:
    """Claim, send, record; how many rows were taken. No connection is held while the provider is asked."""
    until = asyncio.get_running_loop().time() + RECORD_SECONDS
    async with transaction(line.sessions) as session:
        taken = await outbox.claim(session, now=line.now(), quiet=line.quiet, untrue=still_true.untrue)
    line.total.update(taken.closed)
    if taken.rows:
        now = line.now()
        answers = await _sent(line.sender, pushes.build(taken.rows, fund=line.settings.fund_name, now=now), now)
        line.total.update(await _recorded(line, taken, answers, until))
    return taken.size


async def _sent(sender: PushSender, batch: Sequence[Push], now: datetime) -> list[Outcome]:
    """A sender does not raise for the world's faults; for its own, the batch is tried again."""
    try:
        return await sender.send(batch, now)
    except Exception as error:
        _log.error("deliver.sender_failed", error=type(error).__name__, size=len(batch))
        return [Outcome(push.delivery_id, "retry", error_code="SENDER_FAILED") for push in batch]


async def _recorded(line: _Line, taken: Claim, answers: Sequence[Outcome], until: float) -> Mapping[str, int]:
    """Record, through a restart of the database if it must be; `until` is the end of the claim on the loop's clock."""
    failures = 0
    while True:
        try:
            async with transaction(line.sessions) as session:
                return await outbox.record(session, taken, answers, now=line.now(), quiet=line.quiet)
        except Exception as error:
            failures += 1
            _log.error("deliver.not_recorded", error=type(error).__name__, size=len(answers))
            if asyncio.get_running_loop().time() + _wait(failures) > until:
                raise
            await asyncio.sleep(_wait(failures))


async def _pause(stop: asyncio.Event, failures: int) -> None:
    try:
        await asyncio.wait_for(stop.wait(), _wait(failures))
    except TimeoutError:
        return


def _wait(failures: int) -> float:
    """Seconds to wait, drawn from the upper half of an interval that doubles with each failure."""
    whole = min(LONGEST_WAIT, IDLE_SECONDS * 2.0 ** min(failures, 10))
    return whole * (1 + sending.share(new_id().bytes)) / 2
