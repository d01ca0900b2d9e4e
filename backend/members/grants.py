"""Lending and assigning members to staff who otherwise would not see them. Dated and reasoned; ended, never deleted."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.types import new_id
from backend.errors import Conflict, Invalid, NotFound
from backend.i18n import N_
from backend.members.tables import Branch, Member, Staff, StaffAccess

LONGEST_AHEAD = timedelta(days=366)
# A loan without an end is forgotten; an assignment may stay open.
LONGEST_LOAN = timedelta(days=180)


class NewGrant(NamedTuple):
    """Either a member or a branch. Days inclusive."""

    staff_id: UUID
    member_id: UUID | None
    branch_id: UUID | None
    kind: Literal["assigned", "loaned"]
    from_on: date
    to_on: date | None
    reason: str


def check(grant: NewGrant, today: date) -> None:
    """Raises Invalid, naming the field."""
    if (grant.member_id is None) == (grant.branch_id is None):
        raise Invalid(N_("Name a member or a branch, not both."), field="memberId")
    if not today <= grant.from_on <= today + LONGEST_AHEAD:
        raise Invalid(N_("It starts today or within a year."), field="fromOn")
    if grant.to_on is not None and grant.to_on < grant.from_on:
        raise Invalid(N_("The last day must not come before the first."), field="toOn")
    if grant.kind == "loaned" and (grant.to_on is None or grant.to_on - grant.from_on > LONGEST_LOAN):
        raise Invalid(N_("A loan ends, within 180 days."), field="toOn")


async def add(session: AsyncSession, grant: NewGrant, granted_by: UUID, *, today: date, now: datetime) -> StaffAccess:
    """Let somebody see a member or a branch. Raises Invalid for what does not exist."""
    check(grant, today)
    await _must_exist(session, grant)
    made = StaffAccess(id=new_id(), granted_by=granted_by, granted_at=now, **grant._asdict())
    session.add(made)
    await session.flush()
    return made


async def _must_exist(session: AsyncSession, grant: NewGrant) -> None:
    checks = (
        ("staffId", exists().where(Staff.id == grant.staff_id), True),
        ("memberId", exists().where(Member.id == grant.member_id), grant.member_id is not None),
        ("branchId", exists().where(Branch.id == grant.branch_id), grant.branch_id is not None),
    )
    for field, known, named in checks:
        if named and not await session.scalar(select(known)):
            raise Invalid(N_("There is none with this id."), field=field)


async def end(session: AsyncSession, grant_id: UUID, *, today: date) -> StaffAccess:
    """From today on it holds no more. Raises NotFound, Conflict when it has ended."""
    yesterday = today - timedelta(days=1)
    running = or_(StaffAccess.to_on.is_(None), StaffAccess.to_on >= today)
    statement = update(StaffAccess).where(StaffAccess.id == grant_id, running).values(to_on=yesterday)
    ended = await session.scalar(statement.returning(StaffAccess).execution_options(populate_existing=True))
    if ended is not None:
        return ended
    if await session.scalar(select(exists().where(StaffAccess.id == grant_id))):
        raise Conflict(N_("This has ended already."))
    raise NotFound


async def running(session: AsyncSession, *, today: date, after: UUID | None, limit: int) -> Sequence[StaffAccess]:
    """Those that hold today or later, in the order in which they were given."""
    statement = select(StaffAccess).where(or_(StaffAccess.to_on.is_(None), StaffAccess.to_on >= today))
    if after:
        statement = statement.where(StaffAccess.id > after)
    return (await session.scalars(statement.order_by(StaffAccess.id).limit(limit))).all()
