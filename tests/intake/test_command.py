"""`jobvej import` as people and machines run it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from backend.intake.layout import LOG, MEMBERS
from tests.intake import exports
from tests.intake.exports import entry, rows, write

pytestmark = [pytest.mark.db, pytest.mark.e2e]


def jobvej(url: str, data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    given = {"JOBVEJ_DATABASE_URL": url, "JOBVEJ_DATA": str(data), "COLUMNS": "200"}
    command = [sys.executable, "-m", "backend.cli", "import", *arguments]
    return subprocess.run(command, env=os.environ | given, capture_output=True, text=True, check=False)


async def members(url: str) -> int:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return int(await connection.fetchval("SELECT count(*) FROM member"))
    finally:
        await connection.close()


async def test_an_export_is_imported_and_counted(fresh_database: str, tmp_path: Path) -> None:
    done = jobvej(fresh_database, tmp_path, str(exports.sample(tmp_path / "export")), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["files"][MEMBERS]["added"] == 45
    assert await members(fresh_database) == 45
    table = jobvej(fresh_database, tmp_path, str(tmp_path / "export"))
    assert table.returncode == 0
    assert f"{LOG}: 8 × bad_date" in table.stdout
    assert "rejects.csv" in table.stdout


async def test_a_refused_export_stores_nothing_and_says_why(fresh_database: str, tmp_path: Path) -> None:
    folder = write(tmp_path / "export", rows(joblog=[entry(kanal="brevdue")]))
    done = jobvej(fresh_database, tmp_path, str(folder), "--rejects", str(tmp_path / "faulty.csv"))
    assert done.returncode == 1
    assert "Refused: more than 5 % of the rows of joblog.csv are faulty. Nothing was stored." in done.stderr
    assert "unknown_channel;brevdue" in (tmp_path / "faulty.csv").read_text(encoding="utf-8-sig")
    assert await members(fresh_database) == 0


async def test_a_missing_file_is_one_sentence(fresh_database: str, tmp_path: Path) -> None:
    folder = write(tmp_path / "export", rows())
    (folder / LOG).unlink()
    done = jobvej(fresh_database, tmp_path, str(folder))
    assert done.returncode == 2
    assert done.stderr.strip() == f"Error: The file joblog.csv is missing from {folder}."
    assert await members(fresh_database) == 0


@pytest.mark.parametrize("place", ["nowhere/faulty.csv", "."])
async def test_a_place_for_faulty_rows_that_cannot_be_written_is_told_first(
    fresh_database: str, tmp_path: Path, place: str
) -> None:
    folder = write(tmp_path / "export", rows())
    done = jobvej(fresh_database, tmp_path, str(folder), "--rejects", str(tmp_path / place))
    assert (done.returncode, done.stderr.strip()) == (2, f"Error: {tmp_path / place} cannot be written.")
    assert await members(fresh_database) == 0
