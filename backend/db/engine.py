"""Connections. Every process makes one engine; doors open sessions and are alone in committing them."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import event, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

Sessions = async_sessionmaker[AsyncSession]


def make_engine(url: str, *, pool_size: int = 10, application: str = "jobvej") -> AsyncEngine:
    """An engine on `postgresql+asyncpg://…`. Broken connections are noticed before use, so a restart is survived.

    The text of an error never holds what a statement was given: whoever logs it logs no personal data.
    """
    engine = create_async_engine(
        explicit_driver(url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_recycle=1800,
        hide_parameters=True,
        connect_args={
            "server_settings": {"application_name": application, "timezone": "UTC", "jit": "off"},
            "async_creator_fn": _connect,
        },
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


async def _connect(*where: Any, **options: Any) -> "asyncpg.Connection[Any]":
    """A server on a Unix socket that is down has no socket; to callers that is a refused connection like any other."""
    try:
        return await asyncpg.connect(*where, **options)
    except FileNotFoundError as error:
        raise ConnectionRefusedError(error.errno, error.strerror) from error


def _refuse_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """A connection that the server has closed is replaced. The driver knows it without a ping."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def explicit_driver(url: str) -> str:
    """Accept an address as people write it for other programs: postgres://, postgresql://, sslmode; name the driver."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            url = "postgresql+asyncpg://" + url.removeprefix(prefix)
    return re.sub(r"(?<=[?&])sslmode=", "ssl=", url)


def make_sessions(engine: AsyncEngine) -> Sessions:
    return async_sessionmaker(engine, expire_on_commit=False, autoflush=False)


@asynccontextmanager
async def transaction(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """One transaction of a door: commits at the end, rolls back when anything is raised."""
    async with sessions() as session, session.begin():
        yield session


async def each_statement_alone(session: AsyncSession) -> None:
    """For a request that only reads: no BEGIN and COMMIT around it, which are two of its round trips.

    Under READ COMMITTED each statement sees what is committed when it starts, with or without them. A session on a
    connection that is in a transaction already (a test's) is left as it is.
    """
    if isinstance(session.bind, AsyncEngine):
        await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})


async def raw(session: AsyncSession, *, reading: bool = False) -> "asyncpg.Connection[Any]":
    """The driver's own connection inside the session's transaction, for COPY, arrays and the queue.

    The adapter opens the transaction at the first statement only; without one, whatever ran on the raw connection
    would be committed by itself and survive a rollback. Hence the statement and the assertion. What only reads says so
    and may also run outside a transaction.
    """
    connection = await session.connection()
    found = (await connection.get_raw_connection()).driver_connection
    assert found is not None
    if not found.is_in_transaction() and not reading:
        await session.execute(text("SELECT 1"))
    assert reading or found.is_in_transaction()
    return found
