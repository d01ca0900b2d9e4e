"""The program's own PostgreSQL: started by the first process that needs it, shared, stopped by the last.

Two locks, both released by the kernel when their holder dies. `lock` is held, alone, while somebody decides to start or
stop. `users` is shared by everybody who needs the server; who can have it alone is the last one. No process number is
ever believed: see embedded_server.process. Why it is done so: docs/decisions/.
"""

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from backend import log
from backend.db import embedded_binaries, embedded_config, embedded_home, embedded_locks, embedded_server
from backend.db.embedded_account import EmbeddedError
from backend.db.embedded_server import Server

__all__ = ["EmbeddedError", "process", "restart", "running", "stop_unused"]

WATCH_SECONDS = 1.0


@contextmanager
def running(
    data: Path,
    *,
    settings: Mapping[str, str] | None = None,
    binaries: Sequence[Path] | None = None,
    shared: Path = embedded_home.SHARED,
) -> Iterator[str]:
    """Have the server of a data folder run; yields the URL of the database `jobvej`, whose user is a superuser.

    The server is started if nobody runs it and stopped if nobody else needs it any more; while in use, one that dies
    is started again. `settings` are settings of the server, such as {"fsync": "off"}, and count only for the one who
    starts it. `binaries` are folders to look for PostgreSQL in, `shared` is where root keeps what the server cannot
    reach in place. Raises EmbeddedError, in words for the person who started the program. A door that ends by SIGTERM
    must turn it into an exception, or the server waits for the next user to stop it.
    """
    with _told(data):
        server = _find(data, binaries, shared)
        users = _join(server, settings or {})
    me = os.getpid()
    try:
        with _watched(server):
            yield _url(server)
    finally:
        if os.getpid() == me:  # a forked child that leaves this way holds no place of its own
            _leave(server, users)


def restart(
    data: Path, mode: str = "fast", *, binaries: Sequence[Path] | None = None, shared: Path = embedded_home.SHARED
) -> None:
    """Stop a server in use, `fast` (clean) or `immediate` (as in a crash), and start it again; its URL stays valid."""
    with _told(data):
        server = _find(data, binaries, shared)
        with embedded_locks.exclusive(server.home.lock):
            embedded_server.stop(server, mode)
            embedded_server.start(server)


def stop_unused(data: Path, *, binaries: Sequence[Path] | None = None, shared: Path = embedded_home.SHARED) -> None:
    """Stop a server whose last user was killed before it could; one that somebody needs is left alone."""
    with _told(data):
        server = _find(data, binaries, shared)
        with embedded_locks.exclusive(server.home.lock):
            _give_up_place(server, embedded_locks.share(server.home.users))


def process(data: Path, *, shared: Path = embedded_home.SHARED) -> int | None:
    """The process number of the data folder's running server, None when it does not run."""
    return embedded_server.process(embedded_home.find(data, shared))


def _find(data: Path, binaries: Sequence[Path] | None, shared: Path) -> Server:
    home = embedded_home.find(data, shared)
    among = embedded_binaries.folders() if binaries is None else binaries
    return Server(home, embedded_binaries.choose(among, home, shared))


def _join(server: Server, settings: Mapping[str, str]) -> int:
    """Take a place among the users of a server that runs. Returns the place's handle."""
    with embedded_locks.exclusive(server.home.lock):
        users = embedded_locks.share(server.home.users)
        try:
            _ensure(server, settings)
        except BaseException:
            _give_up_place(server, users)
            raise
        return users


def _ensure(server: Server, settings: Mapping[str, str]) -> None:
    if not embedded_server.is_up(server):
        _start(server, settings)
    if embedded_server.query(server, _HAS_DATABASE) != "1":
        embedded_server.query(server, f"CREATE DATABASE {embedded_config.DATABASE}")


_HAS_DATABASE = f"SELECT 1 FROM pg_database WHERE datname = '{embedded_config.DATABASE}'"  # noqa: S608


def _start(server: Server, settings: Mapping[str, str]) -> None:
    if not server.home.cluster.exists():
        embedded_server.create(server, settings)
    embedded_config.write(server.home, settings)
    embedded_config.trim_logs(server.home)
    embedded_server.start(server)


def _leave(server: Server, users: int) -> None:
    try:
        with embedded_locks.exclusive(server.home.lock):
            _give_up_place(server, users)
    except OSError as error:
        raise EmbeddedError(f"The embedded database was not stopped: {error.strerror}.") from error


def _give_up_place(server: Server, users: int) -> None:
    try:
        if embedded_locks.is_last(users):
            embedded_server.stop(server)
            embedded_home.forget_socket_folder(server.home)
    finally:
        os.close(users)


@contextmanager
def _watched(server: Server) -> Iterator[None]:
    done = threading.Event()
    watch = threading.Thread(target=_watch, args=(server, done), name="embedded-postgresql", daemon=True)
    watch.start()
    try:
        yield
    finally:
        done.set()
        watch.join()


def _watch(server: Server, done: threading.Event) -> None:
    """Start the server again when it died under its users. One of them does it; the others find it done."""
    while not done.wait(WATCH_SECONDS):
        if embedded_server.process(server.home) is None:
            try:
                _revive(server)
            except (EmbeddedError, OSError):
                log.get("db").exception("embedded_database_not_restarted")


def _revive(server: Server) -> None:
    with embedded_locks.exclusive(server.home.lock):
        if not embedded_server.is_up(server):
            log.get("db").warning("embedded_database_restarted")
            embedded_server.start(server)


def _url(server: Server) -> str:
    folder = embedded_home.socket_folder(server.home)
    where = f"host={folder}&port={embedded_home.PORT}"
    return f"postgresql+asyncpg://{embedded_config.SUPERUSER}@/{embedded_config.DATABASE}?{where}"


@contextmanager
def _told(data: Path) -> Iterator[None]:
    """Turn what the operating system refuses into a sentence."""
    try:
        yield
    except OSError as error:
        where = error.filename or data
        raise EmbeddedError(f"The embedded database cannot use {os.fsdecode(where)}: {error.strerror}.") from error
