"""What a person, or the member, does to a service call, with all that follows from it in the same transaction."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import call_work
from backend.casework import rules_calls as rules
from backend.casework.tables import ServiceCall
from backend.clock import local_date
from backend.course import service as agreements
from backend.course.rules import ExemptionType
from backend.errors import Invalid, NotFound
from backend.followup import absences, appointments, cases, course, log_deadline, service, triage
from backend.i18n import N_
from backend.members import access
from backend.members.identity import StaffIdentity
from backend.notifications import service as notifications
from backend.notifications.service import NewMessage

# The rule starts afresh from green after a pause. A pause that was a wrong click is none: the colour before it holds.
UNPAUSE = text("""
    UPDATE rating_current AS c SET colour = r.previous
    FROM rating AS r
    WHERE c.member_id = :member AND r.id = c.rating_id AND c.colour = 'paused' AND r.rated_at >= :since
""")

# These outcomes are summed up in the inbox; of an exemption the member hears by its own message.
TALKED = ("agreed_plan", "misregistered", "needs_help")


class Excuse(NamedTuple):
    """The exemption that a call brought to light."""

    kind: ExemptionType
    from_on: date
    to_on: date | None
    reason: str | None


def scope(staff: StaffIdentity, today: date) -> ColumnElement[bool]:
    """The calls that this person works at: those of members in sight, and the central queue for the contact centre."""
    sight = access.visible(staff, today)
    central = ServiceCall.queue == "contact_centre" if "contact_centre" in staff.roles else false()
    return or_(sight, central)


def hand_out(staff: StaffIdentity, today: date) -> ColumnElement[bool]:
    """The calls handed to this person unasked: of the own queue only, so that branch and centre never ring the same."""
    own = "contact_centre" if "contact_centre" in staff.roles else "branch"
    return and_(scope(staff, today), ServiceCall.queue == own)


async def take_next(session: AsyncSession, staff: StaffIdentity, *, now: datetime) -> ServiceCall | None:
    """The most urgent call that nobody makes, now this person's; None when the queue is empty."""
    return await call_work.claim_next(session, staff.id, scope=hand_out(staff, local_date(now)), now=now)


async def claim(session: AsyncSession, call_id: UUID, staff: StaffIdentity, *, now: datetime) -> ServiceCall:
    """Take a certain call, also one not due yet: the member rang, say."""
    return await call_work.claim(session, await cases.call(session, call_id), staff.id, now=now)


async def release(
    session: AsyncSession, call_id: UUID, staff: StaffIdentity, *, next_try: datetime | None, now: datetime
) -> ServiceCall:
    """Put it back; it is handed out again at `next_try`, or at once."""
    return await call_work.release(session, await cases.call(session, call_id), staff.id, next_try=next_try, now=now)


async def attempt(
    session: AsyncSession, call_id: UUID, staff: StaffIdentity, result: rules.AttemptResult, *, now: datetime
) -> ServiceCall:
    """Write down that somebody rang. After the second fair try in vain the member gets a message, once per call."""
    call = await cases.call(session, call_id)
    enough = await call_work.attempt(session, call, staff.id, result, now=now)
    tried = await cases.call(session, call_id)
    if enough and tried.not_before:
        params = {"day": local_date(tried.not_before)}
        await notifications.send(session, [NewMessage(call.member_id, "N12", str(call_id), params)], now=now)
    await appointments.show_call(session, tried, now=now)
    return tried


