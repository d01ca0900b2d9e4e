"""Talks that took place, as far as anybody knows, and whose minutes nobody closed: until then nothing is reported."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# Longer ago it is for a person to put right in other ways.
LOOKING_BACK = timedelta(days=30)


class Unclosed(NamedTuple):
    """`staff_id` is who was to hold it."""

    booking_id: UUID
    member_id: UUID
    staff_id: UUID | None


# Of whom it is noted that they did not come there is nothing to write.
UNCLOSED = text("""
    SELECT b.id, b.member_id, s.staff_id FROM activity_session AS s
    JOIN booking AS b ON b.session_id = s.id AND b.state IN ('booked', 'attended')
    WHERE s.kind IN ('talk', 'joint_talk') AND s.state = 'open' AND s.ends_at >= :since AND s.ends_at < :before
      AND NOT EXISTS (SELECT FROM talk AS t WHERE t.booking_id = b.id AND t.state = 'closed')
    ORDER BY b.member_id, b.id
""")


async def before(session: AsyncSession, at: datetime) -> Sequence[Unclosed]:
    """Those that ended before then, in the last month. One statement."""
    rows = await session.execute(UNCLOSED, {"since": at - LOOKING_BACK, "before": at})
    return [Unclosed(*row) for row in rows]
