"""Throwing away what nobody needs any more: remembered answers, finished deliveries, the queue's log."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs.job import Counts, Moment
from backend.settings import Settings

# Table, its instant, how long a row is kept. At most MOST rows a night, so that the transaction stays short.
KEPT = (
    ("idempotency_key", "created_at", timedelta(hours=24)),
    ("delivery_done", "finished_at", timedelta(days=180)),
    ("pgqueuer_log", "created", timedelta(days=14)),
)
MOST = 100_000


async def work(session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings) -> Counts:
    """How many rows went, by table."""
    del member_ids, settings
    return {table: await _delete(session, table, column, moment, kept) for table, column, kept in KEPT}


async def _delete(session: AsyncSession, table: str, column: str, moment: Moment, kept: timedelta) -> int:
    old = f"SELECT ctid FROM {table} WHERE {column} < :before LIMIT :most"  # noqa: S608 - names from the list above
    statement = text(f"DELETE FROM {table} WHERE ctid = ANY(ARRAY({old})) RETURNING 1")  # noqa: S608 - as above
    return len((await session.execute(statement, {"before": moment.now - kept, "most": MOST})).all())
