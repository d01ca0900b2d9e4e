"""Running a job now, in this process: the same run, batches and marks, shared with whatever workers there are."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from backend import clock
from backend.db.engine import Sessions, transaction
from backend.jobs import batches, ledger
from backend.jobs.job import Job
from backend.settings import Settings

WAIT = 0.2
# One batch computes while the database works for another.
AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did. `was_done`: it had been made before, and nothing was changed now."""

    job: str
    scheduled_for: datetime
    state: str
    was_done: bool
    batches: int
    counts: dict[str, int]
    failures: int
    took: timedelta


async def run(
    sessions: Sessions, job: Job, scheduled_for: datetime, settings: Settings, progress: Callable[[int, int], None]
) -> Report:
    """Begin the run for this scheduled time, or find it, and work until all of its batches are done.

    `progress` is told how many of how many batches are done, by whomever.
    """
    run_id, was_done = await _begun(sessions, job, scheduled_for)
    hands = [_work_off(sessions, run_id, settings, progress) for _ in range(AT_ONCE)]
    found = (await asyncio.gather(*hands))[0]
    async with transaction(sessions) as session:
        await ledger.unqueue(session, run_id)
    return _report(found, was_done)


async def _work_off(
    sessions: Sessions, run_id: UUID, settings: Settings, progress: Callable[[int, int], None]
) -> Row[Any]:
    found = await _look(sessions, run_id, progress)
    while found.state == "running":
        await _help(sessions, run_id, settings)
        found = await _look(sessions, run_id, progress)
    return found


async def _begun(sessions: Sessions, job: Job, scheduled_for: datetime) -> tuple[UUID, bool]:
    async with transaction(sessions) as session:
        begun = await ledger.begin(session, job, scheduled_for, clock.now())
        if begun:
            return begun, False
        found = await ledger.find(session, job.name, scheduled_for)
        assert found
        return found, (await ledger.run(session, found)).state != "running"


async def _help(sessions: Sessions, run_id: UUID, settings: Settings) -> None:
    """Do an open batch; when others do all that are left, wait a little."""
    try:
        done = await batches.perform(sessions, run_id, None, settings)
    except batches.BatchFailedError as failed:
        await asyncio.sleep(failed.again_in)
    else:
        if not done:
            await _close(sessions, run_id)
            await asyncio.sleep(WAIT)


async def _close(sessions: Sessions, run_id: UUID) -> None:
    async with transaction(sessions) as session:
        await ledger.finish(session, [run_id], clock.now())


async def _look(sessions: Sessions, run_id: UUID, progress: Callable[[int, int], None]) -> Row[Any]:
    async with transaction(sessions) as session:
        found = await ledger.run(session, run_id)
    progress(found.batches_done, found.batches)
    return found


def _report(found: Row[Any], was_done: bool) -> Report:
    return Report(
        found.job,
        found.scheduled_for,
        found.state,
        was_done,
        found.batches,
        found.result,
        found.failures,
        (found.finished_at or found.started_at) - found.started_at,
    )
