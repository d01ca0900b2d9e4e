"""Which entries count, step 3: one test for each sentence that could be read in another way."""

from datetime import timedelta
from typing import Any

import pytest

from backend.rating.figures import Skipped, duplicate_key
from tests.rating.builders import TODAY, W0, W1, day, entry, event, facts, rated, weekly, weeks

SAME = duplicate_key("Nordsmed", "Klejnsmed")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"deleted": True}, "deleted"),
        ({"logged_on": TODAY + timedelta(days=1)}, "future"),
        ({"status": "planned"}, "status"),
        ({"status": "withdrawn"}, "status"),
        ({"hours": "part"}, "part_time"),
        ({"country": "SE"}, "country"),
        ({"deleted": True, "status": "planned", "country": "SE"}, "deleted"),
        ({"hours": "part", "country": "SE"}, "part_time"),
    ],
)
def test_entries_that_do_not_count_say_why(fields: dict[str, Any], why: str) -> None:
    result = weekly(facts(entry("11-10"), entry("11-11", id="odd", **fields)))
    assert result.counted == 1
    assert [(each.id, each.applied_on, each.reason) for each in result.figures.skipped] == [("odd", day("11-11"), why)]


@pytest.mark.parametrize("fields", [{"status": s} for s in ("applied", "interview", "rejected", "hired")])
def test_entries_that_count(fields: dict[str, Any]) -> None:
    assert weekly(facts(entry("11-10", **fields))).counted == 1


def test_part_time_jobs_count_for_a_member_insured_part_time() -> None:
    assert weekly(facts(entry("11-10", hours="part"), insurance="part")).counted == 1


def test_logged_or_applied_today_is_not_yet_the_future() -> None:
    today = entry("11-18")
    late = entry("11-10", logged_on=TODAY)
    ahead = entry("11-19", logged_on=TODAY)
    result = event(facts(today, late, ahead))
    assert result.counted == 2
    assert [each.reason for each in result.figures.skipped] == ["future"]


def test_entries_before_the_spell_do_not_count_nor_make_others_repeats() -> None:
    result = weekly(facts(entry("10-25", duplicate_key=SAME), entry("10-27", duplicate_key=SAME), start=day("10-26")))
    assert result.counted == 1
    assert [each.reason for each in result.figures.skipped] == ["before_start"]


def test_the_weekly_run_counts_to_the_end_of_the_window_an_event_to_today() -> None:
    member = facts(*weeks(1, 0, 0, 1, 1))
    assert (weekly(member).counted, event(member).counted) == (2, 3)
    assert (weekly(member).figures.counted_this_week, event(member).figures.counted_this_week) == (0, 1)
    assert weekly(facts(entry(W1), entry(W1 + timedelta(days=1)))).counted == 1


@pytest.mark.parametrize(("later", "counted"), [("10-20", 1), ("11-12", 1), ("11-13", 1), ("11-14", 2)])
def test_the_same_job_counts_again_only_after_28_days(later: str, counted: int) -> None:
    first, again = entry("10-16", duplicate_key=SAME), entry(later, duplicate_key=SAME)
    result = rated(facts(again, first), window_weeks=5)
    assert result.counted == counted
    assert [each.reason for each in result.figures.skipped] == ["duplicate"] * (2 - counted)


def test_a_repeat_does_not_prolong_the_ban() -> None:
    chain = [entry(on, duplicate_key=SAME, id=on) for on in ("10-19", "11-05", "11-17")]
    result = event(facts(*reversed(chain)))
    assert result.counted == 2
    assert result.figures.skipped == (Skipped("11-05", day("11-05"), "duplicate"),)


def test_an_entry_before_the_window_makes_one_inside_a_repeat() -> None:
    assert weekly(facts(entry("10-12", duplicate_key=SAME), entry("10-20", duplicate_key=SAME))).counted == 0


