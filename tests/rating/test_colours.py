"""The colour, steps 6 to 9: early outs, side criteria, candidate."""

from typing import Any

import pytest

from backend.rating.figures import Colour, Override
from tests.rating.builders import FULL_AGREEMENT, TODAY, day, entry, event, exempt, facts, rated, weekly, weeks

ENOUGH = weeks(*FULL_AGREEMENT)


# 6. Early outs


def test_the_early_outs_come_in_their_order() -> None:
    new, away = {"start": day("11-12")}, {"exemptions": [exempt("11-18", "11-18")]}
    overridden = {"override": Override("green", TODAY)}
    assert weekly(facts(**new)).reasons == ("new_member_grace",)
    assert weekly(facts(**new, **away)).reasons == ("exempt:ferie",)
    assert weekly(facts(**new, **away, **overridden)).reasons == ("caseworker_override",)


@pytest.mark.parametrize(("until", "colour"), [("11-17", "red"), ("11-18", "green"), ("11-19", "green")])
def test_an_override_runs_to_its_last_day(until: str, colour: str) -> None:
    assert weekly(facts(previous="yellow", override=Override("green", day(until)))).colour == colour


def test_an_override_may_worsen_between_runs() -> None:
    result = event(facts(*ENOUGH, override=Override("red", TODAY)))
    assert (result.colour, result.reasons) == ("red", ("caseworker_override",))
    assert result.actions == ("task:call_in_review", "notify:SM_RED")


def test_of_several_exemptions_the_first_given_is_named() -> None:
    both = [exempt("11-18", None, "sygdom"), exempt("11-01", "11-30", "ferie")]
    assert weekly(facts(exemptions=both)).reasons == ("exempt:sygdom",)
    assert weekly(facts(exemptions=both[::-1])).reasons == ("exempt:ferie",)
    not_exempting = exempt("11-01", "11-30", "virksomhedspraktik")
    assert weekly(facts(exemptions=[not_exempting, *both])).reasons == ("exempt:sygdom",)


@pytest.mark.parametrize(
    ("first", "last", "paused"),
    [("11-18", "11-18", True), ("11-19", None, False), ("11-01", "11-17", False), ("11-01", None, True)],
)
def test_exempt_today_is_judged_by_today_alone(first: str, last: str | None, paused: bool) -> None:
    assert (weekly(facts(exemptions=[exempt(first, last)])).colour == "paused") is paused


def test_exempt_on_a_weekend_is_paused_too() -> None:
    result = event(facts(exemptions=[exempt("11-21", "11-22")]), today=day("11-21"))
    assert result.colour == "paused"


@pytest.mark.parametrize(("start", "colour"), [("11-02", "red"), ("11-03", "none")])
def test_grace_is_ten_due_days_of_the_spell(start: str, colour: str) -> None:
    assert rated(facts(start=day(start), previous="yellow")).colour == colour


def test_grace_looks_at_the_whole_spell_not_the_window_nor_the_talk() -> None:
    reset = facts(*weeks(0, 0, 0, 2), reset_on=day("11-07"))
    assert weekly(reset).due_days == 5
    assert weekly(reset).reasons == ("meets_agreement",)
    # Nine weeks ill in the window, and two weeks of search before it.
    ill = [exempt("09-14", "11-11", "sygdom")]
    assert weekly(facts(start=day("08-31"), exemptions=ill)).reasons == ("insufficient_basis",)
    assert weekly(facts(start=day("09-07"), exemptions=ill)).reasons == ("new_member_grace",)
    assert weekly(facts(start=day("09-07"), exemptions=ill)).figures.spell_due_days == 7
    before = [*ill, exempt("09-01", "09-03")]
    assert weekly(facts(start=day("08-31"), exemptions=before)).figures.spell_due_days == 9


@pytest.mark.parametrize(
    ("previous", "held"),
    [("none", "green"), ("paused", "green"), ("green", "green"), ("yellow", "yellow"), ("red", "red")],
)
def test_too_few_due_days_hold_the_colour(previous: Colour, held: Colour) -> None:
    result = weekly(facts(previous=previous, reset_on=day("11-09")))
    assert (result.due_days, result.colour, result.reasons) == (4, held, ("insufficient_basis",))
    assert result.actions == ()


