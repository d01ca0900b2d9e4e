"""A policy is checked when it is made, and survives being stored."""

import json
from typing import Any

import pytest

from backend.rating.policy_values import Policy, PolicyError
from tests.rating.test_cases import DOCUMENT


def test_the_defaults_are_those_of_the_worked_cases() -> None:
    assert Policy() == Policy.from_mapping(DOCUMENT["config"]) == Policy.from_mapping({})


def test_a_policy_survives_storage_as_json() -> None:
    changed = Policy(window_weeks=6, red_ratio=0.25, counting_statuses=frozenset({"applied", "hired"}))
    assert Policy.from_mapping(json.loads(json.dumps(changed.to_mapping()))) == changed
    assert list(changed.to_mapping()["counting_statuses"]) == ["applied", "hired"]


def test_equal_policies_share_what_is_kept_for_them() -> None:
    assert hash(Policy.from_mapping({"red_ratio": 0})) == hash(Policy(red_ratio=0.0))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("window_weeks", 0),
        ("window_weeks", 53),
        ("window_weeks", 4.0),
        ("window_weeks", True),
        ("window_weeks", None),
        ("green_enter_ratio", -0.1),
        ("green_stay_ratio", "0.75"),
        ("red_ratio", float("nan")),
        ("red_ratio", 11),
        ("red_ratio", True),
        ("yellow_zero_weeks", 0),
        ("red_zero_weeks", 0),
        ("week_due_min_days", 0),
        ("week_due_min_days", 6),
        ("grace_due_days", -1),
        ("min_due_days_window", -1),
        ("upload_grace_day", 0),
        ("upload_grace_day", 32),
        ("duplicate_days", -1),
        ("call_protection_days", -1),
        ("yellow_max_weeks_after_call", -1),
        ("counting_statuses", []),
        ("counting_statuses", "applied"),
        ("counting_statuses", [1]),
        ("counting_statuses", [""]),
        ("tolerance", 1),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(PolicyError, match=name) as caught:
        Policy.from_mapping({name: value})
    assert caught.value.field == name


@pytest.mark.parametrize(
    "values",
    [{"window_weeks": 1, "upload_grace_day": 31}, {"window_weeks": 52, "min_due_days_window": 0}, {"red_ratio": 10}],
)
def test_values_at_the_edge_are_taken(values: dict[str, Any]) -> None:
    assert Policy.from_mapping(values).to_mapping().items() >= values.items()
