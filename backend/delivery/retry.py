"""When a delivery that failed for a passing reason is tried again. Pure."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# FCM asks senders to wait at least ten seconds before the first retry, and to grow the wait from there.
BASE = timedelta(seconds=10)
# After an hour of failures the provider is down for everybody: asking once an hour finds out soon enough without adding
# load.
CAP = timedelta(hours=1)
_CAP_REACHED_AFTER = 9  # 10 s · 2⁹ > 1 h; a larger exponent would only make large numbers
_LONGEST_HEADER = timedelta(days=28)  # nothing in FCM lives longer, so a later date is as good as this


def next_attempt(
    attempt: int, now: datetime, valid_until: datetime, retry_after: timedelta | None, jitter: float
) -> datetime | None:
    """The instant of the next try after `attempt` tries (1 or more), or None when the message would be stale by then.

    Exponential back-off with jitter over the whole interval: 10 s to 10 s · 2^attempt, at most an hour. `jitter`, from
    0 to 1, is the caller's draw, so that the batches of one outage come back spread out. Never earlier than the
    provider's Retry-After, and spread over ten seconds after it. Instants in UTC.
    """
    ceiling = min(CAP, BASE * 2 ** min(attempt, _CAP_REACHED_AFTER))
    wait = BASE + (ceiling - BASE) * jitter
    if retry_after is not None:
        wait = max(wait, retry_after + BASE * jitter)
    return now + wait if wait < valid_until - now else None


def parse_retry_after(header: str | None, now: datetime) -> timedelta | None:
    """The wait that a Retry-After header asks for: seconds or an HTTP date (RFC 9110). None if absent or unreadable."""
    text = (header or "").strip()
    if text.isascii() and text.isdecimal():
        return min(timedelta(seconds=min(int(text[:12]), 10**9)), _LONGEST_HEADER)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(at - now, timedelta(0)), _LONGEST_HEADER)
