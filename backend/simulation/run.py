"""A simulation from the empty database to the report."""

import asyncio
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_time
from backend.db.engine import Sessions, transaction
from backend.demo import fund
from backend.intake import service as intake
from backend.rating.policy_values import Policy
from backend.settings import Settings
from backend.simulation import check, facts, year
from backend.simulation.phones import World


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be simulated. `policy` replaces the numbers of the rating rule."""

    members: int
    days: int
    seed: int
    first: date
    policy: Policy | None = None


async def simulate(
    sessions: Sessions, settings: Settings, wanted: Wanted, say: Callable[[int, int], None]
) -> dict[str, Any]:
    """The report of a year on an empty, migrated database: counts, colours by month, breaches by rule."""
    start = local_time(wanted.first, time(0, 0))
    world = World(year.draw(wanted.seed))
    with tempfile.TemporaryDirectory(prefix="jobvej-simulation-") as name:
        fund.write(Path(name), today=wanted.first, seed=wanted.seed, members=wanted.members)
        async with transaction(sessions) as session:
            if wanted.policy is not None:
                await _adopt(session, wanted.policy)
            await intake.import_folder(
                session, Path(name), today=wanted.first, now=start, plan_set=settings.course_plan_set
            )
    house = await year.settle(sessions, settings, world, start)
    await year.live(house, wanted.first, wanted.days, say)
    async with transaction(sessions) as session:
        lived = await facts.read(session)
    until = local_time(wanted.first + timedelta(days=wanted.days), time(0, 0))
    broken = await asyncio.to_thread(check.breaches, lived, world.received, until)
    asked = {"members": wanted.members, "days": wanted.days, "seed": wanted.seed}
    return asked | check.counts(lived, world.received) | {"colours": lived.colours, "breaches": broken}


async def _adopt(session: AsyncSession, policy: Policy) -> None:
    """In a scratch database nothing has been rated yet, so its one version may be another."""
    numbers = json.dumps(policy.to_mapping())
    await session.execute(text("UPDATE rating_policy SET numbers = CAST(:numbers AS jsonb)"), {"numbers": numbers})
