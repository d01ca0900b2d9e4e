"""Pushes: storing messages beside bare INSERT … SELECT, and delivering beside firebase-admin alone, in the same run.

The stand-in of FCM is a process of its own on loopback and answers at once, so what is measured is the sender.
The peers of storing are the same rows ready made, into tables without and with our keys, indexes and checks.
`admin` is firebase-admin's `send_each_async` in batches of 500 with the same messages and nothing else: no claim, no
record, its own retries and its own connection pool. `worker` is one worker's loop: claim, judge, send, record.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import firebase_admin
from firebase_admin import credentials, messaging
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.db.engine import Sessions, make_engine, make_sessions, transaction
from backend.delivery import fcm, wire
from backend.delivery.types import MAX_BATCH, Push, payload
from backend.jobs import deliver
from backend.notifications import service
from backend.notifications.service import NewMessage
from backend.settings import Settings
from tests import factories

NOON = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
MOST = 10_000
STORED_AT_ONCE = 1000
TABLES = ("message", "inbox_entry", "delivery")
SETTINGS = Settings(quiet_hours="off")


async def bench(url: str, scale: int) -> dict[str, object]:
    """As many members with one phone each, at most 10,000; one message to each."""
    size = min(scale, MOST)
    engine = make_engine(url)
    sessions = make_sessions(engine)
    members = await _members(sessions, size)
    stored = await _stored(sessions, members)
    bare, like_ours = await _bare(sessions), await _like_ours(engine, sessions)
    with tempfile.TemporaryDirectory() as folder:
        async with _stand_in(Path(folder)) as server:
            alone = await _alone(server, size)
            worker, sent = await _delivered(sessions, server)
    await engine.dispose()
    assert sent == size, f"{sent} of {size} were sent"
    return {
        "what": "messages stored and delivered",
        "pushes": size, "stored_rows_per_s": round(3 * size / stored), "bare_rows_per_s": round(3 * size / bare),
        "ratio_bare": round(stored / bare, 1), "rows_like_ours_per_s": round(3 * size / like_ours),
        "ratio_like_ours": round(stored / like_ours, 2), "worker_per_s": round(size / worker),
        "admin_per_s": round(size / alone), "ratio_delivered": round(worker / alone, 2),
    }  # fmt: skip


async def _members(sessions: Sessions, size: int) -> list[UUID]:
    """Copies of one member, each with a phone."""
    async with transaction(sessions) as session:
        one = await factories.member(session)
        await session.execute(_COPIES, {"one": one.id, "size": size})
        await session.execute(_PHONES, {"one": one.id, "now": NOON})
        found = await session.scalars(text("SELECT member_id FROM device ORDER BY member_id"))
        return list(found)


async def _stored(sessions: Sessions, members: Sequence[UUID]) -> float:
    begun = time.perf_counter()
    for start in range(0, len(members), STORED_AT_ONCE):
        messages = [NewMessage(member, "N28", "bench") for member in members[start : start + STORED_AT_ONCE]]
        async with transaction(sessions) as session:
            await service.send(session, messages, now=NOON)
    return time.perf_counter() - begun


async def _bare(sessions: Sessions) -> float:
    """The same rows into tables without a constraint or an index."""
    async with transaction(sessions) as session:
        for table in TABLES:
            await session.execute(text(f"CREATE TABLE bare_{table} AS TABLE {table} WITH NO DATA"))
    return await _timed(sessions, [f"INSERT INTO bare_{table} SELECT * FROM {table}" for table in TABLES])


async def _like_ours(engine: AsyncEngine, sessions: Sessions) -> float:
    """The same rows, ready made, into our own tables: with their keys, indexes and checks."""
    async with transaction(sessions) as session:
        for table in reversed(TABLES):  # no TRUNCATE: tables that only grow hang on messages
            await session.execute(text(f"DELETE FROM {table}"))
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text(f"VACUUM {', '.join(TABLES)}"))
    return await _timed(sessions, [f"INSERT INTO {table} SELECT * FROM bare_{table}" for table in TABLES])


async def _timed(sessions: Sessions, statements: Sequence[str]) -> float:
    begun = time.perf_counter()
    for statement in statements:
        async with transaction(sessions) as session:
            await session.execute(text(statement))
    return time.perf_counter() - begun


@asynccontextmanager
async def _stand_in(folder: Path) -> AsyncIterator[dict[str, str]]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.standins.fcm", "--credentials", str(folder / "account.json")),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    try:
        yield json.loads(await process.stdout.readline())
    finally:
        process.terminate()
        await process.wait()


async def _alone(server: dict[str, str], size: int) -> float:
    app = firebase_admin.initialize_app(credentials.Certificate(server["credentials"]), name="bench")
    library = messaging._get_messaging_service(app)
    library._fcm_url = fcm.send_url(server["url"], app.project_id)
    whole = [wire.message(_push(number), NOON) for number in range(size)]
    begun = time.perf_counter()
    for start in range(0, size, MAX_BATCH):
        answers = await messaging.send_each_async(whole[start : start + MAX_BATCH], app=app)
        assert answers.failure_count == 0
    took = time.perf_counter() - begun
    await asyncio.to_thread(firebase_admin.delete_app, app)
    return took


def _push(number: int) -> Push:
    return Push(
        delivery_id=UUID(int=number),
        token=f"alone-{number}",
        token_kind="token",
        title="Ny besked",
        body="Du har fået en ny besked fra Metal A-kasse.",
        data=payload(UUID(int=number), "absence"),
        ttl=timedelta(days=7),
        collapse_key=None,
        platform="android",
    )


async def _delivered(sessions: Sessions, server: dict[str, str]) -> tuple[float, int]:
    sender = fcm.open_sender(Path(server["credentials"]), server["url"])
    begun = time.perf_counter()
    total = await deliver.drain(sessions, sender, SETTINGS, LATER)
    took = time.perf_counter() - begun
    await sender.close()
    return took, total["sent"]


_COPIES = text("""
INSERT INTO member (id, member_no, name, search_key, born_on, email, phone, language, branch_id, unemployed_from,
    insurance, risk, newly_qualified, it_member)
SELECT gen_random_uuid(), 'bench' || n, name, search_key, born_on, email, phone, language, branch_id, unemployed_from,
    insurance, risk, newly_qualified, it_member
FROM member, generate_series(1, :size) AS n WHERE id = :one
""")

_PHONES = text("""
INSERT INTO device (id, member_id, token, token_kind, platform, name, app_version, registered_at, last_seen_at)
SELECT gen_random_uuid(), id, 'phone-' || id, 'token', 'android', 'Pixel 9', '1.0', :now, :now
FROM member WHERE id <> :one
""")
