"""What long runs stand on: a server that may be crashed, databases on it, FCM in a process of its own."""

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text

from backend.db import embedded, migrate
from backend.db.engine import Sessions, make_engine, make_sessions
from tests.e2e.house import PROJECT


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that the server's own account can reach, which pytest's are not."""
    with tempfile.TemporaryDirectory(prefix="jobvej-run-") as made:
        Path(made).chmod(0o711)
        yield Path(made)


def server(data: Path, **settings: str) -> AbstractContextManager[str]:
    """A server of the run's own. A crash of the server alone loses nothing that was written, so no fsync."""
    return embedded.running(data, settings={"fsync": "off", "full_page_writes": "off"} | settings)


def beside(url: str, name: str) -> str:
    """The address of another database on the same server."""
    base, _, query = url.partition("?")
    return f"{base.rsplit('/', 1)[0]}/{name}?{query}"


@asynccontextmanager
async def database(url: str, *, application: str) -> AsyncIterator[Sessions]:
    """A migrated database, made when it is another than the server's own."""
    name = url.partition("?")[0].rsplit("/", 1)[1]
    if name != "jobvej":
        admin = make_engine(beside(url, "jobvej")).execution_options(isolation_level="AUTOCOMMIT")
        async with admin.connect() as connection:
            await connection.execute(text(f"CREATE DATABASE {name}"))
        await admin.dispose()
    engine = make_engine(url, application=application)
    await migrate.upgrade(engine)
    yield make_sessions(engine)
    await engine.dispose()


@asynccontextmanager
async def stand_in(folder: Path, faults: Mapping[str, Any]) -> AsyncIterator[dict[str, str]]:
    """FCM in a process of its own, with such faults; yields its `url` and `credentials`."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.standins.fcm", "--credentials", str(folder / "service-account.json")),
        *("--faults", json.dumps(faults)),
        cwd=PROJECT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    try:
        yield json.loads(await process.stdout.readline())
    finally:
        process.terminate()
        await process.wait()


async def counts(url: str) -> dict[str, Any]:
    """What came to the stand-in."""
    async with httpx.AsyncClient() as client:
        return dict((await client.get(f"{url}/counts")).json())
