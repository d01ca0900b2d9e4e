"""The Danish calendar against the law's own list, and its arithmetic against counting on the fingers."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend import calendar

DAY = timedelta(days=1)
days = st.dates(date(1995, 1, 1), date(2060, 12, 31))


def _easter(year: int) -> date:
    """Easter Sunday by the anonymous Gregorian computus."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def _listed(year: int) -> set[date]:
    offsets = [-3, -2, 0, 1, 39, 49, 50] + ([26] if year < 2024 else [])
    fixed = {date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)}
    return fixed | {_easter(year) + timedelta(days=n) for n in offsets}


@pytest.mark.parametrize("year", range(1995, 2061))
def test_public_holidays_are_those_of_the_list(year: int) -> None:
    assert calendar.public_holidays(year) == _listed(year)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 5, 1), True),
        (date(2026, 6, 5), True),
        (date(2026, 12, 24), True),
        (date(2026, 12, 31), True),
        (date(2023, 5, 5), False),
        (date(2024, 4, 26), True),
        (date(2026, 4, 2), False),
        (date(2026, 5, 14), False),
        (date(2026, 11, 21), False),
        (date(2026, 11, 22), False),
    ],
)
def test_working_days_people_ask_about(day: date, working: bool) -> None:
    assert calendar.is_working_day(day) is working


@given(days, st.integers(-5, 900))
def test_working_days_are_counted_one_by_one(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    each = [n for n in range(max(length + 1, 0)) if calendar.is_working_day(first + n * DAY)]
    assert calendar.working_days(first, last) == len(each)
    assert calendar.working_mask(first, last) == sum(1 << n for n in each)


def test_a_single_day_is_a_span_too() -> None:
    assert calendar.working_days(date(2026, 11, 18), date(2026, 11, 18)) == 1
    assert calendar.working_days(date(2026, 11, 22), date(2026, 11, 22)) == 0
    assert calendar.working_days(date(2026, 11, 18), date(2026, 11, 17)) == 0


@given(days, st.integers(-40, 40))
def test_adding_working_days_lands_on_the_nth(day: date, n: int) -> None:
    landed = calendar.add_working_days(day, n)
    if n == 0:
        assert landed == day
        return
    assert calendar.is_working_day(landed)
    between = (day + DAY, landed) if n > 0 else (landed, day - DAY)
    assert calendar.working_days(*between) == abs(n)


def test_three_working_days_over_a_weekend_and_over_easter() -> None:
    assert calendar.add_working_days(date(2026, 11, 18), 3) == date(2026, 11, 23)
    assert calendar.add_working_days(date(2026, 4, 1), 1) == date(2026, 4, 7)
    assert calendar.add_working_days(date(2026, 4, 7), -1) == date(2026, 4, 1)


@given(days)
def test_a_week_runs_from_monday_to_sunday(day: date) -> None:
    monday, sunday = calendar.monday(day), calendar.sunday(day)
    assert (monday.weekday(), sunday.weekday()) == (0, 6)
    assert monday <= day <= sunday
    assert sunday - monday == 6 * DAY
    assert calendar.iso_week(monday) == calendar.iso_week(day) == calendar.iso_week(sunday)


def test_weeks_at_the_turn_of_the_year() -> None:
    assert calendar.iso_week(date(2027, 1, 1)) == (2026, 53)
    assert calendar.iso_week(date(2025, 12, 29)) == (2026, 1)


@pytest.mark.parametrize(
    ("day", "month"),
    [
        (date(2026, 11, 18), (date(2026, 10, 1), date(2026, 10, 31))),
        (date(2026, 1, 31), (date(2025, 12, 1), date(2025, 12, 31))),
        (date(2024, 3, 1), (date(2024, 2, 1), date(2024, 2, 29))),
    ],
)
def test_the_month_before(day: date, month: tuple[date, date]) -> None:
    assert calendar.month_before(day) == month
