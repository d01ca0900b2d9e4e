"""Workers that are killed while they send: which of them had claimed what, and time that passes for all that waits.

A trigger of the test's notes whose each claim is (`claims_are_noted`); each worker is a user of the database of its
own. So the leases of the dead run out at once, and those of the living never do.
"""

import asyncio
import time as wall
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.engine import Sessions, transaction
from backend.jobs import batches
from tests.e2e.house import House, Slot
from tests.e2e.hurry import Hurry

DEADLINE = 240.0
Pair = tuple[str, str]  # a phone's token and a message's id


@dataclass
class Trial:
    """What happened on the way, and when. `orphaned`: what killed workers had claimed and not recorded."""

    house: House
    sessions: Sessions
    hurry: Hurry
    draw: Random
    dead: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    orphaned: set[Pair] = field(default_factory=set)
    ended: dict[str, int] = field(default_factory=dict)
    begun: float = field(default_factory=wall.monotonic)

    @property
    def kills(self) -> int:
        return sum(len(times) for times in self.dead.values())


async def kill(trial: Trial, times: int) -> None:
    """kill -9 now and then, rather of somebody who is sending; only where another is at work too."""
    while trial.kills < times:
        await asyncio.sleep(trial.draw.uniform(0.5, 3))
        try:
            working, sending = await _at_work(trial), await _sending(trial)
        except (OSError, SQLAlchemyError):
            continue
        slot = trial.draw.choice([one for one in working if _name(one) in sending] or trial.house.slots)
        if len(working) > 1 and slot.kill():
            assert slot.process
            await slot.process.wait()
            trial.dead[_name(slot)].append(wall.time())


def _name(slot: Slot) -> str:
    return slot.log.stem


async def _at_work(trial: Trial) -> list[Slot]:
    async with trial.sessions() as session:
        names = set(await session.scalars(text(_USERS)))
    return [slot for slot in trial.house.slots if _name(slot) in names]


async def all_at_work(trial: Trial) -> bool:
    return len(await _at_work(trial)) == len(trial.house.slots)


async def claims_are_noted(session: AsyncSession) -> None:
    for statement in _WATCHED:
        await session.execute(text(statement))


async def _sending(trial: Trial) -> set[str]:
    async with trial.sessions() as session:
        return set(await session.scalars(text(_OWNERS)))


async def until(trial: Trial, holds: Callable[[AsyncSession], Awaitable[bool]], what: str) -> None:
    """Let time pass, faster than otherwise, until it holds."""
    deadline = wall.monotonic() + DEADLINE
    while not await surely(trial, holds):
        assert wall.monotonic() < deadline, f"never ended: {what}\n{await _state(trial)}"
        await let_time_pass(trial, share=0.9)
        await asyncio.sleep(0.3)
    trial.ended[what] = round(wall.monotonic() - trial.begun)


async def surely(trial: Trial, work: Callable[[AsyncSession], Awaitable[Any]]) -> Any:
    """In a transaction, and again when the database went away meanwhile: whatever it is may be repeated."""
    while True:
        try:
            async with transaction(trial.sessions) as session:
                return await work(session)
        except (OSError, DBAPIError) as error:
            if not batches.is_passing(error):
                raise
            await asyncio.sleep(0.2)


async def let_time_pass(trial: Trial, *, share: float = 0.5) -> None:
    """The leases of the dead run out, and that share of all waits comes to its end."""
    for name, times in list(trial.dead.items()):
        values = {"owner": name, "died": max(times) + 0.2}
        rows = await surely(trial, lambda session, values=values: _lapsed(session, values))  # type: ignore[misc]
        trial.orphaned |= {(row.token, str(row.message_id)) for row in rows}
    try:
        await trial.hurry.pass_time(share)
    except (OSError, DBAPIError) as error:
        if not batches.is_passing(error):
            raise


async def _lapsed(session: AsyncSession, values: dict[str, object]) -> list[Any]:
    return list((await session.execute(text(_LAPSE), values)).all())


async def _state(trial: Trial) -> str:
    """What is left to do, for whoever has to find out why."""
    queries = (
        "SELECT state, last_error, count(*), max(lapses), min(due_at - now()) FROM delivery GROUP BY 1, 2",
        "SELECT * FROM channel WHERE name = 'push'",
        "SELECT usename, state, count(*) FROM pg_stat_activity GROUP BY 1, 2",
    )
    async with trial.sessions() as session:
        found = [str(tuple(row)) for query in queries for row in await session.execute(text(query))]
    return "\n".join([str(dict(trial.dead)), str(dict(trial.house.deaths)), *found])


_WATCHED = (
    "CREATE TABLE who_claimed (claim_id uuid, delivery_id uuid, owner text, at timestamptz)",
    """
    CREATE FUNCTION note_claim() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO who_claimed VALUES (NEW.claim_id, NEW.id, session_user, clock_timestamp());
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER note_claim AFTER UPDATE ON delivery FOR EACH ROW
    WHEN (NEW.state = 'sending' AND NEW.claim_id IS DISTINCT FROM OLD.claim_id) EXECUTE FUNCTION note_claim()
    """,
)
_USERS = "SELECT usename FROM pg_stat_activity WHERE application_name = 'jobvej-queue'"
_OWNERS = """
SELECT DISTINCT w.owner FROM delivery d JOIN who_claimed w ON w.claim_id = d.claim_id WHERE d.state = 'sending'
"""
_LAPSE = """
UPDATE delivery d SET lease_until = now() - interval '1 second'
FROM who_claimed w, device v
WHERE d.state = 'sending' AND d.lease_until > now() AND w.claim_id = d.claim_id AND w.delivery_id = d.id
    AND w.owner = :owner AND w.at < to_timestamp(:died) AND v.id = d.device_id
RETURNING d.message_id, v.token
"""
