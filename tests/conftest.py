"""A database per test worker, built by the real migrations; every test in a transaction that is rolled back."""

import contextlib
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import hypothesis
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from backend.db import migrate
from backend.db.embedded import running
from backend.db.engine import Sessions, make_engine, make_sessions

hypothesis.settings.register_profile("fixed", derandomize=True, deadline=None, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A real PostgreSQL: the one of JOBVEJ_TEST_DATABASE_URL, else the embedded one, shared by all test workers."""
    given = os.environ.get("JOBVEJ_TEST_DATABASE_URL")
    if given:
        yield given
        return
    root = Path(tempfile.gettempdir()) / f"jobvej-tests-{os.getuid()}"
    with running(root, settings={"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}) as url:
        yield url


async def _admin(server_url: str, *statements: str) -> None:
    connection = await asyncpg.connect(server_url.replace("+asyncpg", ""))
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
async def migrated(server_url: str) -> AsyncIterator[str]:
    """The name of a database that the migrations built, which this worker's other databases are copies of."""
    name = f"migrated_{os.getpid()}"
    await _admin(server_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"')
    engine = make_engine(_with_database(server_url, name))
    await migrate.upgrade(engine)
    await engine.dispose()
    yield name
    await _admin(server_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextlib.asynccontextmanager
async def copied(server_url: str, migrated: str) -> AsyncIterator[str]:
    """The URL of a migrated, empty database, dropped at the end."""
    name = f"copy_{os.getpid()}_{os.urandom(4).hex()}"
    await _admin(server_url, f'CREATE DATABASE "{name}" TEMPLATE "{migrated}"')
    yield _with_database(server_url, name)
    await _admin(server_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
async def database_url(server_url: str, migrated: str) -> AsyncIterator[str]:
    """A migrated database of this worker's own."""
    async with copied(server_url, migrated) as url:
        yield url


def _with_database(url: str, name: str) -> str:
    base, _, query = url.partition("?")
    return base.rsplit("/", 1)[0] + f"/{name}" + (f"?{query}" if query else "")


@pytest.fixture(scope="session")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(database_url)
    yield engine
    await engine.dispose()


@pytest.fixture
async def sessions(engine: AsyncEngine) -> AsyncIterator[Sessions]:
    """Sessions that all share one connection and one outer transaction: what a test commits is undone at its end."""
    async with engine.connect() as connection:
        outer = await connection.begin()
        yield async_sessionmaker(
            bind=connection, expire_on_commit=False, autoflush=False, join_transaction_mode="create_savepoint"
        )
        if outer.is_active:
            await outer.rollback()


@pytest.fixture
async def session(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


@pytest.fixture
async def fresh_database(server_url: str, migrated: str) -> AsyncIterator[str]:
    """An empty, migrated database of this test alone, for tests with several connections or processes."""
    async with copied(server_url, migrated) as url:
        yield url


@pytest.fixture
async def fresh_sessions(fresh_database: str) -> AsyncIterator[Sessions]:
    engine = make_engine(fresh_database)
    yield make_sessions(engine)
    await engine.dispose()
