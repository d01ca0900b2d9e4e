from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.delivery.retry import BASE, CAP, next_attempt, parse_retry_after

NOW = datetime(2026, 11, 18, 8, 30, tzinfo=UTC)
FAR = NOW + timedelta(days=60)
ATTEMPTS = st.integers(1, 10_000)
JITTER = st.floats(0, 1, exclude_max=True)
WAITS = st.none() | st.timedeltas(timedelta(0), timedelta(days=28))


@given(ATTEMPTS, WAITS, JITTER, st.timedeltas(timedelta(0), timedelta(days=60)))
def test_never_before_retry_after_nor_in_the_first_ten_seconds_nor_past_validity(
    attempt: int, retry_after: timedelta | None, jitter: float, validity: timedelta
) -> None:
    at = next_attempt(attempt, NOW, NOW + validity, retry_after, jitter)
    if at is not None:
        assert at >= NOW + max(BASE, retry_after or timedelta(0))
        assert at < NOW + validity


@given(ATTEMPTS, JITTER)
def test_never_more_than_an_hour_without_retry_after(attempt: int, jitter: float) -> None:
    at = next_attempt(attempt, NOW, FAR, None, jitter)
    assert at is not None
    assert at - NOW <= CAP


@given(ATTEMPTS, JITTER)
def test_the_wait_never_shrinks_from_one_try_to_the_next(attempt: int, jitter: float) -> None:
    first, second = (next_attempt(n, NOW, FAR, None, jitter) for n in (attempt, attempt + 1))
    assert first is not None
    assert second is not None
    assert first <= second


@pytest.mark.parametrize(
    ("attempt", "jitter", "seconds"),
    [(1, 0.0, 10), (1, 1.0, 20), (2, 1.0, 40), (3, 0.5, 45), (8, 1.0, 2560), (9, 1.0, 3600), (40, 1.0, 3600)],
)
def test_the_wait_doubles_to_an_hour_and_jitter_spans_it(attempt: int, jitter: float, seconds: int) -> None:
    assert next_attempt(attempt, NOW, FAR, None, jitter) == NOW + timedelta(seconds=seconds)


def test_senders_told_to_wait_alike_come_back_spread_over_ten_seconds() -> None:
    wait = timedelta(minutes=30)
    assert next_attempt(1, NOW, FAR, wait, 0.0) == NOW + wait
    assert next_attempt(1, NOW, FAR, wait, 0.5) == NOW + wait + timedelta(seconds=5)


def test_a_message_that_would_be_stale_is_not_tried_again() -> None:
    assert next_attempt(1, NOW, NOW + timedelta(seconds=10), None, 0.0) is None
    assert next_attempt(1, NOW, NOW + timedelta(seconds=11), None, 0.0) == NOW + BASE
    assert next_attempt(1, NOW, NOW + timedelta(hours=1), timedelta(hours=1), 0.0) is None


@given(st.integers(0, 2_000_000))
def test_retry_after_in_seconds_or_as_a_date_is_the_same_wait(seconds: int) -> None:
    wait = timedelta(seconds=seconds)
    assert parse_retry_after(str(seconds), NOW) == wait
    assert parse_retry_after(format_datetime(NOW + wait, usegmt=True), NOW) == wait


@pytest.mark.parametrize("header", [None, "", "soon", "-5", "1.5", "٣", "Wed, 99 Nov 2026 08:30:00 GMT"])
def test_an_unreadable_retry_after_is_none(header: str | None) -> None:
    assert parse_retry_after(header, NOW) is None


@given(st.text(max_size=40))
def test_no_header_breaks_the_reading(header: str) -> None:
    wait = parse_retry_after(header, NOW)
    assert wait is None or timedelta(0) <= wait <= timedelta(days=28)


def test_a_date_gone_by_asks_for_no_wait_and_a_far_one_for_four_weeks() -> None:
    assert parse_retry_after("Wed, 18 Nov 2026 08:00:00 GMT", NOW) == timedelta(0)
    assert parse_retry_after("9" * 40, NOW) == timedelta(days=28)
