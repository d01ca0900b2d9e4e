"""How many talks about job search each branch must expect beside its members' courses."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# The weeks whose average is expected to go on.
LOOKING_BACK = timedelta(weeks=8)


async def expected_talks(session: AsyncSession, *, now: datetime) -> Mapping[UUID, float]:
    """Talks a week by branch, as over the last eight weeks: those of approved call-ins, and service calls.

    A service call takes about a third of the time of a talk, and counts as that. One statement.
    """
    rows = await session.execute(_LOAD, {"since": now - LOOKING_BACK, "weeks": LOOKING_BACK / timedelta(weeks=1)})
    return {row.branch_id: float(row.talks) for row in rows}


_LOAD = text("""
SELECT m.branch_id, sum(one.share) / CAST(:weeks AS numeric) AS talks
FROM (
    SELECT member_id, 1.0 AS share FROM call_in WHERE decided_at >= :since AND state IN ('approved', 'held', 'no_show')
    UNION ALL
    SELECT member_id, 1.0 / 3 FROM service_call WHERE opened_at >= :since AND queue = 'branch'
) AS one JOIN member AS m ON m.id = one.member_id
GROUP BY m.branch_id
""")
