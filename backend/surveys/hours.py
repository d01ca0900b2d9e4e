"""When a member may be asked: working days between opening and closing, some hours after the activity. Pure.

On 24 and 31 December nobody is asked either: phones do not ring then, and the question would come days late.
"""

from datetime import datetime
from typing import NamedTuple

from backend import calendar, clock
from backend.notifications.sending import is_quiet_day
from backend.surveys.policy import DAY, HOUR, Policy


class Window(NamedTuple):
    """From the first instant, up to but not including the last."""

    opens: datetime
    closes: datetime


def is_open(instant: datetime, policy: Policy) -> bool:
    local = instant.astimezone(clock.COPENHAGEN)
    return not is_quiet_day(local.date()) and policy.opens <= local.time() < policy.closes


def next_open(instant: datetime, policy: Policy) -> datetime:
    """The instant itself when it is open, else the next opening."""
    if is_open(instant, policy):
        return instant
    local = instant.astimezone(clock.COPENHAGEN)
    day = local.date()
    if local.time() >= policy.closes:
        day += calendar.DAY
    while is_quiet_day(day):
        day += calendar.DAY
    return clock.local_time(day, policy.opens).astimezone(instant.tzinfo)


def invitation_window(ended_at: datetime, policy: Policy) -> Window:
    """When the invitation to an activity that ended then may go out: 2 to 24 hours later, in open hours.

    Where these 24 hours hold no open hour (a talk late on a Friday, the day before Easter), the first open day after
    serves instead, so that such activities are heard about as well.
    """
    opens = next_open(ended_at + policy.earliest_hours * HOUR, policy)
    latest = ended_at + policy.latest_hours * HOUR
    if opens < latest:
        return Window(opens, latest)
    closing = clock.local_time(clock.local_date(opens), policy.closes)
    return Window(opens, closing.astimezone(ended_at.tzinfo))


def reminder_window(invited_at: datetime, policy: Policy) -> Window:
    """When the one reminder may go out: from 4 days after the invitation, never after 10."""
    opens = next_open(invited_at + policy.remind_after_days * DAY, policy)
    return Window(opens, invited_at + policy.remind_until_days * DAY)
