"""One server process: make its database folder, start it, ask it, stop it. Callers hold the home's lock."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from backend.db import embedded_account, embedded_config, embedded_home
from backend.db.embedded_account import EmbeddedError
from backend.db.embedded_binaries import Binaries
from backend.db.embedded_home import Home

START_SECONDS = 300.0  # recovery after a crash under load takes its time
LEFTOVER_SECONDS = 20.0
STOP_SECONDS = 60.0
STILL_IN_USE = "is still in use"
TELLING = re.compile(r"^.*?\b(FATAL|PANIC|ERROR|error): +", re.MULTILINE)
STOP_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
# Servers started by this process: polled, so that a dead one does not stay behind as a zombie.
_children: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True, slots=True)
class Server:
    """A home and the binaries that serve it."""

    home: Home
    binaries: Binaries


def create(server: Server, settings: Mapping[str, str]) -> None:
    """initdb beside the final place and a rename: a killed one leaves nothing that looks like a database."""
    home = server.home
    new = Path(tempfile.mkdtemp(prefix="making-", dir=home.path))
    embedded_account.give(home.account, new)
    try:
        result = embedded_account.run(home.account, embedded_config.initdb(server.binaries, new, settings))
        if result.returncode != 0:
            raise EmbeddedError(f"The database could not be made in {home.path}: {_reason(result.stderr)}")
        new.rename(home.cluster)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _clear_left_overs(home: Home) -> None:
    """Of a start killed while initdb worked. At each start: that initdb may have written on during the next."""
    for left_over in home.path.glob("making-*"):
        shutil.rmtree(left_over, ignore_errors=True)


def start(server: Server) -> None:
    """Start the server and wait until it answers. Raises EmbeddedError with the server's own last words."""
    _clear_left_overs(server.home)
    give_up = time.monotonic() + LEFTOVER_SECONDS
    while not _starts(server):
        if STILL_IN_USE not in _first_words(server.home) or time.monotonic() > give_up:
            raise EmbeddedError(f"The embedded database did not start: {_last_words(server.home)}")
        _end_leftovers(server.home)
        time.sleep(0.1)


def is_up(server: Server) -> bool:
    """Whether a server runs; one that is coming up or going down is waited for."""
    if process(server.home) is None:
        return False
    if _comes_up(server, None):
        return True
    if process(server.home) is not None:
        raise EmbeddedError(f"The embedded database runs but does not answer. Its log: {server.home.log}")
    return False


def stop(server: Server, mode: str = "fast") -> None:
    """Stop the server if it runs, and see it gone; one that will not go is ended as in a crash, which loses nothing."""
    for how, seconds in ((mode, STOP_SECONDS), ("immediate", STOP_SECONDS)):
        pid = process(server.home)
        if pid is None:
            break
        with suppress(ProcessLookupError):
            os.kill(pid, STOP_SIGNALS[how])
        if _goes(server.home, seconds):
            break
    else:
        raise EmbeddedError(f"The embedded database did not stop. Its log: {server.home.log}")
    _reap()


def process(home: Home) -> int | None:
    """The process number of the running server. A number left by a dead server, or now another program's, is none."""
    pid = _recorded(home)
    return pid if pid is not None and _is_server(pid, home.cluster) else None


def answers(server: Server) -> bool:
    """Whether a real connection reaches the server of this very database folder."""
    if process(server.home) is None:
        return False
    try:
        return query(server, "SHOW data_directory") == str(server.home.cluster)
    except EmbeddedError:
        return False


def query(server: Server, sql: str, database: str = "postgres") -> str:
    """The one value of a query, by psql, so that any process can ask, with or without an event loop."""
    folder = embedded_home.socket_folder(server.home)
    if folder is None:
        raise EmbeddedError("The embedded database has no socket.")
    target: list[str | Path] = [
        "-h",
        folder,
        "-p",
        str(embedded_home.PORT),
        "-U",
        embedded_config.SUPERUSER,
        "-d",
        database,
    ]
    command = [server.binaries.folder / "psql", "-XqAtw", *target, "-c", sql]
    result = embedded_account.run(embedded_account.by_uid(os.geteuid()), command)
    if result.returncode != 0:
        raise EmbeddedError(f"The embedded database refused: {_reason(result.stderr)}")
    return result.stdout.rstrip("\n")


