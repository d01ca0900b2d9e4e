"""The ledger: one of many clocks enters a run, with its batches and queue rows, or nothing at all."""

import asyncio
from datetime import timedelta

import pytest

from backend.clock import parse_local
from backend.db.engine import Sessions, transaction
from backend.jobs import batches, clock, ledger, schedule
from tests.jobs.helpers import RATE, SETTINGS, begin, count, in_batches_of, members, rows
from tests.rating.rows import RUN

pytestmark = pytest.mark.db


async def test_of_many_clocks_one_begins_the_run(fresh_sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    in_batches_of(monkeypatch, 2)
    await members(fresh_sessions, 2, 2, 2, 2, 2)
    ticks = [clock.make_due(fresh_sessions, RATE, RUN + timedelta(seconds=n)) for n in range(8)]
    assert sorted(await asyncio.gather(*ticks)) == [False] * 7 + [True]
    assert await rows(fresh_sessions, "SELECT job, scheduled_for, batches FROM job_run") == [("rate-members", RUN, 3)]
    assert (await count(fresh_sessions, "job_batch"), await count(fresh_sessions, "pgqueuer")) == (3, 3)


async def test_a_run_that_is_not_committed_leaves_nothing_on_the_queue(sessions: Sessions) -> None:
    await members(sessions, 2)

    async def killed() -> None:
        async with transaction(sessions) as session:
            assert await ledger.begin(session, RATE, RUN, RUN)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await killed()
    assert [await count(sessions, name) for name in ("job_run", "job_batch", "pgqueuer")] == [0, 0, 0]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7])
async def test_batches_hold_everybody_once(sessions: Sessions, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    in_batches_of(monkeypatch, size)
    everybody = await members(sessions, *[0] * 5)
    await begin(sessions)
    found = []
    for (payload,) in await rows(sessions, "SELECT payload FROM job_batch ORDER BY number"):
        async with transaction(sessions) as session:
            part = await RATE.members(session, payload)
        assert len(part) <= size
        found += part
    assert found == sorted(everybody)


async def test_without_members_a_run_is_done_when_it_begins(sessions: Sessions) -> None:
    await begin(sessions)
    assert await rows(sessions, "SELECT state, batches, result FROM job_run") == [("done", 0, {})]


async def test_a_clock_that_starts_makes_up_for_what_was_missed(sessions: Sessions) -> None:
    assert await clock.make_due(sessions, RATE, RUN + timedelta(days=2))
    assert not await clock.make_due(sessions, RATE, RUN + timedelta(days=2, minutes=5))
    assert await rows(sessions, "SELECT scheduled_for FROM job_run") == [(RUN,)]
    assert not await clock.make_due(sessions, RATE, RUN + timedelta(days=5))


async def test_what_the_queue_lost_is_queued_again_once(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    in_batches_of(monkeypatch, 1)
    await members(sessions, 2, 2, 2)
    run_id = await begin(sessions)
    await batches.perform(sessions, run_id, 1, SETTINGS)
    await rows(sessions, "DELETE FROM pgqueuer WHERE right(dedupe_key, 1) <> '3' RETURNING 1")
    for lost in (1, 0):
        async with transaction(sessions) as session:
            assert await ledger.sweep(session, RUN) == lost
    keys = await rows(sessions, "SELECT right(dedupe_key, 2) FROM pgqueuer ORDER BY 1")
    assert keys == [(":2",), (":3",)]


async def test_a_run_that_nobody_closed_is_closed_by_the_sweep(sessions: Sessions) -> None:
    await members(sessions, 2)
    await begin(sessions)
    done = """UPDATE job_batch SET done_at = now(), result = '{"members": 1}' RETURNING 1"""
    await rows(sessions, done)
    async with transaction(sessions) as session:
        await ledger.sweep(session, RUN)
    assert await rows(sessions, "SELECT state, result FROM job_run") == [("done", {"members": 1})]


async def test_expected_against_actual_names_what_was_never_made(sessions: Sessions) -> None:
    now = parse_local("2026-11-18T10:00")
    async with transaction(sessions) as session:
        assert await ledger.missing(session, schedule.TIMETABLE, now - timedelta(days=7), now) == []
    stale = schedule.BY_NAME["rate-stale"]
    async with transaction(sessions) as session:
        for minute in (40, 50):
            at = parse_local(f"2026-11-18T09:{minute}")
            await ledger.begin(session, stale, at, at)
        found = await ledger.missing(session, [stale], now - timedelta(days=7), now)
    assert found == [ledger.Missing("rate-stale", parse_local(f"2026-11-18T09:{minute}")) for minute in (45, 55)]


async def test_a_job_is_overdue_from_the_first_run_after_its_latest_that_was_not_made(sessions: Sessions) -> None:
    stale = schedule.BY_NAME["rate-stale"]
    begun = parse_local("2026-11-18T09:40")
    async with transaction(sessions) as session:
        never = await ledger.overdue(session, schedule.TIMETABLE, begun)
        await ledger.begin(session, stale, begun, begun)
        await ledger.begin(session, stale, begun + timedelta(days=9), begun)
        late = {
            minutes: await ledger.overdue(session, schedule.TIMETABLE, begun + timedelta(minutes=minutes))
            for minutes in (0, 5, 17)
        }
    assert set(never.values()) == {timedelta()}
    assert [late[minutes]["rate-stale"] for minutes in (0, 5, 17)] == [timedelta(minutes=m) for m in (0, 0, 12)]
    assert late[17]["rate-members"] == timedelta()


async def test_a_job_that_never_ran_is_overdue_from_when_it_was_first_expected(sessions: Sessions) -> None:
    first, now = parse_local("2026-11-17T10:00"), parse_local("2026-11-18T06:04")
    async with transaction(sessions) as session:
        await ledger.begin(session, schedule.BY_NAME["rate-stale"], first, first)
        found = await ledger.overdue(session, schedule.TIMETABLE, now)
    assert found["rate-members"] == timedelta(minutes=4)
