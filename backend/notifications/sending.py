"""When a message may reach a phone. Pure: quiet hours, spreading, back-off of repeats."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID

from backend import calendar
from backend.clock import COPENHAGEN, local_date, local_time
from backend.notifications.message_type import Hours
from backend.notifications.policy import STANDARD, Policy

Quiet = Literal["on", "off"]
Channel = Literal["push", "sms", "email", "mailbox", "paper"]

# What makes no sound is never held: a legal notice is written at any hour, and only its announcement waits.
SILENT: tuple[Channel, ...] = ("mailbox", "paper")
# What goes to many at once, or was held for many till the same minute, is spread: throttling providers and the stampede
# of people who open the app are both worst on the hour.
SPREAD = timedelta(minutes=10)
BURST = 100
# When members may be asked what they think, which nobody needs to know at breakfast.
DAYTIME = (time(9), time(19))
# Where the cause of a message names the instant that something was at before it was moved.
WAS = "was"
# A fuse, not a rule: no member is told of more messages than this in a day, whatever goes wrong elsewhere.
DAILY_FUSE = 20
# A phone that was not seen for a month may lie in a drawer: it is still pushed to, yet counts as none.
STALE_AFTER = timedelta(days=30)
# How many workers may die on one delivery before it is given up.
MOST_LAPSES = 5


@dataclass(frozen=True, slots=True)
class Window:
    """The hours of a day at which phones may ring, on Denmark's wall; what comes outside waits for `held_until`.

    Working days alone, unless `every_day`. On the day of the instant `early`, whatever day that is, from then on.
    """

    opens: time
    closes: time
    held_until: time
    every_day: bool = False
    early: datetime | None = None


@dataclass(frozen=True, slots=True)
class OwnQuiet:
    """A member's own quiet hours: they begin earlier in the evening, or end later in the morning, than the fund's."""

    begins: time | None = None
    ends: time | None = None


NONE_OF_ONES_OWN = OwnQuiet()


def office(policy: Policy = STANDARD, own: OwnQuiet = NONE_OF_ONES_OWN) -> Window:
    """The fund's hours, made shorter by the member's own."""
    return Window(
        max(policy.quiet_until, own.ends or time.min),
        min(policy.quiet_from, own.begins or time.max),
        max(policy.held_until, own.ends or time.min),
    )


OFFICE = office()


def window(
    policy: Policy, hours: Hours, channel: Channel, own: OwnQuiet, *, today: date, about: Iterable[date] = ()
) -> Window | None:
    """When a message of such hours may go out on a channel; None: at any time.

    A change of a talk goes from early in the morning of the day it is `about`, whatever day and whoever's own quiet
    hours: who hears of it at half past eight is on the way at eight.
    """
    if channel in SILENT or hours == "own":
        return None
    usual = office(policy, own)
    if hours == "same_day":
        return _of_the_day(policy, usual, today, sorted(about))
    if hours == "daytime":
        opens, closes = DAYTIME
        return Window(max(usual.opens, opens), min(usual.closes, closes), max(usual.held_until, opens))
    return usual


def _of_the_day(policy: Policy, usual: Window, today: date, about: Sequence[date]) -> Window:
    if today in about:
        return Window(policy.same_day_from, policy.quiet_from, policy.same_day_from, every_day=True)
    ahead = next((day for day in about if day > today), None)
    return replace(usual, early=local_time(ahead, policy.same_day_from)) if ahead else usual


def days(params: Iterable[object], cause: Mapping[str, object]) -> set[date]:
    """The days that a message is about: those of its params, and the one of the instant that it `was` at before."""
    found = {local_date(one) if isinstance(one, datetime) else one for one in params if isinstance(one, date)}
    return found | ({local_date(datetime.fromisoformat(str(cause[WAS])))} if WAS in cause else set())


def is_quiet_day(day: date) -> bool:
    """Weekends, public holidays, 24 and 31 December."""
    return not calendar.is_working_day(day) or (day.month == 12 and day.day in (24, 31))


def held(at: datetime, hours: Window | None = OFFICE) -> datetime:
    """The instant itself when phones may ring then; else the next morning of a day that is not quiet."""
    if hours is None:
        return at
    wall = at.astimezone(COPENHAGEN)
    if hours.opens <= wall.time() < hours.closes and (hours.every_day or not is_quiet_day(wall.date())):
        return at
    if hours.early and hours.early <= at and wall.date() == local_date(hours.early) and wall.time() < hours.closes:
        return at
    day = wall.date() if wall.time() < hours.opens else wall.date() + calendar.DAY
    while not hours.every_day and is_quiet_day(day):
        day += calendar.DAY
    morning = local_time(day, hours.held_until).astimezone(at.tzinfo)
    return hours.early.astimezone(at.tzinfo) if hours.early and at < hours.early < morning else morning


def due_at(
    now: datetime, member_id: UUID, *, burst: bool, hours: Window | None = OFFICE, until: datetime | None = None
) -> datetime:
    """When a message made at `now` is due. Of a burst, and of what is held, each member has a moment of their own.

    Spreading alone makes nothing late: what would then be due at `until` or after is due as soon as it may be.
    """
    start = held(now, hours)
    if start == now and not burst:
        return now
    at = start + share(member_id.bytes) * SPREAD
    after = held(at, hours)
    due = at if after == at else after + share(member_id.bytes) * SPREAD
    return start if until is not None and start < until <= due else due


def morning_of(day: date, member_id: UUID, hours: Window | None) -> datetime:
    """When on a day, or the first day after it that is not quiet, what had to wait for that day is due."""
    return due_at(local_time(day, time()), member_id, burst=True, hours=hours or OFFICE)


def share(seed: bytes) -> float:
    """An even draw from 0 (included) to 1, the same for the same seed: spread out, yet repeatable."""
    return zlib.crc32(seed) / 2**32


def jitter(delivery_id: UUID, attempt: int) -> float:
    """The draw for a repeated try: another for each delivery and each attempt."""
    return share(delivery_id.bytes + attempt.to_bytes(4))
