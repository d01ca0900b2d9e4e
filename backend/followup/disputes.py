"""A member disputes a rating, an adviser answers; what an upheld dispute changes happens in the same transaction."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import disputes
from backend.casework.rules_disputes import Verdict
from backend.casework.tables import Dispute
from backend.errors import Invalid, NotFound
from backend.followup import cases, overrides, service, triage
from backend.followup.overrides import NewOverride
from backend.i18n import N_
from backend.members.identity import StaffIdentity
from backend.members.tables import Staff
from backend.notifications import service as notifications
from backend.notifications.service import NewMessage
from backend.rating.tables import Rating
from backend.timeline import service as timeline
from backend.timeline.service import NewItem


async def open_one(session: AsyncSession, member_id: UUID, rating_id: UUID, text: str, *, now: datetime) -> Dispute:
    """The member says that this rating is wrong. Raises NotFound for another's rating, DisputeOpen for a second one."""
    if not await session.scalar(select(exists().where(Rating.id == rating_id, Rating.member_id == member_id))):
        raise NotFound
    await cases.hold_member(session, member_id)
    made = await disputes.open_one(session, member_id, rating_id, text, now=now)
    await _show(session, made, now=now)
    return made


async def withdraw(session: AsyncSession, member_id: UUID, dispute_id: UUID, *, now: datetime) -> Dispute:
    """The member takes an own dispute back."""
    dispute = await cases.dispute(session, dispute_id)
    if dispute.member_id != member_id:
        raise NotFound
    ended = await disputes.withdraw(session, dispute, now=now)
    await _show(session, ended, now=now)
    return ended


async def of_member(session: AsyncSession, member_id: UUID) -> Sequence[Dispute]:
    """All of them, the newest first."""
    statement = select(Dispute).where(Dispute.member_id == member_id).order_by(Dispute.id.desc())
    return (await session.scalars(statement)).all()


async def answer(
    session: AsyncSession, dispute_id: UUID, staff: StaffIdentity, verdict: Verdict, text: str, *,
    override: NewOverride | None, now: datetime, call_queue: str,
) -> Dispute:  # fmt: skip
    """Answer in words. Upheld: the rating is marked corrected, an override may be set, and the member is rated anew."""
    if override is not None and verdict != "upheld":
        raise Invalid(N_("Only an objection that is upheld changes the colour."), field="override")
    dispute = await cases.dispute(session, dispute_id)
    answered = await disputes.answer(session, dispute, staff.id, verdict, text, now=now)
    if verdict == "upheld":
        await _correct(session, answered, staff, override, now=now, call_queue=call_queue)
    name = await session.scalar(select(Staff.name).where(Staff.id == staff.id)) or ""
    message = NewMessage(answered.member_id, "N31", str(dispute_id), {"name": name.split(" ")[0]})
    await notifications.send(session, [message], now=now)
    await _show(session, answered, now=now)
    return answered


async def _correct(
    session: AsyncSession, dispute: Dispute, staff: StaffIdentity, override: NewOverride | None, *,
    now: datetime, call_queue: str,
) -> None:  # fmt: skip
    marked = update(Rating).where(Rating.id == dispute.rating_id, Rating.corrected_at.is_(None))
    await session.execute(marked.values(corrected_at=now))
    if override is not None:
        await overrides.put(session, dispute.member_id, override, staff.id, now=now)
    await service.rate_and_follow_up(session, [dispute.member_id], now=now, mode="event", call_queue=call_queue)


async def _show(session: AsyncSession, dispute: Dispute, *, now: datetime) -> None:
    item = NewItem(dispute.member_id, "dispute", str(dispute.id), dispute.opened_at, params={"state": dispute.state})
    await timeline.add(session, [item], now=now)
    await triage.refresh_deadlines(session, [dispute.member_id])
