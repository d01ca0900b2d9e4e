"""What a person decides about a call-in, with the message and the timeline in the same transaction.

A person decides: nothing here runs without the id of the one who did.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import called_in, locks
from backend.casework import call_in_work
from backend.casework import rules_call_ins as rules
from backend.casework.rules_call_ins import Approval
from backend.casework.tables import CallIn
from backend.errors import NotFound
from backend.followup import appointments, call_in_absences, cases, service, triage
from backend.members.identity import StaffIdentity
from backend.notices import events
from backend.notices import service as notices
from backend.notices.compose import Content
from backend.notices.service import NewNotice
from backend.notifications import service as notifications
from backend.notifications.service import NewMessage
from backend.talks import registry


async def open_sheet(session: AsyncSession, call_in_id: UUID, staff: StaffIdentity, *, now: datetime) -> CallIn:
    """Show the evidence to a person; without it they cannot approve."""
    return await call_in_work.open_sheet(session, await cases.call_in(session, call_in_id), staff.id, now=now)


async def approve(
    session: AsyncSession, call_in_id: UUID, staff: StaffIdentity, approval: Approval, *,
    now: datetime, pause: timedelta = rules.READING_PAUSE,
) -> CallIn:  # fmt: skip
    """Call the member in: the letter, announced by N04, and the talk on the timeline as something to attend.

    Raises MemberBusy when the member has booked something at that time, and as call_in_work.approve.
    """
    await _hold_booker(session, call_in_id)
    case = await cases.call_in(session, call_in_id)
    approved = await call_in_work.approve(session, case, staff.id, approval, now=now, pause=pause)
    member_id = approved.member_id
    await called_in.take(session, member_id, call_in_id, approval.talk_at, now=now)
    await appointments.show_talk(session, approved, approval.form, now=now)
    await notices.send(session, [_letter(approved, staff.id, approval)], now=now)
    await triage.refresh_deadlines(session, [member_id])
    await registry.note_call_ins(session, [call_in_id], now=now)
    return approved


async def _hold_booker(session: AsyncSession, call_in_id: UUID) -> None:
    """One booking act of a member at a time, before anything else of theirs is held (booking/locks.py)."""
    member_id = await session.scalar(select(CallIn.member_id).where(CallIn.id == call_in_id))
    if member_id is None:
        raise NotFound
    await locks.member(session, member_id)


async def preview(
    session: AsyncSession, call_in_id: UUID, staff: StaffIdentity, approval: Approval, *, now: datetime
) -> Content:
    """The letter that an approval would send, in the member's language; nothing is written. Raises as approve does."""
    case = await session.get(CallIn, call_in_id)
    if case is None:
        raise NotFound
    rules.preview(rules.CallIn(case.state), approval, now)  # type: ignore[arg-type]
    return await notices.preview(session, _letter(case, staff.id, approval), now=now)


def _letter(case: CallIn, approver: UUID, approval: Approval) -> NewNotice:
    """The notice is known by the call-in's id; the same person read the evidence, wrote the letter and let it go."""
    return NewNotice(
        member_id=case.member_id,
        template="call_in",
        period=str(case.id),
        letter={
            "talk_at": approval.talk_at,
            "form": approval.form,
            "place": approval.talk_place.strip(),
            "purpose": approval.purpose,
        },
        origin="called_in",
        author_id=approver,
        approved_by=approver,
    )


async def reject(
    session: AsyncSession, call_in_id: UUID, staff: StaffIdentity, reason: str, *, now: datetime
) -> CallIn:
    """No call-in; the member never hears of the proposal."""
    case = await cases.call_in(session, call_in_id)
    return await _ended(session, await call_in_work.reject(session, case, staff.id, reason, now=now), now=now)


async def cancel(
    session: AsyncSession, call_in_id: UUID, staff: StaffIdentity, reason: str, *, now: datetime
) -> CallIn:
    """Call it off, before or after the approval. A member who was called in hears of it."""
    case = await cases.call_in(session, call_in_id)
    if case.state == "approved" and case.talk_at:
        params = {"at": case.talk_at}
        await notifications.send(
            session, [NewMessage(case.member_id, "N06.cancelled", str(call_in_id), params)], now=now
        )
        await events.cancel(session, case.member_id, ("N04", str(call_in_id)), staff.id, reason, now=now)
    return await _ended(session, await call_in_work.cancel(session, case, staff.id, reason, now=now), now=now)


async def miss(session: AsyncSession, call_in_id: UUID, staff: StaffIdentity, *, now: datetime) -> CallIn:
    """The member did not come: they are told and rung the same day; more is for people to decide."""
    case = await cases.call_in(session, call_in_id)
    missed = await call_in_work.miss(session, case, staff.id, now=now)
    await call_in_absences.follow(session, missed, staff.id, now=now)
    return await _ended(session, missed, now=now)


async def hold(
    session: AsyncSession, call_in_id: UUID, staff: StaffIdentity, held_on: date, *, now: datetime, call_queue: str
) -> CallIn:
    """The talk was held: the rating starts afresh from the next day, and the member is rated at once.

    Also when it was noted by mistake that the member did not come.
    """
    case = await cases.call_in(session, call_in_id)
    if case.state == "no_show":
        await call_in_absences.undo(session, case, staff.id, now=now)
    held = await call_in_work.hold(session, case, staff.id, held_on, now=now)
    await service.rate_and_follow_up(session, [held.member_id], now=now, mode="event", call_queue=call_queue)
    return await _ended(session, held, now=now)


async def _ended(session: AsyncSession, case: CallIn, *, now: datetime) -> CallIn:
    await appointments.end_talk(session, case.member_id, case.id, case.state, now=now)
    await called_in.give(session, case.id)
    await triage.refresh_deadlines(session, [case.member_id])
    await registry.note_call_ins(session, [case.id], now=now)
    return case
