"""Whom to remind of the job log: the rules alone."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend import calendar
from backend.followup import cv_reminders
from backend.followup import rules_reminders as rules
from backend.followup.rules_reminders import Facts, Period
from backend.notifications import sending

# A Thursday, the Monday after, the 20th (a Friday) and the 24th of an ordinary month.
THURSDAY, MONDAY, TWENTIETH, UPLOADS_DAY = (
    date(2026, 11, 19),
    date(2026, 11, 23),
    date(2026, 11, 20),
    date(2026, 11, 24),
)
BEHIND = Facts(date(2026, 8, 3), 2, 2, counted=3, required=8, entries=0, uploads=0)
ON_HOLIDAY = Period(date(2026, 11, 16), date(2026, 11, 20))


@pytest.mark.parametrize(
    ("facts", "reminded"),
    [
        (BEHIND, True),
        (BEHIND._replace(entries=1), False),
        (BEHIND._replace(counted=8), False),
        (BEHIND._replace(counted=0, required=0), True),  # not rated yet
        (BEHIND._replace(min_per_week=0), False),
        (BEHIND._replace(started_on=date(2026, 11, 18)), True),
        (BEHIND._replace(started_on=date(2026, 11, 19)), False),  # two working days of the week are too few
        (BEHIND._replace(exempt=[Period(date(2026, 11, 19), None)]), False),
        (BEHIND._replace(exempt=[Period(date(2026, 11, 16), date(2026, 11, 18))]), False),
        (BEHIND._replace(exempt=[Period(date(2026, 11, 16), date(2026, 11, 17))]), True),
        (BEHIND._replace(exempt=[Period(date(2026, 11, 20), date(2026, 11, 22))]), True),
    ],
)
def test_nothing_this_week(facts: Facts, reminded: bool) -> None:
    assert rules.nothing_this_week(facts, THURSDAY) is reminded


def test_nothing_last_week_is_about_the_week_that_is_over() -> None:
    assert rules.nothing_last_week(BEHIND._replace(counted=8), MONDAY)
    assert not rules.nothing_last_week(BEHIND._replace(exempt=[ON_HOLIDAY]), MONDAY)
    assert rules.nothing_last_week(BEHIND._replace(exempt=[Period(date(2026, 11, 9), date(2026, 11, 15))]), MONDAY)
    assert not rules.nothing_last_week(BEHIND._replace(exempt=[Period(MONDAY, None)]), MONDAY)


def test_nothing_this_month_needs_some_days_to_have_been_asked_for() -> None:
    assert rules.nothing_this_month(BEHIND, TWENTIETH)
    assert rules.nothing_this_month(BEHIND._replace(started_on=date(2026, 11, 16)), TWENTIETH)
    assert not rules.nothing_this_month(BEHIND._replace(started_on=date(2026, 11, 17)), TWENTIETH)


@pytest.mark.parametrize(
    ("facts", "missing"),
    [
        (BEHIND, (2, 2)),
        (BEHIND._replace(uploads=1), (1, 2)),
        (BEHIND._replace(uploads=3), (0, 2)),
        # November 2026 has 21 working days; with 5 of them on holiday 2 of 2 become 1 (rounded down).
        (BEHIND._replace(exempt=[ON_HOLIDAY]), (1, 1)),
        (BEHIND._replace(started_on=date(2026, 11, 23)), (0, 0)),
        (BEHIND._replace(uploads_per_month=0), (0, 0)),
        (BEHIND._replace(exempt=[Period(UPLOADS_DAY, None)]), (0, 0)),
    ],
)
def test_uploads_missing(facts: Facts, missing: tuple[int, int]) -> None:
    assert rules.uploads_missing(facts, UPLOADS_DAY) == missing


@pytest.mark.parametrize(
    ("month", "days"),
    [
        ((2026, 11), [24, 30]),
        ((2026, 10), [23, 30]),  # the 24th is a Saturday, the 31st too
        ((2026, 12), [23, 30]),  # phones are quiet on 24 and 31 December
        ((2024, 3), [22, 27]),  # the 24th is Palm Sunday; Easter takes the month's end
    ],
)
def test_days_for_uploads(month: tuple[int, int], days: list[int]) -> None:
    first, last = rules.month_of(date(*month, 1))
    all_days = [first + n * calendar.DAY for n in range((last - first).days + 1)]
    found = [day for day in all_days if rules.is_uploads_day(day)]
    assert [day.day for day in found] == days
    assert [rules.is_last_uploads_day(day) for day in found] == [False, True]


@given(st.dates(date(2024, 1, 1), date(2035, 12, 31)))
def test_no_upload_reminder_on_a_quiet_day(day: date) -> None:
    assert not (rules.is_uploads_day(day) and sending.is_quiet_day(day))


def test_every_spell_is_reminded_of_its_cv_on_a_day_that_phones_may_ring_and_in_time() -> None:
    asked: dict[date, list[date]] = {}
    for n in range(4000):
        today = date(2026, 1, 1) + timedelta(days=n)
        for started_on in cv_reminders.reminded_starts(today):
            assert not sending.is_quiet_day(today)
            asked.setdefault(started_on, []).append(today)
    for started_on, days in asked.items():
        if date(2026, 1, 1) <= started_on <= date(2036, 1, 1):
            assert started_on + timedelta(days=7) <= days[0], started_on
            assert len(days) in (1, 2), started_on


def test_the_days_of_the_cv() -> None:
    assert cv_reminders.reminded_starts(date(2026, 11, 18)) == {date(2026, 11, 11): 7, date(2026, 11, 7): 11}
    assert cv_reminders.reminded_starts(date(2026, 11, 21)) == {}  # a Saturday
    monday = cv_reminders.reminded_starts(date(2026, 11, 23))
    assert {day for day, after in monday.items() if after == 7} == {date(2026, 11, n) for n in (14, 15, 16)}