def test_five_due_days_are_enough() -> None:
    assert weekly(facts(reset_on=day("11-08"))).reasons != ("insufficient_basis",)


def test_figures_are_there_for_early_outs_as_well() -> None:
    result = weekly(facts(*weeks(1, 1, 0, 0), override=Override("green", TODAY)))
    assert (result.counted, result.required, result.due_days, result.trailing_zero_weeks) == (2, 8, 20, 2)


# 7. none and paused count as green


@pytest.mark.parametrize("previous", ["none", "paused"])
def test_none_and_paused_count_as_green(previous: Colour) -> None:
    assert weekly(facts(*weeks(2, 2, 1, 1), previous=previous)).colour == "green"
    assert weekly(facts(*weeks(2, 1, 1, 0), previous=previous)).actions == ("task:service_call", "notify:SM_YELLOW")
    fast = weekly(facts(*weeks(2, 1, 0, 0), previous=previous))
    assert (fast.colour, fast.reasons) == ("yellow", ("fast_track", "zero_weeks"))
    kept = event(facts(*weeks(2, 1, 1, 0), previous=previous))
    assert (kept.colour, kept.actions) == ("green", ())


# 8. Side criteria


def test_too_few_posted_gives_yellow_however_many_there_are() -> None:
    others = [entry(f"10-{n}", channel="network") for n in range(19, 31)]
    result = weekly(facts(*weeks(1, 1, 1, 0), *others, *weeks(0, 0, 0, 5, channel="agency"), min_posted_per_week=1))
    assert (result.colour, result.reasons) == ("yellow", ("too_few_posted",))
    assert (result.figures.posted_counted, result.figures.posted_required) == (3, 4)


def test_posted_entries_are_those_counted_in_the_window() -> None:
    outside = [entry("10-16"), entry("10-15")]
    mixed = [*weeks(1, 1, 1, 0), *weeks(1, 1, 1, 2, channel="network")]
    assert weekly(facts(*mixed, *outside, min_posted_per_week=1)).colour == "yellow"
    this_week = facts(*mixed, entry("11-17"), min_posted_per_week=1, previous="yellow")
    assert (weekly(this_week).colour, event(this_week).colour) == ("yellow", "green")


def test_the_share_of_posted_follows_the_due_days_rounded_down() -> None:
    few = facts(*weeks(2, 2, 2, 0), *weeks(0, 0, 0, 2, channel="network"), min_posted_per_week=2, start=day("10-21"))
    assert weekly(few).figures.posted_required == 7
    none_due = facts(min_posted_per_week=1, reset_on=day("11-11"))
    assert weekly(none_due).figures.posted_required == 0


@pytest.mark.parametrize(("today", "colour"), [("12-07", "green"), ("12-08", "yellow"), ("12-31", "yellow")])
def test_uploads_are_asked_for_from_the_eighth(today: str, colour: str) -> None:
    steady = [entry(day("11-02").replace(day=n), id=n) for n in range(2, 30)] + [
        entry(f"12-{n:02}", id=100 + n) for n in range(1, 31)
    ]
    result = weekly(facts(*steady, uploads_per_month=1), today=day(today))
    assert result.colour == colour
    assert ("upload_missing" in result.reasons) is (colour == "yellow")


def test_uploads_are_those_of_the_whole_last_month() -> None:
    """Also before the window, also before the last talk: the month is asked about as a month."""
    asked = {"uploads_per_month": 2, "previous": "yellow"}
    early = [entry("10-01", doc=True), entry("10-02", doc=True)]
    assert weekly(facts(*ENOUGH, *early, **asked)).colour == "green"
    assert weekly(facts(*ENOUGH, *early, reset_on=day("10-18"), **asked)).colour == "green"
    outside = [entry("09-30", doc=True), entry("11-01", doc=True)]
    result = weekly(facts(*ENOUGH, *outside, **asked))
    assert result.reasons == ("upload_missing",)
    assert (result.figures.uploads_counted, result.figures.uploads_required) == (0, 2)
    edges = [entry("10-01", doc=True), entry("10-31", doc=True)]
    assert weekly(facts(*ENOUGH, *edges, **asked)).colour == "green"


