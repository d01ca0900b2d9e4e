"""How many deliveries there are on each channel in each state, for whoever looks after the house."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

WITHIN = timedelta(days=1)


class Count(NamedTuple):
    """`state` is that of what waits (due, late, sending) or how it ended within WITHIN."""

    channel: str
    state: str
    deliveries: int


async def by_channel(session: AsyncSession, *, now: datetime) -> list[Count]:
    """What waits now and what ended in the last day, by channel and state."""
    return [Count(*row) for row in await session.execute(_COUNTS, {"now": now, "since": now - WITHIN})]


_COUNTS = text("""
SELECT channel, CASE WHEN state = 'due' AND due_at <= :now THEN 'late' ELSE state END AS state, count(*)
FROM delivery GROUP BY 1, 2
UNION ALL
SELECT channel, state, count(*) FROM delivery_done WHERE finished_at >= :since GROUP BY 1, 2
ORDER BY 1, 2
""")
