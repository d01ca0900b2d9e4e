"""The service call as a state machine: each event says which state follows, or raises why it cannot happen.

open → claimed → done; suspended while the member is exempt; closed when the reason is gone. Pure: the services in
call_work.py and calls.py write what is decided here. Times of day and days are Danish.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import combinations
from typing import Literal, NamedTuple, get_args
from uuid import UUID

from backend import calendar
from backend.casework import errors
from backend.clock import COPENHAGEN, local_date, local_time

State = Literal["open", "claimed", "suspended", "done", "closed"]
Outcome = Literal["agreed_plan", "misregistered", "exempt", "needs_help", "not_reached"]
AttemptResult = Literal["no_answer", "busy", "wrong_number", "reached"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

# A claim that nobody used for this long is free again: people go home, browsers crash.
CLAIM_LAPSES_AFTER = timedelta(minutes=30)
UNDO_WITHIN = timedelta(minutes=10)
# Two tries count as two when somebody who works mornings had a fair chance to be reached.
TRIES_APART = timedelta(hours=2)
BUSY_AGAIN_AFTER = timedelta(minutes=30)
MORNING_TRY, AFTERNOON_TRY, LAST_TRY = time(9), time(14), time(15, 30)
FIRST_HOUR, LAST_HOUR, DAYS_AHEAD = time(9), time(16), 5
# About a week to fill in the job log: not less than people can do beside all else, not more than fits one month.
FILL_EARLIEST, FILL_LATEST = timedelta(days=5), timedelta(days=14)
# A chosen time is handed out this much before, so that somebody has the case open when the clock strikes.
AHEAD_OF_CHOSEN = timedelta(minutes=10)


class Attempt(NamedTuple):
    at: datetime
    result: AttemptResult


class Call(NamedTuple):
    """A call as its rules see it; `ended_by` is who wrote the outcome."""

    state: State
    claimed_by: UUID | None = None
    claimed_at: datetime | None = None
    attempts: Sequence[Attempt] = ()
    ended_at: datetime | None = None
    ended_by: UUID | None = None


def claim(call: Call, staff: UUID, now: datetime) -> State:
    """One person at a time; a claim that lapsed may be taken over, one's own may be renewed."""
    _must_run(call)
    if call.state == "claimed" and call.claimed_by != staff and not lapsed(call, now):
        raise errors.CallTaken
    return "claimed"


def lapsed(call: Call, now: datetime) -> bool:
    return call.claimed_at is not None and now - call.claimed_at >= CLAIM_LAPSES_AFTER


def release(call: Call, staff: UUID) -> State:
    _must_hold(call, staff)
    return "open"


def attempt(call: Call, staff: UUID, result: AttemptResult) -> State:
    """A try that failed puts the call back in the queue; one that reached the member goes on to an outcome."""
    _must_hold(call, staff)
    return "claimed" if result == "reached" else "open"


def complete(call: Call, staff: UUID, outcome: Outcome) -> State:
    """`not_reached` is only for those who were tried properly: it must never be the easy way out."""
    _must_hold(call, staff)
    if outcome == "not_reached" and not may_give_up(call.attempts):
        raise errors.TriedTooLittle
    return "done"


def check_fill_by(outcome: Outcome, fill_by: date, today: date) -> None:
    """A last day for the job log belongs to a plan that was agreed; 5 to 14 days ahead, on a working day."""
    if outcome != "agreed_plan":
        raise errors.FillByNotPossible(field="fillBy")
    if not today + FILL_EARLIEST <= fill_by <= today + FILL_LATEST or not calendar.is_working_day(fill_by):
        raise errors.FillByNotPossible(field="fillBy")


def undo(call: Call, staff: UUID, now: datetime) -> State:
    """A wrong click is common: for some minutes the one who wrote the outcome may take it back, and holds the call."""
    if call.state != "done" or call.ended_at is None:
        raise errors.UndoTooLate
    if call.ended_by != staff or now - call.ended_at > UNDO_WITHIN:
        raise errors.UndoTooLate
    return "claimed"


def choose_time(call: Call, at: datetime, now: datetime) -> State:
    """The member's wish: a working day within the next five, office hours. A call being made now is not moved."""
    _must_run(call)
    if call.state == "claimed" and not lapsed(call, now):
        raise errors.CallTaken
    day, clock = local_date(at), at.astimezone(COPENHAGEN).time()
    last = calendar.add_working_days(local_date(now), DAYS_AHEAD)
    if at <= now or day > last or not calendar.is_working_day(day) or not FIRST_HOUR <= clock < LAST_HOUR:
        raise errors.TimeNotPossible(field="at")
    return "open"


def may_give_up(attempts: Sequence[Attempt]) -> bool:
    """Tried twice in vain since the member was last reached: on different working days, at different times of day."""
    since = max((n for n, a in enumerate(attempts) if a.result == "reached"), default=-1)
    vain = [a.at for a in attempts[since + 1 :] if calendar.is_working_day(local_date(a.at))]
    return any(_fair(one, other) for one, other in combinations(vain, 2))


def _fair(one: datetime, other: datetime) -> bool:
    return local_date(one) != local_date(other) and abs(_into_day(one) - _into_day(other)) >= TRIES_APART


def _into_day(at: datetime) -> timedelta:
    clock = at.astimezone(COPENHAGEN)
    return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)


def next_try(last: Attempt) -> datetime:
    """When to ring again: soon when it was busy, else the next working day at the other end of the day."""
    again = last.at + BUSY_AGAIN_AFTER
    if last.result == "busy" and _within_hours(again):
        return again
    morning = last.at.astimezone(COPENHAGEN).time() < time(12)
    day: date = calendar.add_working_days(local_date(last.at), 1)
    return local_time(day, AFTERNOON_TRY if morning else MORNING_TRY)


def _within_hours(at: datetime) -> bool:
    clock = at.astimezone(COPENHAGEN).time()
    return calendar.is_working_day(local_date(at)) and MORNING_TRY <= clock <= LAST_TRY


def _must_run(call: Call) -> None:
    if call.state in ("done", "closed"):
        raise errors.CallEnded
    if call.state == "suspended":
        raise errors.CallSuspended


def _must_hold(call: Call, staff: UUID) -> None:
    """A claim that lapsed still counts for its holder, as long as nobody else took the call."""
    _must_run(call)
    if call.state != "claimed" or call.claimed_by != staff:
        raise errors.CallNotYours
