"""`jobvej serve` as a whole: one command starts everything, and nothing outlives it, however it ends."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.db import embedded
from tests.e2e.house import PROJECT

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("serve")]


@pytest.fixture
def data() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="jv-", dir="/tmp"))
    place.chmod(0o755)
    yield place / "var"
    embedded.stop_unused(place / "var")
    shutil.rmtree(place)


def free_ports() -> int:
    """A port that is free, with the next one too."""
    for port in range(20000 + os.getpid() % 20000, 60000, 2):
        with socket.socket() as first, socket.socket() as second:
            if first.connect_ex(("127.0.0.1", port)) and second.connect_ex(("127.0.0.1", port + 1)):
                return port
    raise AssertionError


def serve(data: Path, port: int) -> "subprocess.Popen[bytes]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JOBVEJ_")}
    environment = kept | {"JOBVEJ_DATA": str(data), "JOBVEJ_PORT": str(port)}
    started = subprocess.Popen(
        [sys.executable, "-m", "backend.cli", "serve"],
        cwd=PROJECT,
        env=environment,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    until(lambda: started.poll() is not None or ready(port))
    return started


def ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    give_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.1)


def of(data: Path) -> list[str]:
    """The processes, of whatever kind, whose command line or environment names the data folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                known = (entry / "cmdline").read_bytes() + b"\0" + (entry / "environ").read_bytes()
            except OSError:
                continue
            if os.fsencode(data) in known:
                found.append(entry.name)
    return found


def test_ctrl_c_stops_all_of_it(data: Path) -> None:
    port = free_ports()
    started = serve(data, port)
    assert ready(port)
    assert len(of(data)) >= 5  # the supervisor, api, worker, clock, the database
    os.killpg(started.pid, signal.SIGINT)
    said = started.communicate(timeout=60)[1].decode()
    assert started.returncode == 0, said
    assert "Stopped. Your data is kept." in said
    assert of(data) == []


def test_nothing_outlives_a_supervisor_that_is_killed(data: Path) -> None:
    started = serve(data, free_ports())
    assert embedded.process(data) is not None
    started.kill()
    started.communicate(timeout=60)
    until(lambda: of(data) == [])
    assert embedded.process(data) is None
