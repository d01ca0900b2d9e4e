"""Finding a case to work on, with its member held first: a rating run and a person lock in the same order."""

from typing import TypeVar
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import call_in_work, call_work, disputes
from backend.casework.tables import CallIn, Dispute, ServiceCall
from backend.errors import NotFound

T = TypeVar("T")

HOLD_MEMBER = text("SELECT 1 FROM rating_current WHERE member_id = :member FOR UPDATE")


async def hold_member(session: AsyncSession, member_id: UUID) -> None:
    """Nobody rates this member, or changes what the rating reads, until the transaction ends."""
    await session.execute(HOLD_MEMBER, {"member": member_id})


async def call(session: AsyncSession, call_id: UUID) -> ServiceCall:
    await _hold(session, await session.scalar(select(ServiceCall.member_id).where(ServiceCall.id == call_id)))
    return _found(await call_work.locked(session, call_id))


async def call_in(session: AsyncSession, call_in_id: UUID) -> CallIn:
    await _hold(session, await session.scalar(select(CallIn.member_id).where(CallIn.id == call_in_id)))
    return _found(await call_in_work.locked(session, call_in_id))


async def dispute(session: AsyncSession, dispute_id: UUID) -> Dispute:
    await _hold(session, await session.scalar(select(Dispute.member_id).where(Dispute.id == dispute_id)))
    return _found(await disputes.locked(session, dispute_id))


async def open_call_of(session: AsyncSession, member_id: UUID) -> ServiceCall | None:
    """The member's call that is open, claimed or suspended."""
    await hold_member(session, member_id)
    return await call_work.running_of(session, member_id, lock=True)


async def _hold(session: AsyncSession, member_id: UUID | None) -> None:
    if member_id is None:
        raise NotFound
    await hold_member(session, member_id)


def _found(case: T | None) -> T:
    if case is None:
        raise NotFound
    return case
