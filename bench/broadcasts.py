"""A broadcast to all members, stored as the job does it, beside the bare INSERT … SELECT of the same rows.

Every member has a phone: a message, an inbox entry and a delivery each. With two workers, they share the ranges.
The peers, in the same run, are the same rows ready made, in one statement a table, into tables without and with our
keys, indexes and checks. Our own statement also finds who fits, draws each member's stage and moment, and makes ids.
"""

import asyncio
import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

import backend.schema  # noqa: F401
from backend.broadcasts import audience, service
from backend.broadcasts.audience import Audience
from backend.db.engine import Sessions, make_engine, make_sessions, transaction
from backend.jobs import send_broadcasts
from backend.jobs.job import Moment
from backend.settings import Settings
from bench.pushes import _COPIES, _PHONES
from tests import factories
from tests.broadcasts.factories import approved, people

NOON = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)
SCALE = 200_000
TABLES = ("message", "inbox_entry", "delivery")
# The same rows as if they were another broadcast's: ids that begin otherwise, another period.
_SHIFTED = "CAST(overlay(CAST({0} AS text) PLACING 'f' FROM 1 FOR 1) AS uuid)"
ANOTHERS = (
    f"UPDATE bare_message SET period = 'peer', id = {_SHIFTED.format('id')}",
    f"UPDATE bare_inbox_entry SET message_id = {_SHIFTED.format('message_id')}",
    f"UPDATE bare_delivery SET id = {_SHIFTED.format('id')}, message_id = {_SHIFTED.format('message_id')}",
)


async def bench(url: str, scale: int) -> dict[str, object]:
    """To as many members as the scale says."""
    engine = make_engine(url)
    sessions = make_sessions(engine)
    await _members(sessions, scale)
    dry = await _dry_run(sessions)
    one = await _sent(sessions, 1)
    bare, ours = await _peers(sessions)
    two = await _sent(sessions, 2)
    held = await _held(sessions)
    await engine.dispose()
    size = 3 * scale
    return {
        "what": "a broadcast stored for all members", "members": scale,
        "one_worker_rows_per_s": round(size / one), "two_workers_rows_per_s": round(size / two),
        "bare_rows_per_s": round(size / bare), "ratio_bare": round(one / bare, 2),
        "rows_like_ours_per_s": round(size / ours), "ratio_like_ours": round(one / ours, 2),
        "one_worker_s": round(one, 1), "dry_run_s": round(dry, 2), "pause_s": round(held, 1),
    }  # fmt: skip


async def _members(sessions: Sessions, size: int) -> None:
    async with transaction(sessions) as session:
        one = await factories.member(session)
        await session.execute(_COPIES, {"one": one.id, "size": size})
        await session.execute(_PHONES, {"one": one.id, "now": NOON})
        await session.execute(text("UPDATE member SET language = 'en' WHERE id = :one"), {"one": one.id})
    async with transaction(sessions) as session:
        await session.execute(text("ANALYZE member, device"))


async def _dry_run(sessions: Sessions) -> float:
    async with transaction(sessions) as session:
        begun = time.perf_counter()
        await audience.count(session, Audience(), "news", today=NOON.date())
        return time.perf_counter() - begun


async def _sent(sessions: Sessions, workers: int) -> float:
    """Approved and stored, all of it in one stage."""
    async with transaction(sessions) as session:
        await approved(session, audience=Audience(language="da"))
    moment = Moment(NOON, NOON, timely=True)
    begun = time.perf_counter()
    hands = [send_broadcasts.outside(sessions, moment=moment, settings=Settings()) for _ in range(workers)]
    await asyncio.gather(*hands)
    return time.perf_counter() - begun


async def _peers(sessions: Sessions) -> tuple[float, float]:
    async with transaction(sessions) as session:
        for table in TABLES:
            await session.execute(text(f"CREATE TABLE bare_{table} AS TABLE {table} WITH NO DATA"))
    bare = await _timed(sessions, [f"INSERT INTO bare_{table} SELECT * FROM {table}" for table in TABLES])
    async with transaction(sessions) as session:
        for statement in ANOTHERS:
            await session.execute(text(statement))
    return bare, await _timed(sessions, [f"INSERT INTO {table} SELECT * FROM bare_{table}" for table in TABLES])


async def _timed(sessions: Sessions, statements: list[str]) -> float:
    begun = time.perf_counter()
    for statement in statements:
        async with transaction(sessions) as session:
            await session.execute(text(statement))
    return time.perf_counter() - begun


async def _held(sessions: Sessions) -> float:
    """How long the button takes that holds all that has not gone out."""
    async with transaction(sessions) as session:
        staff, _ = await people(session)
        found = await session.scalar(text("SELECT id FROM broadcast WHERE state = 'sending' ORDER BY id DESC LIMIT 1"))
        begun = time.perf_counter()
        await service.pause(session, found, staff, "A number is wrong", now=NOON + timedelta(minutes=1))
        return time.perf_counter() - begun
