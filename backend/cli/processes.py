"""`jobvej api`, `jobvej worker`, `jobvej clock`: one process each, as many of each as wanted on one database."""

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

import typer
import uvicorn
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import asgi, builtin_identity
from backend.cli.common import CliError, database, run, settings
from backend.db import embedded
from backend.db.engine import Sessions
from backend.jobs import clock as clock_job
from backend.jobs import ledger, standing, watch
from backend.jobs import worker as worker_job
from backend.jobs.schedule import TIMETABLE
from backend.jobs.standing import Standing
from backend.settings import Settings
from backend.web.app import Both, create_web

# The supervisor holds the other end of our stdin; when it dies, however it dies, we stop too.
SUPERVISED, WITH_EMBEDDED = "JOBVEJ_SUPERVISED", "embedded"
Loop = Callable[[asyncio.Event, Sessions, Settings], Awaitable[None]]


def register(app: typer.Typer) -> None:
    @app.command()
    def api() -> None:
        """Serve the API. Several may share one port; each stops cleanly on SIGTERM."""
        _under_supervisor(_api)

    @app.command()
    def worker() -> None:
        """Work off jobs and send what is due. As many as wanted."""
        _under_supervisor(lambda: _loop("worker", worker_job.run))

    @app.command()
    def clock() -> None:
        """Start jobs by the timetable. As many as wanted; each run starts once."""
        _under_supervisor(lambda: _loop("clock", clock_job.run))


def _under_supervisor(main: Callable[[], Awaitable[None]]) -> None:
    """Run, and end when the supervisor does. What it can no longer stop, the embedded database, its children stop."""
    alone = threading.Event()
    if os.environ.get(SUPERVISED):
        threading.Thread(target=_watch_stdin, args=(alone,), daemon=True).start()
    try:
        run(main)
    finally:
        if alone.is_set() and os.environ[SUPERVISED] == WITH_EMBEDDED:
            embedded.stop_unused(settings().data)


def _watch_stdin(alone: threading.Event) -> None:
    # The descriptor itself: a buffered reader would hold its lock when the interpreter ends.
    while os.read(0, 1024):
        pass
    alone.set()
    os.kill(os.getpid(), signal.SIGTERM)


async def _api() -> None:
    found = settings()
    async with database(found, application="jobvej-api") as opened:
        if not found.oidc_issuer and not os.environ.get(SUPERVISED):
            builtin_identity.serve_in_thread(found)
        async with watch.beside(opened.sessions, found):
            await serve_app(found, opened.sessions)


def _application(found: Settings, sessions: Sessions) -> Both:
    api = asgi.build(found, sessions, _overdue, _jobs)
    return Both(api, create_web(found, sessions, api))


async def _overdue(session: AsyncSession, now: datetime) -> Mapping[str, timedelta]:
    return await ledger.overdue(session, TIMETABLE, now)


async def _jobs(session: AsyncSession, now: datetime) -> Sequence[Standing]:
    return await standing.of(session, TIMETABLE, now=now)


async def serve_app(found: Settings, sessions: Sessions) -> None:
    """Serve the API on the set host and port until SIGTERM or SIGINT; requests under way are finished."""
    server = _Server(
        uvicorn.Config(
            _application(found, sessions),
            log_config=None,
            access_log=False,
            loop="none",
            http="httptools",
            ws="none",
            lifespan="on",
            server_header=False,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=20,
            backlog=2048,
        )
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, server.stop)
    await server.serve(sockets=[shared_socket(found.host, found.port)])


class _Server(uvicorn.Server):
    """Leaves signals to us: uvicorn raises them again once it has stopped, which would end us as if killed."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self) -> None:
        self.should_exit = True


async def _loop(name: str, loop: Loop) -> None:
    found = settings()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with database(found, application=f"jobvej-{name}") as opened, watch.beside(opened.sessions, found):
        await loop(stop, opened.sessions, found)


def shared_socket(host: str, port: int) -> socket.socket:
    """A listening socket that several API processes may bind at once; the kernel spreads the connections."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "SO_REUSEPORT"):
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise CliError(
            f"Port {port} on {host} cannot be used ({error.strerror}). Set JOBVEJ_PORT to another."
        ) from None
    return bound
