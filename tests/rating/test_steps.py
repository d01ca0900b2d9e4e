"""The figures, steps 1 to 5: one test for each sentence that could be read in another way."""

from datetime import date, timedelta
from typing import Any

import pytest

from backend.rating.figures import Exemption, Figures, Override, Result, Skipped, Week, duplicate_key
from tests.rating.builders import TODAY, W0, W1, day, entry, event, exempt, facts, rated, weekly, weeks

SAME = duplicate_key("Nordsmed", "Klejnsmed")


# 1. Window


@pytest.mark.parametrize("today", ["11-16", "11-18", "11-22"])
def test_the_window_is_the_four_complete_weeks_before_the_current_one(today: str) -> None:
    figures = weekly(facts(), today=day(today)).figures
    assert (figures.window_first, figures.window_last, figures.effective_first) == (W0, W1, W0)
    assert [week.monday for week in figures.weeks] == [W0 + timedelta(weeks=n) for n in range(4)]


def test_the_window_crosses_the_turn_of_the_year() -> None:
    figures = weekly(facts(), today=date(2027, 1, 6)).figures
    assert (figures.window_first, figures.window_last) == (date(2026, 12, 7), date(2027, 1, 3))


@pytest.mark.parametrize(
    ("fields", "first"),
    [
        ({"start": day("10-18")}, W0),
        ({"start": day("10-20")}, day("10-20")),
        ({"reset_on": day("10-18")}, W0),
        ({"reset_on": day("10-19")}, day("10-20")),
        ({"reset_on": day("10-21"), "start": day("10-23")}, day("10-23")),
        ({"reset_on": day("10-23"), "start": day("10-23")}, day("10-24")),
    ],
)
def test_the_effective_first_day_is_the_latest_of_three(fields: dict[str, Any], first: date) -> None:
    result = weekly(facts(*weeks(5, 0, 0, 0), **fields))
    assert result.figures.effective_first == first
    assert result.counted == sum(1 for n in range(5) if W0 + timedelta(days=n) >= first)


# 2. Due days


@pytest.mark.parametrize(
    ("start", "due_days"), [("08-03", 20), ("10-19", 20), ("10-20", 19), ("10-24", 15), ("11-13", 1), ("11-14", 0)]
)
def test_due_days_begin_with_the_spell(start: str, due_days: int) -> None:
    assert weekly(facts(start=day(start))).due_days == due_days


def test_due_days_leave_out_holidays_and_weekends() -> None:
    # Christmas 2026: 25 December is a Friday; 24 and 31 December are due; 1 January is a Friday.
    result = weekly(facts(), today=date(2027, 1, 6))
    assert result.due_days == 18
    assert result.figures.holidays == (date(2026, 12, 25), date(2027, 1, 1))


@pytest.mark.parametrize(
    ("exemptions", "due_days"),
    [
        ([exempt("10-26", "11-08")], 10),
        ([exempt("10-26", "10-26")], 19),
        ([exempt("10-31", "11-01")], 20),
        ([exempt("10-26", "10-30"), exempt("10-28", "11-03")], 13),
        ([exempt("11-02", "10-26")], 20),
        ([exempt("10-26", "11-08", "virksomhedspraktik")], 20),
        ([exempt("10-26", "11-08", "afventer_tidlig_pension")], 20),
        ([exempt("2025-01-01", "10-19")], 19),
        ([exempt("11-12", None)], 18),
        ([exempt("11-12", "12-31")], 18),
        ([exempt("11-19", None)], 20),
    ],
)
def test_exempt_days_are_not_due(exemptions: list[Exemption], due_days: int) -> None:
    assert weekly(facts(exemptions=exemptions)).due_days == due_days


@pytest.mark.parametrize(
    "kind",
    ["ferie", "sygdom", "barsel", "mindre_intensiv_indsats", "jobrettet_uddannelse_6_uger", "afmeldt",
     "fuldtidsarbejde", "arbejdsfordeling", "joblog_fritaget"],
)  # fmt: skip
def test_every_fully_exempting_type_exempts(kind: str) -> None:
    assert weekly(facts(exemptions=[exempt("10-26", "10-30", kind)])).due_days == 15
    assert weekly(facts(exemptions=[exempt("11-18", "11-18", kind)])).reasons == (f"exempt:{kind}",)


def test_a_due_week_has_three_due_days_on_or_after_the_effective_first_day() -> None:
    figures = weekly(facts(reset_on=day("10-20"), exemptions=[exempt("11-04", "11-06")])).figures
    assert figures.weeks == (
        Week(day("10-19"), 3, True, 0),
        Week(day("10-26"), 5, True, 0),
        Week(day("11-02"), 2, False, 0),
        Week(day("11-09"), 5, True, 0),
    )
    assert rated(facts(), week_due_min_days=5).figures.weeks[0].is_due_week


# 3. Counted entries


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


# 4. Required


