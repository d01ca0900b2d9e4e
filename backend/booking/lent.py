"""Who is lent to which branch, and when: for the times that can be booked and for the capacity.

A lent adviser meets members at the branch that they are lent to, and is at one place a day: whichever branch books
the first talk in person that day has them there. By phone and video they are met from anywhere.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar

# What members of the other branch have booked is used up.
LOANS = text("""
    SELECT l.staff_id, l.branch_id, l.week, greatest(l.minutes - coalesce((
        SELECT sum(extract(epoch FROM s.ends_at - s.starts_at) / 60) FROM activity_session AS s
        WHERE s.staff_id = l.staff_id AND s.branch_id = l.branch_id AND s.kind = 'talk' AND s.state = 'open'
          AND CAST(s.local_start AS date) BETWEEN l.week AND l.week + 6), 0), 0) AS minutes
    FROM capacity_loan AS l
    WHERE l.ended_at IS NULL AND l.week BETWEEN :first AND :last
      AND (CAST(:branch AS uuid) IS NULL OR l.branch_id = :branch)
""")


async def to_branch(session: AsyncSession, branch_id: UUID, first: date, last: date) -> dict[UUID, dict[date, float]]:
    """Advisers lent to the branch, with the minutes that are left of each week (its Monday)."""
    params = {"branch": branch_id, "first": calendar.monday(first), "last": last}
    found: defaultdict[UUID, dict[date, float]] = defaultdict(dict)
    for row in await session.execute(LOANS, params):
        found[row.staff_id][row.week] = float(row.minutes)
    return dict(found)


# Days on which those who are lent are met in person at another branch.
ELSEWHERE = text("""
    SELECT DISTINCT s.staff_id, CAST(s.local_start AS date) AS day FROM activity_session AS s
    JOIN capacity_loan AS l ON l.staff_id = s.staff_id AND l.ended_at IS NULL
        AND CAST(s.local_start AS date) BETWEEN l.week AND l.week + 6
    WHERE s.staff_id = ANY(CAST(:staff AS uuid[])) AND s.kind = 'talk' AND s.form = 'personal' AND s.state = 'open'
      AND s.branch_id IS DISTINCT FROM CAST(:branch AS uuid) AND CAST(s.local_start AS date) BETWEEN :first AND :last
""")


async def elsewhere(
    session: AsyncSession, staff: Sequence[UUID], branch_id: UUID, first: date, last: date
) -> set[tuple[UUID, date]]:
    """(adviser, day) on which members of this branch cannot meet the adviser in person."""
    rows = await session.execute(ELSEWHERE, {"staff": list(staff), "branch": branch_id, "first": first, "last": last})
    return {(row.staff_id, row.day) for row in rows}


async def by_week(session: AsyncSession, first: date, last: date) -> Mapping[tuple[UUID, date], tuple[UUID, float]]:
    """(adviser, week) → (branch, minutes left) of the loans in these weeks."""
    rows = await session.execute(LOANS, {"branch": None, "first": first, "last": last})
    return {(row.staff_id, row.week): (row.branch_id, float(row.minutes)) for row in rows}
