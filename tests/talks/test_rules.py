"""Attendance and minutes as rules: a state machine in whatever order people act, the law's ways, items that are met."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from backend.course import regimes
from backend.db.types import new_id
from backend.errors import DomainError
from backend.talks import errors, rules
from backend.talks.rules import Content, Frame, Mark, NewAgreement, OpenItem, Presence

BEGINS = datetime(2026, 11, 20, 8, tzinfo=UTC)
DAY = date(2026, 11, 20)
FLEXIBLE, TRIAL = regimes.all_regimes()["flexible_2026"], regimes.all_regimes()["trial_2020"]
FRAME = Frame((DAY, DAY), FLEXIBLE, eased=False)
WHOLE = Content("We agreed.", DAY, "personal", ("cv_talk", "job_talk"))


class TalkMachine(RuleBasedStateMachine):
    """One booked talk: `trail` is all that was noted, `closed` says that its minutes are."""

    def __init__(self) -> None:
        super().__init__()
        self.now = BEGINS - timedelta(hours=1)
        self.known = Presence("booked", None, BEGINS, minutes_closed=False)
        self.trail: list[str] = []

    @rule(minutes=st.sampled_from([10, 61, 600]))
    def time_goes_by(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(reason=st.sampled_from([None, "sick", "other", "unknown", "nonsense"]), attended=st.booleans())
    def marks(self, attended: bool, reason: str | None) -> None:
        allowed = self.known.state != "cancelled" and self.now >= BEGINS
        if not attended:
            allowed = allowed and reason in rules.ABSENCE_REASONS and not self.known.minutes_closed
        try:
            changed = rules.mark(self.known, Mark(new_id(), attended, reason), self.now)
        except DomainError:
            assert not allowed
            return
        assert allowed
        after = ("attended", None) if attended else ("absent", reason)
        assert changed == (after != (self.known.state, self.known.reason))
        if changed:
            self.known = self.known._replace(state=after[0], reason=after[1])
            self.trail.append(after[0])

    @rule()
    def closes(self) -> None:
        """As the service does: a booked talk is noted as attended by closing it."""
        if self.known.state == "absent" or self.now < BEGINS or self.known.state == "cancelled":
            return
        self.known = self.known._replace(state="attended", minutes_closed=True)

    @rule()
    def is_given_back(self) -> None:
        if self.known.state == "booked" and self.now < BEGINS:
            self.known = self.known._replace(state="cancelled")

    @invariant()
    def nothing_is_noted_before_it_begins_and_closed_minutes_mean_that_it_was_held(self) -> None:
        assert not self.trail or self.now >= BEGINS
        assert not self.known.minutes_closed or self.known.state == "attended"


TalkMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
TestTalkMachine = TalkMachine.TestCase


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"minutes": " \n"}, errors.MinutesNeeded),
        ({"held_on": None}, errors.HeldOnNotPossible),
        ({"held_on": date(2026, 11, 19)}, errors.HeldOnNotPossible),
        ({"types": ()}, errors.TypeNeeded),
        ({"types": ("cv_talk", "availability_talk")}, errors.MergeNotAllowed),
        ({"types": ("cv_talk", "joint_talk")}, errors.MergeNotAllowed),
        ({"form": None}, errors.FormNeeded),
        ({"form": "letter"}, errors.FormNotAllowed),
        ({"agreements": [NewAgreement("member", " ", DAY)]}, errors.AgreementIncomplete),
    ],
)
def test_minutes_that_may_not_close(change: dict[str, Any], error: type[DomainError]) -> None:
    rules.check_closing(WHOLE, FRAME)
    with pytest.raises(error):
        rules.check_closing(WHOLE._replace(**change), FRAME)


def test_what_the_law_merges_differs_by_regime_and_what_a_plan_has_merged_may_be_held() -> None:
    both = WHOLE._replace(types=("cv_talk", "joint_talk"))
    rules.check_closing(both, FRAME._replace(regime=TRIAL))
    rules.check_closing(both, FRAME._replace(item_talks=[("cv_talk", "joint_talk")]))
    with pytest.raises(errors.TypeNotPossible):
        rules.check_closing(WHOLE, FRAME._replace(regime=None))
    rules.check_closing(WHOLE._replace(types=("follow_up",), form="phone"), FRAME._replace(regime=None))


def test_attendance_by_letter_counts_where_the_law_eases_it() -> None:
    by_letter = WHOLE._replace(form="letter")
    rules.check_closing(by_letter, FRAME._replace(eased=True))
    assert rules.forms(FRAME, ["cv_talk"]) == {"personal"}
    assert rules.forms(FRAME, ["sparring_talk"]) == {"personal", "phone", "video"}
    assert "letter" in rules.forms(FRAME._replace(eased=True), ["joint_talk"])


def item(*talks: str, linked: bool = True, window_from: date = DAY) -> OpenItem:
    return OpenItem(UUID(int=len(talks) + 10 * linked), talks, window_from, linked)


def test_a_merged_talk_counts_for_both_items() -> None:
    both = [item("cv_talk"), item("job_talk", "x", linked=False), item("job_talk", linked=False)]
    assert rules.met(both, ["cv_talk", "job_talk"], DAY) == [both[0].id, both[2].id]
    assert rules.met([item("cv_talk", "job_talk")], ["job_talk"], DAY) == []
    assert rules.met([item()], ["sparring_talk"], DAY) != []
    assert rules.met([item(linked=False)], ["sparring_talk"], DAY) == []
    ahead = item("job_talk", linked=False, window_from=DAY + timedelta(days=1))
    assert rules.met([ahead], ["job_talk"], DAY) == []


@given(types=st.lists(st.sampled_from(sorted(rules.STATUTORY)), max_size=4), eased=st.booleans())
def test_whatever_closes_was_held_in_a_form_that_the_law_allows(types: list[Any], eased: bool) -> None:
    frame = FRAME._replace(eased=eased)
    for form in ("personal", "phone", "video", "letter"):
        content = WHOLE._replace(types=tuple(types), form=form)
        try:
            rules.check_closing(content, frame)
        except DomainError:
            continue
        assert regimes.may_merge(FLEXIBLE, types)
        assert form in regimes.forms_allowed(FLEXIBLE, types, eased=eased)


def test_lawful_absence() -> None:
    assert {one for one in rules.ABSENCE_REASONS if rules.lawful(one)} == {
        "at_work", "job_interview", "in_offer", "other_meeting", "sick",
    }  # fmt: skip
