"""What operations want to know of the outbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OutboxFigures:
    """Deliveries by where they stand, and how long the oldest that is due has waited (zero when nothing is).

    `waiting` are not due yet (quiet hours, back-off), `overran` were claimed by a worker that never came back.
    `finished` counts the final states of the last 24 hours.
    """

    due: int
    waiting: int
    sending: int
    overran: int
    oldest_due: timedelta
    finished: Mapping[str, int]


async def outbox_figures(session: AsyncSession, *, now: datetime) -> OutboxFigures:
    """The figures at this moment. Two statements."""
    row = (await session.execute(_OPEN, {"now": now})).one()
    finished = await session.execute(_FINISHED, {"since": now - DAY})
    oldest = now - row.oldest if row.oldest else timedelta(0)
    return OutboxFigures(row.due, row.waiting, row.sending, row.overran, oldest, dict(finished.all()))


_OPEN = text("""
SELECT count(*) FILTER (WHERE state = 'due' AND due_at <= :now) AS due,
       count(*) FILTER (WHERE state = 'due' AND due_at > :now) AS waiting,
       count(*) FILTER (WHERE state = 'sending' AND lease_until >= :now) AS sending,
       count(*) FILTER (WHERE state = 'sending' AND lease_until < :now) AS overran,
       min(due_at) FILTER (WHERE due_at <= :now) AS oldest
FROM delivery
""")

_FINISHED = text("SELECT state, count(*) FROM delivery_done WHERE finished_at >= :since GROUP BY state")
