"""Each rule of what follows, on ratings made of hand."""

from datetime import date
from typing import Any

import pytest

from backend.db.types import new_id
from backend.followup import rules
from backend.followup.outcomes import CloseCalls, FlagCallIn, OpenCall, ProposeCallIn, ShowColour, SuspendCalls, Tell
from backend.rating import consequences
from backend.rating.context import Context
from backend.rating.figures import Colour, Facts, Figures
from backend.rating.policy_values import Policy
from backend.rating.rules import rate_in
from backend.rating.service import Rated

# Maundy Thursday is the next day, so three working days reach over Easter.
WEDNESDAY = date(2026, 4, 1)


def figures() -> Figures:
    context = Context.of(Policy(), WEDNESDAY, "weekly")
    return rate_in(context, Facts(start=date(2026, 1, 1), min_per_week=2)).figures


def rated(before: Colour, after: Colour, *reasons: str) -> Rated:
    actions = consequences.actions(before, after, reasons)
    return Rated(new_id(), new_id(), WEDNESDAY, before, after, reasons, actions, 6, 8, figures())


NEXT = date(2026, 4, 7)
THIRD = date(2026, 4, 9)


@pytest.mark.parametrize(
    ("before", "after", "reasons", "expected"),
    [
        ("green", "yellow", (), [ShowColour(), Tell("N11"), OpenCall(THIRD, fast=False), FlagCallIn()]),
        ("none", "yellow", ("fast_track",), [ShowColour(), Tell("N11"), OpenCall(NEXT, fast=True), FlagCallIn()]),
        ("yellow", "red", (), [ShowColour(), Tell("N14"), ProposeCallIn()]),
        ("green", "red", (), [ShowColour(), Tell("N14"), ProposeCallIn()]),
        ("red", "yellow", (), [ShowColour(), Tell("N15"), FlagCallIn()]),
        ("yellow", "green", (), [ShowColour(), Tell("N15"), CloseCalls("improved"), FlagCallIn()]),
        ("red", "green", (), [ShowColour(), Tell("N15"), CloseCalls("improved"), FlagCallIn()]),
        ("paused", "green", (), [ShowColour(), CloseCalls("improved"), FlagCallIn()]),
        ("yellow", "paused", (), [ShowColour(), SuspendCalls()]),
        ("green", "paused", (), [ShowColour()]),
        ("green", "green", (), []),
        ("yellow", "yellow", (), []),
        ("red", "red", (), []),
    ],
)
def test_what_follows(before: Colour, after: Colour, reasons: Any, expected: list[Any]) -> None:
    assert rules.outcomes(rated(before, after, *reasons)) == expected


def test_a_hint_says_how_many_are_short_and_comes_once_a_week() -> None:
    hint = Tell("N10", once_per="week", params={"n": 2})
    assert rules.outcomes(rated("green", "green", "below_agreement")) == [hint]
    assert hint in rules.outcomes(rated("yellow", "green", "below_agreement"))
    assert rules.outcomes(rated("yellow", "yellow", "below_agreement")) == []
