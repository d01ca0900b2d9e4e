"""Deleting messages whose time is over: by age, and legal notices not before their case ends."""

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date
from backend.db.engine import Sessions, transaction
from backend.jobs.job import Counts, Moment
from backend.notices import retention as notices
from backend.notifications import retention
from backend.notifications.retention import Kept
from backend.settings import Settings

PART = 5_000
# A night's work has an end; the rest is for the next one.
MOST_PARTS = 400
# A case that runs holds every notice of its member: what was written is what it will be decided by.
NOTICES = text("""
    SELECT m.id FROM message AS m
    WHERE m.created_at < :before AND m.klass = 'L'
      AND NOT EXISTS (SELECT FROM delivery AS d WHERE d.message_id = m.id)
      AND NOT EXISTS (SELECT FROM call_in AS c WHERE c.member_id = m.member_id AND c.state IN ('proposed', 'approved'))
      AND NOT EXISTS (SELECT FROM dispute AS c WHERE c.member_id = m.member_id AND c.state = 'open')
      AND NOT EXISTS (SELECT FROM task AS c WHERE c.member_id = m.member_id AND c.state IN ('open', 'claimed'))
      AND NOT EXISTS (SELECT FROM service_call AS c
                      WHERE c.member_id = m.member_id AND c.state IN ('open', 'claimed', 'suspended'))
    LIMIT :most FOR UPDATE OF m SKIP LOCKED
""")


async def outside(sessions: Sessions, *, moment: Moment, settings: Settings) -> Counts:
    """How many went, by kind. Part by part, each in a transaction of its own."""
    del settings
    total: Counter[str] = Counter()
    for _ in range(MOST_PARTS):
        async with transaction(sessions) as session:
            counts = await _part(session, moment.now)
        total.update(counts)
        if max(counts.values()) < PART:
            break
    return dict(total)


async def _part(session: AsyncSession, now: datetime) -> dict[str, int]:
    policy = await retention.kept(session, local_date(now))
    counts = dict(await retention.forget(session, policy, now=now, most=PART))
    return counts | {"notices": await _notices(session, policy, now)}


async def _notices(session: AsyncSession, policy: Kept, now: datetime) -> int:
    values: dict[str, Any] = {"before": now - policy.notices, "most": PART}
    ids = list(await session.scalars(NOTICES, values))
    if not ids:
        return 0
    await notices.delete(session, ids)
    return await retention.delete(session, ids)
