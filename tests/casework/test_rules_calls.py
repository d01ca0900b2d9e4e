"""The service call's rules: examples of each, and the machine against a plain model of what people may do."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from backend.casework import errors
from backend.casework import rules_calls as rules
from backend.casework.rules_calls import Attempt, Call
from backend.clock import COPENHAGEN, local_date, local_time
from backend.errors import DomainError

ANNA, BENT = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=COPENHAGEN)  # a Wednesday


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return local_time(date(2026, 11, day), time(hour, minute))


def test_a_claim_keeps_others_out_until_it_lapses() -> None:
    claimed = Call("claimed", ANNA, NOW)
    assert rules.claim(claimed, ANNA, NOW) == "claimed"
    with pytest.raises(errors.CallTaken):
        rules.claim(claimed, BENT, NOW + timedelta(minutes=29))
    assert rules.claim(claimed, BENT, NOW + timedelta(minutes=30)) == "claimed"


def test_only_the_holder_acts() -> None:
    for call in (Call("open"), Call("claimed", BENT, NOW)):
        with pytest.raises(errors.CallNotYours):
            rules.release(call, ANNA)
        with pytest.raises(errors.CallNotYours):
            rules.attempt(call, ANNA, "no_answer")
        with pytest.raises(errors.CallNotYours):
            rules.complete(call, ANNA, "agreed_plan")


@pytest.mark.parametrize(("state", "error"), [
    ("done", errors.CallEnded), ("closed", errors.CallEnded), ("suspended", errors.CallSuspended),
])  # fmt: skip
def test_nothing_happens_to_a_call_that_does_not_run(state: rules.State, error: type[DomainError]) -> None:
    acts: tuple[Callable[[Call], rules.State], ...] = (
        lambda call: rules.claim(call, ANNA, NOW),
        lambda call: rules.release(call, ANNA),
        lambda call: rules.complete(call, ANNA, "agreed_plan"),
        lambda call: rules.choose_time(call, at(19, 10), NOW),
    )
    for act in acts:
        with pytest.raises(error):
            act(Call(state, ANNA, NOW))


@pytest.mark.parametrize(("attempts", "enough"), [
    ([], False),
    ([Attempt(at(18, 10), "no_answer")], False),
    ([Attempt(at(18, 9), "no_answer"), Attempt(at(18, 14), "busy")], False),  # the same day
    ([Attempt(at(18, 10), "no_answer"), Attempt(at(19, 11, 59), "no_answer")], False),  # the same time of day
    ([Attempt(at(18, 10), "no_answer"), Attempt(at(19, 12), "wrong_number")], True),
    ([Attempt(at(18, 14), "busy"), Attempt(at(19, 9), "no_answer")], True),
    ([Attempt(at(21, 10), "no_answer"), Attempt(at(23, 14), "no_answer")], False),  # a Saturday
    ([Attempt(at(18, 10), "no_answer"), Attempt(at(19, 14), "no_answer"), Attempt(at(20, 9), "reached")], False),
    ([Attempt(at(17, 9), "reached"), Attempt(at(18, 10), "no_answer"), Attempt(at(19, 14), "no_answer")], True),
    ([Attempt(at(16, 9), "no_answer"), Attempt(at(17, 9), "reached"), Attempt(at(18, 14), "no_answer")], False),
])  # fmt: skip
def test_when_a_member_may_be_given_up(attempts: list[Attempt], enough: bool) -> None:
    call = Call("claimed", ANNA, NOW, attempts)
    if enough:
        assert rules.complete(call, ANNA, "not_reached") == "done"
    else:
        with pytest.raises(errors.TriedTooLittle):
            rules.complete(call, ANNA, "not_reached")


def test_the_time_of_day_is_danish_also_across_the_change_of_clocks() -> None:
    friday, monday = datetime(2026, 10, 23, 9, 0, tzinfo=COPENHAGEN), datetime(2026, 10, 26, 10, 30, tzinfo=COPENHAGEN)
    assert not rules.may_give_up([Attempt(friday, "no_answer"), Attempt(monday, "no_answer")])
    assert rules.may_give_up([Attempt(friday, "no_answer"), Attempt(monday + timedelta(minutes=30), "no_answer")])


@pytest.mark.parametrize(("tried", "again"), [
    (Attempt(at(18, 10), "no_answer"), at(19, 14)),
    (Attempt(at(18, 13), "wrong_number"), at(19, 9)),
    (Attempt(at(20, 13), "no_answer"), at(23, 9)),  # Friday to Monday
    (Attempt(at(18, 10), "busy"), at(18, 10, 30)),
    (Attempt(at(18, 15, 20), "busy"), at(19, 9)),  # too late in the day
])  # fmt: skip
def test_when_to_ring_again(tried: Attempt, again: datetime) -> None:
    assert rules.next_try(tried) == again


@given(st.integers(0, 14 * 24 * 60 - 1))
def test_following_the_next_try_always_makes_two_fair_tries(minutes: int) -> None:
    first = Attempt(NOW + timedelta(minutes=minutes), "no_answer")
    second = Attempt(rules.next_try(first), "no_answer")
    third = Attempt(rules.next_try(second), "no_answer")
    assert rules.may_give_up([first, second, third])


@pytest.mark.parametrize("wish", [at(18, 9), at(18, 10), at(19, 8, 59), at(19, 16), at(21, 10), at(26, 10)])
def test_times_that_cannot_be_chosen(wish: datetime) -> None:
    with pytest.raises(errors.TimeNotPossible):
        rules.choose_time(Call("open"), wish, NOW)


@pytest.mark.parametrize("wish", [at(18, 11), at(19, 9), at(25, 15, 59)])
def test_times_that_can_be_chosen(wish: datetime) -> None:
    assert rules.choose_time(Call("open"), wish, NOW) == "open"
    assert rules.choose_time(Call("claimed", ANNA, NOW - timedelta(hours=1)), wish, NOW) == "open"
    with pytest.raises(errors.CallTaken):
        rules.choose_time(Call("claimed", ANNA, NOW), wish, NOW)


def test_an_outcome_is_undone_only_soon_and_by_its_writer() -> None:
    done = Call("done", ended_at=NOW, ended_by=ANNA)
    assert rules.undo(done, ANNA, NOW + timedelta(minutes=10)) == "claimed"
    for who, when in ((BENT, NOW), (ANNA, NOW + timedelta(minutes=10, seconds=1))):
        with pytest.raises(errors.UndoTooLate):
            rules.undo(done, who, when)
    with pytest.raises(errors.UndoTooLate):
        rules.undo(Call("closed", ended_at=NOW, ended_by=ANNA), ANNA, NOW)


class CallMachine(RuleBasedStateMachine):
    """Two people at one call, minutes passing. The model keeps who holds it and the vain tries."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.call = Call("open")
        self.holder: UUID | None = None
        self.held_since = NOW
        self.tries: list[tuple[date, int]] = []
        self.over = False

    def _act(self, allowed: bool, act: Callable[[], rules.State], **changes: Any) -> bool:
        """Do it, and compare with whether the model allows it."""
        try:
            to = act()
        except DomainError:
            assert not allowed
            return False
        assert allowed
        self.call = self.call._replace(state=to, **changes)
        return True

    @rule(minutes=st.sampled_from([1, 9, 29, 31, 180, 24 * 60, 24 * 60 + 150]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(who=st.sampled_from([ANNA, BENT]))
    def claim(self, who: UUID) -> None:
        free = self.holder in (None, who) or self.now - self.held_since >= timedelta(minutes=30)
        if self._act(not self.over and free, lambda: rules.claim(self.call, who, self.now),
                     claimed_by=who, claimed_at=self.now):  # fmt: skip
            self.holder, self.held_since = who, self.now

    @rule(who=st.sampled_from([ANNA, BENT]))
    def release(self, who: UUID) -> None:
        if self._act(self.holder == who, lambda: rules.release(self.call, who), claimed_by=None, claimed_at=None):
            self.holder = None

    @rule(who=st.sampled_from([ANNA, BENT]), result=st.sampled_from(["no_answer", "busy", "wrong_number", "reached"]))
    def attempt(self, who: UUID, result: rules.AttemptResult) -> None:
        held = {"claimed_by": who, "claimed_at": self.call.claimed_at} if result == "reached" else {}
        changes = {"claimed_by": None, "claimed_at": None} | held
        tried = (*self.call.attempts, Attempt(self.now, result))
        if self._act(self.holder == who, lambda: rules.attempt(self.call, who, result), attempts=tried, **changes):
            if result == "reached":
                self.tries = []
            else:
                local = self.now.astimezone(COPENHAGEN)
                self.tries.append((local_date(self.now), local.hour * 60 + local.minute))
                self.holder = None

    def _enough(self) -> bool:
        weekdays = [(day, minute) for day, minute in self.tries if day.weekday() < 5]
        return any(a[0] != b[0] and abs(a[1] - b[1]) >= 120 for a in weekdays for b in weekdays)

    @rule(who=st.sampled_from([ANNA, BENT]), outcome=st.sampled_from(rules.OUTCOMES))
    def complete(self, who: UUID, outcome: rules.Outcome) -> None:
        allowed = self.holder == who and (outcome != "not_reached" or self._enough())
        if self._act(allowed, lambda: rules.complete(self.call, who, outcome),
                     claimed_by=None, claimed_at=None, ended_at=self.now, ended_by=who):  # fmt: skip
            self.over, self.holder = True, None

    @rule(who=st.sampled_from([ANNA, BENT]))
    def undo(self, who: UUID) -> None:
        ended = self.call.ended_at
        allowed = self.over and self.call.ended_by == who and ended is not None
        allowed = allowed and ended is not None and self.now - ended <= timedelta(minutes=10)
        if self._act(allowed, lambda: rules.undo(self.call, who, self.now),
                     claimed_by=who, claimed_at=self.now, ended_at=None, ended_by=None):  # fmt: skip
            self.over, self.holder, self.held_since = False, who, self.now

    @invariant()
    def the_state_tells_who_holds_it(self) -> None:
        expected = "done" if self.over else "claimed" if self.holder else "open"
        assert self.call.state == expected
        assert self.call.claimed_by == self.holder


CallMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestCallMachine = CallMachine.TestCase
