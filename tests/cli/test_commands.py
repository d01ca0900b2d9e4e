"""What a person gets who calls the command wrongly, or with a database that is not there."""

import sys

import pytest
from sqlalchemy import make_url

from backend.cli import common
from backend.cli.main import main


def jobvej(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["jobvej", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize("command", [["jobs"], ["migrate"], ["worker"]])
@pytest.mark.parametrize(
    "url", ["postgresql://jobvej@127.0.0.1:1/nowhere", "postgresql://jobvej@127.0.0.1:x/d", "mysql://u@h/d", "rubbish"]
)
def test_a_database_that_is_not_there_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str], url: str
) -> None:
    monkeypatch.setenv("JOBVEJ_DATABASE_URL", url)
    assert jobvej(monkeypatch, *command) == 2
    said = capsys.readouterr().err
    assert said.startswith("Error: ")
    assert "JOBVEJ_DATABASE_URL" in said
    assert said.count("\n") == 1


@pytest.mark.db
def test_a_database_that_lacks_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fresh_database: str
) -> None:
    elsewhere = make_url(fresh_database).set(database="not_there")
    monkeypatch.setenv("JOBVEJ_DATABASE_URL", elsewhere.render_as_string(hide_password=False))
    assert jobvej(monkeypatch, "jobs") == 2
    assert 'database "not_there" does not exist' in capsys.readouterr().err


@pytest.mark.parametrize("text", ["0001-01-01", "1999-12-31T23:59", "2100-01-01", "9999-12-31", "yesterday"])
def test_times_out_of_reach_are_refused(text: str) -> None:
    with pytest.raises(common.CliError, match="“"):
        common.moment(text)
