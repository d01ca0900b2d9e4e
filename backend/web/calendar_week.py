"""A week of a calendar, day by day: what is held, what is free, when somebody is away. Pure; the API's JSON in."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from backend.clock import COPENHAGEN, local_date

Json = Mapping[str, Any]
WORKING_DAYS = 5


class Entry(NamedTuple):
    """`what` is held, free or away; the times are Danish, cut to the day."""

    what: str
    start: datetime
    end: datetime
    held: Json | None


class Day(NamedTuple):
    on: date
    entries: list[Entry]


def days(monday: date, calendar: Json) -> list[Day]:
    """Monday to Friday, and of the weekend the days on which there is something."""
    found = [Day(on, _entries(on, calendar)) for on in (monday + timedelta(days=n) for n in range(7))]
    return [day for n, day in enumerate(found) if n < WORKING_DAYS or day.entries]


def shift(monday: date, weeks: int) -> date:
    return monday + timedelta(weeks=weeks)


def monday_of(given: date | None, now: datetime) -> date:
    """The Monday of the week that was asked for, else of this one. On a weekend without a wish: of the next."""
    day = given or local_date(now)
    if given is None and day.isoweekday() > WORKING_DAYS:
        day += timedelta(days=2)
    day = min(max(day, date(2001, 1, 1)), date(2099, 12, 1))
    return day - timedelta(days=day.weekday())


def _entries(on: date, calendar: Json) -> list[Entry]:
    found = [_entry("held", one["startsAt"], one["endsAt"], one) for one in calendar["sessions"]]
    found += [_entry("free", one["startsAt"], one["endsAt"], None) for one in calendar["free"]]
    found += [_entry("away", one["fromAt"], one["toAt"], one) for one in calendar["absences"]]
    of_day = [_cut(one, on) for one in found if _touches(one, on)]
    return sorted(of_day, key=lambda one: (one.start, one.end, one.what))


def _entry(what: str, start: str, end: str, held: Json | None) -> Entry:
    times = [datetime.fromisoformat(one).astimezone(COPENHAGEN) for one in (start, end)]
    return Entry(what, times[0], times[1], held)


def _midnight(on: date) -> datetime:
    return datetime.combine(on, datetime.min.time(), COPENHAGEN)


def _touches(one: Entry, on: date) -> bool:
    return one.start < _midnight(on + timedelta(days=1)) and one.end > _midnight(on)


def _cut(one: Entry, on: date) -> Entry:
    start, end = _midnight(on), _midnight(on + timedelta(days=1))
    return one._replace(start=max(one.start, start), end=min(one.end, end))
