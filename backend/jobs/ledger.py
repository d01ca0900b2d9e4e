"""The run ledger: which job ran for which scheduled time, in which batches, and what came of it."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.types import new_id
from backend.jobs import queue
from backend.jobs.job import Job

# Of many clocks that say the same time one inserts; the others wait for it and find nothing to do.
BEGIN = text("""
    INSERT INTO job_run (id, job, scheduled_for, state, started_at, batches)
    VALUES (:id, :job, :scheduled_for, 'running', :now, 0)
    ON CONFLICT (job, scheduled_for) DO NOTHING RETURNING id
""")
BATCHES = text("""
    WITH added AS (
        INSERT INTO job_batch (run_id, number, payload)
        SELECT :run, number, CAST(payload AS jsonb)
        FROM unnest(CAST(:payloads AS text[])) WITH ORDINALITY AS given (payload, number) RETURNING 1)
    UPDATE job_run SET batches = cardinality(CAST(:payloads AS text[])) WHERE id = :run
""")
# The counts of all batches, added up. In a transaction of its own after a batch's: the last to look sees all of them.
FINISH = text("""
    UPDATE job_run r SET state = 'done', finished_at = :now, result = coalesce(
        (SELECT jsonb_object_agg(name, total) FROM (
            SELECT c.key AS name, sum(c.value::bigint) AS total
            FROM job_batch b CROSS JOIN LATERAL jsonb_each_text(b.result) c
            WHERE b.run_id = r.id GROUP BY c.key) counts),
        '{}')
    WHERE r.id = ANY(:runs) AND r.state = 'running'
      AND NOT EXISTS (SELECT FROM job_batch b WHERE b.run_id = r.id AND b.done_at IS NULL)
    RETURNING r.id
""")
GIVE_UP = text("UPDATE job_run SET state = 'failed', finished_at = :now WHERE id = :run AND state = 'running'")
# The marks of batches that somebody did without taking them from the queue.
UNQUEUE = text("DELETE FROM pgqueuer WHERE dedupe_key LIKE :run || ':%' AND status = 'queued'")
LOST = text("""
    SELECT b.run_id, b.number FROM job_run r JOIN job_batch b ON b.run_id = r.id
    WHERE r.state = 'running' AND b.done_at IS NULL AND NOT EXISTS (
        SELECT FROM pgqueuer q WHERE q.dedupe_key = b.run_id || ':' || b.number AND q.status IN ('queued', 'picked'))
    ORDER BY b.run_id, b.number
""")
RUNNING = text("SELECT id FROM job_run WHERE state = 'running'")
FIND = text("SELECT id FROM job_run WHERE job = :job AND scheduled_for = :scheduled_for")
ONE = text("""
    SELECT r.*, (SELECT count(*) FROM job_batch b WHERE b.run_id = r.id AND b.done_at IS NOT NULL) AS batches_done,
           (SELECT count(*) FROM job_failure f WHERE f.run_id = r.id) AS failures
    FROM job_run r WHERE r.id = :run
""")
LAST = text("""
    SELECT DISTINCT ON (r.job) r.*, (SELECT count(*) FROM job_failure f WHERE f.run_id = r.id) AS failures
    FROM job_run r ORDER BY r.job, r.scheduled_for DESC
""")
RAN = text("SELECT job, scheduled_for FROM job_run WHERE scheduled_for BETWEEN :since AND :until")
FIRST = text("SELECT min(started_at) FROM job_run")
LATEST = text("SELECT job, max(scheduled_for) AS at FROM job_run WHERE scheduled_for <= :now GROUP BY job")

# A run that should have begun is reported when it is this late.
LATE = timedelta(minutes=2)


class Missing(NamedTuple):
    """A run that the timetable promised and nobody made."""

    job: str
    scheduled_for: datetime


async def begin(session: AsyncSession, job: Job, scheduled_for: datetime, now: datetime) -> UUID | None:
    """Begin the run for this scheduled time and queue its batches; None when it had begun already."""
    run_id = new_id()
    params = {"id": run_id, "job": job.name, "scheduled_for": scheduled_for, "now": now}
    if (await session.execute(BEGIN, params)).first() is None:
        return None
    payloads = await job.plan(session)
    await session.execute(BATCHES, {"run": run_id, "payloads": [json.dumps(each) for each in payloads]})
    await queue.enqueue(session, [(run_id, number + 1) for number in range(len(payloads))])
    if not payloads:
        await finish(session, [run_id], now)
    return run_id


async def find(session: AsyncSession, job: str, scheduled_for: datetime) -> UUID | None:
    found: UUID | None = (await session.execute(FIND, {"job": job, "scheduled_for": scheduled_for})).scalar()
    return found


async def finish(session: AsyncSession, run_ids: Sequence[UUID], now: datetime) -> list[UUID]:
    """Close those of the runs whose batches are all done, with the sums of their counts."""
    return list((await session.execute(FINISH, {"runs": list(run_ids), "now": now})).scalars())


async def give_up(session: AsyncSession, run_id: UUID, now: datetime) -> None:
    await session.execute(GIVE_UP, {"run": run_id, "now": now})


async def unqueue(session: AsyncSession, run_id: UUID) -> None:
    """Take what is left of a finished run off the queue."""
    await session.execute(UNQUEUE, {"run": str(run_id)})


async def sweep(session: AsyncSession, now: datetime) -> int:
    """Queue again what the queue lost, and close what nobody closed; how many batches were lost."""
    lost = [(row.run_id, row.number) for row in await session.execute(LOST)]
    await queue.enqueue(session, lost)
    await finish(session, list((await session.execute(RUNNING)).scalars()), now)
    return len(lost)


async def run(session: AsyncSession, run_id: UUID) -> Row[Any]:
    """A run with how many of its batches are done and how many members were left out."""
    return (await session.execute(ONE, {"run": run_id})).one()


async def last_runs(session: AsyncSession) -> dict[str, Row[Any]]:
    """The latest run of each job."""
    return {row.job: row for row in await session.execute(LAST)}


async def missing(session: AsyncSession, timetable: Iterable[Job], since: datetime, now: datetime) -> list[Missing]:
    """Expected against actual: runs due since then that were never made. Nothing is expected before the first run."""
    first = (await session.execute(FIRST)).scalar()
    if first is None:
        return []
    since, until = max(since, first), now - LATE
    ran = {(row.job, row.scheduled_for) for row in await session.execute(RAN, {"since": since, "until": until})}
    return [
        Missing(job.name, at) for job in timetable for at in job.occurrences(since, until) if (job.name, at) not in ran
    ]


async def overdue(session: AsyncSession, timetable: Iterable[Job], now: datetime) -> dict[str, timedelta]:
    """How long each job has been waiting for a run that should have begun after its latest one; zero when none has."""
    first = (await session.execute(FIRST)).scalar() or now
    latest = {row.job: row.at for row in await session.execute(LATEST, {"now": now})}
    return {job.name: _late(job, latest.get(job.name), first, now) for job in timetable}


def _late(job: Job, latest: datetime | None, first: datetime, now: datetime) -> timedelta:
    expected = job.following(latest + timedelta(microseconds=1) if latest else first)
    return max(now - expected, timedelta()) if expected else timedelta()
