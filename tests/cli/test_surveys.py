"""Publishing surveys from the command line: looked at first, stored once, never after something that there is not."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from backend import clock
from backend.calendar import DAY
from backend.cli import surveys
from backend.errors import Invalid

pytestmark = pytest.mark.db
app = typer.Typer()
surveys.register(app)
# A second command, so that the first keeps its name.
app.command(name="other")(lambda: None)
POLICY = "[[policy]]\nversion = {version}\nvalid_from = {day}\nnumbers = {{between_days = 21}}\n"


def jobvej(file: Path, *more: str) -> str:
    result = CliRunner().invoke(app, ["surveys", str(file), *more])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_a_file_is_checked_and_stored(fresh_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBVEJ_DATABASE_URL", fresh_database)
    file, tomorrow = tmp_path / "new.toml", clock.local_date(clock.now()) + DAY
    file.write_text(POLICY.format(version=2, day=tomorrow))
    assert "Nothing was stored." in jobvej(file, "--check")
    # Nothing was: else the same version with other numbers would be refused.
    file.write_text(POLICY.format(version=2, day=tomorrow).replace("21", "28"))
    for _ in range(2):
        assert "Stored." in jobvej(file)
    file.write_text(
        f"[[survey]]\nkey = 'T6'\nversion = 2\nvalid_from = {tomorrow}\nda = 'x'\nen = 'x'\n"
        "questions = ['Q1', 'Q4', 'Q11', 'TEXT']\nafter = 'the moon'\n"
    )
    with pytest.raises(Invalid, match="the moon"):
        jobvej(file)
