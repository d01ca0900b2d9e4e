"""The figures, steps 1, 2, 4 and 5: one test for each sentence that could be read in another way."""

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
