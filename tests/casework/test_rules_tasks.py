"""The task as a state machine."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.casework import errors
from backend.casework import rules_tasks as rules
from backend.casework.rules_tasks import Facts
from backend.errors import DomainError
from tests.casework.factories import NOW

ME, OTHER = UUID(int=1), UUID(int=2)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_claim_holds_for_its_day_only() -> None:
    held = Facts("claimed", OTHER, NOW)
    with pytest.raises(errors.TaskTaken):
        rules.claim(held, ME, NOW + 8 * HOUR)
    assert rules.claim(held, ME, NOW + DAY) == "claimed"
    assert rules.claim(held, OTHER, NOW) == "claimed"


def test_undo_is_for_some_minutes_and_for_the_one_who_did_it() -> None:
    done = Facts("done", ended_at=NOW, ended_by=ME)
    assert rules.undo(done, ME, NOW + timedelta(minutes=10)) == "claimed"
    for who, at in ((OTHER, NOW), (ME, NOW + timedelta(minutes=11))):
        with pytest.raises(errors.UndoTooLate):
            rules.undo(done, who, at)


@pytest.mark.parametrize(
    ("today", "overdue", "escalated"),
    [
        (date(2026, 12, 22), False, False),
        (date(2026, 12, 23), True, False),
        (date(2026, 12, 24), True, False),
        (date(2026, 12, 27), True, False),  # Christmas and the weekend are no working days.
        (date(2026, 12, 28), True, True),
    ],
)
def test_overdue_and_escalated(today: date, overdue: bool, escalated: bool) -> None:
    due_on = date(2026, 12, 22)
    assert (rules.overdue(due_on, today), rules.escalated(due_on, today)) == (overdue, escalated)


EVENTS = st.sampled_from(("claim", "release", "complete", "undo", "close"))
STEPS = st.lists(st.tuples(EVENTS, st.sampled_from((ME, OTHER)), st.integers(0, 30)), max_size=30)


@settings(max_examples=200)
@given(STEPS)
def test_no_walk_leaves_the_machine_or_takes_work_from_a_colleague(steps: list[tuple[str, UUID, int]]) -> None:
    task, now = Facts("open"), NOW
    for event, who, hours in steps:
        now += hours * HOUR
        before = task
        task = _step(task, event, who, now)
        assert (task.state == "claimed") == (task.claimed_by is not None)
        if before.state == "cancelled":
            assert task == before
        if (
            before.state == "claimed"
            and before.claimed_by != who
            and not rules.lapsed(before, now)
            and event != "close"
        ):
            assert task == before


def _step(task: Facts, event: str, who: UUID, now: object) -> Facts:
    try:
        if event == "claim":
            return Facts(rules.claim(task, who, now), who, now)  # type: ignore[arg-type]
        if event == "release":
            return Facts(rules.release(task, who))
        if event == "complete":
            return Facts(rules.complete(task, who, now), ended_at=now, ended_by=who)  # type: ignore[arg-type]
        if event == "undo":
            return Facts(rules.undo(task, who, now), who, now)  # type: ignore[arg-type]
    except DomainError:
        return task
    return Facts("cancelled") if task.state in ("open", "claimed") else task
