"""Notices to staff on their way: what waits, as e-mails, and what became of them."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.delivery.types import Announcement, Outcome
from backend.i18n import DEFAULT
from backend.notifications import staff_texts


async def waiting(session: AsyncSession, day: date, *, fund: str, limit: int) -> list[Announcement]:
    """Notices of the day that were not sent yet; those of another day are of no use any more. One statement."""
    found = await session.execute(_WAITING, {"day": day, "limit": limit})
    made = []
    for row in found:
        title, body = staff_texts.render(DEFAULT, staff_texts.BY_ID[row.key], row.params)
        made.append(Announcement(row.id, row.email, f"{fund}: {title}", body))
    return made


async def record(session: AsyncSession, outcomes: Sequence[Outcome], *, now: datetime) -> int:
    """Write what was sent or refused; what may be tried again goes on waiting. How many were sent."""
    ended = [one for one in outcomes if one.kind != "retry"]
    values = {
        "ids": [one.delivery_id for one in ended],
        "errors": [None if one.kind == "sent" else one.error_code or one.kind for one in ended],
        "now": now,
    }
    rows = await session.execute(_RECORD, values)
    return sum(row.sent_at is not None for row in rows)


_WAITING = text("""
SELECT n.id, n.key, n.params, s.email FROM staff_notice n JOIN staff s ON s.id = n.staff_id
WHERE n.sent_at IS NULL AND n.error IS NULL AND n.day = :day ORDER BY n.id LIMIT :limit
""")
_RECORD = text("""
UPDATE staff_notice n SET sent_at = CASE WHEN e.error IS NULL THEN CAST(:now AS timestamptz) END, error = e.error
FROM unnest(CAST(:ids AS uuid[]), CAST(:errors AS text[])) AS e (id, error) WHERE n.id = e.id AND n.sent_at IS NULL
RETURNING n.sent_at
""")
