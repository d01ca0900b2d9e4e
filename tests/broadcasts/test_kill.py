"""A worker killed with -9 in the middle of a range: the next one finishes it, and every member has one message."""

import asyncio
import signal
import subprocess
import sys

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.broadcasts import sending
from backend.db.engine import Sessions, transaction
from backend.jobs import send_broadcasts
from backend.jobs.job import Moment
from backend.settings import Settings
from tests.broadcasts.factories import NOON, approved, members
from tests.notifications.factories import rows

pytestmark = [pytest.mark.db, pytest.mark.e2e]
# Stores ranges of five as the job does, and dies in the second, after its rows and before their commit.
DIES = """
import asyncio, os, signal, sys
from datetime import datetime
import backend.schema
from backend.broadcasts import sending
from backend.db.engine import make_engine, make_sessions, transaction

async def main():
    sessions, now = make_sessions(make_engine(sys.argv[1])), datetime.fromisoformat(sys.argv[2])
    sending.RANGE = 5
    async with transaction(sessions) as session:
        assert await sending.advance(session, now=now) == 1
    async with transaction(sessions) as session:
        assert (await sending.store_range(session, now=now)).stored == 5
    async with transaction(sessions) as session:
        assert (await sending.store_range(session, now=now)).stored == 5
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def counted(session: AsyncSession) -> dict[str, int]:
    return {table: len(await rows(session, table)) for table in ("message", "inbox_entry", "delivery")}


async def test_nothing_is_lost_and_nothing_doubled(fresh_sessions: Sessions, fresh_database: str) -> None:
    async with transaction(fresh_sessions) as session:
        ids = await members(session, 17)
        await approved(session)
    killed = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", DIES, fresh_database, NOON.isoformat()], check=False
    )
    assert killed.returncode == -signal.SIGKILL
    async with transaction(fresh_sessions) as session:
        assert await counted(session) == dict.fromkeys(("message", "inbox_entry", "delivery"), 5)
        assert await sending.under_way(session) == 1
    moment = Moment(NOON, NOON, timely=True)
    counts = await send_broadcasts.outside(fresh_sessions, moment=moment, settings=Settings())
    assert counts["messages"] == 12
    async with transaction(fresh_sessions) as session:
        assert await counted(session) == dict.fromkeys(("message", "inbox_entry", "delivery"), 17)
        assert {row["member_id"] for row in await rows(session, "message")} == set(ids)
