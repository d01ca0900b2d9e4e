"""When a message may reach a phone. Pure: quiet hours, spreading, back-off of repeats."""

import zlib
from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID

from backend import calendar
from backend.clock import COPENHAGEN, local_time

Quiet = Literal["on", "off"]
Channel = Literal["push", "sms", "email", "mailbox", "paper"]

# Wall-clock times in Denmark: nobody's phone rings from 20:00 to 08:00; what was held is sent from 08:30.
QUIET_FROM = time(20)
QUIET_UNTIL = time(8)
HELD_UNTIL = time(8, 30)
# What goes to many at once, or was held for many till the same minute, is spread: throttling providers and the stampede
# of people who open the app are both worst on the hour.
SPREAD = timedelta(minutes=10)
BURST = 100
# A fuse, not a rule: no device gets more than this in a day, whatever goes wrong elsewhere.
DAILY_FUSE = 20
# How many workers may die on one delivery before it is given up.
MOST_LAPSES = 5


def is_quiet_day(day: date) -> bool:
    """Weekends, public holidays, 24 and 31 December."""
    return not calendar.is_working_day(day) or (day.month == 12 and day.day in (24, 31))


def held(at: datetime) -> datetime:
    """The instant itself when phones may ring then; else the next 08:30 of a day that is not quiet."""
    wall = at.astimezone(COPENHAGEN)
    if QUIET_UNTIL <= wall.time() < QUIET_FROM and not is_quiet_day(wall.date()):
        return at
    day = wall.date() if wall.time() < QUIET_UNTIL else wall.date() + calendar.DAY
    while is_quiet_day(day):
        day += calendar.DAY
    return local_time(day, HELD_UNTIL).astimezone(at.tzinfo)


def due_at(now: datetime, member_id: UUID, *, burst: bool) -> datetime:
    """When a message made at `now` is due. Of a burst, and of what is held, each member has a moment of their own."""
    start = held(now)
    if start == now and not burst:
        return now
    at = start + share(member_id.bytes) * SPREAD
    after = held(at)
    return at if after == at else after + share(member_id.bytes) * SPREAD


def share(seed: bytes) -> float:
    """An even draw from 0 (included) to 1, the same for the same seed: spread out, yet repeatable."""
    return zlib.crc32(seed) / 2**32


def jitter(delivery_id: UUID, attempt: int) -> float:
    """The draw for a repeated try: another for each delivery and each attempt."""
    return share(delivery_id.bytes + attempt.to_bytes(4))
