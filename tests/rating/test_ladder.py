"""How far the colour moves and what follows, steps 10 to 12."""

import pytest

from backend.rating.figures import Colour, Override
from tests.rating.builders import FULL_AGREEMENT, TODAY, day, entry, event, facts, weekly, weeks

ENOUGH = weeks(*FULL_AGREEMENT)


# 10. Ladder


def test_from_red_the_way_goes_over_yellow() -> None:
    result = weekly(facts(*ENOUGH, previous="red"))
    assert (result.colour, result.reasons) == ("yellow", ("meets_agreement", "via_yellow"))
    assert result.actions == ("task:review_cancel_call_in", "notify:SM_IMPROVED")


@pytest.mark.parametrize(("call", "colour"), [("10-21", "red"), ("10-22", "yellow"), ("08-01", "red")])
def test_yellow_long_after_a_call_is_red(call: str, colour: str) -> None:
    result = weekly(facts(*weeks(2, 2, 2, 1), previous="yellow", calls=[day(call)]))
    assert result.colour == colour
    assert ("yellow_persisted" in result.reasons) is (colour == "red")


def test_any_old_call_will_do_but_a_fresh_one_protects() -> None:
    yellow = weeks(2, 2, 2, 1)
    for calls in ([day("10-01"), day("11-10")], [day("11-10"), day("10-01")]):
        assert weekly(facts(*yellow, previous="yellow", calls=calls)).colour == "red"
    for calls in ([day("10-01"), day("11-12")], [day("11-12"), day("10-01")]):
        result = weekly(facts(*yellow, previous="yellow", calls=calls))
        assert (result.colour, result.reasons) == ("yellow", ("below_agreement", "call_protection", "yellow_persisted"))


@pytest.mark.parametrize("previous", ["green", "red"])
def test_an_old_call_means_nothing_from_another_colour(previous: Colour) -> None:
    result = weekly(facts(*weeks(2, 1, 1, 1), previous=previous, calls=[day("09-01")]))
    assert (result.colour, result.reasons) == ("yellow", ("below_agreement",))


def test_an_old_call_does_not_stop_an_improvement() -> None:
    assert weekly(facts(*ENOUGH, previous="yellow", calls=[day("09-01")])).colour == "green"


def test_from_green_the_fall_stops_at_yellow_with_a_fast_call() -> None:
    result = weekly(facts(*weeks(2, 2, 0, 0)))
    assert (result.colour, result.reasons) == ("yellow", ("fast_track", "zero_weeks"))
    assert result.actions == ("task:service_call_fast", "notify:SM_YELLOW")
    few = weekly(facts(*weeks(0, 0, 1, 1)))
    assert (few.colour, few.reasons) == ("yellow", ("far_below_agreement", "fast_track"))


@pytest.mark.parametrize(
    ("start", "colour"), [("10-28", "red"), ("10-29", "yellow"), ("10-30", "yellow"), ("08-03", "red")]
)
def test_nothing_at_all_in_three_due_weeks_is_red_at_once(start: str, colour: str) -> None:
    assert weekly(facts(start=day(start))).colour == colour


def test_entries_outside_the_window_are_nothing_in_it() -> None:
    assert weekly(facts(entry("10-18"), entry("11-17"))).colour == "red"


# 11. Worsening


@pytest.mark.parametrize(
    ("previous", "counts"), [("green", (2, 1, 1, 1)), ("green", (0, 0, 0, 0)), ("yellow", (2, 2, 0, 0))]
)
def test_between_runs_nothing_gets_worse(previous: Colour, counts: tuple[int, ...]) -> None:
    result = event(facts(*weeks(*counts), previous=previous))
    assert result.colour == previous
    assert "no_worsening_between_runs" in result.reasons
    assert "task:service_call" not in result.actions


def test_between_runs_it_gets_better_at_once() -> None:
    assert event(facts(*ENOUGH, previous="yellow")).colour == "green"
    assert event(facts(*weeks(1, 1, 1, 1), previous="red")).reasons == ("below_agreement",)


@pytest.mark.parametrize(
    ("call", "colour"), [("11-11", "red"), ("11-12", "yellow"), ("11-18", "yellow"), ("11-19", "red")]
)
def test_a_call_protects_for_seven_days(call: str, colour: str) -> None:
    result = weekly(facts(*weeks(2, 2, 0, 0), previous="yellow", calls=[day(call)]))
    assert result.colour == colour
    assert ("call_protection" in result.reasons) is (colour == "yellow")


def test_protection_keeps_none_and_paused_as_green() -> None:
    result = weekly(facts(*weeks(2, 1, 1, 1), previous="paused", calls=[day("11-17")]))
    assert (result.colour, result.reasons) == ("green", ("below_agreement", "call_protection"))
    assert result.actions == ("notify:SM_HINT",)


def test_a_protected_member_may_improve_or_stay_without_the_reason() -> None:
    assert weekly(facts(*ENOUGH, previous="yellow", calls=[TODAY])).reasons == ("meets_agreement",)
    assert weekly(facts(*weeks(2, 2, 0, 0), previous="red", calls=[TODAY])).reasons == ("zero_weeks",)


def test_an_event_says_so_rather_than_naming_the_call() -> None:
    result = event(facts(*weeks(2, 1, 1, 1), calls=[TODAY]))
    assert result.reasons == ("below_agreement", "no_worsening_between_runs")


# What follows from it


@pytest.mark.parametrize(
    ("previous", "colour", "actions"),
    [
        ("none", "yellow", ("task:service_call", "notify:SM_YELLOW")),
        ("green", "yellow", ("task:service_call", "notify:SM_YELLOW")),
        ("paused", "yellow", ("task:service_call", "notify:SM_YELLOW")),
        ("red", "yellow", ("task:review_cancel_call_in", "notify:SM_IMPROVED")),
        ("none", "red", ("task:call_in_review", "notify:SM_RED")),
        ("green", "red", ("task:call_in_review", "notify:SM_RED")),
        ("yellow", "red", ("task:call_in_review", "notify:SM_RED")),
        ("paused", "red", ("task:call_in_review", "notify:SM_RED")),
        ("yellow", "green", ("task:close_follow_up", "notify:SM_GREEN")),
        ("red", "green", ("task:close_follow_up", "notify:SM_GREEN")),
        ("none", "green", ()),
        ("paused", "green", ()),
        ("yellow", "paused", ("task:suspend_follow_up",)),
        ("red", "paused", ("task:suspend_follow_up",)),
        ("green", "paused", ()),
        ("none", "paused", ()),
        ("green", "none", ()),
        ("yellow", "none", ()),
        ("red", "none", ()),
        ("paused", "none", ()),
        *[(same, same, ()) for same in ("none", "green", "yellow", "red", "paused")],
    ],
)
def test_every_change_of_colour(previous: Colour, colour: Colour, actions: tuple[str, ...]) -> None:
    assert weekly(facts(previous=previous, override=Override(colour, TODAY))).actions == actions


@pytest.mark.parametrize("previous", ["green", "none", "paused"])
def test_green_below_the_agreement_gives_a_hint_changed_or_not(previous: Colour) -> None:
    assert weekly(facts(*weeks(2, 2, 1, 1), previous=previous)).actions == ("notify:SM_HINT",)
    assert event(facts(*weeks(2, 1, 1, 1), previous=previous)).actions == ("notify:SM_HINT",)


def test_the_hint_is_for_green_alone() -> None:
    assert weekly(facts(*weeks(2, 2, 1, 1), previous="yellow")).actions == ()
