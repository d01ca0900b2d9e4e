"""The timetable against the ledger: of each job the next run, the last, and what is missing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs import ledger
from backend.jobs.job import Job

LOOK_BACK = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Last:
    """The latest run. `left_out`: members that a batch could not do; `errors`: codes of batches that are not done."""

    scheduled_for: datetime
    state: str
    started_at: datetime
    finished_at: datetime | None
    batches: int
    batches_done: int
    left_out: int
    counts: Mapping[str, int]
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """A job. `about` is an English msgid; `missing` are runs of the last day that nobody began."""

    name: str
    about: str
    next_at: datetime | None
    late: timedelta
    missing: tuple[datetime, ...]
    last: Last | None


async def of(session: AsyncSession, timetable: Iterable[Job], *, now: datetime) -> list[Standing]:
    """Every job of the timetable, in its order."""
    jobs = list(timetable)
    lasts = {row.job: _last(row) for row in await session.execute(_LAST)}
    late = await ledger.overdue(session, jobs, now)
    missing: dict[str, list[datetime]] = {}
    for each in await ledger.missing(session, jobs, now - LOOK_BACK, now):
        missing.setdefault(each.job, []).append(each.scheduled_for)
    return [
        Standing(
            job.name,
            job.about,
            job.following(now),
            late[job.name],
            tuple(missing.get(job.name, ())),
            lasts.get(job.name),
        )
        for job in jobs
    ]


def _last(row: Row[Any]) -> Last:
    same = ("scheduled_for", "state", "started_at", "finished_at", "batches", "batches_done", "left_out")
    return Last(**{name: getattr(row, name) for name in same}, counts=row.result, errors=tuple(row.errors))


# The latest run of each job by the index on (job, scheduled_for), and its batches.
_LAST = text("""
WITH RECURSIVE job AS (
    (SELECT job FROM job_run ORDER BY job LIMIT 1)
    UNION ALL
    SELECT (SELECT n.job FROM job_run n WHERE n.job > j.job ORDER BY n.job LIMIT 1) FROM job j WHERE j.job IS NOT NULL)
SELECT r.job, r.scheduled_for, r.state, r.started_at, r.finished_at, r.batches,
    (SELECT count(*) FROM job_batch b WHERE b.run_id = r.id AND b.done_at IS NOT NULL) AS batches_done,
    (SELECT count(*) FROM job_failure f WHERE f.run_id = r.id) AS left_out, r.result,
    ARRAY(SELECT DISTINCT b.error FROM job_batch b
          WHERE b.run_id = r.id AND b.done_at IS NULL AND b.error IS NOT NULL ORDER BY b.error LIMIT 5) AS errors
FROM job j CROSS JOIN LATERAL (
    SELECT * FROM job_run x WHERE x.job = j.job ORDER BY x.scheduled_for DESC LIMIT 1) r
""")