def test_a_skipped_entry_makes_no_repeat() -> None:
    planned = entry("10-19", duplicate_key=SAME, status="planned")
    assert weekly(facts(planned, entry("10-20", duplicate_key=SAME))).counted == 1


def test_the_policy_sets_the_days_between_repeats() -> None:
    twice = facts(entry("10-20", duplicate_key=SAME), entry("10-21", duplicate_key=SAME))
    assert [rated(twice, duplicate_days=days).counted for days in (0, 1)] == [2, 1]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"doc": True}, {"doc": False, "channel": "posted"}),
        ({"channel": "posted", "logged_on": day("10-25")}, {"channel": "network"}),
        ({"logged_on": day("10-20")}, {"logged_on": day("10-21")}),
        ({"id": 1}, {"id": 2}),
    ],
)
def test_of_one_day_the_better_documented_is_the_one_that_counts(better: dict[str, Any], worse: dict[str, Any]) -> None:
    one = entry("10-20", duplicate_key=SAME, **{"id": "one", "channel": "network"} | better)
    other = entry("10-20", duplicate_key=SAME, **{"id": "other", "channel": "network"} | worse)
    for order in ((one, other), (other, one)):
        [skipped] = weekly(facts(*order)).figures.skipped
        assert skipped.id == other.id


def test_the_first_day_matters_more_than_the_document() -> None:
    early, documented = (
        entry("10-20", duplicate_key=SAME, id="early"),
        entry("10-21", duplicate_key=SAME, doc=True, id="late"),
    )
    assert [each.id for each in weekly(facts(documented, early)).figures.skipped] == ["late"]


def test_what_makes_two_jobs_the_same() -> None:
    assert duplicate_key(" NordSmed ", "Klejnsmed") == duplicate_key("nordsmed", " KLEJNSMED")
    assert duplicate_key("Straße & Ågård", None) == duplicate_key("STRASSE & ÅGÅRD", "")
    assert duplicate_key("Nordsmed", "Smed") != duplicate_key("Nordsmed", "Svejser")
    assert duplicate_key("  ", "Smed") is None
    assert duplicate_key(None, "Smed") is None


def test_entries_without_an_employer_are_never_repeats() -> None:
    assert weekly(facts(*[entry("10-20", duplicate_key=duplicate_key("", "Smed")) for _ in range(3)])).counted == 3


def test_skipped_entries_are_listed_from_the_earlier_of_window_and_last_month() -> None:
    odd = [entry(on, deleted=True, id=on) for on in ("09-30", "10-01", "11-20", "10-19")]
    assert [each.id for each in weekly(facts(*odd)).figures.skipped] == ["10-01", "10-19", "11-20"]
    repeats = [entry(on, duplicate_key=SAME, id=on) for on in ("09-29", "09-30", "10-01")]
    assert [each.id for each in weekly(facts(*repeats)).figures.skipped] == ["10-01"]


@pytest.mark.parametrize(
    "fields", [{"logged_on": TODAY}, {"applied_on": TODAY, "logged_on": TODAY}, {"applied_on": W0}]
)
def test_the_cause_is_the_first_that_is_true(fields: dict[str, Any]) -> None:
    odd = entry(**{"applied_on": day("11-10")} | fields | {"status": "planned"})
    assert [each.reason for each in event(facts(odd, start=W0)).figures.skipped] == ["status"]


def test_entries_with_and_without_an_id_may_stand_side_by_side() -> None:
    odd = [entry("11-10", country="SE", id=name) for name in (None, "b", None, "a")]
    assert [each.id for each in weekly(facts(*odd)).figures.skipped] == ["a", "b", None, None]
    same = [entry("11-10", duplicate_key=SAME, id=name) for name in (None, "b")]
    assert [each.id for each in weekly(facts(*same)).figures.skipped] == [None]
    two = [entry("11-10", country="SE", id=name) for name in ("b", "a")]
    assert [each.id for each in weekly(facts(*two)).figures.skipped] == ["a", "b"]
