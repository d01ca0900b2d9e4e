"""The watch: what does not run is an alert within minutes, told once, and over when it runs again."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.alerts.queries import open_by_kind
from backend.alerts.tables import Alert
from backend.clock import parse_local
from backend.db.engine import Sessions, transaction
from backend.db.types import new_id
from backend.delivery import operators
from backend.jobs import ledger, watch
from backend.jobs.job import Job
from backend.jobs.schedule import BY_NAME, TIMETABLE
from backend.settings import Settings, SettingsError
from tests.jobs.helpers import rows

pytestmark = pytest.mark.db
MINUTE = timedelta(minutes=1)
RATED = parse_local("2026-11-18T06:00")


class Ears:
    """Somebody who hears of alerts, or does not."""

    def __init__(self, *, deaf: bool = False) -> None:
        self.heard: list[str] = []
        self.deaf = deaf

    async def __call__(self, title: str, body: str) -> bool:
        assert title == "Jobvej: driftsalarmer"
        self.heard.append(body)
        return not self.deaf


async def all_ran(sessions: Sessions, until: datetime) -> None:
    """Every job ran when it was last due, but the weekly rating, which ran a week before RATED."""
    async with transaction(sessions) as session:
        await _run(session, "rate-members", RATED - timedelta(weeks=1), "done")
        for job in TIMETABLE:
            if job.name != "rate-members":
                await _run(session, job.name, _last_due(job, until), "done")


def _last_due(job: Job, until: datetime) -> datetime:
    for back in (timedelta(hours=1), timedelta(days=40)):
        for at in reversed(list(job.occurrences(until - back, until))):
            return at
    return until


async def _run(session: AsyncSession, job: str, at: datetime, state: str, **values: Any) -> Any:
    run_id = new_id()
    ended = at if state != "running" else None
    await session.execute(
        text(
            "INSERT INTO job_run (id, job, scheduled_for, state, started_at, finished_at, batches)"
            " VALUES (:id, :job, :at, :state, :at, :ended, 1)"
        ),
        {"id": run_id, "job": job, "at": at, "state": state, "ended": ended} | values,
    )
    return run_id


async def standing(sessions: Sessions, kind: str) -> list[str]:
    return [key for (key,) in await rows(sessions, f"SELECT key FROM alert WHERE kind = '{kind}' AND ended_at IS NULL")]


async def test_a_run_that_did_not_begin_is_an_alert_within_five_minutes_and_ends_with_it(sessions: Sessions) -> None:
    await all_ran(sessions, RATED + 10 * MINUTE)
    await watch.look(sessions, now=RATED + 2 * MINUTE)
    assert await standing(sessions, "job_missing") == []
    await watch.look(sessions, now=RATED + 5 * MINUTE - timedelta(seconds=watch.EVERY_SECONDS))
    assert await standing(sessions, "job_missing") == ["rate-members"]
    async with transaction(sessions) as session:
        await _run(session, "rate-members", RATED, "done")
    await watch.look(sessions, now=RATED + 6 * MINUTE)
    assert await standing(sessions, "job_missing") == []


async def test_a_run_that_cannot_be_made_any_more_is_not_complained_of_for_ever(sessions: Sessions) -> None:
    later = RATED + BY_NAME["rate-members"].staleness + timedelta(days=1, minutes=1)
    await all_ran(sessions, later)
    await watch.look(sessions, now=later - 2 * MINUTE)
    assert "rate-members" in await standing(sessions, "job_missing")
    await watch.look(sessions, now=later)
    assert await standing(sessions, "job_missing") == []


async def test_a_run_that_nobody_works_at_is_an_alert(sessions: Sessions) -> None:
    async with transaction(sessions) as session:
        run_id = await _run(session, "rate-members", RATED, "running")
        await session.execute(
            text("INSERT INTO job_batch (run_id, number, payload) VALUES (:run, 1, '{}'), (:run, 2, '{}')"),
            {"run": run_id},
        )
    await watch.look(sessions, now=RATED + 4 * MINUTE)
    assert await standing(sessions, "job_stuck") == []
    await watch.look(sessions, now=RATED + 5 * MINUTE)
    assert await standing(sessions, "job_stuck") == ["rate-members"]
    async with transaction(sessions) as session:
        done = text("UPDATE job_batch SET done_at = :at WHERE run_id = :run AND number = 1")
        await session.execute(done, {"run": run_id, "at": RATED + 6 * MINUTE})
    await watch.look(sessions, now=RATED + 7 * MINUTE)
    assert await standing(sessions, "job_stuck") == []
    async with transaction(sessions) as session:
        picked = text(
            "INSERT INTO pgqueuer (priority, status, entrypoint, dedupe_key, heartbeat)"
            " VALUES (0, 'picked', 'batch', :key, :at)"
        )
        await session.execute(picked, {"key": f"{run_id}:2", "at": RATED + 60 * MINUTE})
    await watch.look(sessions, now=RATED + 60 * MINUTE)
    assert await standing(sessions, "job_stuck") == []
    await watch.look(sessions, now=RATED + 62 * MINUTE)
    assert await standing(sessions, "job_stuck") == ["rate-members"]


async def test_a_run_that_failed_is_an_alert_until_one_is_done(sessions: Sessions) -> None:
    async with transaction(sessions) as session:
        await _run(session, "housekeeping", RATED, "failed")
    await watch.look(sessions, now=RATED + MINUTE)
    assert await standing(sessions, "job_failed") == ["housekeeping"]
    async with transaction(sessions) as session:
        await _run(session, "housekeeping", RATED + timedelta(hours=5), "done")
    await watch.look(sessions, now=RATED + timedelta(hours=6))
    assert await standing(sessions, "job_failed") == []


async def test_it_is_told_once_that_an_alert_opened_and_once_that_it_ended(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "CHECKS", {"failed_runs": watch.failed_runs})
    ears = Ears()
    async with transaction(sessions) as session:
        await _run(session, "housekeeping", RATED, "failed")
    for n in range(1, 4):
        await watch.look(sessions, now=RATED + n * MINUTE)
        await watch.tell_of(sessions, ears, now=RATED + n * MINUTE)
    assert ears.heard == ["Siden 18. november kl. 06.01: En kørsel af housekeeping mislykkedes."]
    async with transaction(sessions) as session:
        await _run(session, "housekeeping", RATED + MINUTE, "done")
    for n in range(5, 8):
        await watch.look(sessions, now=RATED + n * MINUTE)
        await watch.tell_of(sessions, ears, now=RATED + n * MINUTE)
    assert ears.heard[1:] == ["Slut 18. november kl. 06.05: En kørsel af housekeeping mislykkedes."]


async def test_whoever_is_not_reached_is_tried_again_after_a_while(sessions: Sessions) -> None:
    deaf, ears = Ears(deaf=True), Ears()
    async with transaction(sessions) as session:
        await _run(session, "housekeeping", RATED, "failed")
    await watch.look(sessions, now=RATED)
    assert await watch.tell_of(sessions, deaf, now=RATED) == 0
    assert await watch.tell_of(sessions, ears, now=RATED + MINUTE) == 0  # somebody may be at it still
    assert await watch.tell_of(sessions, ears, now=RATED + 2 * MINUTE) == 1
    assert len(ears.heard) == 1


async def test_what_ended_long_ago_is_not_told(sessions: Sessions) -> None:
    ears = Ears()
    async with transaction(sessions) as session:
        session.add(Alert(id=new_id(), kind="job_failed", key="x", params={}, opened_at=RATED, ended_at=RATED))
    assert await watch.tell_of(sessions, ears, now=RATED + timedelta(days=2)) == 0


async def test_a_check_that_fails_hides_no_other(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(session: AsyncSession, now: datetime) -> None:
        await session.execute(text("SELECT 1/0"))

    monkeypatch.setattr(watch, "CHECKS", {"broken": broken} | dict(watch.CHECKS))
    async with transaction(sessions) as session:
        await _run(session, "housekeeping", RATED, "failed")
    await watch.look(sessions, now=RATED + MINUTE)
    assert await standing(sessions, "job_failed") == ["housekeeping"]


async def test_of_many_that_look_at_once_one_does(fresh_sessions: Sessions) -> None:
    async with transaction(fresh_sessions) as session:
        await _run(session, "housekeeping", RATED, "failed")
    await asyncio.gather(*(watch.look(fresh_sessions, now=RATED + MINUTE) for _ in range(6)))
    async with transaction(fresh_sessions) as session:
        assert (await open_by_kind(session))["job_failed"] == 1
        assert await ledger.overdue(session, TIMETABLE, RATED) is not None
    ears = Ears()
    sent = await asyncio.gather(*(watch.tell_of(fresh_sessions, ears, now=RATED + MINUTE) for _ in range(6)))
    assert sum(sent) >= 1
    assert "\n".join(ears.heard).count("housekeeping") == 1


async def test_the_watch_goes_on_while_the_process_works(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[datetime] = []
    enough = asyncio.Event()

    async def look(_sessions: Sessions, *, now: datetime) -> None:
        looks.append(now)
        if len(looks) == 1:
            raise OSError("the database is away")
        enough.set()

    monkeypatch.setattr(watch, "look", look)
    task = asyncio.create_task(watch.run(sessions, None, every=0.01))
    await asyncio.wait_for(enough.wait(), 5)
    task.cancel()


def test_an_address_that_cannot_be_used_stops_the_start() -> None:
    assert operators.open_operators(None) is None
    assert operators.open_operators("json://127.0.0.1:9/, json://127.0.0.1:9/x?a=1,2") is not None
    with pytest.raises(SettingsError, match="JOBVEJ_ALERT_URLS"):
        operators.open_operators("nobody-knows://x")


async def test_operators_are_asked_over_http() -> None:
    assert Settings().alert_urls is None
    seen: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-l"))
        seen.append(await reader.readexactly(length))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    tell = operators.open_operators(f"json://127.0.0.1:{port}/, json://127.0.0.1:1/")
    assert tell is not None
    assert await tell("Jobvej", "Something") is True
    assert b"Something" in seen[0]
    server.close()
    nobody = operators.open_operators("json://127.0.0.1:1/")
    assert nobody is not None
    assert await nobody("Jobvej", "Something") is False
