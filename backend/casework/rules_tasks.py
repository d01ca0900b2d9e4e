"""The task as a state machine: each event says which state follows, or raises why it cannot happen. Pure.

open → claimed → done; cancelled when the reason is gone. Unlike a call, a task may be done without taking it first.
"""

from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple, get_args
from uuid import UUID

from backend import calendar
from backend.casework import errors
from backend.clock import local_date

State = Literal["open", "claimed", "done", "cancelled"]
Outcome = Literal["done", "not_reached", "not_needed", "passed_on"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

UNDO_WITHIN = timedelta(minutes=10)
# So many working days after its day, a task that nobody did is shown to whoever leads the work.
ESCALATES_AFTER = 2


class Facts(NamedTuple):
    """A task as its rules see it."""

    state: State
    claimed_by: UUID | None = None
    claimed_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: UUID | None = None


def claim(task: Facts, staff: UUID, now: datetime) -> State:
    """One person at a time; a claim of an earlier day may be taken over, one's own may be renewed."""
    _must_be_free(task, staff, now)
    return "claimed"


def lapsed(task: Facts, now: datetime) -> bool:
    """A claim holds for its day: people go home, and nothing must lie with somebody who is ill."""
    return task.claimed_at is not None and local_date(task.claimed_at) < local_date(now)


def release(task: Facts, staff: UUID) -> State:
    _must_run(task)
    if task.state != "claimed" or task.claimed_by != staff:
        raise errors.TaskNotYours
    return "open"


def complete(task: Facts, staff: UUID, now: datetime) -> State:
    """Whoever did it says so, also without having taken it; not while a colleague is at it."""
    _must_be_free(task, staff, now)
    return "done"


def undo(task: Facts, staff: UUID, now: datetime) -> State:
    """A wrong click is common: for some minutes the one who wrote the outcome may take it back, and holds the task."""
    if task.state != "done" or task.ended_at is None or task.ended_by != staff or now - task.ended_at > UNDO_WITHIN:
        raise errors.UndoTooLate
    return "claimed"


def overdue(due_on: date, today: date) -> bool:
    return due_on < today


def escalated(due_on: date, today: date) -> bool:
    """Overdue by ESCALATES_AFTER Danish working days or more."""
    return calendar.working_days(due_on + calendar.DAY, today) > ESCALATES_AFTER


def _must_run(task: Facts) -> None:
    if task.state in ("done", "cancelled"):
        raise errors.TaskEnded


def _must_be_free(task: Facts, staff: UUID, now: datetime) -> None:
    _must_run(task)
    if task.state == "claimed" and task.claimed_by != staff and not lapsed(task, now):
        raise errors.TaskTaken
