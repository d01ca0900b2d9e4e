"""Whether deliveries go as they should, as figures that somebody can be told of."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# Over how long errors are counted, from how many answers on they say anything, and from which share they are too many.
ERRORS_WITHIN = timedelta(minutes=15)
FEWEST_ANSWERS = 100
MOST_ERRORS = 0.01
# How long what is due may wait.
LONGEST_DUE = timedelta(minutes=10)
# How many that were given up in a day somebody is told of.
DEAD_WITHIN = timedelta(days=1)
MANY_DEAD = 20
FUSED_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Errors:
    """Of the pushes that FCM answered lately, those that it refused with a 4xx."""

    refused: int
    answered: int

    @property
    def share(self) -> float:
        return self.refused / self.answered if self.answered else 0.0

    @property
    def too_many(self) -> bool:
        return self.answered >= FEWEST_ANSWERS and self.share > MOST_ERRORS


async def push_errors(session: AsyncSession, *, now: datetime) -> Errors:
    """The errors of the last ERRORS_WITHIN: tokens that are gone, faulty messages, and refusals being tried again."""
    row = (await session.execute(_ERRORS, {"since": now - ERRORS_WITHIN})).one()
    return Errors(row.refused, row.answered)


async def longest_due(session: AsyncSession, *, now: datetime) -> timedelta:
    """How long the oldest delivery that is due has waited; zero when none is."""
    oldest = await session.scalar(_OLDEST, {"now": now})
    return now - oldest if oldest else timedelta()


async def dead(session: AsyncSession, *, now: datetime) -> int:
    """How many deliveries were given up in the last day whose messages are still worth sending."""
    return int(await session.scalar(_DEAD, {"since": now - DEAD_WITHIN, "now": now}) or 0)


async def fused(session: AsyncSession, *, now: datetime) -> int:
    """How many members' fuse has blown in the last day: something makes messages that nobody meant."""
    return int(await session.scalar(_FUSED, {"since": now - FUSED_WITHIN}) or 0)


_ERRORS = text("""
WITH refused AS (
    SELECT count(*) AS n FROM delivery
    WHERE channel = 'push' AND state = 'due'
        AND last_error IN ('QUOTA_EXCEEDED', 'UNAUTHENTICATED', 'PERMISSION_DENIED')
)
SELECT count(*) FILTER (WHERE d.state IN ('gone', 'rejected')) + (SELECT n FROM refused) AS refused,
    count(*) + (SELECT n FROM refused) AS answered
FROM delivery_done d
WHERE d.finished_at >= :since AND d.channel = 'push' AND d.state IN ('sent', 'gone', 'rejected')
""")

_OLDEST = text("SELECT min(due_at) FROM delivery WHERE due_at <= :now")

_DEAD = text("""
SELECT count(*) FROM delivery_done d JOIN message m ON m.id = d.message_id
WHERE d.finished_at >= :since AND d.state IN ('failed', 'rejected', 'expired') AND m.valid_until > :now
""")

_FUSED = text("""
SELECT count(DISTINCT member_id) FROM delivery_done
WHERE finished_at >= :since AND state = 'cancelled' AND last_error = 'DAILY_FUSE'
""")
