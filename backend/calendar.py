"""The Danish calendar: public holidays, working days, ISO weeks. Days are dates; no time of day."""

from datetime import date, timedelta
from functools import lru_cache

from holidays import country_holidays

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


@lru_cache(maxsize=256)
def public_holidays(year: int) -> frozenset[date]:
    """The public holidays of a year: General Prayer Day until 2023; never 1 May, 5 June, 24 or 31 December."""
    return frozenset(country_holidays("DK", years=year))


def is_public_holiday(day: date) -> bool:
    return day in public_holidays(day.year)


def is_working_day(day: date) -> bool:
    """Monday to Friday, and no public holiday."""
    return day.weekday() < 5 and not is_public_holiday(day)


@lru_cache(maxsize=256)
def _mask_of_year(year: int) -> int:
    first = date(year, 1, 1)
    return sum(1 << n for n in range(_length(year)) if is_working_day(first + n * DAY))


def _length(year: int) -> int:
    return (date(year, 12, 31) - date(year, 1, 1)).days + 1


def working_mask(first: date, last: date) -> int:
    """The working days from `first` to `last` as bits, bit 0 for `first`: counting days is then arithmetic."""
    if last < first:
        return 0
    mask = place = 0
    for year in range(first.year, last.year + 1):
        mask |= _mask_of_year(year) << place
        place += _length(year)
    mask >>= (first - date(first.year, 1, 1)).days
    return mask & ((1 << ((last - first).days + 1)) - 1)


def working_days(first: date, last: date) -> int:
    """How many working days there are from `first` to `last`, both included; 0 when `last` is earlier."""
    return working_mask(first, last).bit_count()


def add_working_days(day: date, n: int) -> date:
    """The n-th working day after `day` (before it where n is negative); `day` itself for 0.

    A task made on a Wednesday and due in 3 working days is due on Monday.
    """
    step = DAY if n > 0 else -DAY
    left = abs(n)
    while left:
        day += step
        left -= is_working_day(day)
    return day


def monday(day: date) -> date:
    """The Monday of the day's ISO week."""
    return day - timedelta(days=day.weekday())


def sunday(day: date) -> date:
    """The Sunday of the day's ISO week."""
    return day + timedelta(days=6 - day.weekday())


def iso_week(day: date) -> tuple[int, int]:
    """ISO year and week number: 1 January 2027 lies in (2026, 53)."""
    year, week, _ = day.isocalendar()
    return year, week


def month_before(day: date) -> tuple[date, date]:
    """First and last day of the calendar month before the day's own."""
    last = day.replace(day=1) - DAY
    return last.replace(day=1), last
