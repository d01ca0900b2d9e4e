"""Start, share and stop: one server, as long as anybody needs it."""

import os
import sys
from pathlib import Path

import pytest

from backend.db import embedded, embedded_account, embedded_server
from tests.db.embedded_support import SETTINGS, User, enter, fetch, kill_server, until, user

pytestmark = pytest.mark.db


async def test_a_fresh_folder_gets_a_server_and_keeps_nothing_running(place: Path) -> None:
    with embedded.running(place / "var", settings=SETTINGS) as url:
        assert await fetch(url, "SELECT lower('ÆRØ SØGÅRD')") == "ærø søgård"
        assert await fetch(url, "SHOW server_encoding") == "UTF8"
        assert await fetch(url, "SHOW data_checksums") == "on"
        assert await fetch(url, "SHOW listen_addresses") == ""
        assert await fetch(url, "SELECT usesuper FROM pg_user WHERE usename = current_user") is True
        assert embedded.process(place / "var") is not None
    assert embedded.process(place / "var") is None
    assert list((place / "var/postgresql/run").iterdir()) == []


async def test_by_default_what_is_committed_is_safe_on_disk(data: Path) -> None:
    with embedded.running(data) as url:
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            assert await fetch(url, f"SHOW {name}") == "on"
        assert await fetch(url, "SHOW max_connections") == "200"


async def test_the_data_is_there_the_next_time(data: Path) -> None:
    with embedded.running(data, settings=SETTINGS) as url:
        await fetch(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    with embedded.running(data, settings=SETTINGS) as url:
        assert await fetch(url, "SELECT answer FROM kept") == 42


async def test_the_starter_may_leave_first(data: Path) -> None:
    with user(data) as starter, user(data) as second:
        url = starter.url()
        assert second.url() == url
        pid = embedded.process(data)
        assert starter.leave() == 0
        assert await fetch(url, "SELECT 1") == 1
        assert embedded.process(data) == pid
        assert second.leave() == 0
    assert embedded.process(data) is None


async def test_the_starter_may_leave_last(data: Path) -> None:
    with embedded.running(data, settings=SETTINGS) as url:
        with user(data) as second:
            assert second.url() == url
            assert second.leave() == 0
        assert await fetch(url, "SELECT 1") == 1
    assert embedded.process(data) is None


async def test_one_process_may_use_it_twice(data: Path) -> None:
    with embedded.running(data, settings=SETTINGS) as outer:
        with embedded.running(data) as inner:
            assert inner == outer
        assert await fetch(outer, "SELECT 1") == 1


async def test_a_forked_child_that_leaves_takes_nothing_down(data: Path) -> None:
    inside = "pid = os.fork(); (os.waitpid(pid, 0), print('forked', flush=True)) if pid else sys.exit(0)"
    with user(data, inside=inside) as someone:
        url = someone.url()
        assert someone.url() == "forked"
        assert await fetch(url, "SELECT 1") == 1
        assert someone.leave() == 0


async def test_two_that_start_at_once_share_one_server(place: Path) -> None:
    data = place / "var"
    users = [User(data) for _ in range(3)]
    urls = {someone.url() for someone in users}
    assert len(urls) == 1
    assert await fetch(urls.pop(), "SHOW data_directory") == str(data / "postgresql/cluster")
    assert [someone.leave() for someone in users] == [0, 0, 0]
    assert embedded.process(data) is None


def test_ctrl_c_reaches_the_program_and_not_the_server(data: Path) -> None:
    with user(data) as someone:
        assert someone.url()
        pid = embedded.process(data)
        assert pid is not None
        assert os.getsid(pid) == pid
        assert someone.interrupt_group() == 130
    assert embedded.process(data) is None
    log = "".join(path.read_text() for path in (data / "postgresql/log").iterdir())
    assert "database system is shut down" in log
    assert "not properly shut down" not in log


def test_ctrl_c_during_the_start_leaves_nothing_running(place: Path) -> None:
    with user(place / "var") as someone:
        until(lambda: list(place.glob("var/postgresql/*/postmaster.pid")))
        someone.interrupt_group()
    assert embedded.process(place / "var") is None


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_a_restart_keeps_the_address_and_the_data(data: Path, mode: str) -> None:
    with embedded.running(data, settings=SETTINGS) as url:
        await fetch(url, "CREATE TABLE kept AS SELECT 42 AS answer")
        before = embedded.process(data)
        embedded.restart(data, mode)
        assert embedded.process(data) not in (None, before)
        assert await fetch(url, "SELECT answer FROM kept") == 42
        assert await fetch(url, "SHOW fsync") == "off"


async def test_the_starter_was_killed_and_the_next_user_takes_over(data: Path) -> None:
    with user(data) as starter:
        assert starter.url()
        pid = embedded.process(data)
        starter.kill()
    assert embedded.process(data) == pid
    with embedded.running(data, settings=SETTINGS) as url:
        assert await fetch(url, "SELECT 1") == 1
        assert embedded.process(data) == pid
    assert embedded.process(data) is None


async def test_a_server_killed_in_use_comes_back_with_its_data(data: Path) -> None:
    with embedded.running(data, settings=SETTINGS) as url:
        await fetch(url, "CREATE TABLE kept AS SELECT 42 AS answer")
        kill_server(data)
        until(lambda: embedded.process(data))
        with embedded.running(data) as same:  # waits until it answers
            assert same == url
            assert await fetch(url, "SELECT answer FROM kept") == 42


async def test_user_and_server_were_both_killed(data: Path) -> None:
    with user(data) as starter:
        url = starter.url()
        await fetch(url, "CREATE TABLE kept AS SELECT 42 AS answer")
        starter.kill()
    kill_server(data)
    with embedded.running(data, settings=SETTINGS) as url:
        assert await fetch(url, "SELECT answer FROM kept") == 42


def test_ctrl_c_before_the_server_has_its_number_leaves_nothing_running(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(embedded_server, "_comes_up", interrupted)
    with pytest.raises(KeyboardInterrupt):
        enter(data, settings=SETTINGS)
    ours = str(data).encode()
    assert not [
        entry for entry in Path("/proc").glob("[0-9]*") if ours in embedded_server._command_line(int(entry.name))
    ]


def test_ctrl_c_does_not_reach_the_programs_that_make_the_database() -> None:
    account = embedded_account.by_uid(os.geteuid())
    own = embedded_account.run(account, [sys.executable, "-c", "import os; print(os.getpgrp() == os.getpid())"])
    assert own.stdout.strip() == "True"
