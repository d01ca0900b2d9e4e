"""Booking deadlines of members: paused, running again, extended; and times in which nobody could book."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import booking_view, staff_view, wire
from backend.api.booking_view import DeadlineView
from backend.api.given import Colleague, Configured, Language, Now, Session
from backend.api.staff_view import Instant, Note, Reason
from backend.api.wire import Input, Wire
from backend.booking import outages, reading
from backend.booking.tables_calendar import Outage
from backend.errors import Invalid, NotFound
from backend.followup import booking_deadlines
from backend.i18n import N_

DEADLINE = "/v1/staff/members/{member_id:uuid}/deadlines/{obligation_id:uuid}"


class PauseInput(Input):
    reason: Reason


class ExtendInput(Input):
    due_on: date
    reason: Reason


class OutageInput(Input):
    """Since when members cannot book; now without `fromAt`."""

    from_at: Instant | None = None
    note: Note | None = None


class OutageEndInput(Input):
    """When members could book again; now without `toAt`."""

    to_at: Instant | None = None


class OutageView(Wire):
    id: UUID
    from_at: datetime
    to_at: datetime | None
    note: str | None


class OutageEnded(Wire):
    """`extended`: how many deadlines were given the days back."""

    outage: OutageView
    extended: int


@post(DEADLINE + "/pause", operation_id="pauseDeadline", tags=["deadlines"], status_code=200)
async def pause(
    session: Session, staff: Colleague, now: Now, language: Language, settings: Configured, member_id: FromPath[UUID],
    obligation_id: FromPath[UUID], data: JSONBody[PauseInput],
) -> DeadlineView:  # fmt: skip
    """Stop the clock of a deadline."""
    set_name = settings.course_plan_set
    await booking_deadlines.pause(
        session, member_id, obligation_id, reason=data.reason, by=staff.id, set_name=set_name, now=now
    )
    return await _view(session, language, member_id, obligation_id)


@post(DEADLINE + "/resume", operation_id="resumeDeadline", tags=["deadlines"], status_code=200)
async def resume(
    session: Session, staff: Colleague, now: Now, language: Language, settings: Configured, member_id: FromPath[UUID],
    obligation_id: FromPath[UUID],
) -> DeadlineView:  # fmt: skip
    """Let it run again, with as many days left as there were."""
    set_name = settings.course_plan_set
    await booking_deadlines.resume(session, member_id, obligation_id, by=staff.id, set_name=set_name, now=now)
    return await _view(session, language, member_id, obligation_id)


@post(DEADLINE + "/extend", operation_id="extendDeadline", tags=["deadlines"], status_code=200)
async def extend(
    session: Session, staff: Colleague, now: Now, language: Language, settings: Configured, member_id: FromPath[UUID],
    obligation_id: FromPath[UUID], data: JSONBody[ExtendInput],
) -> DeadlineView:  # fmt: skip
    """Give the member longer; never shorter."""
    await booking_deadlines.extend(
        session, member_id, obligation_id, data.due_on, reason=data.reason, by=staff.id,
        set_name=settings.course_plan_set, now=now,
    )  # fmt: skip
    return await _view(session, language, member_id, obligation_id)


@get("/v1/staff/outages", operation_id="listOutages", tags=["deadlines"], response_headers=wire.TAGGED)
async def list_outages(request: Request[Any, Any, Any], session: Session) -> Response[list[OutageView]]:
    """The latest times in which members could not book."""
    return wire.tagged(request, [_outage(one) for one in await outages.latest(session)])


@post("/v1/staff/outages", operation_id="beginOutage", tags=["deadlines"])
async def begin_outage(session: Session, now: Now, data: JSONBody[OutageInput]) -> OutageView:
    """Members cannot book: until it ends no deadline passes."""
    from_at = staff_view.sensible(data.from_at, "fromAt") if data.from_at else now
    if from_at > now:
        raise Invalid(N_("This lies in the future."), field="fromAt")
    outage_id = await outages.begin(session, from_at=from_at, note=data.note)
    return _outage(await session.get_one(Outage, outage_id))


@post("/v1/staff/outages/{outage_id:uuid}/end", operation_id="endOutage", tags=["deadlines"], status_code=200)
async def end_outage(
    session: Session, now: Now, settings: Configured, outage_id: FromPath[UUID], data: JSONBody[OutageEndInput]
) -> OutageEnded:
    """Members can book again: the deadlines that it touched are extended, once."""
    to_at = staff_view.sensible(data.to_at, "toAt") if data.to_at else now
    held = await session.get(Outage, outage_id)
    if held is None:
        raise NotFound
    if not held.from_at < to_at <= now:
        raise Invalid(N_("The end lies after the beginning, and not in the future."), field="toAt")
    extended = await booking_deadlines.end_outage(
        session, outage_id, to_at=to_at, set_name=settings.course_plan_set, now=now
    )
    return OutageEnded(outage=_outage(await session.get_one(Outage, outage_id)), extended=extended)


async def _view(session: AsyncSession, language: str, member_id: UUID, obligation_id: UUID) -> DeadlineView:
    found = booking_view.deadline(language, (await reading.deadlines(session, member_id)).get(obligation_id))
    if found is None:
        raise NotFound
    return found


def _outage(one: Outage) -> OutageView:
    return OutageView(id=one.id, from_at=one.from_at, to_at=one.to_at, note=one.note)


HANDLERS = (pause, resume, extend, list_outages, begin_outage, end_outage)
