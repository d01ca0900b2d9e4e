"""`jobvej api`, `jobvej worker`, `jobvej clock`: one process each, as many of each as wanted on one database."""

import asyncio
import os
import signal
import threading
from collections.abc import Awaitable, Callable

import typer

from backend.api import builtin_identity
from backend.cli.common import database, run, settings
from backend.db import embedded
from backend.db.engine import Sessions
from backend.jobs import clock as clock_job
from backend.jobs import watch
from backend.jobs import worker as worker_job
from backend.settings import Settings

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
    from backend.cli import server  # all routes and pages: a second that workers and clocks need not wait for

    found = settings()
    async with database(found, application="jobvej-api") as opened:
        if not found.oidc_issuer and not os.environ.get(SUPERVISED):
            builtin_identity.serve_in_thread(found)
        async with watch.beside(opened.sessions, found):
            await server.serve_app(found, opened.sessions)


async def _loop(name: str, loop: Loop) -> None:
    found = settings()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with database(found, application=f"jobvej-{name}") as opened, watch.beside(opened.sessions, found):
        await loop(stop, opened.sessions, found)
