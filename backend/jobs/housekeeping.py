"""Throwing away what nobody needs any more: remembered answers, old runs and the queue's log."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs.job import Counts, Moment
from backend.notifications import devices
from backend.settings import Settings

# Table, its instant, how long a row is kept. At most MOST rows a night, so that the transaction stays short.
KEPT = (
    ("idempotency_key", "created_at", timedelta(hours=24)),
    ("policy_trial", "requested_at", timedelta(days=30)),
    ("push_slot", "day", timedelta(days=180)),
    ("staff_notice", "created_at", timedelta(days=30)),
    ("pgqueuer_log", "created", timedelta(days=14)),
)
MOST = 100_000

# A run is kept a year and a month; those of the jobs that come every few minutes, two weeks.
RUNS_KEPT = timedelta(days=400)
FREQUENT = (
    "rate-stale",
    "plan-courses",
    "remind-booked",
    "sweep-bookings",
    "climb-ladder",
    "sweep-messages",
    "send-broadcasts",
    "try-policies",
)
FREQUENT_KEPT = timedelta(days=14)
OLD_RUNS = text("""
    WITH old AS (
        SELECT id FROM job_run
        WHERE state <> 'running' AND scheduled_for < CAST(:now AS timestamptz)
              - CASE WHEN job = ANY(CAST(:frequent AS text[])) THEN CAST(:frequent_kept AS interval)
                     ELSE CAST(:kept AS interval) END
        LIMIT :most),
    batches AS (DELETE FROM job_batch WHERE run_id IN (SELECT id FROM old)),
    failures AS (DELETE FROM job_failure WHERE run_id IN (SELECT id FROM old))
    DELETE FROM job_run WHERE id IN (SELECT id FROM old) RETURNING 1
""")


async def work(session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings) -> Counts:
    """How many rows went, by table; of phones, how many were signed out because they were not seen for months."""
    del member_ids, settings
    counts = {table: await _delete(session, table, column, moment, kept) for table, column, kept in KEPT}
    phones = await devices.expire_unseen(session, now=moment.now)
    return counts | {"job_run": await _forget_runs(session, moment), "device": phones}


async def _forget_runs(session: AsyncSession, moment: Moment) -> int:
    kept = {"kept": RUNS_KEPT, "frequent": list(FREQUENT), "frequent_kept": FREQUENT_KEPT}
    return len((await session.execute(OLD_RUNS, {"now": moment.now, "most": MOST, **kept})).all())


async def _delete(session: AsyncSession, table: str, column: str, moment: Moment, kept: timedelta) -> int:
    old = f"SELECT ctid FROM {table} WHERE {column} < :before LIMIT :most"  # noqa: S608 - names from the list above
    statement = text(f"DELETE FROM {table} WHERE ctid = ANY(ARRAY({old})) RETURNING 1")  # noqa: S608 - as above
    return len((await session.execute(statement, {"before": moment.now - kept, "most": MOST})).all())
