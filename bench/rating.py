"""The weekly run over many members, beside the bare streaming read of the rows it needs, on the same database."""

import time
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from sqlalchemy import text

from backend.clock import local_time
from backend.db.engine import Sessions, make_engine, make_sessions, transaction
from backend.jobs import by_hand
from backend.jobs.schedule import BY_NAME
from backend.settings import Settings
from bench.memory import Peak
from bench.rating_data import DAY, fill

LIMIT = 4.0

# What the rule reads about every member, plainly: one row an entry, and one row of the rest a member.
BARE = (
    """SELECT member_id, id, applied_on, logged_on, duplicate_key, status, channel, hours, country, has_document,
              withdrawn_at FROM job_log_entry""",
    """SELECT m.id, m.unemployed_from, m.insurance, r.valid_from, r.min_per_week, r.min_posted_per_week,
              r.uploads_per_month, c.colour, c.rating_id, c.rated_on
       FROM member m JOIN search_requirement r ON r.member_id = m.id JOIN rating_current c ON c.member_id = m.id""",
    "SELECT member_id, type, from_on, to_on FROM exemption",
)


async def bench(url: str, scale: int) -> list[dict[str, object]]:
    """Fill the database, read it bare, then make a first run (all colours new) and one a week later."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""), server_settings={"jit": "off"})
    await fill(connection, scale)
    engine = make_engine(url)
    sessions = make_sessions(engine)
    try:
        found = []
        for what, at in (("first run", _six(DAY)), ("a week later", _six(DAY + timedelta(days=7)))):
            before = await _bare(connection)
            row = await _run(sessions, what, at, scale)
            found.append(_compared(row, (before + await _bare(connection)) / 2))
        return found
    finally:
        await connection.close()
        await engine.dispose()


def _six(day: Any) -> datetime:
    return local_time(day, datetime.min.time().replace(hour=6))


async def _bare(connection: "asyncpg.Connection[Any]") -> float:
    """Seconds to stream the rows through a cursor and do nothing with them."""
    started = time.perf_counter()
    async with connection.transaction(readonly=True):
        for statement in BARE:
            async for _row in connection.cursor(statement, prefetch=5000):
                pass
    return time.perf_counter() - started


def _compared(row: dict[str, Any], bare: float) -> dict[str, object]:
    """Beside the mean of a bare read before and one after: other work on the machine comes and goes."""
    return {**row, "bare read": bare, "times bare": row["seconds"] / bare, "limit": LIMIT}


async def _run(sessions: Sessions, what: str, at: datetime, scale: int) -> dict[str, Any]:
    with Peak() as peak:
        started = time.perf_counter()
        report = await by_hand.run(sessions, BY_NAME["rate-members"], at, Settings(), lambda *_: None)
        seconds = time.perf_counter() - started
    async with transaction(sessions) as session:
        entries = (await session.execute(text("SELECT count(*) FROM job_log_entry"))).scalar_one()
    return {
        "what": f"weekly run, {what}",
        "members": scale,
        "entries": entries,
        "seconds": seconds,
        "members/s": scale / seconds,
        "changed": report.counts["changed"],
        "messages": report.counts["messages"],
        "MB at start": peak.before,
        "MB at peak": peak.most,
    }
