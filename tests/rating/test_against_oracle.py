"""Two implementations written from the same page must agree on every input."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from backend.rating import rules
from backend.rating.cases import rate_cases
from backend.rating.figures import Facts, Mode, Result
from backend.rating.policy_values import Policy
from tests.rating import oracle
from tests.rating.strategies import MODES, situations
from tests.rating.test_cases import DOCUMENT

EXAMPLES = int(os.environ.get("RATING_EXAMPLES", "800"))
COMPARED = ("colour", "counted", "required", "due_days", "trailing_zero_weeks")


@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(situations())
def test_rule_and_oracle_agree(mode: Mode, situation: tuple[Facts, Policy, Any]) -> None:
    facts, policy, today = situation
    ours, theirs = rules.rate(facts, policy, today, mode), oracle.rate(facts, policy, today, mode)
    assert {key: getattr(ours, key) for key in COMPARED} == {key: theirs[key] for key in COMPARED}
    assert ours.reasons == tuple(sorted(theirs["reasons"]))
    assert len(ours.actions) == len(theirs["actions"])
    assert set(ours.actions) == theirs["actions"]


def test_the_worked_cases_are_the_oracle_s_too(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Any, ...]] = []
    really = rules.rate

    def listen(*situation: Any) -> Result:
        asked.append(situation)
        return really(*situation)

    monkeypatch.setattr(rules, "rate", listen)
    assert len(list(rate_cases(DOCUMENT))) == len(asked) == len(DOCUMENT["vectors"])
    for vector, situation in zip(DOCUMENT["vectors"], asked, strict=True):
        expected = {k: set(v) if isinstance(v, list) else v for k, v in vector["expect"].items()}
        assert oracle.rate(*situation) == expected
