"""The delivery loops of a worker, one per channel: claim, commit, send, record, and again. Any number may run them.

A loop of its own for each channel: an SMS gateway that takes its time holds up no push.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock, log
from backend.db.engine import Sessions, transaction
from backend.db.types import new_id
from backend.delivery.types import Outcome, PushSender, Sender
from backend.jobs import lines, still_true
from backend.jobs.lines import LINES, PUSH, Line
from backend.notifications import announcements, channels, outbox, sending
from backend.notifications.outbox import Claim, Claimed
from backend.notifications.sending import Channel
from backend.settings import Settings

_log = log.get("jobs.deliver")

# With nothing due, ask again after half a second to a second: workers that started together drift apart.
IDLE_SECONDS = 1.0
# After a failure (the database restarts, say) the wait doubles up to this.
LONGEST_WAIT = 30.0
# An answer of the provider that is not stored is a push that will be repeated: try for as long as the claim holds.
RECORD_SECONDS = outbox.LEASE.total_seconds() - 5


@dataclass(frozen=True, slots=True)
class _Open:
    """An open line. `total` counts what came of the deliveries, by state."""

    line: Line
    sender: Sender[Any]
    sessions: Sessions
    settings: Settings
    now: Callable[[], datetime]
    total: Counter[str] = field(default_factory=Counter)

    @property
    def quiet(self) -> sending.Quiet:
        return cast(sending.Quiet, self.settings.quiet_hours)


async def run(stop: asyncio.Event, sessions: Sessions, settings: Settings) -> None:
    """Deliver until `stop` is set; the batches at hand are finished first. Raises SettingsError before it starts."""
    opened = _open_all(sessions, settings, clock.now)
    loops = [asyncio.create_task(_loop(stop, each)) for each in opened]
    try:
        await asyncio.gather(*loops)
    finally:
        for each in opened:
            await each.sender.close()


async def drain(sessions: Sessions, sender: PushSender, settings: Settings, now: datetime) -> Counter[str]:
    """Push everything that is due at `now` and return; what came of it, by state (`due`: to be tried again)."""
    return await _drained(_Open(PUSH, sender, sessions, settings, lambda: now))


async def drain_all(
    sessions: Sessions, senders: Mapping[Channel, Sender[Any]], settings: Settings, now: datetime
) -> Counter[str]:
    """Send everything that is due at `now` on these channels and return; what came of it, by state."""
    total: Counter[str] = Counter()
    for line in LINES:
        if line.channel in senders:
            total += await _drained(_Open(line, senders[line.channel], sessions, settings, lambda: now))
    return total


async def run_once(sessions: Sessions, settings: Settings, now: datetime) -> Mapping[str, int]:
    """The job `deliver` as a command: everything due at `now`, through the deployment's own channels."""
    total: Counter[str] = Counter()
    opened = _open_all(sessions, settings, lambda: now)
    try:
        for each in opened:
            total.update(await _drained(each))
    finally:
        for each in opened:
            await each.sender.close()
    return total


def _open_all(sessions: Sessions, settings: Settings, now: Callable[[], datetime]) -> list[_Open]:
    return [_Open(line, line.open(settings), sessions, settings, now) for line in LINES]


async def _drained(line: _Open) -> Counter[str]:
    while await _round(line):
        continue
    return line.total


async def _loop(stop: asyncio.Event, line: _Open) -> None:
    failures = 0
    while not stop.is_set():
        size = await _survived(line)
        failures = failures + 1 if size is None else 0
        if size is None or size < line.line.most:
            await _pause(stop, failures)


async def _survived(line: _Open) -> int | None:
    """One round, or None when it failed: whatever it was, deliveries must go on when it has passed."""
    try:
        return await _round(line)
    except Exception as error:
        _log.error("deliver.round_failed", channel=line.line.channel, error=type(error).__name__)
        return None


async def _round(line: _Open) -> int:
    """Claim, send, record; how many rows were taken, as many as can be when there may be more at once.

    No connection is held while the provider is asked.
    """
    until = asyncio.get_running_loop().time() + RECORD_SECONDS
    taken = await _claimed(line)
    line.total.update(taken.closed)
    if taken.rows:
        now = line.now()
        items, failed = await lines.prepared(line.line, line.sessions, taken.rows, line.settings, now)
        answers = [*await _sent(line, items, now), *failed]
        line.total.update(await _recorded(line, taken, answers, until))
    return line.line.most if taken.apart else taken.size


async def _claimed(line: _Open) -> Claim:
    """What may be sent now: nothing while the channel's provider is down, a few to find out whether it is back."""
    channel, now = line.line.channel, line.now()
    async with transaction(line.sessions) as session:
        permit = await channels.permit(session, channel, most=line.line.most, now=now)
        if not permit.most:
            return Claim(new_id(), 0, (), {})
        rules = {"untrue": _needless, "resting": still_true.resting}
        taken = await outbox.claim(session, now=now, quiet=line.quiet, limit=permit.most, channel=channel, **rules)
        if permit.probe and not taken.rows:
            await channels.learn(session, channel, [], now=now)
        return taken


async def _needless(session: AsyncSession, rows: Sequence[Claimed]) -> AbstractSet[UUID]:
    return await still_true.untrue(session, rows) | await announcements.already_read(session, rows)


async def _sent(line: _Open, items: Sequence[Any], now: datetime) -> list[Outcome]:
    """A sender does not raise for the world's faults; for its own, the batch is tried again."""
    if not items:
        return []
    try:
        return await line.sender.send(items, now)
    except Exception as error:
        _log.error("deliver.sender_failed", channel=line.line.channel, error=type(error).__name__, size=len(items))
        return [Outcome(item.delivery_id, "retry", error_code="SENDER_FAILED") for item in items]


async def _recorded(line: _Open, taken: Claim, answers: Sequence[Outcome], until: float) -> Mapping[str, int]:
    """Record, through a restart of the database if it must be; `until` is the end of the claim on the loop's clock."""
    failures = 0
    while True:
        try:
            async with transaction(line.sessions) as session:
                counts = await outbox.record(session, taken, answers, now=line.now(), quiet=line.quiet)
                await channels.learn(session, line.line.channel, answers, now=line.now())
                return counts
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
