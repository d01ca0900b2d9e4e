"""Runs, batches and queue rows as a test reads them, and a job made for tests."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.engine import Sessions, transaction
from backend.jobs import ledger, ranges, schedule
from backend.jobs.job import Counts, Job, Moment
from backend.settings import Settings
from tests.rating.rows import RUN, searcher

SETTINGS = Settings(quiet_hours="off")
RATE = schedule.BY_NAME["rate-members"]


async def rows(sessions: Sessions, statement: str, **values: Any) -> list[Any]:
    async with transaction(sessions) as session:
        return [tuple(row) for row in await session.execute(text(statement), values)]


async def count(sessions: Sessions, table: str) -> int:
    found = await rows(sessions, f"SELECT count(*) FROM {table}")
    return int(found[0][0])


async def members(sessions: Sessions, *weekly: int) -> list[UUID]:
    """Members with so many applications in each week of the window."""
    async with transaction(sessions) as session:
        return [(await searcher(session, weekly=each)).id for each in weekly]


async def begin(sessions: Sessions, at: datetime = RUN, job: Job = RATE) -> UUID:
    async with transaction(sessions) as session:
        found = await ledger.begin(session, job, at, RUN)
    assert found
    return found


def in_batches_of(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(ranges, "SIZE", size)


def poison(monkeypatch: pytest.MonkeyPatch, *poisoned: UUID, error: Exception | None = None) -> None:
    """The weekly run fails, after it has written, wherever one of these members is among those it rates."""

    async def work(session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings) -> Counts:
        counts = await RATE.work(session, member_ids, moment=moment, settings=settings)
        if not set(poisoned).isdisjoint(member_ids):
            raise error or ValueError("what a member wrote")
        return counts

    monkeypatch.setitem(schedule.BY_NAME, RATE.name, replace(RATE, work=work))


async def run_through(session: AsyncSession, job: Job, now: datetime) -> Counts:
    """Every batch of a run in one transaction, with the sums of their counts."""
    total: Counter[str] = Counter()
    for payload in await job.plan(session):
        found = await job.members(session, payload)
        total.update(await job.work(session, found, moment=Moment(now, now), settings=SETTINGS))
    return dict(total)
