"""The API and the pages on one port, until the process is told to stop."""

import asyncio
import signal
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

import uvicorn
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import asgi
from backend.cli.common import CliError
from backend.db.engine import Sessions
from backend.jobs import ledger, standing
from backend.jobs.schedule import TIMETABLE
from backend.jobs.standing import Standing
from backend.settings import Settings
from backend.web.app import Both, create_web


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
