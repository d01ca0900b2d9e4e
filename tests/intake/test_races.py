"""Imports beside ratings and beside what people write: nothing is lost, and nobody waits in a circle."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from backend.db.engine import Sessions, transaction
from backend.followup import decisions, log_entries
from backend.followup import service as followup
from backend.followup.log_entries import Change
from backend.intake import merge, service
from backend.intake.staging import Connection
from tests.intake.exports import entry, rows, write

pytestmark = pytest.mark.db
NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
SICK = ["700001", "sygdom", "10-11-2026", ""]
WELL = ["700001", "sygdom", "10-11-2026", "13-11-2026"]


async def load(sessions: Sessions, folder: Path, **more: list[list[str]]) -> None:
    async with transaction(sessions) as session:
        await service.import_folder(session, write(folder, rows(**more)), now=NOW)


async def one(sessions: Sessions, statement: str) -> Any:
    async with transaction(sessions) as session:
        return await session.scalar(text(statement))


async def rate(sessions: Sessions, mode: Any) -> None:
    async with transaction(sessions) as session:
        members = list(await session.scalars(text("SELECT id FROM member ORDER BY id")))
        await followup.rate_and_follow_up(session, members, now=NOW, mode=mode, call_queue="branch")


@pytest.fixture
def paused(monkeypatch: pytest.MonkeyPatch) -> tuple[asyncio.Event, asyncio.Event]:
    """An import stops before it marks whom it touched: one event says that it got there, the other lets it on."""
    reached, go = asyncio.Event(), asyncio.Event()
    really = merge.mark_stale

    async def wait(connection: Connection) -> int:
        reached.set()
        await go.wait()
        return await really(connection)

    monkeypatch.setattr(merge, "mark_stale", wait)
    return reached, go


@pytest.mark.parametrize("mode", ["event", "weekly"])
async def test_what_is_imported_while_a_rating_runs_is_rated_afterwards(
    fresh_sessions: Sessions, tmp_path: Path, mode: Any
) -> None:
    """The rating read the facts before the import committed; the import must mark the member although it was marked
    already, or had no rating yet, when it looked."""
    await load(fresh_sessions, tmp_path)
    if mode == "event":
        await rate(fresh_sessions, "weekly")
        await one(fresh_sessions, "UPDATE rating_current SET stale = true RETURNING 1")
    async with fresh_sessions() as rating:
        members = list(await rating.scalars(text("SELECT id FROM member ORDER BY id")))
        await followup.rate_and_follow_up(rating, members, now=NOW, mode=mode, call_queue="branch")
        importing = asyncio.create_task(load(fresh_sessions, tmp_path, joblog=[*rows()["joblog.csv"], entry()]))
        await until_blocked(fresh_sessions)
        await rating.commit()
    await importing
    stale = "SELECT count(*) FROM rating_current JOIN member m ON m.id = member_id WHERE stale"
    assert await one(fresh_sessions, f"{stale} AND member_no = '700001'") == 1
    await rate(fresh_sessions, "event")
    assert await one(fresh_sessions, stale) == 0


async def test_an_entry_edited_while_the_import_changes_it(
    fresh_sessions: Sessions, tmp_path: Path, paused: tuple[asyncio.Event, asyncio.Event]
) -> None:
    async def edit() -> None:
        async with transaction(fresh_sessions) as session:
            member, item = (await session.execute(text("SELECT member_id, id FROM job_log_entry"))).one()
            change = Change(member, NOW, "branch")
            await log_entries.edit(session, change, item, {"title": "Svejser"}, None)

    before, after = [entry()], [entry(status="afslag")]
    await beside(fresh_sessions, paused, edit, load(fresh_sessions, tmp_path, joblog=before), joblog=after, to=tmp_path)
    assert await one(fresh_sessions, "SELECT status || ' ' || title FROM job_log_entry") == "rejected Svejser"


async def test_an_exemption_ended_while_the_import_changes_it(
    fresh_sessions: Sessions, tmp_path: Path, paused: tuple[asyncio.Event, asyncio.Event]
) -> None:
    async def end() -> None:
        async with transaction(fresh_sessions) as session:
            member, item = (await session.execute(text("SELECT member_id, id FROM exemption"))).one()
            await decisions.end_exemption(
                session, member, item, to_on=date(2026, 11, 12), now=NOW, call_queue="branch"
            )  # fmt: skip

    first = load(fresh_sessions, tmp_path, fritagelser=[SICK])
    await beside(fresh_sessions, paused, end, first, fritagelser=[WELL], to=tmp_path)
    assert await one(fresh_sessions, "SELECT to_on FROM exemption") == date(2026, 11, 12)


async def beside(
    sessions: Sessions, paused: tuple[asyncio.Event, asyncio.Event], act: Any, first: Awaitable[None], *,
    to: Path, **second: list[list[str]],
) -> None:  # fmt: skip
    """After a first import, `act` during a second one, which is then let on: both must come to their end."""
    reached, go = paused
    go.set()
    await first
    await rate(sessions, "weekly")
    reached.clear()
    go.clear()
    importing = asyncio.create_task(load(sessions, to, **second))
    await reached.wait()
    acting = asyncio.create_task(act())
    await until_blocked(sessions)
    go.set()
    await asyncio.gather(importing, acting)


async def until_blocked(sessions: Sessions) -> None:
    """Until somebody waits for a lock of this database."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    for _ in range(1000):
        if await one(sessions, waiting):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody waits")
