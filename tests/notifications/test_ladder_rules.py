"""Which step comes next, and when."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.clock import COPENHAGEN
from backend.notifications import ladder_rules
from backend.notifications.ladder_rules import Decision, Standing, Step
from backend.notifications.message_type import MessageType
from tests.notifications.factories import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def kind(klass: str = "R", ladder: tuple[str, ...] = ("sms", "email"), at_once: tuple[str, ...] = ()) -> MessageType:
    return MessageType(
        id="N99",
        klass=klass,  # type: ignore[arg-type]
        category="test",
        title="t",
        body="b",
        validity=timedelta(days=14),
        ladder=ladder,  # type: ignore[arg-type]
        at_once=at_once,  # type: ignore[arg-type]
    )


NOTICE = kind("L", ("sms", "email", "phone", "paper"))
CALL_IN = kind("L", ("sms", "email", "phone", "paper"), ("sms", "email"))


def standing(of: MessageType | None = None, **values: Any) -> Standing:
    facts: dict[str, Any] = {
        "kind": of or kind(),
        "created_at": NOON,
        "valid_until": NOON + timedelta(days=14),
        "told_at": NOON,
        "delivered": False,
        "given_up": False,
        "has_device": True,
        "read": False,
        "exempt": False,
        "phone": "20123456",
        "email": "a@mail.example",
        "wishes": {},
        "announce_by": "push",
        "taken": frozenset(),
    }
    return Standing(**(facts | values))


def test_after_a_day_without_delivery_the_next_step_is_taken_and_after_another_the_one_after() -> None:
    waiting = standing()
    assert ladder_rules.decide(waiting, NOON + DAY - HOUR) == Decision((), NOON + DAY)
    first = ladder_rules.decide(waiting, NOON + DAY)
    assert first == Decision((Step("sms", "not_delivered", followed=True),), NOON + 2 * DAY)
    told = standing(taken={"sms"}, told_at=NOON + DAY)
    assert ladder_rules.decide(told, NOON + 2 * DAY) == Decision((Step("email", "not_delivered"),), None)


def test_what_was_delivered_or_read_goes_no_further() -> None:
    for over in ({"delivered": True}, {"read": True}, {"valid_until": NOON + DAY}):
        assert ladder_rules.decide(standing(**over), NOON + DAY) == Decision((), None)


def test_a_member_without_a_phone_is_sent_an_sms_after_a_day() -> None:
    assert ladder_rules.decide(standing(has_device=False), NOON + DAY).steps == (
        Step("sms", "no_device", followed=True),
    )


def test_a_push_that_waits_for_the_morning_has_a_day_from_then() -> None:
    held = standing(told_at=NOON + 20 * HOUR)
    assert ladder_rules.decide(held, NOON + DAY) == Decision((), NOON + 44 * HOUR)
    assert ladder_rules.begins(kind(), NOON + 20 * HOUR, NOON + 14 * DAY) == NOON + 44 * HOUR


def test_what_is_soon_stale_gets_half_of_what_is_left_of_it() -> None:
    short = standing(valid_until=NOON + 10 * HOUR)
    assert ladder_rules.decide(short, NOON) == Decision((), NOON + 5 * HOUR)
    assert ladder_rules.decide(short, NOON + 5 * HOUR).steps == (Step("sms", "not_delivered", followed=True),)
    assert ladder_rules.begins(kind(), NOON, NOON + 10 * HOUR) == NOON + 5 * HOUR


def test_what_is_soon_stale_waits_for_nothing_where_nothing_is_on_its_way() -> None:
    short: dict[str, Any] = {"has_device": False, "valid_until": NOON + 10 * HOUR}
    assert ladder_rules.decide(standing(**short), NOON).steps == (Step("sms", "no_device", followed=True),)
    assert ladder_rules.begins(kind(), NOON, NOON + 10 * HOUR, awaited=False) == NOON
    assert ladder_rules.begins(kind(), NOON, NOON + 2 * DAY, awaited=False) == NOON + DAY
    after_the_sms = standing(**short, taken={"sms"})
    assert ladder_rules.decide(after_the_sms, NOON) == Decision((), NOON + 5 * HOUR)


def test_what_is_not_to_come_yet_waits_even_when_all_that_was_tried_has_ended() -> None:
    waiting = standing(given_up=True, not_before=NOON + 3 * DAY)
    assert ladder_rules.decide(waiting, NOON + 2 * DAY) == Decision((), NOON + 3 * DAY)
    assert len(ladder_rules.decide(waiting, NOON + 3 * DAY).steps) == 1


def test_when_all_that_was_tried_has_ended_a_look_at_it_takes_the_next_step() -> None:
    assert ladder_rules.decide(standing(given_up=True), NOON + HOUR).steps == (
        Step("sms", "not_delivered", followed=True),
    )


@pytest.mark.parametrize(
    ("wishes", "taken"),
    [
        ({"sms": False}, "email"),
        ({"sms": False, "email": False}, None),
        ({"push": False}, None),
        ({"push": False, "sms": True}, "sms"),
    ],
)
def test_members_are_told_only_as_they_want_but_for_legal_notices(wishes: dict[str, bool], taken: str | None) -> None:
    found = ladder_rules.decide(standing(wishes=wishes), NOON + DAY).steps
    assert [step.rung for step in found] == ([taken] if taken else [])
    legal = ladder_rules.decide(standing(NOTICE, wishes=wishes, taken={"mailbox"}), NOON + DAY).steps
    assert legal == (Step("sms", "not_delivered", followed=True),)


def test_who_asked_for_another_channel_in_place_of_pushes_does_not_wait_for_a_push_that_never_comes() -> None:
    chosen = {"push": False, "sms": True, "email": True}
    assert ladder_rules.decide(standing(wishes=chosen), NOON).steps == (Step("sms", "at_once"),)
    assert ladder_rules.decide(standing(wishes=chosen, not_before=NOON + DAY), NOON).steps == ()
    assert ladder_rules.decide(standing(wishes={"sms": True}), NOON).steps == ()
    assert ladder_rules.decide(standing(NOTICE, wishes=chosen, taken={"mailbox"}), NOON).steps == ()


@pytest.mark.parametrize(("phone", "email", "rungs"), [("", "a@mail.example", ["email"]), ("none", "", [])])
def test_a_step_without_a_number_or_an_address_is_passed_over(phone: str, email: str, rungs: list[str]) -> None:
    found = ladder_rules.decide(standing(phone=phone, email=email), NOON + DAY).steps
    assert [step.rung for step in found] == rungs


def test_a_legal_notice_lies_in_the_mailbox_at_once_and_is_announced_as_its_kind_says() -> None:
    made = ladder_rules.decide(standing(CALL_IN), NOON)
    assert made.steps == (Step("mailbox", "created"), Step("sms", "at_once"), Step("email", "at_once"))
    assert made.next_at == ladder_rules.unread_at(NOON)
    assert ladder_rules.decide(standing(NOTICE), NOON) == Decision((Step("mailbox", "created"),), NOON + DAY)


def test_a_legal_notice_is_announced_at_once_where_the_member_wants_it() -> None:
    chosen = ladder_rules.decide(standing(NOTICE, announce_by="email"), NOON)
    assert chosen.steps == (Step("mailbox", "created"), Step("email", "at_once"))


def test_unread_for_two_working_days_it_is_telephoned_about_whether_delivered_or_not() -> None:
    taken = {"mailbox", "sms", "email"}
    friday = NOON + 2 * DAY  # it was made on a Wednesday
    for delivered in (True, False):
        notice = standing(NOTICE, taken=taken, delivered=delivered)
        assert ladder_rules.decide(notice, friday - HOUR) == Decision((), friday)
        assert ladder_rules.decide(notice, friday) == Decision((Step("phone", "unread"),), None)
    assert ladder_rules.decide(standing(NOTICE, taken=taken, read=True), friday) == Decision((), None)
    assert ladder_rules.decide(standing(NOTICE, taken=taken | {"phone"}, delivered=True), friday) == Decision((), None)


@pytest.mark.parametrize(
    ("made", "rung_up"),
    [
        ("2026-11-20T15:00", "2026-11-24T15:00"),  # a Friday: Monday, Tuesday
        ("2026-11-21T10:00", "2026-11-24T10:00"),  # a Saturday
        ("2026-12-23T12:00", "2026-12-28T12:00"),  # 24 December is a working day of the law, 25 and 26 are not
        ("2026-03-27T12:00", "2026-03-31T12:00"),  # over the night that lacks an hour: the same time of day
        ("2026-10-23T12:00", "2026-10-27T12:00"),
    ],
)
def test_two_working_days_are_days_of_the_danish_calendar(made: str, rung_up: str) -> None:
    at = datetime.fromisoformat(made).replace(tzinfo=COPENHAGEN).astimezone(UTC)
    assert ladder_rules.unread_at(at) == datetime.fromisoformat(rung_up).replace(tzinfo=COPENHAGEN)


def test_whom_the_digital_does_not_reach_gets_paper_at_once_and_nothing_else() -> None:
    exempt = ladder_rules.decide(standing(CALL_IN, exempt=True), NOON)
    assert exempt == Decision((Step("paper", "exempt"),), None)
    done = standing(CALL_IN, exempt=True, taken={"paper"})
    assert ladder_rules.decide(done, NOON + 5 * DAY) == Decision((), None)
    assert ladder_rules.decide(standing(exempt=True), NOON + DAY) == Decision((), None)


def test_without_a_ladder_there_is_nothing_to_look_at() -> None:
    assert ladder_rules.begins(kind(ladder=()), NOON, NOON + DAY) is None
    assert ladder_rules.begins(NOTICE, NOON, NOON + 14 * DAY) == NOON + DAY


@settings(max_examples=150)
@given(st.data())
def test_every_step_is_taken_once_and_it_comes_to_an_end(data: st.DataObject) -> None:
    """Whatever happens in between, looking when it is told to look ends, and never after the message is stale."""
    rungs = st.lists(st.sampled_from(["sms", "email", "phone", "paper"]), unique=True).map(tuple)
    ladder = data.draw(rungs)
    klass = data.draw(st.sampled_from("LRS"))
    of = kind(klass, ladder, data.draw(st.sampled_from([(), ladder[:1]])))
    valid = NOON + data.draw(st.integers(1, 400)) * HOUR
    now, told_at, taken = NOON, NOON, set[str]()
    for _ in range(10):
        facts = {
            "valid_until": valid,
            "told_at": told_at,
            "delivered": data.draw(st.booleans()),
            "read": data.draw(st.booleans()),
            "announce_by": data.draw(st.sampled_from(["push", "sms", "email"])),
            "taken": frozenset(taken),
        }
        found = ladder_rules.decide(standing(of, **facts), now)
        names = [step.rung for step in found.steps]
        assert len(set(names)) == len(names)
        assert taken.isdisjoint(names)
        assert set(names) <= set(ladder) | ({"mailbox", "sms", "email"} if klass == "L" else set())
        assert not now >= valid or not set(names) - {"mailbox"}
        taken |= set(names)
        told_at = now if {"sms", "email"} & set(names) else told_at
        if found.next_at is None:
            return
        assert found.next_at > now
        now = found.next_at
    raise AssertionError("it goes on for ever")
