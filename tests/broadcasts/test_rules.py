"""Stages, approvals and times: the rules alone."""

import hashlib
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.broadcasts import errors, rules
from backend.broadcasts.rules import STANDARD_STAGES, Stage
from backend.clock import COPENHAGEN

ONE, TWO = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize("shares", [[], [50], [10, 10, 100], [20, 10, 100], [1, 2, 3, 4, 5, 100]])
def test_stages_that_do_not_rise_to_all(shares: list[int]) -> None:
    with pytest.raises(errors.StagesWrong):
        rules.check_stages([Stage(Decimal(share)) for share in shares])


def test_stages_that_do() -> None:
    rules.check_stages(STANDARD_STAGES)
    rules.check_stages([Stage(Decimal(100))])


@pytest.mark.parametrize(("state", "approver", "version", "refused"), [
    ("waiting", TWO, 3, None),
    ("waiting", ONE, 3, errors.OwnBroadcast),
    ("waiting", TWO, 2, errors.AnotherVersion),
    ("draft", TWO, 3, errors.NotWaiting),
    ("sending", TWO, 3, errors.NotWaiting),
    ("withdrawn", TWO, 3, errors.NotWaiting),
])  # fmt: skip
def test_a_second_person_approves_what_they_read(
    state: str, approver: UUID, version: int, refused: type[Exception] | None
) -> None:
    def call() -> None:
        rules.check_approval(state=state, author_id=ONE, version=3, approver_id=approver, read_version=version)

    if refused:
        with pytest.raises(refused):
            call()
    else:
        call()


@pytest.mark.parametrize(("due", "spread", "pause", "begins"), [
    ("2026-11-18T12:00", 60, 60, "2026-11-18T14:00"),
    ("2026-11-18T19:30", 60, 30, "2026-11-19T09:00"),  # the last pushes go out in the morning, then the pause
    ("2026-11-20T19:00", 30, 60, "2026-11-23T08:30"),  # the pause ends in the evening; a weekend lies between
    ("2026-12-23T19:50", 30, 0, "2026-12-28T08:30"),   # Christmas
])  # fmt: skip
def test_a_pause_counts_from_the_last_push(due: str, spread: int, pause: int, begins: str) -> None:
    start = datetime.fromisoformat(due).replace(tzinfo=COPENHAGEN)
    found = rules.next_begins(start, timedelta(minutes=spread), timedelta(minutes=pause))
    assert found == datetime.fromisoformat(begins).replace(tzinfo=COPENHAGEN)


def on_the_clock(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=COPENHAGEN)


def test_a_forecast_tells_when_each_stage_rings() -> None:
    found = rules.forecast(STANDARD_STAGES, on_the_clock("2026-11-20T17:30"), timedelta(hours=1))
    assert found == [
        (on_the_clock("2026-11-20T17:30"), on_the_clock("2026-11-20T18:30")),
        (on_the_clock("2026-11-20T19:30"), on_the_clock("2026-11-23T08:30")),
        (on_the_clock("2026-11-23T09:30"), on_the_clock("2026-11-23T10:30")),
    ]


def test_sizes_of_stages_add_up_to_everybody() -> None:
    assert rules.sizes(STANDARD_STAGES, 1720) == [17, 155, 1548]
    assert rules.sizes(STANDARD_STAGES, 3) == [0, 0, 3]


@given(st.uuids(), st.uuids())
def test_draws_are_even_numbers_below_one_and_the_same_each_time(broadcast: UUID, member: UUID) -> None:
    first, second = rules.draw(broadcast, member)
    assert 0 <= first < 1
    assert 0 <= second < 1
    assert (first, second) == rules.draw(broadcast, member)


def test_draws_spread_over_the_whole() -> None:
    broadcast = UUID(bytes=hashlib.md5(b"x", usedforsecurity=False).digest())
    draws = [rules.draw(broadcast, UUID(int=n)) for n in range(2000)]
    for which in (0, 1):
        below = sum(draw[which] < 0.1 for draw in draws)
        assert 140 < below < 260
    assert rules.draw(uuid4(), ONE) != rules.draw(uuid4(), ONE)