def _starts(server: Server) -> bool:
    child = _launch(server)
    try:
        return _comes_up(server, child)
    except BaseException:  # Ctrl-C while it starts: leave nothing running
        child.send_signal(STOP_SIGNALS["fast"])
        child.wait()
        raise


def _launch(server: Server) -> subprocess.Popen[bytes]:
    home = server.home
    socket = embedded_home.prepare_socket_folder(home)
    embedded_home.give_folder(home, home.log)
    log = home.path / "start.log"
    log.unlink(missing_ok=True)
    with log.open("wb") as said:
        child = subprocess.Popen(  # noqa: S603 - our own binaries, no shell
            [server.binaries.folder / "postgres", "-D", home.cluster, "-k", socket],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env=embedded_account.ENVIRONMENT | _disowned(home),
            cwd="/",
            umask=0o077,
            start_new_session=True,  # Ctrl-C is for us; the server is stopped when its last user is done
            **embedded_account.identity(home.account),
        )
    _reap()
    _children.append(child)
    return child


def _disowned(home: Home) -> dict[str, str]:
    """Tell PostgreSQL that the number in a stale postmaster.pid is no server.

    It refuses to start where that number is in use, by a zombie or by a stranger after a reboot. This is the variable
    by which pg_ctl has one number passed over; PostgreSQL's other check, for shared memory in use, stays.
    """
    pid = _recorded(home)
    return {} if pid is None else {"PG_GRANDPARENT_PID": str(pid)}


def _comes_up(server: Server, child: subprocess.Popen[bytes] | None) -> bool:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        if answers(server):
            return True
        if (child is None or child.poll() is not None) and process(server.home) is None:
            return False
        time.sleep(0.03)
    return False


def _goes(home: Home, seconds: float) -> bool:
    give_up = time.monotonic() + seconds
    while process(home) is not None:
        if time.monotonic() > give_up:
            return False
        time.sleep(0.02)
    return True


def _recorded(home: Home) -> int | None:
    try:
        return int((home.cluster / "postmaster.pid").read_text(errors="replace").split("\n")[0])
    except (FileNotFoundError, ValueError):
        return None


def _is_server(pid: int, cluster: Path) -> bool:
    """By the command line, which every user may read (a zombie's is empty), even root without the right to trace."""
    words = _command_line(pid).split(b"\0")
    return words[0].endswith(b"/postgres") and os.fsencode(cluster) in words


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _end_leftovers(home: Home) -> None:
    """End backends that outlived their killed server in a long computation; they hold its shared memory."""
    title = f"postgres: {home.tag}: ".encode()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and _command_line(int(entry.name)).startswith(title):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(int(entry.name), signal.SIGQUIT)


def _reap() -> None:
    _children[:] = [child for child in _children if child.poll() is None]


def _first_words(home: Home) -> str:
    """What the server wrote before it had a log."""
    return (home.path / "start.log").read_text(errors="replace")


def _last_words(home: Home) -> str:
    """Why the server ended, and the file that tells more: what it wrote before it had a log, else its newest log."""
    logs = sorted(home.log.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in (home.path / "start.log", *logs):
        text = path.read_text(errors="replace")[-4000:]
        if TELLING.search(text):
            return f"{_reason(text)} ({path})"
    return f"it gave no reason ({home.path / 'start.log'})"


def _reason(text: str) -> str:
    """What a program wrote last that says why it failed."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if TELLING.search(line)]
    return TELLING.sub("", (telling or lines or ["it gave no reason"])[-1])
