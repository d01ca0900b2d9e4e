"""Writing agreements and exemptions. Dated data: a version is added, a period shortened or cancelled, none deleted."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date
from backend.course import errors, queries, rules
from backend.course.tables import Exemption, SearchRequirement
from backend.db.types import new_id
from backend.errors import NotFound


async def set_requirement(
    session: AsyncSession, member_id: UUID, numbers: rules.Numbers, *, valid_from: date, staff_id: UUID, now: datetime
) -> SearchRequirement:
    """A new version of what the member agreed to. Raises VersionExists when that day has one already."""
    rules.check_requirement(numbers, valid_from, local_date(now))
    statement = (
        insert(SearchRequirement)
        .values(
            id=new_id(), member_id=member_id, valid_from=valid_from, source="staff", set_by=staff_id, set_at=now,
            **numbers._asdict(),
        )
        .on_conflict_do_nothing(index_elements=["member_id", "valid_from", "source"])
        .returning(SearchRequirement)
    )  # fmt: skip
    made = await session.scalar(statement)
    if made is None:
        raise errors.VersionExists(field="validFrom")
    return made


async def grant_exemption(
    session: AsyncSession, member_id: UUID, kind: rules.ExemptionType, *,
    from_on: date, to_on: date | None, reason: str | None, staff_id: UUID, now: datetime,
) -> Exemption:  # fmt: skip
    """Excuse the member for a period (open without `to_on`). Raises PeriodTaken when one of the kind overlaps it."""
    rules.check_exemption(from_on, to_on, local_date(now))
    if await _overlaps(session, member_id, kind, from_on, to_on):
        raise errors.PeriodTaken(field="fromOn")
    statement = insert(Exemption).values(
        id=new_id(), member_id=member_id, type=kind, from_on=from_on, to_on=to_on, source="staff", granted_by=staff_id,
        granted_at=now, reason=reason,
    )  # fmt: skip
    return (await session.scalars(statement.returning(Exemption))).one()


async def _overlaps(session: AsyncSession, member_id: UUID, kind: str, from_on: date, to_on: date | None) -> bool:
    found = exists().where(
        Exemption.member_id == member_id,
        Exemption.type == kind,
        Exemption.cancelled_at.is_(None),
        or_(Exemption.to_on.is_(None), Exemption.to_on >= from_on),
    )
    return bool(await session.scalar(select(found if to_on is None else found.where(Exemption.from_on <= to_on))))


async def end_exemption(session: AsyncSession, exemption_id: UUID, member_id: UUID, *, to_on: date) -> Exemption:
    """Give an exemption an earlier last day. Raises NotFound, ExemptionOver, EndNotPossible."""
    held = await _running(session, exemption_id, member_id)
    rules.check_end(held.from_on, held.to_on, to_on)
    return await _change(session, held, to_on=to_on)


async def cancel_exemption(
    session: AsyncSession, exemption_id: UUID, member_id: UUID, *, staff_id: UUID, now: datetime
) -> Exemption:
    """The exemption should not have been given: it counts for no day, and stays to be seen."""
    held = await _running(session, exemption_id, member_id)
    return await _change(session, held, cancelled_at=now, cancelled_by=staff_id)


async def _running(session: AsyncSession, exemption_id: UUID, member_id: UUID) -> Exemption:
    held = await queries.locked_exemption(session, exemption_id, member_id)
    if held is None:
        raise NotFound
    if held.cancelled_at is not None:
        raise errors.ExemptionOver
    return held


async def _change(session: AsyncSession, held: Exemption, **values: object) -> Exemption:
    statement = update(Exemption).where(Exemption.id == held.id).values(**values).returning(Exemption)
    statement = statement.execution_options(populate_existing=True, synchronize_session=False)
    return (await session.scalars(statement)).one()
