"""Workers and the clock as they run: shared work, redelivery, retries, a lost database, a stop."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from backend.db.engine import Sessions, transaction
from backend.jobs import batches, clock, worker
from backend.jobs.schedule import BY_NAME
from tests.jobs.helpers import SETTINGS, begin, count, in_batches_of, members, poison, rows

pytestmark = pytest.mark.db
Loop = Callable[[asyncio.Event], Coroutine[Any, Any, None]]


@asynccontextmanager
async def running(*loops: Loop) -> AsyncIterator[None]:
    """The loops run meanwhile, and then stop as at SIGTERM."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(loop(stop)) for loop in loops]
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(asyncio.gather(*tasks), 10)


def a_worker(sessions: Sessions, heartbeat: int = 20) -> Loop:
    return lambda stop: worker.run(stop, sessions, replace(SETTINGS, worker_heartbeat=heartbeat))


def a_clock(sessions: Sessions) -> Loop:
    return lambda stop: clock.run(stop, sessions, SETTINGS)


async def until(sessions: Sessions, statement: str, expected: Any, seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while await rows(sessions, statement) != expected:  # noqa: ASYNC110 - the database wakes nobody
            await asyncio.sleep(0.05)


DONE = "SELECT state FROM job_run"


async def test_workers_share_a_run_and_each_message_is_written_once(
    fresh_sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_batches_of(monkeypatch, 2)
    await members(fresh_sessions, *[1] * 14)
    async with running(a_worker(fresh_sessions), a_worker(fresh_sessions)):
        await begin(fresh_sessions)
        await until(fresh_sessions, DONE, [("done",)])
        await until(fresh_sessions, "SELECT count(*) FROM pgqueuer", [(0,)])
    tables = ("rating", "message", "service_call", "inbox_entry")
    assert [await count(fresh_sessions, name) for name in tables] == [14] * 4


async def test_a_batch_of_a_worker_that_died_is_taken_over(fresh_sessions: Sessions) -> None:
    await members(fresh_sessions, 1)
    await begin(fresh_sessions)
    died = """
        UPDATE pgqueuer SET status = 'picked', queue_manager_id = gen_random_uuid(), heartbeat = now() RETURNING 1"""
    await rows(fresh_sessions, died)
    async with running(a_worker(fresh_sessions, heartbeat=1)):
        await until(fresh_sessions, DONE, [("done",)])
    assert await count(fresh_sessions, "message") == 1


async def test_a_failing_batch_comes_back_and_leaves_out_whom_it_must(
    fresh_sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "TRIES", 1)
    everybody = await members(fresh_sessions, 1, 1, 1)
    poison(monkeypatch, everybody[1])
    async with running(a_worker(fresh_sessions)):
        await begin(fresh_sessions)
        await until(fresh_sessions, DONE, [("done",)])
    assert [await count(fresh_sessions, name) for name in ("job_failure", "rating")] == [1, 2]
    logged = await rows(fresh_sessions, "SELECT traceback::text FROM pgqueuer_log WHERE traceback IS NOT NULL")
    assert logged
    assert not [line for (line,) in logged if "what a member wrote" in line]


async def test_worker_and_clock_survive_the_loss_of_every_connection(
    fresh_sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_batches_of(monkeypatch, 1)
    monkeypatch.setattr(clock, "LOOK_AGAIN_SECONDS", 1)
    await members(fresh_sessions, *[1] * 6)
    async with running(a_worker(fresh_sessions, heartbeat=2), a_clock(fresh_sessions)):
        await begin(fresh_sessions)
        for _ in range(3):
            await asyncio.sleep(0.4)
            await _cut_all(fresh_sessions)
        weekly = "SELECT state FROM job_run WHERE job = 'rate-members' AND scheduled_for < '2026-11-19'"
        await until(fresh_sessions, weekly, [("done",)], seconds=40)
    assert [await count(fresh_sessions, name) for name in ("message", "service_call")] == [6, 6]


async def _cut_all(sessions: Sessions) -> None:
    cut = text("""
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()""")
    async with transaction(sessions) as session:
        await session.execute(cut)
    # The driver has the server's farewell a moment before the end of the line; only the test asks in between.
    await asyncio.sleep(0.3)


async def test_clocks_that_start_together_begin_each_run_once(
    fresh_sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    due_at_any_hour = replace(BY_NAME["housekeeping"], staleness=timedelta(days=2))
    monkeypatch.setattr(clock, "TIMETABLE", (due_at_any_hour,))
    async with running(*[a_clock(fresh_sessions)] * 3):
        await until(fresh_sessions, "SELECT count(*) > 0 FROM job_run", [(True,)])
        await asyncio.sleep(0.5)
    twice = "SELECT job FROM job_run GROUP BY job, scheduled_for HAVING count(*) > 1"
    assert await rows(fresh_sessions, twice) == []


async def test_a_worker_told_to_stop_finishes_its_batch_first(
    fresh_sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    await members(fresh_sessions, 1)
    begun = asyncio.Event()
    whole = batches.perform

    async def slow(*given: Any) -> bool:
        begun.set()
        await asyncio.sleep(0.5)
        return await whole(*given)

    monkeypatch.setattr(batches, "perform", slow)
    await begin(fresh_sessions)
    async with running(a_worker(fresh_sessions)):
        await asyncio.wait_for(begun.wait(), 10)
    assert await rows(fresh_sessions, DONE) == [("done",)]
    assert await count(fresh_sessions, "pgqueuer") == 0
