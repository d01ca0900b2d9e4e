"""What a person does to one service call. Each change follows its rule and is guarded by the state it saw."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import errors, history
from backend.casework import rules_calls as rules
from backend.casework.tables import CALL_OPEN, CallAttempt, CaseHistory, ServiceCall
from backend.clock import local_date
from backend.db.types import new_id
from backend.errors import Conflict
from backend.members.tables import Member


async def locked(session: AsyncSession, call_id: UUID) -> ServiceCall | None:
    """The call as it is now, and nobody else changes it until this transaction ends."""
    statement = select(ServiceCall).where(ServiceCall.id == call_id).with_for_update()
    return await session.scalar(statement.execution_options(populate_existing=True))


async def running_of(session: AsyncSession, member_id: UUID, *, lock: bool) -> ServiceCall | None:
    """The member's call that is open, claimed or suspended; with `lock` nobody else changes it meanwhile."""
    statement = select(ServiceCall).where(ServiceCall.member_id == member_id, ServiceCall.state.in_(CALL_OPEN))
    statement = statement.with_for_update() if lock else statement
    return await session.scalar(statement.execution_options(populate_existing=True))


async def claim_next(
    session: AsyncSession, staff_id: UUID, *, scope: ColumnElement[bool], now: datetime
) -> ServiceCall | None:
    """Hand out the most urgent call of a scope (over ServiceCall and Member), or the one held already.

    Calls that a colleague is just taking are skipped, so many people may ask at once and all get different ones.
    """
    own = await session.scalar(select(ServiceCall).where(_held_by(staff_id, now)).limit(1))
    return own or await _claim_free(session, staff_id, scope, now)


def _held_by(staff_id: UUID, now: datetime) -> ColumnElement[bool]:
    fresh = ServiceCall.claimed_at > now - rules.CLAIM_LAPSES_AFTER
    return and_(ServiceCall.state == "claimed", ServiceCall.claimed_by == staff_id, fresh)


async def _claim_free(
    session: AsyncSession, staff_id: UUID, scope: ColumnElement[bool], now: datetime
) -> ServiceCall | None:
    lapsed = and_(ServiceCall.state == "claimed", ServiceCall.claimed_at <= now - rules.CLAIM_LAPSES_AFTER)
    statement = (
        select(ServiceCall)
        .join(Member, Member.id == ServiceCall.member_id)
        .where(or_(ServiceCall.state == "open", lapsed), scope)
        .where(or_(ServiceCall.not_before.is_(None), ServiceCall.not_before <= now))
        .order_by(ServiceCall.due_on, ServiceCall.call_at.nulls_last(), ServiceCall.id)
        .limit(1)
        .with_for_update(of=ServiceCall, skip_locked=True)
    )
    call = await session.scalar(statement.execution_options(populate_existing=True))
    return await claim(session, call, staff_id, now=now) if call else None


async def claim(session: AsyncSession, call: ServiceCall, staff_id: UUID, *, now: datetime) -> ServiceCall:
    """Take this call. Raises CallTaken while a colleague's claim runs."""
    to = rules.claim(await facts(session, call), staff_id, now)
    detail = {"lapsed_claim_of": str(call.claimed_by)} if call.claimed_by not in (None, staff_id) else {}
    return await _move(
        session, call, to, "claimed", staff_id=staff_id, now=now, detail=detail, claimed_by=staff_id, claimed_at=now
    )


async def release(
    session: AsyncSession, call: ServiceCall, staff_id: UUID, *, next_try: datetime | None, now: datetime
) -> ServiceCall:
    """Put the call back, to be handed out again at `next_try` or at once."""
    to = rules.release(await facts(session, call), staff_id)
    return await _move(
        session, call, to, "released", staff_id=staff_id, now=now, **_FREE, not_before=next_try or call.not_before
    )


_FREE: dict[str, Any] = {"claimed_by": None, "claimed_at": None}


async def attempt(
    session: AsyncSession, call: ServiceCall, staff_id: UUID, result: rules.AttemptResult, *, now: datetime
) -> bool:
    """Write down one time that somebody rang. Returns whether the tries are enough with this one, first."""
    before = await facts(session, call)
    to = rules.attempt(before, staff_id, result)
    await session.execute(
        insert(CallAttempt).values(id=new_id(), call_id=call.id, at=now, staff_id=staff_id, result=result)
    )
    tried = rules.Attempt(now, result)
    values = {} if to == "claimed" else {**_FREE, "call_at": None, "not_before": rules.next_try(tried)}
    await _move(
        session, call, to, "attempted", staff_id=staff_id, now=now, detail={"result": result},
        attempts=call.attempts + 1, **values,
    )  # fmt: skip
    return rules.may_give_up([*before.attempts, tried]) and not rules.may_give_up(before.attempts)


