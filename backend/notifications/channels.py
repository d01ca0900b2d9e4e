"""How the channels stand, shared by all workers: while a provider is down nothing is claimed (rules: breaker.py).

Kept in a small table rather than by each process: what one worker finds out all of them know, a provider that comes
back meets one probe and not one per worker, and whoever looks after the house sees it. A claim reads one row of five;
it is written only when something changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import log
from backend.delivery import breaker
from backend.delivery.breaker import Breaker
from backend.delivery.types import Outcome
from backend.notifications.sending import Channel

_log = log.get("notifications")


@dataclass(frozen=True, slots=True)
class Permit:
    """How many deliveries a worker may claim now. `probe`: it is the one that finds out if the provider is back."""

    most: int
    probe: bool = False


@dataclass(frozen=True, slots=True)
class ChannelState:
    """How a channel stands: `since` it has been down, `probe_at` it is tried again."""

    name: str
    state: str
    since: datetime | None
    probe_at: datetime | None


async def permit(session: AsyncSession, channel: Channel, *, most: int, now: datetime) -> Permit:
    """What may be claimed now, in the transaction of the claim: none while the provider is down."""
    found = _breaker((await session.execute(_READ, {"name": channel})).one())
    if found.state == "closed":
        return Permit(most)
    if not breaker.may_probe(found, now) or not await session.scalar(_HAS_DUE, {"name": channel, "now": now}):
        return Permit(0)
    found = await _locked(session, channel)
    if not breaker.may_probe(found, now):
        return Permit(0)
    await _write(session, channel, breaker.probing(found, now))
    return Permit(min(most, breaker.PROBE), probe=True)


async def learn(session: AsyncSession, channel: Channel, outcomes: Sequence[Outcome], *, now: datetime) -> None:
    """Take note of what came of a batch, in the transaction that records it. One statement when there is no news."""
    found = _breaker((await session.execute(_READ, {"name": channel})).one())
    if breaker.after(found, outcomes, now) == found:
        return
    found = await _locked(session, channel)
    after = breaker.after(found, outcomes, now)
    await _write(session, channel, after)
    if (found.state == "closed") != (after.state == "closed"):
        _log.error("channel.changed", channel=channel, state=after.state, failures=after.failures)


async def states(session: AsyncSession) -> list[ChannelState]:
    """All channels."""
    return [ChannelState(row.name, row.state, row.since, row.probe_at) for row in await session.execute(_ALL)]


async def _locked(session: AsyncSession, channel: Channel) -> Breaker:
    return _breaker((await session.execute(_LOCK, {"name": channel})).one())


async def _write(session: AsyncSession, channel: Channel, state: Breaker) -> None:
    values = {
        "name": channel,
        "state": state.state,
        "failures": state.failures,
        "trips": state.trips,
        "since": state.since,
        "probe_at": state.probe_at,
    }
    await session.execute(_WRITE, values)


def _breaker(row: Row[tuple[object, ...]]) -> Breaker:
    return Breaker(**row._asdict())


_READ = text("SELECT state, failures, trips, since, probe_at FROM channel WHERE name = :name")
_LOCK = text("SELECT state, failures, trips, since, probe_at FROM channel WHERE name = :name FOR UPDATE")
_WRITE = text("""
UPDATE channel SET state = :state, failures = :failures, trips = :trips, since = :since, probe_at = :probe_at
WHERE name = :name
""")
_HAS_DUE = text("""
SELECT EXISTS (SELECT FROM delivery WHERE channel = :name AND (
    (state = 'due' AND due_at <= :now) OR (state = 'sending' AND lease_until < :now)))
""")
_ALL = text("SELECT name, state, since, probe_at FROM channel ORDER BY name")
