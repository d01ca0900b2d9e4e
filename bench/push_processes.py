"""Pushes by real worker processes, 1, 2 and 4 of them: how many a second, and how soon after they are due.

Two ways of being due: all at one instant, which tells the speed; and one after the other as a broadcast to the whole
fund is spread (ten minutes), which tells how late a push comes. Late is counted until it is recorded as sent.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import text

from backend import clock
from backend.db.engine import Sessions, transaction
from backend.notifications import sending, service
from backend.notifications.service import NewMessage

PROCESSES = (1, 2, 4)
AT_ONCE = 4000
STREAM_SECONDS = 20
SOON = timedelta(seconds=10)
STORED_AT_ONCE = 1000
WARM = timedelta(seconds=2)
LONGEST = timedelta(minutes=10)


async def measure(
    sessions: Sessions, members: Sequence[UUID], environment: Mapping[str, str], scale: int, folder: Path
) -> list[dict[str, object]]:
    """A row for each number of processes; `environment` says where the database and FCM are, `scale` is the fund."""
    rate = scale / sending.SPREAD.total_seconds()
    streamed = min(len(members), int(rate * STREAM_SECONDS))
    return [await _with(count, sessions, members, environment, (streamed, rate), folder) for count in PROCESSES]


async def _with(
    count: int,
    sessions: Sessions,
    members: Sequence[UUID],
    environment: Mapping[str, str],
    stream: tuple[int, float],
    folder: Path,
) -> dict[str, object]:
    streamed, rate = stream
    many = members[:AT_ONCE]
    async with _workers(count, sessions, environment, folder):
        took, soon = await _delivered(sessions, many, f"at-once-{count}", 0.0)
        _, in_stream = await _delivered(sessions, members[:streamed], f"stream-{count}", 1 / rate)
    return {
        "what": "due pushes sent by worker processes", "processes": count, "cores": len(os.sched_getaffinity(0)),
        "at_once": len(many), "per_s": round(len(many) / took), "at_once_within_10_s": soon,
        "spread_per_s": round(rate, 1), "spread_within_10_s": in_stream,
    }  # fmt: skip


@asynccontextmanager
async def _workers(count: int, sessions: Sessions, environment: Mapping[str, str], folder: Path) -> AsyncIterator[None]:
    """So many at work; stopped at the end."""
    with (folder / "workers.log").open("ab") as log:
        command = (sys.executable, "-m", "backend.cli", "worker")
        started = [
            await asyncio.create_subprocess_exec(*command, env=os.environ | environment, stderr=log)
            for _ in range(count)
        ]
        try:
            while await _ask(sessions, _AT_WORK) < count:
                assert all(process.returncode is None for process in started), "a worker ended by itself"
                await asyncio.sleep(0.1)
            yield
        finally:
            for process in started:
                if process.returncode is None:
                    process.terminate()
            await asyncio.gather(*[process.wait() for process in started])


async def _delivered(sessions: Sessions, members: Sequence[UUID], period: str, step: float) -> tuple[float, float]:
    """Seconds from the first being due to the last being sent, and the share sent SOON; one due every `step` seconds.

    Stored beforehand, a year ahead as it were: nobody claims them yet.
    """
    for start in range(0, len(members), STORED_AT_ONCE):
        some = [
            NewMessage(member, "N31", period, {"name": "Anne"}) for member in members[start : start + STORED_AT_ONCE]
        ]
        async with transaction(sessions) as session:
            await service.send(session, some, now=clock.now())
            await session.execute(_LATER, {"period": period})
    begin = clock.now() + WARM
    async with transaction(sessions) as session:
        await session.execute(_DUE, {"period": period, "begin": begin, "step": timedelta(seconds=step)})
    await _drained(sessions)
    return await _timed(sessions, period, begin, len(members))


async def _drained(sessions: Sessions) -> None:
    give_up = clock.now() + LONGEST
    while await _ask(sessions, "SELECT count(*) FROM delivery"):
        assert clock.now() < give_up, "the workers never came to an end"
        await asyncio.sleep(0.2)


async def _timed(sessions: Sessions, period: str, begin: datetime, size: int) -> tuple[float, float]:
    async with transaction(sessions) as session:
        row = (await session.execute(_SOON, {"period": period, "soon": SOON})).one()
        await session.execute(text("DELETE FROM push_slot"))  # the next ones come on another day, as it were
    assert row.sent == size, f"{row.sent} of {size} were sent"
    return (row.last - begin).total_seconds(), round(row.soon / size, 4)


async def _ask(sessions: Sessions, query: str) -> int:
    async with sessions() as session:
        return int(await session.scalar(text(query)) or 0)


_AT_WORK = """
SELECT count(*) FROM pg_stat_activity WHERE application_name = 'jobvej-queue' AND datname = current_database()
"""
# An error code, so that quiet hours that are off do not let them go before they are due.
_LATER = text("""
UPDATE delivery d SET due_at = d.created_at + interval '1 hour', last_error = 'BENCH'
FROM message m WHERE m.id = d.message_id AND m.period = :period
""")
_DUE = text("""
UPDATE delivery d SET due_at = CAST(:begin AS timestamptz) + n.number * CAST(:step AS interval)
FROM (
    SELECT d.id, row_number() OVER (ORDER BY d.id) - 1 AS number
    FROM delivery d JOIN message m ON m.id = d.message_id WHERE m.period = :period
) n WHERE n.id = d.id
""")
_SOON = text("""
SELECT count(*) AS sent, max(f.finished_at) AS last, count(*) FILTER (WHERE f.finished_at - f.due_at <= :soon) AS soon
FROM delivery_done f JOIN message m ON m.id = f.message_id WHERE m.period = :period AND f.state = 'sent'
""")
