"""Folders for the embedded server: reachable by any account, and with a database copied from one made once."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.db import embedded
from tests.db.embedded_support import SETTINGS, copy, end_server


def _place() -> Path:
    place = Path(tempfile.mkdtemp(prefix="jv-", dir="/tmp"))
    place.chmod(0o755)
    return place


@pytest.fixture(scope="session")
def made_once() -> Iterator[Path]:
    place = _place()
    with embedded.running(place / "var", settings=SETTINGS):
        pass
    yield place / "var" / "postgresql" / "cluster"
    shutil.rmtree(place)


@pytest.fixture
def place() -> Iterator[Path]:
    place = _place()
    yield place
    shutil.rmtree(place)


@pytest.fixture
def data(place: Path, made_once: Path) -> Iterator[Path]:
    """A data folder with a database, its server down."""
    home = place / "var" / "postgresql"
    home.mkdir(parents=True)
    home.chmod(0o711 if os.geteuid() == 0 else 0o700)
    copy(made_once, home / "cluster")
    yield place / "var"
    end_server(place / "var")
