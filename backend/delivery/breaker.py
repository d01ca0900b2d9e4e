"""When a channel is left alone because its provider is down. Pure.

Closed: everything goes. Open: nothing is claimed, so nothing is tried in vain, until `probe_at`. Half-open: one worker
tries a few; what comes of them closes it or opens it for twice as long.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from backend.delivery import answers
from backend.delivery.types import Outcome

State = Literal["closed", "open", "half_open"]

# As many failures of the provider, with no answer in between, say that it is down. Where a third of all fail, ten in a
# row come once in fifty thousand times.
OPENS_AFTER = 10
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=5)
# One of them may be what makes the provider stumble; three are not.
PROBE = 3
# A worker that dies with its probe holds up the next one for no longer than this.
PROBE_LEASE = timedelta(seconds=90)

# What says nothing about the message or its address, and so speaks of the provider or of the way to it.
_DOWN = frozenset(
    {
        answers.TIMEOUT,
        answers.CONNECTION,
        answers.MALFORMED_ANSWER,
        answers.ACCESS_UNAVAILABLE,
        answers.ACCESS_REFUSED,
        answers.CLIENT_ERROR,
        answers.UNAUTHENTICATED,
        answers.QUOTA_EXCEEDED,
        "PERMISSION_DENIED",
        "UNAVAILABLE",
        "INTERNAL",
        "GATEWAY_FAILED",
        "STORE_FAILED",
        "SENDER_FAILED",
    }
)


@dataclass(frozen=True, slots=True)
class Breaker:
    """Where a channel stands. `failures` in a row; `trips` openings in a row; `probe_at` when it may be tried again."""

    state: State = "closed"
    failures: int = 0
    trips: int = 0
    since: datetime | None = None
    probe_at: datetime | None = None


def after(breaker: Breaker, outcomes: Sequence[Outcome], now: datetime) -> Breaker:
    """What a batch's outcomes make of it. An answer about a message, even a refusal, is a sign of life."""
    failed = [one for one in outcomes if is_down(one)]
    told = [one for one in outcomes if not is_down(one) and one.error_code != answers.NOT_STARTED]
    if told:
        return Breaker() if breaker.state != "closed" or breaker.failures else breaker
    if breaker.state == "half_open" and not failed:  # nothing was found out
        return replace(breaker, state="open", probe_at=now)
    failures = breaker.failures + len(failed)
    if breaker.state == "closed" and failures < OPENS_AFTER:
        return replace(breaker, failures=failures)
    return _opened(breaker, failures, failed, now) if failed else breaker


def _opened(breaker: Breaker, failures: int, failed: Sequence[Outcome], now: datetime) -> Breaker:
    """A batch that was under way when another opened it adds nothing to the wait."""
    trips = breaker.trips if breaker.state == "open" else breaker.trips + 1
    asked = max((one.retry_after for one in failed if one.retry_after), default=timedelta(0))
    wait = max(asked, min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(trips - 1, 10)))
    probe_at = max(now + wait, breaker.probe_at) if breaker.state == "open" and breaker.probe_at else now + wait
    return Breaker("open", failures, trips, breaker.since or now, probe_at)


def may_probe(breaker: Breaker, now: datetime) -> bool:
    """Whether one worker may try now: the wait is over, or whoever tried has not been heard of."""
    return breaker.state != "closed" and breaker.probe_at is not None and breaker.probe_at <= now


def probing(breaker: Breaker, now: datetime) -> Breaker:
    """One worker tries; the others wait for what comes of it."""
    return replace(breaker, state="half_open", probe_at=now + PROBE_LEASE)


def is_down(outcome: Outcome) -> bool:
    """Whether the outcome speaks of the provider. So does each 5xx, also what only stands before it (502, 504)."""
    code = outcome.error_code or ""
    return outcome.kind == "retry" and (code in _DOWN or code.startswith("HTTP_5"))
