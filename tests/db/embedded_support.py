"""What the tests of the embedded server share: folders that any account can reach, and users in other processes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import asyncpg

from backend.db import embedded
from backend.settings import PROJECT

T = TypeVar("T")
SETTINGS = {"fsync": "off", "shared_buffers": "16MB", "max_connections": "30"}
USER = """
import json, os, sys
from pathlib import Path
from backend.db import embedded
{before}
try:
    with embedded.running(Path(sys.argv[1]), settings=json.loads(sys.argv[2])) as url:
        print(url, flush=True)
        {inside}
        sys.stdin.readline()
except KeyboardInterrupt:
    sys.exit(130)
"""


class User:
    """Another process that uses the server until it is told to leave."""

    def __init__(self, data: Path, *, before: str = "", inside: str = "pass") -> None:
        script = USER.format(before=before, inside=inside)
        self.process = subprocess.Popen(
            [sys.executable, "-c", script, str(data), json.dumps(SETTINGS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=PROJECT,
            text=True,
            start_new_session=True,
        )

    def url(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def leave(self) -> int:
        self.process.communicate("\n", timeout=30)
        return self.process.returncode

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=30)

    def interrupt_group(self) -> int:
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.communicate(timeout=30)
        return self.process.returncode


@contextmanager
def user(data: Path, *, before: str = "", inside: str = "pass") -> Iterator[User]:
    someone = User(data, before=before, inside=inside)
    try:
        yield someone
    finally:
        if someone.process.poll() is None:
            someone.kill()


async def fetch(url: str, sql: str, *arguments: object) -> object:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return await connection.fetchval(sql, *arguments)
    finally:
        await connection.close()


def until(probe: Callable[[], T], seconds: float = 20.0) -> T:
    """Ask again until the answer is true."""
    give_up = time.monotonic() + seconds
    while not (answer := probe()):
        assert time.monotonic() < give_up, "it did not happen in time"
        time.sleep(0.02)
    return answer


def kill_server(data: Path) -> None:
    pid = embedded.process(data)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until(lambda: embedded.process(data) != pid)


def end_server(data: Path) -> None:
    """Leave nothing behind, whatever a test did."""
    with suppress(embedded.EmbeddedError):
        pid = embedded.process(data)
        if pid is not None:
            os.kill(pid, signal.SIGQUIT)
            until(lambda: embedded.process(data) is None)


def enter(data: Path, **options: Any) -> None:
    with embedded.running(data, **options):
        pass


def owner(data: Path) -> int:
    return Path(f"/proc/{embedded.process(data)}").stat().st_uid


def works(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except FileNotFoundError:
        return False


def copy(cluster: Path, to: Path) -> None:
    """Copy a database folder with its owners."""
    subprocess.run(["cp", "-a", cluster, to], check=True)
