"""What staff decide about a member's rating: colours, exemptions, agreements. Each is one call for a handler.

The change, what the member is told and the new rating are one transaction; the member is held first, so that no rating
run reads half of it.
"""

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date, local_time
from backend.course import queries as exemptions
from backend.course import service as agreements
from backend.course.rules import Numbers
from backend.course.tables import Exemption, SearchRequirement
from backend.followup import absences, cases, course, overrides, service, triage
from backend.followup.calls import Excuse
from backend.followup.overrides import NewOverride
from backend.members.identity import StaffIdentity
from backend.rating.tables import RatingOverride
from backend.timeline import service as timeline
from backend.timeline.service import NewItem


async def set_override(
    session: AsyncSession, member_id: UUID, staff: StaffIdentity, override: NewOverride, *,
    now: datetime, call_queue: str,
) -> RatingOverride:  # fmt: skip
    """A colour chosen by a person until a day; it holds from now."""
    await cases.hold_member(session, member_id)
    made = await overrides.put(session, member_id, override, staff.id, now=now)
    await _rate(session, member_id, now=now, call_queue=call_queue)
    return made


async def end_override(
    session: AsyncSession, member_id: UUID, staff: StaffIdentity, *, now: datetime, call_queue: str
) -> None:
    """The figures speak again. Raises NotFound when no override runs."""
    await cases.hold_member(session, member_id)
    await overrides.end(session, member_id, staff.id, now=now)
    await _rate(session, member_id, now=now, call_queue=call_queue)


async def grant_exemption(
    session: AsyncSession, member_id: UUID, staff: StaffIdentity, excuse: Excuse, *, now: datetime, call_queue: str
) -> Exemption:
    """Excuse the member for a period."""
    await cases.hold_member(session, member_id)
    made = await agreements.grant_exemption(
        session, member_id, excuse.kind, from_on=excuse.from_on, to_on=excuse.to_on, reason=excuse.reason,
        staff_id=staff.id, now=now,
    )  # fmt: skip
    await absences.tell(session, made, now=now)
    await course.follow_exemption(session, member_id, now=now)
    await _rate(session, member_id, now=now, call_queue=call_queue)
    return made


async def end_exemption(
    session: AsyncSession, member_id: UUID, exemption_id: UUID, *, to_on: date, now: datetime, call_queue: str
) -> Exemption:
    """Give the exemption an earlier last day."""
    await _hold(session, member_id, exemption_id)
    ended = await agreements.end_exemption(session, exemption_id, member_id, to_on=to_on)
    await absences.show(session, ended, now=now)
    await course.follow_exemption(session, member_id, now=now)
    await _rate(session, member_id, now=now, call_queue=call_queue)
    return ended


async def cancel_exemption(
    session: AsyncSession, member_id: UUID, exemption_id: UUID, staff: StaffIdentity, *, now: datetime, call_queue: str
) -> Exemption:
    """The exemption should not have been given: it counts for no day."""
    await _hold(session, member_id, exemption_id)
    cancelled = await agreements.cancel_exemption(session, exemption_id, member_id, staff_id=staff.id, now=now)
    await absences.withdraw(session, member_id, exemption_id, now=now)
    await course.follow_exemption(session, member_id, now=now)
    await _rate(session, member_id, now=now, call_queue=call_queue)
    return cancelled


async def set_requirement(
    session: AsyncSession, member_id: UUID, staff: StaffIdentity, numbers: Numbers, *,
    valid_from: date, now: datetime, call_queue: str,
) -> SearchRequirement:  # fmt: skip
    """A new version of what was agreed, shown to the member; the rating follows it from its first day."""
    await cases.hold_member(session, member_id)
    made = await agreements.set_requirement(
        session, member_id, numbers, valid_from=valid_from, staff_id=staff.id, now=now
    )
    at = now if valid_from == local_date(now) else local_time(valid_from, time(8))
    params = {"min_per_week": made.min_per_week, "from_on": valid_from}
    await timeline.add(session, [NewItem(member_id, "requirement", str(made.id), at, params=params)], now=now)
    await _rate(session, member_id, now=now, call_queue=call_queue)
    return made


async def _hold(session: AsyncSession, member_id: UUID, exemption_id: UUID) -> None:
    """The exemption and then the member, as an import locks them: neither ever waits for the other in a circle."""
    await exemptions.locked_exemption(session, exemption_id, member_id)
    await cases.hold_member(session, member_id)


async def _rate(session: AsyncSession, member_id: UUID, *, now: datetime, call_queue: str) -> None:
    await service.rate_and_follow_up(session, [member_id], now=now, mode="event", call_queue=call_queue)
    await triage.refresh_deadlines(session, [member_id])
