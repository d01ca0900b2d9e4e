"""What commands share: settings, the database (started when it must be), consoles, times as people type them."""

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import uvloop
from rich.console import Console
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from backend import clock, log
from backend.db import migrate
from backend.db.embedded import running
from backend.db.engine import Sessions, make_engine, make_sessions, transaction
from backend.settings import Settings, load
from backend.surveys import catalogue

T = TypeVar("T")
TERMINATED = 128 + signal.SIGTERM
# Times as typed; a slip of the keys outside of them has no ratings, and at the ends of the calendar no neighbours.
YEARS = range(2000, 2100)
out = Console()
err = Console(stderr=True)


class CliError(Exception):
    """One sentence for the person at the keyboard, with the exit code."""

    def __init__(self, message: str, exit_code: int = 2) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@dataclass(frozen=True)
class Database:
    """An open, migrated database and how to reach it."""

    url: str
    engine: AsyncEngine
    sessions: Sessions


def settings() -> Settings:
    """The settings of this process; sets up its logs."""
    found = load()
    log.configure(json=found.log_format == "json", level=found.log_level)
    return found


@contextlib.asynccontextmanager
async def server(settings: Settings) -> AsyncIterator[str]:
    """The URL of the database server: the one that is set, or the embedded one, started for as long as we need it."""
    if settings.database_url:
        yield settings.database_url
        return
    holder = running(settings.data)
    url = await asyncio.to_thread(holder.__enter__)
    try:
        yield url
    finally:
        await asyncio.to_thread(holder.__exit__, None, None, None)


@contextlib.asynccontextmanager
async def database(settings: Settings, *, pool_size: int = 10, application: str = "jobvej") -> AsyncIterator[Database]:
    """An open database at this program's schema: migrated by itself in development, only checked in production."""
    async with engine(settings, pool_size=pool_size, application=application) as (url, opened):
        if await migrate.pending(opened):
            if settings.production:
                raise CliError("The database is behind this version of the program. Run `jobvej migrate` first.")
            await migrate.upgrade(opened)
            await load_data(opened)
        yield Database(url, opened, make_sessions(opened))


async def load_data(opened: AsyncEngine) -> None:
    """What comes with this version of the program and lives in the database. Safe to repeat."""
    async with transaction(make_sessions(opened)) as session:
        await catalogue.load(session)


@contextlib.asynccontextmanager
async def engine(
    settings: Settings, *, pool_size: int = 10, application: str = "jobvej"
) -> AsyncIterator[tuple[str, AsyncEngine]]:
    """The server's URL and an engine on it, which has answered. The schema may be any."""
    async with server(settings) as url:
        try:
            opened = make_engine(url, pool_size=pool_size, application=application)
        except (ArgumentError, ValueError) as error:
            raise CliError("JOBVEJ_DATABASE_URL must look like postgresql://user:password@host/database.") from error
        try:
            await _answers(opened)
            yield url, opened
        finally:
            await opened.dispose()


async def _answers(opened: AsyncEngine) -> None:
    try:
        async with opened.connect():
            return
    except (DBAPIError, OSError, TypeError, ValueError) as error:
        raise CliError(f"The database cannot be reached: {_said(error)}. Is JOBVEJ_DATABASE_URL right?") from error


def _said(error: BaseException) -> str:
    """What the server or the system said, in its own words; of a connection they hold no secret."""
    found = error.orig.__cause__ or error.orig if isinstance(error, DBAPIError) and error.orig else error
    return str(found).splitlines()[0].rstrip(".") if str(found) else type(found).__name__


def run(main: Callable[[], Awaitable[T]]) -> T:
    """Run a command's coroutine on uvloop. SIGTERM ends it in order, so that nothing it started is left running."""

    async def call() -> T:
        task = asyncio.current_task()
        assert task
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await main()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            return runner.run(call())
        except asyncio.CancelledError:
            raise CliError("Stopped before it was done. Run it again; nothing is done twice.", TERMINATED) from None


def print_json(value: Any) -> None:
    """One JSON document on stdout, for machines."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


def moment(text: str | None) -> datetime:
    """A time as typed (`2026-11-18T06:00`, Copenhagen when without offset); now when none was typed."""
    if text is None:
        return clock.now()
    try:
        found = clock.parse_local(text)
    except ValueError:
        raise CliError(f"“{text}” is not a time. Write it like 2026-11-18T06:00.") from None
    if found.year not in YEARS:
        raise CliError(f"“{text}” is not of our time. Years from {YEARS.start} to {YEARS.stop - 1} are taken.")
    return found
