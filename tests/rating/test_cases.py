"""The worked cases of the rule, and what the case format says when a case cannot be read."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from backend.rating.cases import CaseError, rate_cases

DOCUMENT: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "smiley.json").read_text("utf-8"))
FIGURES = ("colour", "counted", "required", "due_days", "trailing_zero_weeks")


@pytest.mark.parametrize("vector", DOCUMENT["vectors"], ids=lambda vector: vector["id"])
def test_worked_case(vector: dict[str, Any]) -> None:
    [rated] = rate_cases({"config": DOCUMENT["config"], "vectors": [vector]})
    expected = vector["expect"]
    assert {key: rated[key] for key in FIGURES} == {key: expected[key] for key in FIGURES}
    assert set(rated["reasons"]) == set(expected["reasons"])
    assert set(rated["actions"]) == set(expected["actions"])


def test_cases_come_in_the_order_of_the_file_with_all_keys() -> None:
    rated = list(rate_cases(DOCUMENT))
    assert [each["id"] for each in rated] == [vector["id"] for vector in DOCUMENT["vectors"]]
    assert list(rated[0]) == ["id", *FIGURES, "reasons", "actions"]
    assert json.loads(json.dumps(rated)) == rated


def _case(**changes: Any) -> dict[str, Any]:
    vector: dict[str, Any] = copy.deepcopy(DOCUMENT["vectors"][0])
    for path, value in changes.items():
        *parents, last = path.split("__")
        target: Any = vector
        for parent in parents:
            target = target[int(parent)] if parent.isdigit() else target[parent]
        if value is None:
            del target[last]
        else:
            target[last] = value
    return vector


def _rated(vector: Any, **document: Any) -> dict[str, Any]:
    return next(rate_cases({"vectors": [vector], **document}))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"today": "18-11-2026"}, "today"),
        ({"today": None}, "today"),
        ({"mode": "daily"}, "mode"),
        ({"mode": None}, "mode"),
        ({"member__start": None}, "member.start"),
        ({"member__insurance": "half"}, "member.insurance"),
        ({"member__plan__min_per_week": "two"}, "member.plan.min_per_week"),
        ({"member__plan__uploads_per_month": None}, "member.plan.uploads_per_month"),
        ({"previous__colour": "purple"}, "previous.colour"),
        ({"log__3__applied_on": "2026-02-30"}, "log[3].applied_on"),
        ({"log__0__channel": "pigeon"}, "log[0].channel"),
        ({"log__0__doc": "yes"}, "log[0].doc"),
        ({"exemptions": [{"type": "ferie"}]}, "exemptions[0].from"),
        ({"override": {"colour": "green"}}, "override.until"),
        ({"contacts": [{"type": "service_call"}]}, "contacts[0].on"),
        ({"config": {"window_weeks": 0}}, "config.window_weeks"),
        ({"config": {"windows": 4}}, "config.windows"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_case_names_itself_and_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(CaseError) as caught:
        _rated(_case(**changes))
    assert caught.value.field == field
    assert str(caught.value).startswith(f"Case V01, {field}: ")


@pytest.mark.parametrize("document", [[], {}, {"vectors": {}}, None])
def test_a_file_without_cases_is_refused(document: Any) -> None:
    with pytest.raises(CaseError, match="no list of cases"):
        list(rate_cases(document))


def test_a_policy_that_is_no_object_is_refused() -> None:
    with pytest.raises(CaseError, match="policy of the file"):
        _rated(_case(), config=["window_weeks"])


@pytest.mark.parametrize("vector", [17, {}, {"id": 4}])
def test_a_case_without_a_name_is_told_by_its_number(vector: Any) -> None:
    with pytest.raises(CaseError, match="Case number 2 "):
        list(rate_cases({"vectors": [_case(), vector]}))


def test_defaults_of_what_a_case_may_leave_out() -> None:
    bare = {key: value for key, value in _case().items() if key in ("id", "mode", "today", "member")}
    rated = _rated(bare)
    assert (rated["colour"], rated["counted"]) == ("red", 0)
    assert rated["actions"] == ["task:call_in_review", "notify:SM_RED"]


def test_a_case_overrides_the_policy_of_its_file_and_only_its_own() -> None:
    file = {"config": {"duplicate_days": 0}, "vectors": [_case(config={"window_weeks": 2}), _case()]}
    assert [each["required"] for each in rate_cases(file)] == [4, 8]


def test_the_policy_of_the_file_applies() -> None:
    assert _rated(_case(), config={"window_weeks": 3})["required"] == 6


@pytest.mark.parametrize(
    ("contact", "colour"),
    [
        ({"type": "service_call", "on": "2026-11-12", "outcome": "completed"}, "yellow"),
        ({"type": "service_call", "on": "2026-11-12", "outcome": "not_reached"}, "red"),
        ({"type": "service_call", "on": "2026-11-12"}, "red"),
        ({"type": "letter", "on": "2026-11-12", "outcome": "completed"}, "red"),
    ],
)
def test_only_completed_service_calls_are_calls(contact: dict[str, str], colour: str) -> None:
    assert _rated(_case(previous={"colour": "yellow"}, log=[], contacts=[contact]))["colour"] == colour


def test_entry_fields_are_read() -> None:
    for field, value in {
        "status": "planned", "hours": "part", "country": "SE", "deleted": True, "logged_on": "2026-11-19",
    }.items():  # fmt: skip
        assert _rated(_case(**{f"log__0__{field}": value}))["counted"] == 7, field
    same = {"employer": " firma 002", "title": "KLEJNSMED "}
    assert _rated(_case(**{f"log__0__{key}": value for key, value in same.items()}))["counted"] == 7
    other = _case(**{f"log__{n}__channel": "network" for n in range(5)})
    assert _rated(other)["reasons"] == ["too_few_posted"]


def test_reset_exemption_and_override_are_read() -> None:
    assert _rated(_case(previous={"colour": "green", "reset_on": "2026-10-25"}))["due_days"] == 15
    open_end = [{"type": "sygdom", "from": "2026-11-09", "to": None}]
    assert _rated(_case(exemptions=open_end))["reasons"] == ["exempt:sygdom"]
    until_today = {"colour": "red", "until": "2026-11-18", "by": "staff-1", "reason": "agreed"}
    assert _rated(_case(override=until_today))["reasons"] == ["caseworker_override"]


def test_fractions_of_a_requirement_are_exact() -> None:
    # In floating point 2.3 × 50 ÷ 5 falls just below 23.
    assert _rated(_case(member__plan__min_per_week=2.3, config={"window_weeks": 10}))["required"] == 23
