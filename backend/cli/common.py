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
from sqlalchemy.ext.asyncio import AsyncEngine

from backend import clock, log
from backend.db import migrate
from backend.db.embedded import running
from backend.db.engine import Sessions, make_engine, make_sessions
from backend.settings import Settings, load

T = TypeVar("T")
TERMINATED = 128 + signal.SIGTERM
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
    async with server(settings) as url:
        engine = make_engine(url, pool_size=pool_size, application=application)
        try:
            await _ready(engine, settings)
            yield Database(url, engine, make_sessions(engine))
        finally:
            await engine.dispose()


async def _ready(engine: AsyncEngine, settings: Settings) -> None:
    try:
        behind = await migrate.pending(engine)
    except Exception as error:
        raise CliError(
            f"The database cannot be reached ({type(error).__name__}). Is JOBVEJ_DATABASE_URL right?"
        ) from error
    if not behind:
        return
    if settings.production:
        raise CliError("The database is behind this version of the program. Run `jobvej migrate` first.")
    await migrate.upgrade(engine)


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
        return clock.parse_local(text)
    except ValueError:
        raise CliError(f"“{text}” is not a time. Write it like 2026-11-18T06:00.") from None
