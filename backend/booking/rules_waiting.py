"""The line for a full session: who is next, and how long an offer stands. Pure."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Literal

from backend.booking.rules import Item

# When a message may reach a phone: the instant itself, or the next one that is not at night or on a day off.
Sending = Callable[[datetime], datetime]
Reason = Literal["offered", "full", "quiet", "audience", "own_time", "closing"]

OFFER_LASTS = timedelta(hours=24)
# An offer that nobody could answer in time is none.
OFFER_LEAST = timedelta(hours=1)
MUST, COURSE, WISH = 1, 2, 3


def priority(items: Collection[Item]) -> int:
    """Statutory talks first, then what belongs to the member's course, then what they would like."""
    requirements = {item.requirement for item in items}
    return MUST if "mandatory" in requirements else COURSE if "course" in requirements else WISH


def offer_until(now: datetime, closes_at: datetime, may_send: Sending) -> datetime | None:
    """Until when an offer made now stands; None when none is to be made: phones are quiet, or booking soon closes.

    No offer runs out while phones are quiet, so that the next in line hears of theirs at once.
    """
    if may_send(now) > now:
        return None
    until = min(may_send(now + OFFER_LASTS), closes_at)
    return until if until - now >= OFFER_LEAST else None


def goes_first(now: datetime, closes_at: datetime, may_send: Sending) -> bool:
    """Whether free seats are kept for the line: while one can still be offered. After that the first to book has it."""
    return may_send(now) + OFFER_LEAST <= closes_at


def reason(
    *, state: str, blocked: str | None, free: int, now: datetime, closes_at: datetime, may_send: Sending
) -> Reason:
    """Why somebody in line has no seat yet, for them to see."""
    if state == "offered":
        return "offered"
    if blocked in ("audience", "own_time"):
        return "audience" if blocked == "audience" else "own_time"
    if free <= 0:
        return "full"
    if not goes_first(now, closes_at, may_send):
        return "closing"
    return "quiet" if may_send(now) > now else "full"
