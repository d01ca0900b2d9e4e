"""Items that a member need not do after all: staff decide it with a professional reason, and can undo it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.course.errors_plans import ItemByLaw, ItemNotSkipped, ItemOver, ReasonNeeded
from backend.course.obligations import OPEN
from backend.course.tables_plans import Obligation, Skip
from backend.db.types import new_id
from backend.errors import NotFound
from backend.members.tables import Staff


class Skipped(NamedTuple):
    """Why an item need not be done, by whose decision."""

    reason: str
    by: str
    at: datetime


async def skip(
    session: AsyncSession, member_id: UUID, item_id: UUID, *, reason: str, staff_id: UUID, now: datetime
) -> Skip:
    """The member need not do this item. Raises ReasonNeeded, NotFound, ItemOver, ItemByLaw (for statutory talks)."""
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    item = await _held(session, member_id, item_id)
    if item.statutory:
        raise ItemByLaw
    if item.state not in OPEN:
        raise ItemOver
    item.state, item.proposed_due_on = "skipped", None
    made = Skip(id=new_id(), obligation_id=item.id, reason=reason.strip(), skipped_by=staff_id, skipped_at=now)
    session.add(made)
    await session.flush()
    return made


async def undo(
    session: AsyncSession, member_id: UUID, item_id: UUID, *, staff_id: UUID, today: date, now: datetime
) -> Skip:
    """The item is asked for again. Raises NotFound, ItemNotSkipped."""
    item = await _held(session, member_id, item_id)
    statement = select(Skip).where(Skip.obligation_id == item.id, Skip.undone_at.is_(None))
    standing = await session.scalar(statement.execution_options(populate_existing=True))
    if item.state != "skipped" or standing is None:
        raise ItemNotSkipped
    item.state = "planned" if item.due_on >= today else "missed"
    standing.undone_by, standing.undone_at = staff_id, now
    await session.flush()
    return standing


async def of_spell(session: AsyncSession, spell_id: UUID) -> Mapping[UUID, Skipped]:
    """The items of a spell that need not be done, by their ids."""
    statement = (
        select(Skip.obligation_id, Skip.reason, Staff.name, Skip.skipped_at)
        .join(Obligation, Obligation.id == Skip.obligation_id)
        .join(Staff, Staff.id == Skip.skipped_by)
        .where(Obligation.spell_id == spell_id, Skip.undone_at.is_(None))
    )
    return {row[0]: Skipped(row[1], row[2], row[3]) for row in await session.execute(statement)}


async def _held(session: AsyncSession, member_id: UUID, item_id: UUID) -> Obligation:
    statement = select(Obligation).where(Obligation.id == item_id, Obligation.member_id == member_id)
    item = await session.scalar(statement.with_for_update().execution_options(populate_existing=True))
    if item is None:
        raise NotFound
    return item