async def complete(
    session: AsyncSession, call: ServiceCall, staff_id: UUID, outcome: rules.Outcome, *,
    note: str | None, now: datetime, fill_by: date | None = None, detail: dict[str, Any] | None = None,
) -> ServiceCall:  # fmt: skip
    """End the call with what came of it. `detail` is kept in the history (ids and codes only).

    `fill_by`: the last day, agreed in the call, to fill in the job log. Raises FillByNotPossible.
    """
    if fill_by is not None:
        rules.check_fill_by(outcome, fill_by, local_date(now))
    to = rules.complete(await facts(session, call), staff_id, outcome)
    return await _move(
        session, call, to, "completed", staff_id=staff_id, now=now, detail={"outcome": outcome, **(detail or {})},
        **_FREE, outcome=outcome, note=note, fill_by=fill_by, completed_on=local_date(now), ended_at=now,
    )  # fmt: skip


async def undo(session: AsyncSession, call: ServiceCall, staff_id: UUID, *, now: datetime) -> dict[str, Any]:
    """Take the outcome back; the call is claimed again. Returns the detail that `complete` was given."""
    to = rules.undo(await facts(session, call), staff_id, now)
    completed = await _last_completed(session, call.id)
    try:
        async with session.begin_nested():
            await _move(
                session, call, to, "undone", staff_id=staff_id, now=now, detail={"outcome": call.outcome},
                claimed_by=staff_id, claimed_at=now, outcome=None, note=None, fill_by=None, completed_on=None,
                ended_at=None,
            )  # fmt: skip
    except IntegrityError as broken:
        raise errors.AnotherCallOpen from broken
    return completed.detail if completed else {}


async def choose_time(session: AsyncSession, call: ServiceCall, at: datetime, *, now: datetime) -> ServiceCall:
    """The member asks to be rung at a time; the due day follows when the member wants a later one."""
    to = rules.choose_time(await facts(session, call), at, now)
    return await _move(
        session, call, to, "time_chosen", staff_id=None, now=now, detail={"at": at.isoformat()}, **_FREE,
        call_at=at, not_before=at - rules.AHEAD_OF_CHOSEN, due_on=max(call.due_on, local_date(at)),
    )  # fmt: skip


async def clear_time(session: AsyncSession, call: ServiceCall, *, now: datetime) -> ServiceCall:
    """The member does not mind when."""
    if call.call_at is None:
        return call
    if call.state != "open":
        raise errors.CallTaken
    return await _move(
        session, call, "open", "time_cleared", staff_id=None, now=now, call_at=None, not_before=None
    )  # fmt: skip


async def facts(session: AsyncSession, call: ServiceCall) -> rules.Call:
    """The call as its rules see it."""
    completed = await _last_completed(session, call.id) if call.state == "done" else None
    return rules.Call(
        call.state,  # type: ignore[arg-type]
        call.claimed_by,
        call.claimed_at,
        await _attempts(session, call.id) if call.attempts else (),
        call.ended_at,
        completed.staff_id if completed else None,
    )


async def _attempts(session: AsyncSession, call_id: UUID) -> Sequence[rules.Attempt]:
    statement = select(CallAttempt.at, CallAttempt.result).where(CallAttempt.call_id == call_id)
    rows = await session.execute(statement.order_by(CallAttempt.at, CallAttempt.id))
    return [rules.Attempt(at, result) for at, result in rows]  # type: ignore[arg-type]


async def _last_completed(session: AsyncSession, call_id: UUID) -> CaseHistory | None:
    statement = select(CaseHistory).where(CaseHistory.subject_id == call_id, CaseHistory.event == "completed")
    return await session.scalar(statement.order_by(CaseHistory.id.desc()).limit(1))


async def _move(
    session: AsyncSession, call: ServiceCall, to: str, event: str, *,
    staff_id: UUID | None, now: datetime, detail: dict[str, Any] | None = None, **values: Any,
) -> ServiceCall:  # fmt: skip
    """Write the new state where the old one still stands, and the line of history with it."""
    before, member_id, call_id = call.state, call.member_id, call.id
    statement = (
        update(ServiceCall)
        .where(ServiceCall.id == call_id, ServiceCall.state == before)
        .values(state=to, **values)
        .returning(ServiceCall)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    moved = await session.scalar(statement)
    if moved is None:
        raise Conflict
    line = history.Entry("service_call", call_id, member_id, event, before, to, staff_id, detail or {})
    await history.add(session, [line], now=now)
    return moved
