"""Who of the staff may see whom, and the log of who did."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, exists, false, insert, or_, true
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.types import new_id
from backend.members.identity import StaffIdentity
from backend.members.tables import AccessLog, Member, StaffAccess

Action = Literal["read", "write"]
# Of the roles only these read single members; managers see sums, the contact centre its calls, organisers their events.
READERS = frozenset({"adviser", "job_consultant", "coordinator"})


def visible(staff: StaffIdentity, today: date) -> ColumnElement[bool]:
    """SQL over `Member`: the members whom this staff member may see today.

    A coordinator sees the whole fund, an adviser the own branch, and both an adviser and a job consultant whom they are
    assigned to or who is lent to them (alone or with a whole branch).
    """
    if "coordinator" in staff.roles:
        return true()
    if not staff.roles & READERS:
        return false()
    ways: list[ColumnElement[bool]] = [Member.adviser_id == staff.id, _granted(staff, today)]
    if "adviser" in staff.roles and staff.branch_id is not None:
        ways.append(Member.branch_id == staff.branch_id)
    return or_(*ways)


def _granted(staff: StaffIdentity, today: date) -> ColumnElement[bool]:
    return exists().where(
        StaffAccess.staff_id == staff.id,
        or_(StaffAccess.member_id == Member.id, StaffAccess.branch_id == Member.branch_id),
        StaffAccess.from_on <= today,
        or_(StaffAccess.to_on.is_(None), StaffAccess.to_on >= today),
    )


async def log(  # noqa: PLR0917 - the row as it is
    session: AsyncSession,
    staff_id: UUID,
    member_id: UUID | None,
    action: Action,
    operation: str,
    now: datetime,
) -> None:
    """Note that a staff member read or wrote data of a member (None: of the several members of a list)."""
    await session.execute(
        insert(AccessLog).values(
            id=new_id(), at=now, staff_id=staff_id, member_id=member_id, action=action, operation=operation
        )
    )
