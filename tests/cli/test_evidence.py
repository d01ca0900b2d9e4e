"""`jobvej evidence` writes the bundle of a notice; `jobvej check-evidence` says whether one is as it was made."""

import asyncio
import sys
from pathlib import Path

import asyncpg
import pytest

from backend.cli.main import main
from backend.db.engine import Sessions, transaction
from backend.notices import evidence
from tests.notices.factories import called_in

pytestmark = pytest.mark.db


@pytest.fixture
async def notice_id(fresh_sessions: Sessions) -> str:
    async with transaction(fresh_sessions) as session:
        return str((await called_in(session)).id)


@pytest.fixture(autouse=True)
def environment(fresh_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBVEJ_DATABASE_URL", fresh_database)
    monkeypatch.setenv("JOBVEJ_DATA", str(tmp_path))


def run(monkeypatch: pytest.MonkeyPatch, *options: str) -> int:
    monkeypatch.setattr(sys, "argv", ["jobvej", *options])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_the_bundle_is_written_and_can_be_checked(
    notice_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bundle.zip"
    assert run(monkeypatch, "evidence", notice_id, "-o", str(path)) == 0
    assert evidence.faults(path.read_bytes()) == []
    assert run(monkeypatch, "check-evidence", str(path)) == 0
    first = path.read_bytes()
    assert run(monkeypatch, "evidence", notice_id, "-o", str(path)) == 0
    assert path.read_bytes() == first
    path.write_bytes(first.replace(b"absence", b"presence"))
    assert run(monkeypatch, "check-evidence", str(path)) == 1
    assert "Not as it was made" in capsys.readouterr().err


async def tamper(url: str) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute("ALTER TABLE notice_letter DISABLE TRIGGER append_only")
    await connection.execute("UPDATE notice_letter SET pdf = overlay(pdf PLACING 'x'::bytea FROM 100 FOR 1)")
    await connection.close()


def test_a_letter_that_was_changed_is_said(
    notice_id: str, fresh_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bundle.zip"
    assert run(monkeypatch, "evidence", notice_id, "-o", str(path)) == 0
    asyncio.run(tamper(fresh_database))
    path.unlink()
    assert run(monkeypatch, "evidence", notice_id, "-o", str(path)) == 1
    assert path.exists(), "what is wrong is shown, not hidden"


@pytest.mark.parametrize("wrong", ["something", "01a20276-45e4-777d-baa4-095b75add0ba"])
def test_what_is_no_notice_is_one_sentence(
    wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "evidence", wrong, "-o", str(tmp_path / "x.zip")) == 2
    assert capsys.readouterr().err.count("\n") == 1