async def complete(
    session: AsyncSession, call_id: UUID, staff: StaffIdentity, outcome: rules.Outcome, *,
    note: str | None, excuse: Excuse | None, now: datetime, call_queue: str, fill_by: date | None = None,
) -> ServiceCall:  # fmt: skip
    """End the call. `exempt` grants the `excuse` and rates the member anew; other outcomes take none.

    `fill_by` with an agreed plan: the last day to fill in the job log, which the member gets as a legal notice (N13).
    """
    _check_excuse(outcome, excuse)
    call = await cases.call(session, call_id)
    detail = {} if excuse is None else {"exemption_id": await _excuse(session, call.member_id, excuse, staff, now)}
    done = await call_work.complete(
        session, call, staff.id, outcome, note=note, fill_by=fill_by, now=now, detail=detail
    )
    await appointments.end_calls(session, [call.member_id], outcome, now=now)
    if fill_by is not None:
        await log_deadline.give(session, done, staff, now=now)
    if outcome in TALKED:
        await notifications.send(session, [NewMessage(call.member_id, "N23.call", str(call_id))], now=now)
    await _follow_up(session, call.member_id, now=now, call_queue=call_queue)
    return done


def _check_excuse(outcome: rules.Outcome, excuse: Excuse | None) -> None:
    if (outcome == "exempt") != (excuse is not None):
        raise Invalid(N_("The outcome exempt, and no other, comes with an exemption."), field="exemption")


async def _excuse(session: AsyncSession, member_id: UUID, excuse: Excuse, staff: StaffIdentity, now: datetime) -> str:
    granted = await agreements.grant_exemption(
        session, member_id, excuse.kind, from_on=excuse.from_on, to_on=excuse.to_on, reason=excuse.reason,
        staff_id=staff.id, now=now,
    )  # fmt: skip
    await absences.tell(session, granted, now=now)
    await course.follow_exemption(session, member_id, now=now)
    return str(granted.id)


async def undo(
    session: AsyncSession, call_id: UUID, staff: StaffIdentity, *, now: datetime, call_queue: str
) -> ServiceCall:
    """Take back an outcome clicked by mistake, and the exemption or the last day that came with it."""
    call = await cases.call(session, call_id)
    ended_at, fill_by = call.ended_at, call.fill_by
    detail = await call_work.undo(session, call, staff.id, now=now)
    if fill_by is not None:
        await log_deadline.take_back(session, call, fill_by, staff, now=now)
    if "exemption_id" in detail:
        exemption_id = UUID(detail["exemption_id"])
        await agreements.cancel_exemption(session, exemption_id, call.member_id, staff_id=staff.id, now=now)
        await course.follow_exemption(session, call.member_id, now=now)
        await absences.withdraw(session, call.member_id, exemption_id, now=now)
        await session.execute(UNPAUSE, {"member": call.member_id, "since": ended_at})
    await appointments.show_call(session, await cases.call(session, call_id), now=now)
    await _follow_up(session, call.member_id, now=now, call_queue=call_queue)
    return await cases.call(session, call_id)


async def of_member(session: AsyncSession, member_id: UUID) -> ServiceCall | None:
    """The call that the member waits for, if any."""
    return await call_work.running_of(session, member_id, lock=False)


async def choose_time(session: AsyncSession, member_id: UUID, at: datetime, *, now: datetime) -> ServiceCall:
    """The member picks when to be rung. Raises NotFound without an open call, TimeNotPossible, CallTaken."""
    call = await cases.open_call_of(session, member_id)
    if call is None:
        raise NotFound
    chosen = await call_work.choose_time(session, call, at, now=now)
    await appointments.show_call(session, chosen, now=now)
    await triage.refresh_deadlines(session, [member_id])
    return chosen


async def clear_time(session: AsyncSession, member_id: UUID, *, now: datetime) -> ServiceCall:
    """The member does not mind when."""
    call = await cases.open_call_of(session, member_id)
    if call is None:
        raise NotFound
    cleared = await call_work.clear_time(session, call, now=now)
    await appointments.show_call(session, cleared, now=now)
    return cleared


async def _follow_up(session: AsyncSession, member_id: UUID, *, now: datetime, call_queue: str) -> None:
    await service.rate_and_follow_up(session, [member_id], now=now, mode="event", call_queue=call_queue)
    await triage.refresh_deadlines(session, [member_id])