def test_a_document_on_an_entry_that_does_not_count_is_no_upload() -> None:
    odd = [entry("10-05", doc=True), entry("10-06", doc=True, status="planned")]
    assert weekly(facts(*ENOUGH, *odd, uploads_per_month=2)).reasons == ("upload_missing",)


@pytest.mark.parametrize(
    ("fields", "required"),
    [
        ({}, 2),
        ({"start": day("10-01")}, 2),
        ({"start": day("10-02")}, 1),  # 21 of October's 22 working days
        ({"start": day("10-19")}, 0),  # 10 of 22
        ({"exemptions": [exempt("10-05", "10-16")]}, 1),
        ({"exemptions": [exempt("10-01", "10-31")]}, 0),
        ({"reset_on": day("10-30")}, 2),  # a talk lowers what is asked in the window, not in the month
    ],
)
def test_required_uploads_follow_the_due_days_of_the_month(fields: dict[str, Any], required: int) -> None:
    assert weekly(facts(uploads_per_month=2, **fields)).figures.uploads_required == required


def test_holidays_lower_both_sides_of_the_upload_share() -> None:
    # April 2026 has 20 working days out of 22 weekdays; all of them are due.
    assert weekly(facts(uploads_per_month=2, start=day("01-05")), today=day("05-13")).figures.uploads_required == 2


def test_side_reasons_stay_beside_a_red_and_a_zero_week() -> None:
    asked = {"min_posted_per_week": 2, "uploads_per_month": 1}
    assert weekly(facts(*weeks(2, 2, 0, 0), **asked)).reasons == (
        "fast_track", "too_few_posted", "upload_missing", "zero_weeks",
    )  # fmt: skip
    assert weekly(facts(*weeks(2, 2, 2, 0), **asked)).reasons == ("too_few_posted", "upload_missing", "zero_week")


# 9. Candidate


@pytest.mark.parametrize(
    ("counts", "previous", "colour", "reason"),
    [
        ((2, 2, 2, 2), "green", "green", "meets_agreement"),
        ((2, 2, 2, 2), "yellow", "green", "meets_agreement"),
        ((3, 2, 2, 2), "yellow", "green", "meets_agreement"),
        ((2, 2, 2, 1), "yellow", "yellow", "below_agreement"),
        ((2, 2, 1, 1), "green", "green", "below_agreement"),
        ((2, 1, 1, 1), "green", "yellow", "below_agreement"),
        ((1, 1, 1, 1), "red", "yellow", "below_agreement"),
        ((1, 1, 0, 1), "yellow", "yellow", "below_agreement"),
        ((1, 0, 0, 1), "yellow", "red", "far_below_agreement"),
        ((2, 2, 2, 0), "red", "yellow", "zero_week"),
        ((1, 1, 0, 0), "yellow", "red", "zero_weeks"),
        ((1, 1, 0, 0), "red", "red", "zero_weeks"),
        ((1, 0, 1, 0), "red", "red", "far_below_agreement"),
    ],
)
def test_candidate(counts: tuple[int, ...], previous: Colour, colour: Colour, reason: str) -> None:
    result = weekly(facts(*weeks(*counts), previous=previous))
    assert (result.colour, result.reasons) == (colour, (reason,))


def test_thresholds_are_the_policy_s() -> None:
    six, three = facts(*weeks(2, 2, 1, 1)), facts(*weeks(1, 1, 0, 1), previous="yellow")
    assert rated(six, green_enter_ratio=0.75).reasons == ("meets_agreement",)
    assert rated(six, green_stay_ratio=0.76).colour == "yellow"
    assert rated(three, red_ratio=0.38).colour == "red"
    gap = facts(*weeks(4, 4, 0, 0), previous="yellow")
    assert rated(gap, red_zero_weeks=3).reasons == ("zero_week",)
    assert rated(gap, red_zero_weeks=3, yellow_zero_weeks=3).reasons == ("meets_agreement",)


def test_without_anything_required_nothing_is_missing() -> None:
    result = rated(facts(reset_on=TODAY, previous="yellow"), min_due_days_window=0)
    assert (result.required, result.ratio, result.colour) == (0, None, "green")
