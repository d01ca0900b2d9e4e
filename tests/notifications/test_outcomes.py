"""What a delivery comes to, decided without a database."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.db.types import new_id
from backend.delivery.types import Outcome
from backend.notifications import outcomes, sending
from backend.notifications.outcomes import Again, Final
from tests.notifications.factories import NOON


@dataclass(frozen=True)
class Row:
    id: UUID = field(default_factory=new_id)
    member_id: UUID = field(default_factory=new_id)
    message_id: UUID = field(default_factory=new_id)
    channel: sending.Channel = "push"
    attempts: int = 1
    lapses: int = 0
    valid_until: datetime = NOON + timedelta(days=3)
    key: str = "N28"
    revoked: bool = False
    exempt: bool = False
    window: sending.Window | None = sending.OFFICE


def ended(
    *rows: Row,
    moved_on: frozenset[UUID] = frozenset(),
    unwanted: frozenset[UUID] = frozenset(),
    sent: dict[UUID, set[UUID]] | None = None,
) -> list[Final]:
    return outcomes.unsent(rows, moved_on, unwanted, sent or {}, NOON)


def test_a_row_with_nothing_against_it_is_sent() -> None:
    assert ended(Row(lapses=sending.MOST_LAPSES)) == []


@pytest.mark.parametrize(
    ("row", "state", "error"),
    [
        (Row(revoked=True), "cancelled", "DEVICE_REVOKED"),
        (Row(exempt=True), "cancelled", "EXEMPT"),
        (Row(valid_until=NOON), "expired", None),
        (Row(key="N99"), "failed", "UNKNOWN_MESSAGE"),
        (Row(lapses=sending.MOST_LAPSES + 1), "failed", "WORKERS_LOST"),
    ],
)
def test_what_must_not_be_sent(row: Row, state: str, error: str | None) -> None:
    assert ended(row) == [Final(row.id, state, error)]


def test_a_message_that_no_longer_holds_is_cancelled() -> None:
    row, other = Row(), Row()
    assert ended(row, other, moved_on=frozenset({row.id})) == [Final(row.id, "cancelled", "NO_LONGER_TRUE")]


def test_what_the_member_opted_out_of_is_cancelled() -> None:
    row, other = Row(), Row()
    assert ended(row, other, unwanted=frozenset({row.id})) == [Final(row.id, "cancelled", "NOT_WANTED")]


def told(number: int) -> set[UUID]:
    return {new_id() for _ in range(number)}


def test_the_fuse_counts_the_members_messages_of_today_and_what_goes_now() -> None:
    member, other = new_id(), new_id()
    rows = [Row(member_id=member) for _ in range(5)] + [Row(member_id=other)]
    blown = ended(*rows, sent={member: told(sending.DAILY_FUSE - 3)})
    assert blown == [Final(row.id, "cancelled", "DAILY_FUSE") for row in rows[3:5]]


def test_to_the_fuse_many_phones_and_channels_are_one_member_told_once() -> None:
    member, message = new_id(), new_id()
    phones = [Row(member_id=member, message_id=message) for _ in range(5)]
    assert ended(*phones, sent={member: told(sending.DAILY_FUSE - 1) | {message}}) == []
    text = Row(member_id=member, channel="sms")
    assert ended(text, sent={member: told(sending.DAILY_FUSE)}) == [Final(text.id, "cancelled", "DAILY_FUSE")]


@pytest.mark.parametrize("channel", ["mailbox", "paper"])
def test_no_fuse_keeps_a_letter_back(channel: sending.Channel) -> None:
    letter = Row(channel=channel)
    assert ended(letter, sent={letter.member_id: told(sending.DAILY_FUSE)}) == []


def test_final_answers() -> None:
    row = Row()
    sent = outcomes.result(row, Outcome(row.id, "sent", provider_id="p/1"), NOON, "on")
    assert sent == Final(row.id, "sent", provider_id="p/1")
    gone = outcomes.result(row, Outcome(row.id, "gone", error_code="UNREGISTERED"), NOON, "on")
    assert gone == Final(row.id, "gone", "UNREGISTERED")
    rejected = outcomes.result(row, Outcome(row.id, "rejected", error_code="INVALID_ARGUMENT"), NOON, "on")
    assert rejected == Final(row.id, "rejected", "INVALID_ARGUMENT")


def test_no_answer_is_a_passing_failure() -> None:
    found = outcomes.result(Row(), None, NOON, "off")
    assert isinstance(found, Again)
    assert found.error == "NO_ANSWER"
    assert found.due_at > NOON


def test_a_retry_waits_for_as_long_as_the_provider_asked() -> None:
    row = Row()
    answer = Outcome(row.id, "retry", error_code="UNAVAILABLE", retry_after=timedelta(minutes=40))
    found = outcomes.result(row, answer, NOON, "off")
    assert isinstance(found, Again)
    assert found.due_at >= NOON + timedelta(minutes=40)


def test_a_retry_past_the_validity_expires() -> None:
    row = Row(valid_until=NOON + timedelta(minutes=30))
    answer = Outcome(row.id, "retry", error_code="UNAVAILABLE", retry_after=timedelta(minutes=40))
    assert outcomes.result(row, answer, NOON, "off") == Final(row.id, "expired", "UNAVAILABLE")


def test_a_retry_never_rings_at_night_unless_quiet_hours_are_off() -> None:
    late = datetime(2026, 11, 18, 18, 59, tzinfo=UTC)  # 19:59 in Denmark
    row = Row()
    answer = Outcome(row.id, "retry", error_code="UNAVAILABLE", retry_after=timedelta(minutes=5))
    held = outcomes.result(row, answer, late, "on")
    at_once = outcomes.result(row, answer, late, "off")
    assert isinstance(held, Again)
    assert isinstance(at_once, Again)
    assert held.due_at == datetime(2026, 11, 19, 7, 30, tzinfo=UTC)
    assert at_once.due_at < late + timedelta(minutes=6)


def test_a_retry_of_what_may_ring_at_any_time_does() -> None:
    late = datetime(2026, 11, 18, 21, 0, tzinfo=UTC)
    found = outcomes.result(row := Row(window=None), Outcome(row.id, "retry", error_code="INTERNAL"), late, "on")
    assert isinstance(found, Again)
    assert found.due_at < late + timedelta(minutes=1)
    assert outcomes.held_back([row, Row()], late)[0].id != row.id


def test_a_retry_that_the_night_outlives_expires() -> None:
    late = datetime(2026, 11, 18, 18, 59, tzinfo=UTC)
    row = Row(valid_until=late + timedelta(hours=4))
    answer = Outcome(row.id, "retry", error_code="UNAVAILABLE", retry_after=timedelta(minutes=5))
    assert outcomes.result(row, answer, late, "on") == Final(row.id, "expired", "UNAVAILABLE")


@given(attempts=st.integers(1, 400), minutes=st.integers(1, 20000), wait=st.none() | st.integers(0, 10**6))
def test_a_retry_is_later_than_now_and_earlier_than_the_end(attempts: int, minutes: int, wait: int | None) -> None:
    row = Row(attempts=attempts, valid_until=NOON + timedelta(minutes=minutes))
    after = None if wait is None else timedelta(seconds=wait)
    found = outcomes.result(row, Outcome(row.id, "retry", error_code="INTERNAL", retry_after=after), NOON, "on")
    if isinstance(found, Again):
        assert NOON < found.due_at < row.valid_until
        assert sending.held(found.due_at) == found.due_at
    else:
        assert found.state == "expired"
