"""Members without a spell get one, as those who were there before courses were planned; changed spells are settled.

An import plans spells itself; what follows from it, on the timeline and in messages, is done here, batch by batch.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.course import plans, spells
from backend.course.spells import NewSpell
from backend.followup import course
from backend.jobs.job import Counts, Moment
from backend.settings import Settings

UNPLANNED = text("""
    SELECT m.id, m.unemployed_from FROM member AS m
    WHERE m.id = ANY(CAST(:members AS uuid[])) AND m.unemployed_from >= :earliest
      AND NOT EXISTS (SELECT FROM spell AS s WHERE s.member_id = m.id)
    ORDER BY m.id
""")


async def work(session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings) -> Counts:
    """As of the present: what lies behind is not planned, however late the batch comes."""
    name = settings.course_plan_set
    rows = await session.execute(UNPLANNED, {"members": list(member_ids), "earliest": plans.earliest(name)})
    new = [NewSpell(row.id, row.unemployed_from) for row in rows]
    started = await spells.start_many(session, new, set_name=name, source="import", now=moment.now)
    settled = await course.settle_many(session, member_ids, set_name=name, now=moment.now)
    return {"started": len(started), "settled": settled}
