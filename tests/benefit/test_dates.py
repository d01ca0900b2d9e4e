"""The days of the benefit card, against days looked up by hand and a second, plainer way to find them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.benefit import dates

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("month", "opens", "send_by", "paid"),
    [
        # Looked up in calendars: month ends with Easter, Ascension, Whitsun, Christmas and plain ones.
        ((2024, 3), (2024, 3, 21), (2024, 3, 25), (2024, 3, 27)),  # 28 and 29: Maundy Thursday, Good Friday
        ((2025, 5), (2025, 5, 22), (2025, 5, 26), (2025, 5, 28)),  # 29 Ascension, 30 closed
        ((2026, 2), (2026, 2, 23), (2026, 2, 25), (2026, 2, 27)),
        ((2026, 3), (2026, 3, 25), (2026, 3, 27), (2026, 3, 31)),
        ((2026, 4), (2026, 4, 24), (2026, 4, 28), (2026, 4, 30)),
        ((2026, 5), (2026, 5, 22), (2026, 5, 27), (2026, 5, 29)),  # 25 Whit Monday
        ((2026, 10), (2026, 10, 26), (2026, 10, 28), (2026, 10, 30)),
        ((2026, 11), (2026, 11, 24), (2026, 11, 26), (2026, 11, 30)),
        ((2026, 12), (2026, 12, 22), (2026, 12, 28), (2026, 12, 30)),  # 24, 25, 31 closed
        ((2027, 3), (2027, 3, 22), (2027, 3, 24), (2027, 3, 31)),  # 25, 26, 29: Easter
        ((2028, 2), (2028, 2, 23), (2028, 2, 25), (2028, 2, 29)),  # a leap year
        ((2030, 5), (2030, 5, 23), (2030, 5, 27), (2030, 5, 29)),  # 30 Ascension, 31 closed
        ((2032, 12), (2032, 12, 23), (2032, 12, 28), (2032, 12, 30)),
    ],
)
def test_days_looked_up(
    month: tuple[int, int], opens: tuple[int, int, int], send_by: tuple[int, int, int], paid: tuple[int, int, int]
) -> None:
    first = date(*month, 1)
    assert (dates.opens_on(first), dates.send_by(first), dates.paid_on(first)) == (
        date(*opens),
        date(*send_by),
        date(*paid),
    )


def _easter(year: int) -> date:
    """Meeus' way, which shares nothing with the product's calendar."""
    a, b, c = year % 19, year // 100, year % 100
    d, e, f = b // 4, b % 4, (b + 8) // 25
    g, i, k = (b - f + 1) // 3, c // 4, c % 4
    h = (19 * a + b - d - g + 15) % 30
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def _closed(day: date) -> bool:
    easter = _easter(day.year)
    moving = {easter + timedelta(days=n) for n in (-3, -2, 0, 1, 39, 40, 49, 50)}
    fixed = {(1, 1), (6, 5), (12, 24), (12, 25), (12, 26), (12, 31)}
    prayer = {easter + timedelta(days=26)} if day.year < 2024 else set()
    return day.weekday() > 4 or day in moving | prayer or (day.month, day.day) in fixed


def test_banking_days_of_a_decade() -> None:
    day = date(2026, 1, 1)
    while day.year < 2036:
        assert dates.is_banking_day(day) == (not _closed(day)), day
        day += DAY


def test_card_days_of_a_decade() -> None:
    for year in range(2026, 2036):
        for number in range(1, 13):
            month = date(year, number, 1)
            after = date(year + number // 12, number % 12 + 1, 1)
            open_days = [month + n * DAY for n in range((after - month).days) if not _closed(month + n * DAY)]
            found = (dates.opens_on(month), dates.send_by(month), dates.paid_on(month))
            assert found == (open_days[-5], open_days[-3], open_days[-1]), month


@pytest.mark.parametrize(
    ("month", "final", "somebody_rings"),
    [
        (date(2026, 11, 1), date(2027, 1, 10), date(2027, 1, 8)),  # a Sunday
        (date(2026, 12, 1), date(2027, 2, 10), date(2027, 2, 10)),
        (date(2027, 1, 1), date(2027, 3, 10), date(2027, 3, 10)),
        (date(2026, 2, 1), date(2026, 4, 10), date(2026, 4, 10)),
        (date(2030, 2, 1), date(2030, 4, 10), date(2030, 4, 10)),
    ],
)
def test_the_final_deadline(month: date, final: date, somebody_rings: date) -> None:
    assert (dates.final_deadline(month), dates.last_working_day(month)) == (final, somebody_rings)
    assert dates.about_to_be_lost(somebody_rings) == month
    assert dates.nearly_lost(final - timedelta(days=10)) == month


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_each_day_belongs_to_the_month_that_it_is_for(day: date) -> None:
    for named, of in (
        (dates.opening, dates.opens_on),
        (dates.to_be_sent, dates.send_by),
        (dates.about_to_be_lost, dates.last_working_day),
    ):
        month = named(day)
        assert month is None or of(month) == day
    lost = dates.nearly_lost(day)
    assert (lost is not None) == ((day + DAY).day == 1)


def test_every_month_has_each_of_its_days() -> None:
    days = [date(2026, 1, 1) + n * DAY for n in range(3653)]
    for named in (dates.opening, dates.to_be_sent, dates.nearly_lost, dates.about_to_be_lost):
        months = [month for day in days if (month := named(day))]
        assert len(months) == len(set(months)) == 120
