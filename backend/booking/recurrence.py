"""When something that is held again and again takes place. Pure: wall-clock times in, instants out."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from backend import calendar
from backend.notifications.sending import is_quiet_day


class Rule(NamedTuple):
    """Every few weeks on the weekday of `first_on`, at a wall-clock time; days inclusive."""

    first_on: date
    last_on: date | None
    every_weeks: int
    at: time
    zone: ZoneInfo


class Occurrence(NamedTuple):
    """One time: `planned` names it for good, `local_start` is when it is held by the clock on the wall."""

    planned: datetime
    local_start: datetime
    starts_at: datetime


def occurrences(rule: Rule, exceptions: Mapping[date, datetime | None], first: date, last: date) -> list[Occurrence]:
    """All whose planned day lies from `first` to `last`, without public holidays and closed days.

    `exceptions` maps a planned day to the wall-clock time it was moved to, or to None when it falls away. A moved one
    may fall on a closed day: somebody chose it.
    """
    step = rule.every_weeks * calendar.WEEK
    behind = max((first - rule.first_on).days, 0)
    day = rule.first_on + -(-behind // step.days) * step
    end = last if rule.last_on is None else min(last, rule.last_on)
    found = []
    while day <= end:
        planned = datetime.combine(day, rule.at)
        held = exceptions.get(day, None if is_quiet_day(day) else planned)
        if held is not None:
            found.append(Occurrence(planned, held, instant(held, rule.zone)))
        day += step
    return found


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant of a wall-clock time, through UTC: in the hour that the clock skips, the same moment after it."""
    return wall.replace(tzinfo=zone).astimezone(ZoneInfo("UTC"))


def closes_at(starts_at: datetime, hours: int) -> datetime:
    return starts_at - timedelta(hours=hours)
