"""Answers serve one purpose: beside the imports, which import-linter watches, no statement of SQL crosses the wall."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2] / "backend"
# What decides about members, and what gathers what it decides by.
DECIDE = ("rating", "casework", "followup", "intake", "job_log", "talks", "booking", "course", "notices")
SURVEY = re.compile(r"\bsurvey_\w+|\bFROM survey\b|\bJOIN survey\b")


def named(room: str) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}: {found}"
        for path in sorted((ROOT / room).rglob("*.py"))
        for found in SURVEY.findall(path.read_text(encoding="utf-8"))
    ]


def test_no_room_that_decides_about_members_names_a_table_of_answers() -> None:
    assert [found for room in DECIDE for found in named(room)] == []


def test_surveys_read_nothing_of_cases() -> None:
    cases = re.compile(r"\b(?:FROM|JOIN) (?:rating|rating_current|call_in|service_call|dispute|task|case_history)\b")
    paths = sorted((ROOT / "surveys").rglob("*.py"))
    assert [path.name for path in paths if cases.search(path.read_text(encoding="utf-8"))] == []


def test_only_the_wish_to_be_contacted_comes_back() -> None:
    """The room that joins both writes nothing to cases but that task, and nothing to the rating."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "feedback").rglob("*.py")))
    writes = re.findall(r"\b(?:INSERT INTO|(?<!DO )UPDATE|DELETE FROM) (\w+)", source)
    assert set(writes) == {"survey_reading"}
    assert re.findall(r"backend\.(?:rating|followup)\b", source) == []
