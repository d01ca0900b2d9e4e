from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.delivery import answers, breaker
from backend.delivery.breaker import Breaker
from backend.delivery.types import Outcome
from tests.delivery.conftest import NOW

SECOND = timedelta(seconds=1)


def ok() -> Outcome:
    return Outcome(uuid4(), "sent")


def bad(code: str = "UNAVAILABLE", wait: timedelta | None = None) -> Outcome:
    return Outcome(uuid4(), "retry", error_code=code, retry_after=wait)


def opened() -> Breaker:
    return breaker.after(Breaker(), [bad()] * breaker.OPENS_AFTER, NOW)


def test_it_opens_after_ten_failures_without_an_answer_in_between() -> None:
    nine = breaker.after(Breaker(), [bad()] * 9, NOW)
    assert nine.state == "closed"
    assert breaker.after(breaker.after(nine, [ok(), bad()], NOW), [bad()] * 9, NOW).state == "closed"
    tenth = breaker.after(nine, [bad()], NOW)
    assert (tenth.state, tenth.since, tenth.probe_at) == ("open", NOW, NOW + 10 * SECOND)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520])
def test_whatever_stands_before_the_provider_may_say_that_it_is_down(status: int) -> None:
    unreachable = answers.refusal(uuid4(), httpx.Response(status, text="<html>Bad gateway</html>"), NOW)
    assert breaker.after(Breaker(), [unreachable] * 10, NOW).state == "open"


@pytest.mark.parametrize("kind", ["gone", "rejected"])
def test_a_refusal_is_an_answer(kind: str) -> None:
    refused = Outcome(uuid4(), kind, error_code="INVALID_ARGUMENT")  # type: ignore[arg-type]
    assert breaker.after(Breaker(), [bad()] * 20 + [refused], NOW).state == "closed"


def test_what_was_not_begun_says_nothing() -> None:
    assert breaker.after(Breaker(), [bad("NOT_STARTED")] * 50, NOW) == Breaker()


def test_it_waits_at_least_as_long_as_the_provider_asks() -> None:
    asked = breaker.after(Breaker(), [bad("QUOTA_EXCEEDED", timedelta(minutes=2))] * 10, NOW)
    assert asked.probe_at == NOW + timedelta(minutes=2)


def test_one_probe_at_a_time_closes_it_or_opens_it_for_twice_as_long() -> None:
    waiting = opened()
    assert not breaker.may_probe(waiting, NOW + 9 * SECOND)
    at = NOW + 10 * SECOND
    assert breaker.may_probe(waiting, at)
    trying = breaker.probing(waiting, at)
    assert not breaker.may_probe(trying, at + 89 * SECOND)
    assert breaker.may_probe(trying, at + 90 * SECOND)  # whoever tried is gone
    assert breaker.after(trying, [ok()], at) == Breaker()
    again = breaker.after(trying, [bad()], at)
    assert (again.state, again.since, again.probe_at) == ("open", NOW, at + 20 * SECOND)
    assert breaker.after(trying, [], at).probe_at == at  # nothing was found out


def test_batches_that_were_under_way_add_nothing_to_the_wait() -> None:
    late = breaker.after(opened(), [bad()] * 500, NOW + SECOND)
    assert late.trips == 1
    assert late.probe_at == NOW + 11 * SECOND


@settings(max_examples=60)
@given(st.lists(st.lists(st.booleans(), min_size=1, max_size=12), max_size=30))
def test_it_is_never_shut_for_good_and_never_waits_longer_than_it_may(batches: list[list[bool]]) -> None:
    at, now = NOW, Breaker()
    for batch in batches:
        if now.state != "closed":
            assert now.probe_at is not None
            assert now.probe_at - at <= breaker.LONGEST_WAIT
            at = max(at, now.probe_at)
            assert breaker.may_probe(now, at)
            now = breaker.probing(now, at)
        now = breaker.after(now, [ok() if good else bad() for good in batch], at)
        if any(batch):
            assert now == Breaker()
