"""Requirement versions and exemptions of a member."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.course.tables import Exemption, SearchRequirement


async def requirements(session: AsyncSession, member_id: UUID) -> Sequence[SearchRequirement]:
    """All versions, the newest first."""
    statement = select(SearchRequirement).where(SearchRequirement.member_id == member_id)
    statement = statement.order_by(SearchRequirement.valid_from.desc(), SearchRequirement.id.desc())
    return (await session.scalars(statement)).all()


async def exemptions(session: AsyncSession, member_id: UUID) -> Sequence[Exemption]:
    """All exemptions, cancelled ones too, the latest first."""
    statement = select(Exemption).where(Exemption.member_id == member_id)
    return (await session.scalars(statement.order_by(Exemption.from_on.desc(), Exemption.id.desc()))).all()


async def locked_exemption(session: AsyncSession, exemption_id: UUID, member_id: UUID) -> Exemption | None:
    """One exemption of this member, held until the transaction ends."""
    statement = select(Exemption).where(Exemption.id == exemption_id, Exemption.member_id == member_id)
    return await session.scalar(statement.with_for_update().execution_options(populate_existing=True))
