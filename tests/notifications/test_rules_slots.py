"""Who gets a push, who shares one and who waits: decided without a database."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from backend import calendar
from backend.db.types import new_id
from backend.notifications import rules_slots
from backend.notifications.message_type import Klass
from backend.notifications.policy import STANDARD, Policy
from backend.notifications.rules_slots import Plan, Slot, Wish
from tests.notifications.factories import NOON

WEDNESDAY = date(2026, 11, 18)
SUNDAY = date(2026, 11, 22)
MEMBER = UUID(int=7)
FAR = NOON + timedelta(days=14)


def wish(
    klass: Klass = "S", *, until: datetime = FAR, phones: int = 1, smiley: bool = False, waited: bool = False
) -> Wish:
    return Wish(new_id(), MEMBER, klass, until, phones, smiley, waited)


def slots(*days: date, smiley: bool = False) -> list[Slot]:
    return [
        Slot(new_id(), MEMBER, day, 1 + sum(other == day for other in days[:place]), place + 1, smiley)
        for place, day in enumerate(days)
    ]


def plan(*wishes: Wish, taken: list[Slot] | None = None, today: date = WEDNESDAY, policy: Policy = STANDARD) -> Plan:
    return rules_slots.share_out(wishes, taken or [], today, policy)


def told(found: Plan) -> list[set[UUID]]:
    return [{one.message_id, *one.others} for one in found.grants]


def test_who_was_told_of_the_colour_by_sms_is_pushed_the_next_a_week_later() -> None:
    one, other = wish(smiley=True), wish()
    found = rules_slots.share_out([one, other], [], WEDNESDAY, STANDARD, {MEMBER: date(2026, 11, 16)})
    assert told(found) == [{other.message_id}]
    assert found.held == {one.message_id: (date(2026, 11, 23), "SMILEY_LIMIT")}


def test_two_on_a_day_go_each_on_its_own() -> None:
    one, two = wish(), wish("R")
    found = plan(one, two)
    assert told(found) == [{two.message_id}, {one.message_id}]
    assert [(grant.day_slot, grant.week_slot) for grant in found.grants] == [(1, 1), (2, 2)]


def test_of_more_the_first_goes_alone_and_the_rest_together() -> None:
    reminder, soon, later, latest = wish("R"), wish(until=NOON + timedelta(days=1)), wish(until=FAR), wish(until=FAR)
    found = plan(latest, later, soon, reminder)
    assert told(found) == [{reminder.message_id}, {soon.message_id, later.message_id, latest.message_id}]
    assert found.held == {}


def test_with_one_place_left_all_share_it() -> None:
    wishes = [wish(), wish(), wish()]
    assert told(plan(*wishes, taken=slots(WEDNESDAY))) == [{one.message_id for one in wishes}]


def test_with_none_left_today_they_wait_for_tomorrow() -> None:
    one = wish()
    found = plan(one, taken=slots(WEDNESDAY, WEDNESDAY))
    assert (found.grants, found.held) == ([], {one.message_id: (date(2026, 11, 19), "CAPPED")})


def test_with_none_left_this_week_they_wait_for_monday() -> None:
    one = wish()
    week = [WEDNESDAY + day * calendar.DAY for day in (-2, -2, -1, -1, 1)]
    found = plan(one, taken=slots(*week), today=date(2026, 11, 20))
    assert found.held == {one.message_id: (date(2026, 11, 23), "CAPPED")}


def test_last_weeks_pushes_count_no_more_on_monday() -> None:
    week = [WEDNESDAY + day * calendar.DAY for day in (0, 0, 1, 1, 2)]
    assert len(plan(wish(), taken=slots(*week), today=date(2026, 11, 23)).grants) == 1


def test_a_place_that_was_given_back_in_between_is_found() -> None:
    [_, second] = slots(WEDNESDAY, WEDNESDAY)
    [grant] = plan(wish(), taken=[second]).grants
    assert (grant.day_slot, grant.week_slot) == (1, 1)


def test_what_has_waited_is_told_of_in_one_push_beside_what_is_new() -> None:
    waited, new = [wish(waited=True) for _ in range(3)], wish()
    assert told(plan(new, *waited)) == [{one.message_id for one in waited}, {new.message_id}]


def test_the_message_with_the_most_phones_carries_the_others() -> None:
    few, most, stale = wish(phones=1), wish(phones=2), wish(phones=2, until=NOON + timedelta(hours=1))
    [grant] = plan(few, stale, most, taken=slots(WEDNESDAY)).grants
    assert grant.message_id == most.message_id
    assert set(grant.others) == {few.message_id, stale.message_id}


def test_a_legal_notice_goes_first_and_alone() -> None:
    notice, one, two = wish("L"), wish("R"), wish("R")
    assert told(plan(one, two, notice)) == [{notice.message_id}, {one.message_id, two.message_id}]


def test_a_legal_notice_does_not_wait_for_a_place() -> None:
    notice, other = wish("L"), wish()
    found = plan(notice, other, taken=slots(WEDNESDAY, WEDNESDAY))
    assert (found.grants, found.elsewhere, set(found.held)) == ([], [notice.message_id], {other.message_id})


def test_seven_days_lie_between_two_smileys() -> None:
    for days, waits in ((1, True), (6, True), (7, False)):
        one = wish(smiley=True)
        last = WEDNESDAY - days * calendar.DAY
        found = plan(one, taken=slots(last, smiley=True))
        assert bool(found.held) is waits
        if waits:
            assert found.held == {one.message_id: (last + calendar.WEEK, "SMILEY_LIMIT")}
        else:
            assert found.grants[0].smiley


def test_of_two_smileys_at_once_the_newest_is_told() -> None:
    old, new = wish(smiley=True), wish(smiley=True)
    found = plan(old, new)
    assert (told(found), found.superseded) == ([{new.message_id}], [old.message_id])


def test_a_stricter_policy_is_kept() -> None:
    strict = Policy(version=2, pushes_a_day=1, pushes_a_week=2, smiley_days=14)
    assert len(plan(wish(), wish(), policy=strict).grants) == 1
    assert plan(wish(), taken=slots(date(2026, 11, 16), date(2026, 11, 17)), policy=strict).grants == []
    fortnight = slots(WEDNESDAY - 13 * calendar.DAY, smiley=True)
    assert plan(wish(smiley=True), taken=fortnight, policy=strict).grants == []


wishes = st.builds(
    Wish,
    message_id=st.uuids(),
    member_id=st.sampled_from([UUID(int=1), UUID(int=2)]),
    klass=st.sampled_from(["L", "R", "S"]),
    valid_until=st.datetimes(datetime(2026, 11, 19), datetime(2026, 12, 19)),
    phones=st.integers(1, 3),
    smiley=st.booleans(),
    waited=st.booleans(),
)
policies = st.builds(
    Policy, pushes_a_day=st.integers(1, 2), pushes_a_week=st.integers(1, 5), smiley_days=st.integers(7, 28)
)


@settings(max_examples=60, deadline=None)
@given(
    days=st.lists(
        st.tuples(
            st.lists(wishes, max_size=6, unique_by=lambda wish: wish.message_id),
            st.integers(0, 3),
            st.sets(st.integers(0, 9), max_size=2),
        ),
        max_size=8,
    ),
    policy=policies,
)
def test_however_it_comes_no_cap_is_passed_and_nothing_is_lost(
    days: list[tuple[list[Wish], int, set[int]]], policy: Policy
) -> None:
    """Days go by, wishes come, some pushes fail and give their places back."""
    taken: list[Slot] = []
    today = date(2026, 11, 16)
    for asked, later, failed in days:  # several of them may fall on one day
        today += later * calendar.DAY
        found = rules_slots.share_out(asked, taken, today, policy)
        outcomes = [*told(found), set(found.held), set(found.elsewhere), set(found.superseded)]
        assert sum(len(part) for part in outcomes) == len(asked) == len(set().union(*outcomes))
        assert all(until > today for until, _ in found.held.values())
        taken += [
            Slot(one.message_id, one.member_id, today, one.day_slot, one.week_slot, one.smiley) for one in found.grants
        ]
        for member in {slot.member_id for slot in taken}:
            own = [slot for slot in taken if slot.member_id == member]
            _within_caps(own, today, policy)
        taken = [slot for number, slot in enumerate(taken) if number not in failed]


def _within_caps(own: list[Slot], today: date, policy: Policy) -> None:
    day = [slot.day_slot for slot in own if slot.day == today]
    week = [slot.week_slot for slot in own if calendar.monday(slot.day) == calendar.monday(today)]
    assert len(day) == len(set(day)) <= policy.pushes_a_day
    assert set(day) <= {1, 2}
    assert len(week) == len(set(week)) <= policy.pushes_a_week
    assert set(week) <= {1, 2, 3, 4, 5}
    smileys = sorted(slot.day for slot in own if slot.smiley)
    assert all((later - earlier).days >= policy.smiley_days for earlier, later in pairwise(smileys))
