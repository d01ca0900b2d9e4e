"""Each rule against an invitation, by itself and among others."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.clock import COPENHAGEN
from backend.surveys import hours, policy, rules
from backend.surveys.policy import STANDARD
from backend.surveys.rules import Setting, Standing
from tests.surveys.builders import DAY, HOUR, SETTINGS, TUESDAY, attended, said


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=COPENHAGEN)


@pytest.mark.parametrize(
    ("ended", "opens", "closes"),
    [
        ("2026-09-15T10:00", "2026-09-15T12:00", "2026-09-16T10:00"),
        ("2026-09-15T18:00", "2026-09-16T09:00", "2026-09-16T18:00"),
        ("2026-09-15T16:59", "2026-09-15T18:59", "2026-09-16T16:59"),
        ("2026-09-15T05:00", "2026-09-15T09:00", "2026-09-16T05:00"),
        # A Friday afternoon, and one so late that the next 24 hours hold no open hour.
        ("2026-09-18T15:00", "2026-09-18T17:00", "2026-09-19T15:00"),
        ("2026-09-18T17:30", "2026-09-21T09:00", "2026-09-21T19:00"),
        # The Wednesday before Maundy Thursday 2027.
        ("2027-03-24T18:00", "2027-03-30T09:00", "2027-03-30T19:00"),
        # 24 and 31 December are quiet: phones would ring days later, and early.
        ("2026-12-23T18:00", "2026-12-28T09:00", "2026-12-28T19:00"),
        ("2026-12-30T16:00", "2026-12-30T18:00", "2026-12-31T16:00"),
        # The night in which the clock goes back: 24 hours are 24 hours.
        ("2026-10-23T17:30", "2026-10-26T09:00", "2026-10-26T19:00"),
    ],
)
def test_the_window_of_an_invitation(ended: str, opens: str, closes: str) -> None:
    assert hours.invitation_window(at(ended), STANDARD) == (at(opens), at(closes))


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)))
def test_every_activity_has_a_window_of_open_hours(naive: datetime) -> None:
    ended = naive.replace(tzinfo=COPENHAGEN)
    window = hours.invitation_window(ended, STANDARD)
    assert hours.is_open(window.opens, STANDARD)
    assert window.opens < window.closes
    assert window.opens.timestamp() - ended.timestamp() >= 2 * 3600


def test_asked_two_hours_after_at_the_earliest() -> None:
    one = attended()
    assert said(TUESDAY + 2 * HOUR - timedelta(seconds=1), one) == ["wait"]
    assert said(TUESDAY + 2 * HOUR, one) == ["invite"]
    assert said(TUESDAY + 24 * HOUR - timedelta(seconds=1), one) == ["invite"]
    assert said(TUESDAY + 24 * HOUR, one) == ["too_late"]


def test_nobody_is_asked_in_the_evening() -> None:
    one = attended(at=at("2026-09-15T15:00"))
    assert said(at("2026-09-15T18:59"), one) == ["invite"]
    assert said(at("2026-09-15T19:00"), one) == ["wait"]
    assert said(at("2026-09-16T08:59"), one) == ["wait"]
    assert said(at("2026-09-16T09:00"), one) == ["invite"]


NOW = TUESDAY + 3 * HOUR


@pytest.mark.parametrize(
    ("ago", "touchpoint", "expected"),
    [
        (14 * DAY - 30 * HOUR, "T5", "asked_lately"),
        (14 * DAY - HOUR, "T5", "wait"),
        (14 * DAY, "T5", "invite"),
        (60 * DAY - 30 * HOUR, "T1", "same_touchpoint"),
        (60 * DAY, "T1", "invite"),
    ],
)
def test_days_between_invitations(ago: timedelta, touchpoint: str, expected: str) -> None:
    assert said(NOW, attended(), invited=[(touchpoint, NOW - ago)]) == [expected]


def test_at_most_three_in_ninety_days_and_the_third_for_what_is_rare() -> None:
    past = [("T2", NOW - 20 * DAY), ("T4", NOW - 85 * DAY)]
    assert said(NOW, attended("T1"), invited=past) == ["reserved_for_rare"]
    assert said(NOW, attended("T5"), invited=past) == ["invite"]
    third = [*past, ("T3", NOW - 50 * DAY)]
    assert said(NOW, attended("T5"), invited=third) == ["asked_often"]
    assert said(NOW, attended("T5"), invited=[*third[:1], ("T4", NOW - 90 * DAY), third[2]]) == ["invite"]


def test_one_before_the_window_does_not_count_for_common_ones() -> None:
    assert said(NOW, attended("T1"), invited=[("T2", NOW - 20 * DAY), ("T4", NOW - 90 * DAY)]) == ["invite"]


@pytest.mark.parametrize(("ago", "expected"), [(1, "quiet"), (27, "quiet"), (28, "wait"), (47, "wait"), (48, "invite")])
def test_never_within_48_hours_after_something_hard(ago: int, expected: str) -> None:
    assert said(NOW, attended(), sensitive_at=NOW - ago * HOUR) == [expected]


def test_those_who_do_not_want_or_cannot() -> None:
    assert said(NOW, attended(), opted_out_until=NOW + 30 * DAY) == ["opted_out"]
    assert said(NOW, attended(), opted_out_until=NOW) == ["invite"]
    assert said(NOW, attended(), digital_exempt=True) == ["digital_exempt"]


def test_only_the_ends_of_a_series() -> None:
    steps = {step: said(NOW, attended("T3", series=step)) for step in ("first", "middle", "last", "single")}
    assert steps == {"first": ["invite"], "middle": ["middle_of_series"], "last": ["invite"], "single": ["invite"]}
    assert said(NOW, attended("T1", series="middle")) == ["invite"]


def test_a_touchpoint_without_survey() -> None:
    assert said(NOW, attended("T9")) == ["no_survey"]


def test_of_several_the_rare_one_is_asked_about() -> None:
    common, rare = attended("T4"), attended("T5")
    assert said(NOW, common, rare) == ["lower_priority", "invite"]
    later = attended("T5", at=NOW - HOUR)
    assert said(NOW, common, later) == ["wait", "wait"]
    assert said(NOW + HOUR, common, later) == ["lower_priority", "invite"]


def test_of_equals_the_lower_priority_waits_for_none_that_is_passed_over() -> None:
    assert said(NOW, attended("T4"), attended("T5"), invited=[("T5", NOW - 20 * DAY)]) == ["invite", "same_touchpoint"]


def test_a_common_one_gives_way_to_a_rare_one_that_is_booked() -> None:
    assert said(NOW, attended("T4"), rare_ahead_at=NOW + 5 * DAY) == ["rare_ahead"]
    assert said(NOW, attended("T4"), rare_ahead_at=NOW + 15 * DAY) == ["invite"]
    assert said(NOW, attended("T4"), rare_ahead_at=NOW - DAY) == ["invite"]
    assert said(NOW, attended("T3"), rare_ahead_at=NOW + 5 * DAY) == ["invite"]


def test_sampling_takes_its_share_and_always_the_same() -> None:
    settings = {"T1": Setting(touchpoint="T1", priority=1, sampling=0.25)}
    many = [attended("T1", TUESDAY + n * timedelta(microseconds=1)) for n in range(2000)]
    taken = [rules.decide([one], Standing(), settings, STANDARD, NOW)[0].reason == "" for one in many]
    assert 0.2 < sum(taken) / len(taken) < 0.3
    assert taken == [rules.decide([one], Standing(), settings, STANDARD, NOW)[0].reason == "" for one in many]


@pytest.mark.parametrize(("days", "may"), [(3.9, False), (4, True), (9.97, True), (10, False), (12, False)])
def test_one_reminder_after_four_days_and_none_after_ten(days: float, may: bool) -> None:
    # Invited on Monday 7 September: day 4 is a Friday, day 10 a Thursday.
    invited = at("2026-09-07T10:00")
    assert rules.may_remind(invited, Standing(), STANDARD, invited + days * DAY) is may


def test_a_reminder_keeps_hours_and_quiet() -> None:
    invited = at("2026-09-07T10:00")
    friday = invited + 4 * DAY
    assert not rules.may_remind(invited, Standing(), STANDARD, friday + DAY)
    assert not rules.may_remind(invited, Standing(), STANDARD, friday + 9 * HOUR)
    assert not rules.may_remind(invited, Standing(sensitive_at=friday - HOUR), STANDARD, friday)
    assert not rules.may_remind(invited, Standing(opted_out_until=friday + DAY), STANDARD, friday)
    assert not rules.may_remind(invited, Standing(digital_exempt=True), STANDARD, friday)


times = st.integers(0, 24 * 120).map(lambda n: TUESDAY - n * HOUR)


@given(
    st.lists(st.tuples(st.sampled_from(sorted(SETTINGS)), times), max_size=6),
    st.lists(st.sampled_from(sorted(SETTINGS)), min_size=1, max_size=4, unique=True),
    st.none() | times,
    st.integers(0, 40),
)
def test_whatever_came_before_at_most_one_is_asked_and_each_has_an_answer(
    past: list[tuple[str, datetime]], touchpoints: list[str], sensitive: datetime | None, later: int
) -> None:
    now = TUESDAY + later * HOUR
    waiting = [attended(t) for t in touchpoints]
    found = rules.decide(waiting, Standing(invited=past, sensitive_at=sensitive), SETTINGS, STANDARD, now)
    assert [decision.attended_id for decision in found] == [one.id for one in waiting]
    asked = [d for d in found if d.action == "invite"]
    assert len(asked) <= 1
    assert all((d.action == "skip") == (d.reason in rules.REASONS) for d in found)
    for decision in asked:
        touchpoint = next(one.touchpoint for one in waiting if one.id == decision.attended_id)
        assert all(now - when >= 14 * DAY for _, when in past)
        assert sum(now - when < 90 * DAY for _, when in past) < 3
        assert all(now - when >= 60 * DAY for t, when in past if t == touchpoint)
        assert sensitive is None or now - sensitive >= 48 * HOUR


def test_the_policy_as_data() -> None:
    numbers = {name: getattr(STANDARD, name) for name in STANDARD.__slots__}
    assert policy.from_mapping(numbers) == STANDARD
    with pytest.raises(ValueError, match="needs"):
        policy.from_mapping({"between_days": 14})
    with pytest.raises(ValueError, match="whole"):
        policy.from_mapping(numbers | {"between_days": -1})
