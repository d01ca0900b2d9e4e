"""Pushes: storing messages beside bare INSERT … SELECT, and delivering beside firebase-admin alone, in the same run.

The stand-in of FCM is a process of its own on loopback and answers at once, so what is measured is the sender.
The peers of storing are the same rows ready made, into tables without and with our keys, indexes and checks.
`admin` is firebase-admin's `send_each_async` in batches of 500 with the same messages and nothing else: no claim, no
record, its own retries and its own connection pool. `worker` is one worker's loop: claim, judge, send, record. The two
take turns, so that whatever else the machine does meets both. Worker processes are measured by push_processes.py.
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
from backend.delivery.types import MAX_BATCH, Push, PushSender, payload
from backend.jobs import deliver
from backend.notifications import service
from backend.notifications.service import NewMessage
from backend.settings import Settings
from bench import push_processes
from tests import factories

NOON = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
MOST = 10_000
STORED_AT_ONCE = 1000
TABLES = ("message", "inbox_entry", "delivery")
SETTINGS = Settings()
TURNS = 5
MINUTE = timedelta(minutes=1)


async def bench(url: str, scale: int) -> list[dict[str, object]]:
    """As many members with one phone each, at most 10,000; one message to each."""
    size = min(scale, MOST)
    engine = make_engine(url)
    sessions = make_sessions(engine)
    members = await _members(sessions, size)
    stored = await _stored(sessions, members)
    bare, like_ours = await _bare(sessions), await _like_ours(engine, sessions)
    with tempfile.TemporaryDirectory() as folder:
        async with _stand_in(Path(folder)) as server:
            alone, worker = await _in_turns(sessions, server, size)
            await _cleared(sessions)
            where = {"JOBVEJ_DATABASE_URL": url, "JOBVEJ_QUIET_HOURS": "off", "JOBVEJ_DATA": folder}
            where |= {"JOBVEJ_FCM_CREDENTIALS": server["credentials"], "JOBVEJ_FCM_URL": server["url"]}
            processes = await push_processes.measure(sessions, members, where, scale, Path(folder))
    await engine.dispose()
    one = {
        "what": "messages stored and delivered",
        "pushes": size, "stored_rows_per_s": round(3 * size / stored), "bare_rows_per_s": round(3 * size / bare),
        "ratio_bare": round(stored / bare, 1), "rows_like_ours_per_s": round(3 * size / like_ours),
        "ratio_like_ours": round(stored / like_ours, 2), "worker_per_s": round(1000 * TURNS / sum(worker)),
        "admin_per_s": round(1000 * TURNS / sum(alone)), "speed_of_admin": round(sum(alone) / sum(worker), 2),
        "each_turn": [round(theirs / ours, 2) for theirs, ours in zip(alone, worker, strict=True)],
    }  # fmt: skip
    return [one, *processes]


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


async def _in_turns(sessions: Sessions, server: dict[str, str], size: int) -> tuple[list[float], list[float]]:
    """Seconds a thousand pushes that firebase-admin took alone, and those of a worker, for each part of the messages.

    On a machine with too much to do a push may not have its turn in time; it goes with the next part.
    """
    await _parted(sessions)
    alone, worker = [], []
    app = firebase_admin.initialize_app(credentials.Certificate(server["credentials"]), name="bench")
    library = messaging._get_messaging_service(app)
    library._fcm_url = fcm.send_url(server["url"], app.project_id)
    sender = fcm.open_sender(Path(server["credentials"]), server["url"])
    part = size // TURNS
    for turn in range(TURNS):
        alone.append(await _alone(app, range(turn * part, (turn + 1) * part)) / part * 1000)
        took, sent = await _delivered(sessions, sender, LATER + turn * MINUTE)
        assert sent > 0.8 * part, f"{sent} of {part} were sent"
        worker.append(took / sent * 1000)
    await sender.close()
    await asyncio.to_thread(firebase_admin.delete_app, app)
    return alone, worker


async def _parted(sessions: Sessions) -> None:
    """The deliveries in as many equal parts as there are turns, each due a minute after the one before."""
    async with transaction(sessions) as session:
        await session.execute(_PARTED, {"turns": TURNS, "first": LATER})


async def _cleared(sessions: Sessions) -> None:
    """Nothing of this is left for the worker processes, nor counts among the pushes of a day."""
    async with transaction(sessions) as session:
        await session.execute(text("DELETE FROM delivery"))
        await session.execute(text("DELETE FROM push_slot"))


async def _alone(app: firebase_admin.App, numbers: range) -> float:
    whole = [wire.message(_push(number), NOON) for number in numbers]
    begun = time.perf_counter()
    for start in range(0, len(whole), MAX_BATCH):
        answers = await messaging.send_each_async(whole[start : start + MAX_BATCH], app=app)
        assert answers.failure_count == 0
    return time.perf_counter() - begun


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


async def _delivered(sessions: Sessions, sender: PushSender, now: datetime) -> tuple[float, int]:
    begun = time.perf_counter()
    total = await deliver.drain(sessions, sender, SETTINGS, now)
    return time.perf_counter() - begun, total["sent"]


_PARTED = text("""
UPDATE delivery d SET due_at = CAST(:first AS timestamptz) + n.part * interval '1 minute'
FROM (SELECT id, ntile(:turns) OVER (ORDER BY id) - 1 AS part FROM delivery) n WHERE n.id = d.id
""")

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
