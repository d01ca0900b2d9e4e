"""Self-booking deadlines: at least eight days, longer when the member could not book. Pure; days are Danish."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from backend import calendar
from backend.booking import errors
from backend.clock import local_date

# A member has at least so many days to book, counted from the day they are told.
LEAST = timedelta(days=8)


class Deadline(NamedTuple):
    told_on: date
    due_on: date
    paused_on: date | None = None


def first(told_on: date, last_day: date | None) -> date:
    """The day by which to have booked: eight days after being told. `last_day` may ask for later, never for sooner."""
    return max(told_on + LEAST, last_day or told_on)


def resumed(deadline: Deadline, today: date) -> date:
    """After a pause as many days are left as there were before it."""
    assert deadline.paused_on is not None
    return deadline.due_on + max(today - deadline.paused_on, timedelta())


def extended(deadline: Deadline, due_on: date, today: date) -> date:
    """A later day that staff grants. Raises DeadlineTooShort."""
    if due_on <= deadline.due_on or due_on < today:
        raise errors.DeadlineTooShort(field="dueOn")
    return due_on


def no_slot(deadline: Deadline, today: date) -> date:
    """On a day when no time was free nobody could book: eight days from then."""
    return max(deadline.due_on, today + LEAST)


def outage(deadline: Deadline, from_at: datetime, to_at: datetime, now: datetime) -> date:
    """As many days more as the outage touched of those left for booking; never a last day that is gone already."""
    begin = max(local_date(from_at), deadline.told_on)
    end = min(local_date(to_at), deadline.due_on)
    touched = (end - begin).days + 1
    if touched <= 0:
        return deadline.due_on
    return max(deadline.due_on + touched * calendar.DAY, local_date(now) + calendar.DAY)


def reopened(deadline: Deadline, today: date) -> date:
    """When a booking was given back the member again has eight days."""
    return max(deadline.due_on, today + LEAST)
