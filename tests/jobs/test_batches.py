"""Batches: done once with their work, tried again when they fail, and a poisoned member set aside."""

import asyncio
from datetime import timedelta

import pytest

from backend import clock
from backend.db.engine import Sessions, transaction
from backend.jobs import batches, by_hand, housekeeping, ledger, schedule
from backend.jobs.batches import BatchFailedError
from backend.jobs.job import Moment
from tests.jobs.helpers import RATE, SETTINGS, begin, count, in_batches_of, members, poison, rows
from tests.rating.rows import RUN, TODAY, entry

pytestmark = pytest.mark.db


async def test_a_batch_is_done_with_its_work_and_the_last_closes_the_run(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_batches_of(monkeypatch, 2)
    await members(sessions, 0, 1, 2)
    run_id = await begin(sessions)
    assert await batches.perform(sessions, run_id, 1, SETTINGS)
    assert await rows(sessions, "SELECT state FROM job_run") == [("running",)]
    assert await batches.perform(sessions, run_id, 2, SETTINGS)
    ((state, result),) = await rows(sessions, "SELECT state, result FROM job_run")
    assert (state, result) == ("done", {"members": 3, "rated": 3, "changed": 3, "messages": 2, "tasks": 2})


async def test_a_batch_delivered_twice_does_nothing_more(sessions: Sessions) -> None:
    await members(sessions, 0, 1)
    run_id = await begin(sessions)
    assert await batches.perform(sessions, run_id, 1, SETTINGS)
    assert not await batches.perform(sessions, run_id, 1, SETTINGS)
    assert [await count(sessions, name) for name in ("rating", "message")] == [2, 2]


async def test_two_who_take_the_same_batch_do_it_once(fresh_sessions: Sessions) -> None:
    await members(fresh_sessions, 0, 1)
    run_id = await begin(fresh_sessions)
    both = [batches.perform(fresh_sessions, run_id, 1, SETTINGS) for _ in range(2)]
    assert sorted(await asyncio.gather(*both)) == [False, True]
    assert await count(fresh_sessions, "message") == 2


async def fail(sessions: Sessions, run_id: object, times: int) -> list[float]:
    waits = []
    for _ in range(times):
        with pytest.raises(BatchFailedError) as failed:
            await batches.perform(sessions, run_id, 1, SETTINGS)  # type: ignore[arg-type]
        waits.append(failed.value.again_in)
    return waits


async def test_a_poisoned_member_is_left_out_and_the_others_are_done(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = await members(sessions, *[1] * 7)
    poison(monkeypatch, everybody[4])
    run_id = await begin(sessions)
    assert await fail(sessions, run_id, batches.TRIES) == [2, 4, 8]
    assert await count(sessions, "rating") == 0
    assert await rows(sessions, "SELECT attempts, error FROM job_batch") == [(3, "ValueError")]
    assert await batches.perform(sessions, run_id, 1, SETTINGS)
    left_out = await rows(sessions, "SELECT member_id, error FROM job_failure")
    assert left_out == [(everybody[4], "ValueError")]
    rated = {member for (member,) in await rows(sessions, "SELECT member_id FROM rating")}
    assert rated == set(everybody) - {everybody[4]}
    ((state, result),) = await rows(sessions, "SELECT state, result FROM job_run")
    assert (state, result["rated"], result["messages"], await count(sessions, "message")) == ("done", 6, 6, 6)


async def test_a_failure_that_passes_is_not_counted_as_a_try(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = await members(sessions, 1)
    poison(monkeypatch, everybody[0], error=ConnectionResetError())
    run_id = await begin(sessions)
    assert await fail(sessions, run_id, 5) == [1] * 5
    assert await rows(sessions, "SELECT attempts FROM job_batch") == [(0,)]
    monkeypatch.setitem(schedule.BY_NAME, RATE.name, RATE)
    assert await batches.perform(sessions, run_id, 1, SETTINGS)
    assert await count(sessions, "job_failure") == 0


async def test_work_without_members_is_given_up_in_the_end(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "KEPT", (("no_such_table", "at", timedelta(0)),))
    run_id = await begin(sessions, job=schedule.BY_NAME["housekeeping"])
    await fail(sessions, run_id, batches.TRIES + 1)
    assert await rows(sessions, "SELECT state FROM job_run") == [("failed",)]
    assert not await batches.perform(sessions, run_id, 1, SETTINGS)


async def test_by_hand_a_run_is_made_once_and_says_so(
    fresh_sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_batches_of(monkeypatch, 2)
    await members(fresh_sessions, 0, 1, 2)
    seen: list[tuple[int, int]] = []
    first = await by_hand.run(fresh_sessions, RATE, RUN, SETTINGS, lambda *done: seen.append(done))
    assert (first.was_done, first.state, first.counts["rated"], first.batches) == (False, "done", 3, 2)
    assert (min(seen), max(seen)) == ((0, 2), (2, 2))
    assert await count(fresh_sessions, "pgqueuer") == 0
    again = await by_hand.run(fresh_sessions, RATE, RUN, SETTINGS, lambda *_: None)
    assert (again.was_done, again.counts) == (True, first.counts)
    later = await by_hand.run(fresh_sessions, RATE, RUN + timedelta(hours=1), SETTINGS, lambda *_: None)
    assert (later.was_done, later.counts["rated"], later.counts["messages"]) == (False, 0, 0)


async def test_two_hands_share_a_run(fresh_sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    in_batches_of(monkeypatch, 1)
    await members(fresh_sessions, *[1] * 12)
    hands = [by_hand.run(fresh_sessions, RATE, RUN, SETTINGS, lambda *_: None) for _ in range(3)]
    reports = await asyncio.gather(*hands)
    assert {report.counts["messages"] for report in reports} == {12}
    assert [await count(fresh_sessions, name) for name in ("rating", "message", "service_call")] == [12, 12, 12]


async def test_stale_members_are_rated_again_and_only_they(fresh_sessions: Sessions) -> None:
    one, other = await members(fresh_sessions, 1, 1)
    await by_hand.run(fresh_sessions, RATE, RUN, SETTINGS, lambda *_: None)
    async with transaction(fresh_sessions) as session:
        for member_id in (one, other):
            for _ in range(4):
                await entry(session, member_id, TODAY)
    await rows(fresh_sessions, "UPDATE rating_current SET stale = true WHERE member_id = :one RETURNING 1", one=one)
    stale, at = schedule.BY_NAME["rate-stale"], RUN + timedelta(minutes=5)
    report = await by_hand.run(fresh_sessions, stale, at, SETTINGS, lambda *_: None)
    assert (report.counts["members"], report.counts["changed"]) == (1, 1)
    again = await by_hand.run(fresh_sessions, stale, at + timedelta(minutes=5), SETTINGS, lambda *_: None)
    assert again.batches == 0


async def test_a_late_batch_rates_stale_members_as_of_the_present(
    fresh_sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run was begun before midnight, the import came after it: what was logged then must not be passed over."""
    (member_id,) = await members(fresh_sessions, 1)
    await by_hand.run(fresh_sessions, RATE, RUN, SETTINGS, lambda *_: None)
    await rows(fresh_sessions, "UPDATE rating_current SET stale = true RETURNING 1")
    stale, at = schedule.BY_NAME["rate-stale"], RUN.replace(hour=23, minute=55)
    async with transaction(fresh_sessions) as session:
        run_id = await ledger.begin(session, stale, at, at)
        for _ in range(4):
            await entry(session, member_id, TODAY + timedelta(days=1))
    monkeypatch.setattr(clock, "now", lambda: at + timedelta(hours=1))
    assert run_id
    assert await batches.perform(fresh_sessions, run_id, 1, SETTINGS)
    assert await rows(fresh_sessions, "SELECT colour, counted, stale FROM rating_current") == [("green", 8, False)]


def test_a_run_for_another_time_goes_by_that_time() -> None:
    later = RUN + timedelta(days=40)
    assert Moment(RUN, later, timedelta(minutes=2)).as_of == RUN + timedelta(minutes=2)
    assert Moment(RUN, RUN + timedelta(hours=3), timedelta(hours=3), timely=True).as_of == RUN + timedelta(hours=3)


async def test_housekeeping_takes_what_is_old_and_keeps_the_rest(sessions: Sessions) -> None:
    insert = """
        INSERT INTO idempotency_key (caller_id, key, fingerprint, status, body, created_at)
        SELECT gen_random_uuid(), n::text, '', 201, '', CAST(:now AS timestamptz) - n * interval '1 hour'
        FROM generate_series(20, 30) n RETURNING 1"""
    await rows(sessions, insert, now=RUN)
    async with transaction(sessions) as session:
        counts = await housekeeping.work(session, (), moment=Moment(RUN, RUN), settings=SETTINGS)
    assert counts == {
        "idempotency_key": 6,
        "push_slot": 0,
        "staff_notice": 0,
        "pgqueuer_log": 0,
        "job_run": 0,
        "device": 0,
        "policy_trial": 0,
    }
    assert await count(sessions, "idempotency_key") == 5


async def test_old_runs_are_forgotten_with_their_batches_and_those_under_way_are_not(sessions: Sessions) -> None:
    everybody = await members(sessions, 1)
    stale = schedule.BY_NAME["rate-stale"]
    await rows(sessions, "UPDATE rating_current SET stale = true RETURNING 1")
    for job, days in ((stale, 13), (stale, 15), (RATE, 399), (RATE, 401), (RATE, 500)):
        run_id = await begin(sessions, RUN - timedelta(days=days), job)
        if days != 500:
            await batches.perform(sessions, run_id, 1, SETTINGS)
            await rows(sessions, "UPDATE rating_current SET stale = true RETURNING 1")
    failed = """
        INSERT INTO job_failure (id, run_id, member_id, error, at)
        SELECT gen_random_uuid(), id, :member, 'ValueError', now() FROM job_run RETURNING 1"""
    await rows(sessions, failed, member=everybody[0])
    async with transaction(sessions) as session:
        counts = await housekeeping.work(session, (), moment=Moment(RUN, RUN), settings=SETTINGS)
    assert counts["job_run"] == 2
    kept = await rows(sessions, "SELECT scheduled_for FROM job_run ORDER BY 1")
    assert kept == [(RUN - timedelta(days=days),) for days in (500, 399, 13)]
    assert [await count(sessions, name) for name in ("job_batch", "job_failure")] == [3, 3]
