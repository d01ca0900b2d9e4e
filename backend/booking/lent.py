"""Who is lent to which branch, and when: for the times that can be booked and for the capacity."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.booking.tables_loans import CapacityLoan

# How a lent adviser can be met: not in an office of the other branch.
FORMS = frozenset({"phone", "video"})


async def to_branch(session: AsyncSession, branch_id: UUID, first: date, last: date) -> dict[UUID, set[date]]:
    """Advisers lent to the branch, with the weeks (Mondays) in which they are."""
    statement = select(CapacityLoan.staff_id, CapacityLoan.week).where(
        CapacityLoan.branch_id == branch_id,
        CapacityLoan.ended_at.is_(None),
        CapacityLoan.week.between(calendar.monday(first), last),
    )
    found: defaultdict[UUID, set[date]] = defaultdict(set)
    for staff_id, week in await session.execute(statement):
        found[staff_id].add(week)
    return dict(found)


async def by_week(session: AsyncSession, first: date, last: date) -> Mapping[tuple[UUID, date], tuple[UUID, int]]:
    """(adviser, week) → (branch, minutes) of the loans in these weeks."""
    statement = select(CapacityLoan).where(CapacityLoan.ended_at.is_(None), CapacityLoan.week.between(first, last))
    return {(one.staff_id, one.week): (one.branch_id, one.minutes) for one in await session.scalars(statement)}
