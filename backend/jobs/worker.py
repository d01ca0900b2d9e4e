"""A worker: takes batches from the queue and delivers what is due, until it is told to stop."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Job as Queued
from pgqueuer.qm import QueueManager
from pgqueuer.queries import Queries
from sqlalchemy.ext.asyncio import AsyncEngine

from backend import log
from backend.db.engine import Sessions
from backend.jobs import batches, deliver, queue
from backend.settings import Settings

_log = log.get("jobs")

# The queue has no NOTIFY trigger, which would put all commits in one line: workers ask once a second.
POLL = timedelta(seconds=1)
# One batch computes while another waits for the database.
AT_ONCE = 2
LONGEST_WAIT = 30.0
# How a connection that is going away shows itself; the last between the server's farewell and the end of the line.
LOST = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


async def run(stop: asyncio.Event, sessions: Sessions, settings: Settings) -> None:
    """Work until `stop` is set; batches under way are finished first."""
    parts = [
        asyncio.create_task(_take_batches(stop, sessions, settings)),
        asyncio.create_task(deliver.run(stop, sessions, settings)),
    ]
    await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    await asyncio.gather(*parts)


async def _take_batches(stop: asyncio.Event, sessions: Sessions, settings: Settings) -> None:
    """Hold the queue; when the database goes away, come back as often as it takes."""
    wait = 0.5
    while not stop.is_set():
        try:
            async with _connection(sessions) as connection:
                wait = 0.5
                await _manage(stop, connection, sessions, settings)
        except (
            OSError,
            TimeoutError,
            asyncpg.PostgresError,
            asyncpg.InterfaceError,
            asyncpg.InternalClientError,
        ) as error:
            _log.warning("worker.queue_lost", error=type(error).__name__, again_in=wait)
            await _pause(stop, wait)
            wait = min(wait * 2, LONGEST_WAIT)


@contextlib.asynccontextmanager
async def _connection(sessions: Sessions) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """A connection of the queue's own: it is held for as long as the worker lives, and commits each statement."""
    engine = sessions.kw["bind"]
    assert isinstance(engine, AsyncEngine)
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(url, timeout=10, server_settings={"application_name": "jobvej-queue"})
    try:
        yield connection
    finally:
        connection.terminate()


async def _manage(
    stop: asyncio.Event, connection: "asyncpg.Connection[Any]", sessions: Sessions, settings: Settings
) -> None:
    manager = QueueManager(Queries(AsyncpgDriver(connection)))

    @manager.entrypoint(queue.ENTRYPOINT, on_failure="hold")
    async def batch(queued: Queued) -> None:
        await _perform(*queue.decode(queued.payload), sessions, settings)

    ending = asyncio.create_task(_shut_down(stop, manager))
    try:
        await manager.run(
            dequeue_timeout=POLL,
            batch_size=AT_ONCE // 2,
            max_concurrent_tasks=AT_ONCE,
            # A worker not heard of for so long has died, and its batches go to others.
            heartbeat_timeout=timedelta(seconds=settings.worker_heartbeat),
            log_aggregation_interval=timedelta(0),
        )
    finally:
        ending.cancel()


async def _perform(run_id: UUID, number: int, sessions: Sessions, settings: Settings) -> None:
    """A batch that is done, or that another holds, is let go; one that failed comes back after its wait."""
    try:
        await batches.perform(sessions, run_id, number, settings)
    except batches.BatchFailedError as failed:
        raise RetryRequested(timedelta(seconds=failed.again_in), failed.code) from None


async def _shut_down(stop: asyncio.Event, manager: QueueManager) -> None:
    await stop.wait()
    manager.shutdown.set()


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