@pytest.mark.parametrize(
    ("per_week", "start", "required"),
    [
        (2, "08-03", 8),
        (2, "10-20", 7),
        (2, "11-13", 1),
        (0, "08-03", 1),
        (2, "11-14", 0),
        (3, "11-12", 1),
        (1, "11-02", 2),
    ],
)
def test_required_is_rounded_down_but_at_least_one_while_a_day_is_due(per_week: int, start: str, required: int) -> None:
    result = weekly(facts(*weeks(0, 0, 0, 4), min_per_week=per_week, start=day(start)))
    assert result.required == required
    assert result.ratio == (result.counted / required if required else None)


# 5. Trailing zero weeks


@pytest.mark.parametrize(
    ("counts", "zero"),
    [((2, 2, 2, 2), 0), ((2, 2, 2, 0), 1), ((2, 2, 0, 0), 2), ((2, 0, 0, 1), 0), ((0, 0, 0, 0), 4), ((1, 0, 0, 0), 3)],
)
def test_trailing_zero_weeks(counts: tuple[int, ...], zero: int) -> None:
    assert weekly(facts(*weeks(*counts))).trailing_zero_weeks == zero


def test_weeks_that_are_not_due_are_passed_over_even_with_an_entry() -> None:
    away = [exempt("11-02", "11-04")]
    assert weekly(facts(*weeks(2, 0, 0, 0), exemptions=away)).trailing_zero_weeks == 2
    assert weekly(facts(*weeks(2, 0, 1, 0), exemptions=away)).trailing_zero_weeks == 2


def test_an_entry_in_the_current_week_ends_the_row_in_event_mode_only() -> None:
    member = facts(*weeks(2, 2, 0, 0, 1))
    assert (weekly(member).trailing_zero_weeks, event(member).trailing_zero_weeks) == (2, 0)
    assert event(facts(*weeks(2, 2, 0, 0))).trailing_zero_weeks == 2


def test_an_entry_before_the_effective_first_day_fills_no_week() -> None:
    # The talk was on Tuesday; Monday's entry is of the time before it.
    member = facts(*weeks(1, 0, 0, 0), reset_on=day("10-20"))
    assert weekly(member).trailing_zero_weeks == 4


def test_an_entry_of_this_week_before_the_talk_does_not_end_the_row() -> None:
    reset = facts(entry("11-16"), reset_on=day("11-17"))
    assert event(reset).counted == 0


# The figures that go with a rating


def test_all_figures_of_a_rating() -> None:
    member = facts(
        *weeks(1, 2, 0, 1, 1, doc=True),
        *weeks(0, 0, 0, 1, channel="network"),
        entry("11-11", status="planned", id="odd"),
        start=day("10-05"),
        previous="yellow",
        min_posted_per_week=1,
        uploads_per_month=2,
        reset_on=day("10-19"),
        exemptions=[
            exempt("10-01", "10-20"), exempt("11-05", "11-05", "sygdom"), exempt("11-14", None, "barsel"),
            exempt("11-02", "11-06", "virksomhedspraktik"), exempt("11-17", "11-17"), exempt("10-01", "10-18"),
        ],
        calls=[day("10-30"), day("10-12"), day("11-03"), day("11-20")],
        override=Override("yellow", day("12-02")),
    )  # fmt: skip
    assert event(member) == Result(
        colour="yellow",
        previous="yellow",
        counted=5,
        required=6,
        due_days=17,
        trailing_zero_weeks=0,
        reasons=("caseworker_override",),
        actions=(),
        ratio=5 / 6,
        figures=Figures(
            today=TODAY,
            mode="event",
            window_first=W0,
            window_last=W1,
            effective_first=day("10-20"),
            weeks=(
                Week(day("10-19"), 3, True, 0),
                Week(day("10-26"), 5, True, 2),
                Week(day("11-02"), 4, True, 0),
                Week(day("11-09"), 5, True, 2),
            ),
            counted_this_week=1,
            posted_counted=4,
            posted_required=3,
            uploads_counted=3,
            uploads_required=0,
            uploads_in_force=True,
            month_first=day("10-01"),
            month_last=day("10-31"),
            skipped=(Skipped("odd", day("11-11"), "status"),),
            exempt=(
                Exemption("ferie", W0, day("10-20")),
                Exemption("sygdom", day("11-05"), day("11-05")),
                Exemption("barsel", day("11-14"), W1),
            ),
            holidays=(),
            spell_due_days=17,
            reset_on=day("10-19"),
            latest_call=day("11-03"),
            first_call=day("10-12"),
            override_until=day("12-02"),
        ),
    )


def test_figures_of_a_member_without_history() -> None:
    figures = weekly(facts(), today=day("11-05")).figures
    assert (figures.mode, figures.uploads_in_force) == ("weekly", False)
    assert (figures.latest_call, figures.first_call, figures.override_until, figures.exempt) == (None, None, None, ())


def test_days_of_the_spell_before_the_window_and_the_month_are_counted_once() -> None:
    member = facts(start=day("09-28"), exemptions=[exempt("10-05", "11-15")])
    assert weekly(member).figures.spell_due_days == 5
    ill_since = facts(start=day("09-28"), exemptions=[exempt("09-30", None, "sygdom")])
    assert weekly(ill_since).figures.spell_due_days == 2


def test_an_exemption_long_past_takes_nothing_from_last_month() -> None:
    assert weekly(facts(uploads_per_month=2, exemptions=[exempt("08-10", "08-14")])).figures.uploads_required == 2
