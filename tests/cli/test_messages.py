"""`jobvej messages`, as a person or a script calls it."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from backend.cli import messages
from backend.cli.common import CliError
from backend.notifications.catalogue import CATALOGUE

app = typer.Typer()
messages.register(app)
IDS = [kind.id for kind in CATALOGUE]


def jobvej(*arguments: str) -> str:
    found = CliRunner().invoke(app, arguments, env={"COLUMNS": "200", "JOBVEJ_FUND_NAME": "Testernes A-kasse"})
    if found.exception and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found.stdout


def test_the_list_has_a_line_for_each_message() -> None:
    lines = jobvej("--language", "en").splitlines()
    assert [line.split()[0] for line in lines[1:] if line.strip()] == IDS


def test_rendered_each_message_shows_its_rules_and_both_languages() -> None:
    said = jobvej("--render")
    assert "Samtale onsdag kl. 14.30" in said
    assert "Talk Wednesday at 14:30" in said
    assert "Only while: The talk still stands, at the time told." in said
    assert said.count("Locked phone") == len(IDS)


def test_one_language_is_only_that_one() -> None:
    said = jobvej("--render", "--language", "da")
    assert "Samtale onsdag kl. 14.30" in said
    assert "Talk Wednesday" not in said
    assert "Kun så længe: Samtalen står ved magt" in said


def test_as_json_for_other_programs() -> None:
    document = json.loads(jobvej("--json"))
    assert document["fund"] == "Testernes A-kasse"
    assert {language: [one["id"] for one in kinds] for language, kinds in document["messages"].items()} == {
        "da": IDS,
        "en": IDS,
    }
    [talk] = [one for one in document["messages"]["da"] if one["id"] == "N05"]
    assert talk["texts"]["lock_title"] == "Samtale onsdag kl. 14.30"
    assert (talk["klass"], talk["channels"]) == ("R", ["sms"])


def test_a_page_is_written_for_a_browser(tmp_path: Path) -> None:
    file = tmp_path / "messages.html"
    assert jobvej("--html", str(file), "--language", "da") == ""
    page = file.read_text(encoding="utf-8")
    assert '<html lang="da">' in page
    assert "Testernes A-kasse" in page


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("--language", "de"), "Use da or en"), (("--html", "/nowhere/at/all.html"), "cannot be written")],
)
def test_what_cannot_be_done_is_one_sentence(arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(CliError, match=said):
        jobvej(*arguments)
