"""What a person does to one call-in. The decision, its reason and the line of history are written together."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import history
from backend.casework import rules_call_ins as rules
from backend.casework.tables import CallIn, CaseHistory
from backend.clock import local_date
from backend.errors import Conflict


async def locked(session: AsyncSession, call_in_id: UUID) -> CallIn | None:
    """The call-in as it is now, and nobody else changes it until this transaction ends."""
    statement = select(CallIn).where(CallIn.id == call_in_id).with_for_update()
    return await session.scalar(statement.execution_options(populate_existing=True))


async def open_sheet(session: AsyncSession, case: CallIn, staff_id: UUID, *, now: datetime) -> CallIn:
    """A person opens the evidence: the first time is kept on the case, each person's own first time in the history."""
    if await read_at(session, case.id, staff_id):
        return case
    return await _move(session, case, case.state, "opened", staff_id=staff_id, now=now, opened_at=case.opened_at or now)


async def approve(
    session: AsyncSession, case: CallIn, staff_id: UUID, approval: rules.Approval, *,
    now: datetime, pause: timedelta = rules.READING_PAUSE,
) -> CallIn:  # fmt: skip
    """The named person calls the member in. Raises EvidenceUnread, ReadFirst, ReasonNeeded, ShortNotice, …"""
    to = rules.approve(await _facts(session, case, staff_id), approval, now, pause)
    day = local_date(approval.talk_at)
    detail = {
        "flagged": case.flagged_at is not None,
        "short_notice": rules.is_short_notice(day, local_date(now)),
        "short_notice_reason": approval.short_notice_reason.strip(),
        "form": approval.form,
        "purpose": approval.purpose,
    }
    return await _move(
        session, case, to, "approved", staff_id=staff_id, now=now, detail=detail,
        decided_by=staff_id, decided_at=now, due_on=day,
        decision_reason=approval.reason.strip(), talk_at=approval.talk_at, talk_place=approval.talk_place.strip(),
    )  # fmt: skip


async def reject(session: AsyncSession, case: CallIn, staff_id: UUID, reason: str, *, now: datetime) -> CallIn:
    """The named person sees no ground to call the member in."""
    to = rules.reject(await _facts(session, case, staff_id), reason)
    return await _move(
        session, case, to, "rejected", staff_id=staff_id, now=now,
        decided_by=staff_id, decided_at=now, decision_reason=reason.strip(), ended_at=now,
    )  # fmt: skip


async def cancel(session: AsyncSession, case: CallIn, staff_id: UUID, reason: str, *, now: datetime) -> CallIn:
    """Call it off. The reason of an approval stays with the case; that of the cancellation is in the history."""
    to = rules.cancel(await _facts(session, case, staff_id), reason)
    values: dict[str, Any] = {"ended_at": now}
    if case.state == "proposed":
        values |= {"decided_by": staff_id, "decided_at": now, "decision_reason": reason.strip()}
    detail = {"reason": reason.strip()}
    return await _move(session, case, to, "cancelled", staff_id=staff_id, now=now, detail=detail, **values)


async def hold(session: AsyncSession, case: CallIn, staff_id: UUID, held_on: date, *, now: datetime) -> CallIn:
    """The talk was held: the rating starts afresh after that day."""
    to = rules.hold(await _facts(session, case, staff_id), held_on, now)
    return await _move(session, case, to, "held", staff_id=staff_id, now=now, held_on=held_on, ended_at=now)


async def miss(session: AsyncSession, case: CallIn, staff_id: UUID, *, now: datetime) -> CallIn:
    """The member did not come."""
    to = rules.miss(await _facts(session, case, staff_id), now)
    return await _move(session, case, to, "no_show", staff_id=staff_id, now=now, ended_at=now)


async def _facts(session: AsyncSession, case: CallIn, staff_id: UUID) -> rules.CallIn:
    read = await read_at(session, case.id, staff_id) if case.state == "proposed" else None
    return rules.CallIn(case.state, read, case.decided_at, case.talk_at)  # type: ignore[arg-type]


async def read_at(session: AsyncSession, call_in_id: UUID, staff_id: UUID) -> datetime | None:
    """When this person opened the evidence first."""
    opened = select(func.min(CaseHistory.at)).where(
        CaseHistory.subject_id == call_in_id, CaseHistory.event == "opened", CaseHistory.staff_id == staff_id
    )
    return await session.scalar(opened)


async def _move(
    session: AsyncSession, case: CallIn, to: str, event: str, *,
    staff_id: UUID, now: datetime, detail: dict[str, Any] | None = None, **values: Any,
) -> CallIn:  # fmt: skip
    """Write the new state where the old one still stands, and the line of history with it."""
    before, member_id, call_in_id = case.state, case.member_id, case.id
    statement = (
        update(CallIn)
        .where(CallIn.id == call_in_id, CallIn.state == before)
        .values(state=to, **values)
        .returning(CallIn)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    moved = await session.scalar(statement)
    if moved is None:
        raise Conflict
    line = history.Entry("call_in", call_in_id, member_id, event, before, to, staff_id, detail or {})
    await history.add(session, [line], now=now)
    return moved
