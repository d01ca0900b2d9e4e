"""When a member goes over to the jobcentre: hours of benefit counted against the regime's limit. Pure.

The handover is on the last day of the month in which more hours than the limit are paid (410 for the fully insured, 333
for the part-time insured). A job in between stops the count without beginning it anew.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from backend import calendar

# What a whole month of benefit holds, by insurance.
WHOLE_MONTH: Mapping[str, float] = {"full": 160.33, "part": 130.0}
# Who is paid less than this on average goes over some day too far ahead to be told.
SLOWEST = 8.0
TOLD_BEFORE: Mapping[str, tuple[int, int]] = {"3": (8, 21), "1": (1, 7)}


class Forecast(NamedTuple):
    """`handover_on` is None while nobody can say; `certain`: the hours that were paid have passed the limit."""

    hours: float
    limit: int
    handover_on: date | None
    certain: bool


def forecast(paid: Mapping[date, float], limit: int, insurance: str, started_on: date, today: date) -> Forecast:
    """The month in which the limit is passed: by what was paid, then by what is paid in a month like those before.

    `paid` by month (its first day). Months that nobody has given hours for yet are taken to be like the average of
    those known, or whole ones; the first of the spell counts by its working days from `started_on`.
    """
    total = 0.0
    for month in sorted(paid):
        total += paid[month]
        if total > limit:
            return Forecast(round(sum(paid.values()), 2), limit, _last_day(month), certain=True)
    first = max(started_on.replace(day=1), _next(max(paid, default=date.min)))
    on = _ahead(total, limit, _pace(paid, insurance, started_on), first, started_on)
    this_month = _last_day(today.replace(day=1))
    if on and on < this_month and not paid:
        on = None  # by whole months it would be over: without a single figure nobody can say
    return Forecast(round(total, 2), limit, max(on, this_month) if on else None, certain=False)


def _pace(paid: Mapping[date, float], insurance: str, started_on: date) -> float:
    """Hours of a month to come. The month in which the spell began is no measure of the others."""
    whole = [hours for month, hours in paid.items() if month > started_on.replace(day=1)]
    return sum(whole) / len(whole) if whole else WHOLE_MONTH[insurance]


def _ahead(total: float, limit: int, pace: float, month: date, started_on: date) -> date | None:
    if pace < SLOWEST:
        return None
    while True:
        total += pace * _share(month, started_on)
        if total > limit:
            return _last_day(month)
        month = _next(month)


def _share(month: date, started_on: date) -> float:
    """Which part of a month's working days lies in the spell."""
    if started_on <= month:
        return 1.0
    last = _last_day(month)
    return calendar.working_days(started_on, last) / calendar.working_days(month, last)


def stage(handover_on: date, today: date) -> str | None:
    """Which of the two notices is due: "3" three weeks before, "1" one week; a late one while it is of use."""
    days = (handover_on - today).days
    return next((name for name, (least, most) in TOLD_BEFORE.items() if least <= days <= most), None)


def _next(month: date) -> date:
    return date.min if month == date.min else (month + timedelta(days=31)).replace(day=1)


def _last_day(month: date) -> date:
    return _next(month) - calendar.DAY
