"""Doing a batch: its work and its mark in one transaction, retries, and one poisoned member set aside."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
from sqlalchemy import Row, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock, log
from backend.db.engine import Sessions, transaction
from backend.db.types import new_id
from backend.jobs import ledger, schedule
from backend.jobs.job import Counts, Job, Moment
from backend.settings import Settings

_log = log.get("jobs")

# The row is the claim: whoever holds its lock does the batch, and a killed process lets go of it.
CLAIM = text("""
    SELECT b.run_id, b.number, b.payload, b.attempts, r.job, r.scheduled_for, r.started_at
    FROM job_batch b JOIN job_run r ON r.id = b.run_id
    WHERE b.run_id = :run AND (CAST(:number AS int) IS NULL OR b.number = :number) AND b.done_at IS NULL
      AND r.state = 'running'
    ORDER BY b.number LIMIT 1 FOR UPDATE OF b SKIP LOCKED
""")
JOB = text("SELECT job FROM job_run WHERE id = :run AND state = 'running'")
DONE = text("""
    UPDATE job_batch SET done_at = :now, result = CAST(:result AS jsonb), error = NULL
    WHERE run_id = :run AND number = :number
""")
FAILED = text("""
    UPDATE job_batch SET attempts = attempts + :counts, error = :error
    WHERE run_id = :run AND number = :number AND done_at IS NULL
    RETURNING attempts
""")
LEFT_OUT = text("INSERT INTO job_failure (id, run_id, member_id, error, at) VALUES (:id, :run, :member, :error, :now)")

# So many whole tries, then the poisoned members are looked for; work that is not about members is then given up.
TRIES = 3
LONGEST_WAIT = 60.0


class BatchFailedError(Exception):
    """The batch was rolled back and is to be tried again after so many seconds."""

    def __init__(self, code: str, again_in: float) -> None:
        super().__init__(code)
        self.code = code
        self.again_in = again_in


class _Batch(NamedTuple):
    row: Row[Any]
    job: Job
    moment: Moment
    settings: Settings


async def perform(sessions: Sessions, run_id: UUID, number: int | None, settings: Settings) -> bool:
    """Do this batch of a run, or any open one when no number is given; false when there is none or another does it.

    Raises BatchFailedError when it is to be tried again.
    """
    try:
        outside = await _outside(sessions, run_id, number, settings)
        async with transaction(sessions) as session:
            batch = await _claim(session, run_id, number, settings)
            if batch is None:
                return False
            number = int(batch.row.number)
            await _do(session, batch, outside)
    except Exception as error:
        raise await _failed(sessions, run_id, number, error) from None
    await _close(sessions, run_id)
    return True


async def _outside(sessions: Sessions, run_id: UUID, number: int | None, settings: Settings) -> Counts:
    """What the job does before the batch's transaction, so that none waits for the network: nothing, for most."""
    async with transaction(sessions) as session:
        name = (await session.execute(JOB, {"run": run_id})).scalar()
    job = schedule.BY_NAME[name] if name else None
    if job is None or job.outside is None:
        return {}
    async with transaction(sessions) as session:
        batch = await _claim(session, run_id, number, settings)
    return await job.outside(sessions, moment=batch.moment, settings=settings) if batch else {}


async def _close(sessions: Sessions, run_id: UUID) -> None:
    """The batch is done whatever becomes of this; a run that is not closed here is closed by the clock's sweep."""
    try:
        async with transaction(sessions) as session:
            await ledger.finish(session, [run_id], clock.now())
    except (DBAPIError, OSError) as error:
        _log.warning("job.not_closed", run_id=str(run_id), error=code_of(error))


async def _claim(session: AsyncSession, run_id: UUID, number: int | None, settings: Settings) -> _Batch | None:
    row = (await session.execute(CLAIM, {"run": run_id, "number": number})).first()
    if row is None:
        return None
    job = schedule.BY_NAME[row.job]
    return _Batch(row, job, _moment(row, job, clock.now()), settings)


def _moment(row: Row[Any], job: Job, now: datetime) -> Moment:
    timely = abs(row.started_at - row.scheduled_for) <= job.staleness
    return Moment(row.scheduled_for, now, now - row.started_at, timely)


async def _do(session: AsyncSession, batch: _Batch, outside: Counts) -> None:
    """The work and its mark, both or neither."""
    members = await batch.job.members(session, batch.row.payload)
    if members and batch.row.attempts >= TRIES:
        counts = await _isolated(session, batch, members)
    else:
        counts = await batch.job.work(session, members, moment=batch.moment, settings=batch.settings)
    counts = outside | counts
    done = {"run": batch.row.run_id, "number": batch.row.number, "now": clock.now(), "result": json.dumps(counts)}
    await session.execute(DONE, done)


async def _isolated(session: AsyncSession, batch: _Batch, members: Sequence[UUID]) -> Counts:
    """Do what can be done: a part that fails is undone and halved, until the member that fails stands alone."""
    try:
        async with session.begin_nested():
            return await batch.job.work(session, members, moment=batch.moment, settings=batch.settings)
    except Exception as error:
        if is_passing(error):
            raise
        code = code_of(error)
    if len(members) == 1:
        await _leave_out(session, batch, members[0], code)
        return {}
    half = len(members) // 2
    first = await _isolated(session, batch, members[:half])
    return dict(Counter(first) + Counter(await _isolated(session, batch, members[half:])))


async def _leave_out(session: AsyncSession, batch: _Batch, member_id: UUID, code: str) -> None:
    run_id = batch.row.run_id
    _log.error("job.member_left_out", job=batch.job.name, run_id=str(run_id), member_id=str(member_id), error=code)
    row = {"id": new_id(), "run": run_id, "member": member_id, "error": code, "now": batch.moment.now}
    await session.execute(LEFT_OUT, row)


async def _failed(sessions: Sessions, run_id: UUID, number: int | None, error: Exception) -> BatchFailedError:
    """Note the failure, as far as the database lets us; what passes by itself is not counted as a try."""
    code, passing, attempts = code_of(error), is_passing(error), 0
    try:
        async with transaction(sessions) as session:
            noted = {"run": run_id, "number": number, "error": code, "counts": 0 if passing else 1}
            attempts = (await session.execute(FAILED, noted)).scalar() or 0
            if attempts > TRIES:
                await ledger.give_up(session, run_id, clock.now())
    except (DBAPIError, OSError):
        passing = True
    _log.warning("job.batch_failed", run_id=str(run_id), number=number, attempts=attempts, error=code)
    return BatchFailedError(code, 1.0 if passing else min(2.0**attempts, LONGEST_WAIT))


def is_passing(error: BaseException) -> bool:
    """Whether it is the database's state and not the work that failed: a lost connection, a restart, a deadlock."""
    found = error.orig if isinstance(error, DBAPIError) and error.orig else error
    state = str(getattr(found, "sqlstate", None) or "")
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    cut_off = isinstance(found, OSError | asyncpg.InterfaceError | asyncpg.InternalClientError)
    return lost or cut_off or state[:2] in ("08", "40", "53", "55", "57")


def code_of(error: BaseException) -> str:
    """The error's kind, never its text, which may hold what a member wrote."""
    found = error.orig if isinstance(error, DBAPIError) and error.orig else error
    state = getattr(found, "sqlstate", None)
    return f"{type(found).__name__} {state}" if state else type(found).__name__
