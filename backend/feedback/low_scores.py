"""Where members were clearly less satisfied than aimed at: somebody follows up within a working day.

Of events only, by blocks of five answers: what members say of one adviser's talks raises nothing, and nobody's answer
can be told from an alert.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.alerts import service as alerts
from backend.alerts.service import NewAlert
from backend.calendar import add_working_days
from backend.clock import local_date
from backend.surveys import summaries

KIND = "low_score"
# After so long an event is past helping; its figures remain.
STANDS = timedelta(days=30)
WORKING_DAYS = 1


async def watch(session: AsyncSession, *, now: datetime) -> list[UUID]:
    """Raise an alert for each event whose newest answers are clearly under target, and end those that stand no more.

    One stands until the organiser has said what was changed, the figures have risen, or it is old. Ids of the new ones.
    """
    keys = (await session.execute(_RECENT, {"since": now - STANDS})).scalars().all()
    found = await summaries.of_events(session, keys)
    low = {key: max((one.low for one in found.get(key, ())), default=0) for key in keys}
    new = [NewAlert(KIND, key, {"n": n}) for key, n in low.items() if n]
    raised = await alerts.raise_many(session, new, now=now)
    await alerts.end_missing(session, KIND, [one.key for one in new], now=now)
    return raised


async def due(session: AsyncSession, events: Sequence[UUID]) -> Mapping[UUID, date]:
    """By which day each of these events that has such an alert is to be followed up."""
    rows = await session.execute(_OPEN, {"kind": KIND, "keys": [str(one) for one in events]})
    return {UUID(row.key): add_working_days(local_date(row.opened_at), WORKING_DAYS) for row in rows}


# What was changed since the newest answers were counted has met them.
_RECENT = text("""
SELECT b.event_key FROM survey_block b JOIN activity_session s ON CAST(s.id AS text) = b.event_key
WHERE b.closed_at > :since GROUP BY b.event_key, b.series_key
HAVING NOT EXISTS (
    SELECT FROM survey_change c WHERE c.series_key = b.series_key AND c.said_at > max(b.closed_at)
) ORDER BY b.event_key
""")
_OPEN = text("SELECT key, opened_at FROM alert WHERE kind = :kind AND ended_at IS NULL AND key = ANY(:keys)")
