"""Staff who act, and what a test reads back."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.members.identity import StaffIdentity
from backend.members.tables import Member
from backend.notifications.tables import Message
from backend.rating.tables import RatingCurrent
from backend.timeline.tables import TimelineItem
from tests import factories


async def colleague(session: AsyncSession, role: str = "adviser", *, branch_id: UUID | None = None) -> StaffIdentity:
    made = await factories.staff(session, role=role, branch_id=branch_id)
    return StaffIdentity(made.id, made.staff_no, role, frozenset({role}), branch_id)


async def pair(session: AsyncSession, **values: Any) -> tuple[Member, StaffIdentity]:
    """A member and an adviser of the same branch."""
    member = await factories.member(session, **values)
    return member, await colleague(session, branch_id=member.branch_id)


async def messages(session: AsyncSession, member_id: UUID) -> list[str]:
    return list(await session.scalars(select(Message.key).where(Message.member_id == member_id).order_by(Message.id)))


async def items(session: AsyncSession, member_id: UUID, kind: str) -> list[TimelineItem]:
    statement = select(TimelineItem).where(TimelineItem.member_id == member_id, TimelineItem.kind == kind)
    found = await session.scalars(statement.order_by(TimelineItem.id).execution_options(populate_existing=True))
    return list(found)


async def current(session: AsyncSession, member_id: UUID) -> RatingCurrent:
    statement = select(RatingCurrent).where(RatingCurrent.member_id == member_id)
    return (await session.scalars(statement.execution_options(populate_existing=True))).one()


async def events(session: AsyncSession, subject_id: UUID) -> list[str]:
    statement = text("SELECT event FROM case_history WHERE subject_id = :s ORDER BY id")
    return list(await session.scalars(statement, {"s": subject_id}))
