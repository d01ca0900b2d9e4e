"""Whom to remind of the job log, and of what. Pure: facts and days in, a decision out. Days are Danish, inclusive."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from backend import calendar
from backend.notifications import sending

# Fewer days than this on which somebody had to search, and an empty week or month says nothing.
WEEK_AT_LEAST, MONTH_AT_LEAST = 3, 5
MONTH_WARNING_DAY, UPLOADS_DAY = 20, 24


class Period(NamedTuple):
    """A time in which nothing is asked; open without `to_on`."""

    from_on: date
    to_on: date | None


class Facts(NamedTuple):
    """What a reminder goes by. `entries` and `uploads` are those of the week or month it is about.

    The requirement is the one in force; `counted` and `required` are those of the rating that holds.
    """

    started_on: date
    min_per_week: int
    uploads_per_month: int
    counted: int
    required: int
    entries: int
    uploads: int
    exempt: Sequence[Period] = ()


def nothing_this_week(facts: Facts, today: date) -> bool:
    """Thursday: nothing yet this week, and the agreement of the last weeks was not met anyhow."""
    if facts.required and facts.counted >= facts.required:
        return False
    return _empty(facts, calendar.monday(today), calendar.sunday(today), today, WEEK_AT_LEAST)


def nothing_last_week(facts: Facts, today: date) -> bool:
    """Monday: nothing in the week that is over."""
    first = calendar.monday(today) - calendar.WEEK
    return _empty(facts, first, calendar.sunday(first), today, WEEK_AT_LEAST)


def nothing_this_month(facts: Facts, today: date) -> bool:
    """The 20th: nothing in the month until now."""
    return _empty(facts, today.replace(day=1), today, today, MONTH_AT_LEAST)


def uploads_missing(facts: Facts, today: date) -> tuple[int, int]:
    """How many uploads are still to be made this month, and how many it asks for; the first is 0 for nobody to remind.

    A month of which somebody was exempt for a part asks for as large a part, rounded down, as the rating does.
    """
    first, last = month_of(today)
    if _exempt_on(facts, today):
        return 0, 0
    asked = facts.uploads_per_month * days_asked(facts, first, last) // calendar.working_days(first, last)
    return max(asked - facts.uploads, 0), asked


def _empty(facts: Facts, first: date, last: date, today: date, at_least: int) -> bool:
    if facts.entries or not facts.min_per_week or _exempt_on(facts, today):
        return False
    return days_asked(facts, first, last) >= at_least


def days_asked(facts: Facts, first: date, last: date) -> int:
    """Working days on which the member had to search: since the spell's start, and outside exemptions."""
    first = max(first, facts.started_on)
    if not facts.exempt:
        return calendar.working_days(first, last)
    days = (first + n * calendar.DAY for n in range((last - first).days + 1))
    return sum(calendar.is_working_day(day) and not _exempt_on(facts, day) for day in days)


def _exempt_on(facts: Facts, day: date) -> bool:
    return any(one.from_on <= day and (one.to_on is None or day <= one.to_on) for one in facts.exempt)


def month_of(day: date) -> tuple[date, date]:
    """First and last day of the day's month."""
    first = day.replace(day=1)
    return first, calendar.month_before(first + 31 * calendar.DAY)[1]


def is_ringing_day(day: date) -> bool:
    """A day on which reminders go out at all."""
    return not sending.is_quiet_day(day)


def is_uploads_day(day: date) -> bool:
    """The 24th and the last weekday of the month; each moved back to where phones may ring, as the month may end."""
    _, last = month_of(day)
    return day in (_back(day.replace(day=UPLOADS_DAY)), _back(last))


def is_last_uploads_day(day: date) -> bool:
    return day == _back(month_of(day)[1])


def _back(day: date) -> date:
    while sending.is_quiet_day(day):
        day -= calendar.DAY
    return day
