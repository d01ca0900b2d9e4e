"""The waiting lists that the member is on."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from litestar import Request, Response, delete, get, post
from litestar.params import FromPath

from backend.api import booking_view, wire
from backend.api.booking_view import BookingView
from backend.api.given import Configured, Language, Me, Now, Session
from backend.api.staff_view import ReasonView
from backend.api.wire import Wire
from backend.booking import lines, texts
from backend.booking.lines import Place
from backend.course import plans
from backend.followup import booking_lines
from backend.i18n import text


class WaitingView(Wire):
    """A place in line for a full session: `position` 1 is next. `reason` says why there is no seat yet.

    A seat that is offered is to be taken by `offerUntil`; then it goes to the next.
    """

    session_id: UUID
    activity: str
    title: str
    starts_at: datetime
    ends_at: datetime
    form: str
    place: str | None
    closes_at: datetime
    joined_at: datetime
    position: int
    state: Literal["waiting", "offered"]
    offer_until: datetime | None
    reason: ReasonView


@get("/v1/me/waiting", operation_id="listWaiting", tags=["waiting list"], response_headers=wire.TAGGED)
async def list_waiting(
    request: Request[Any, Any, Any], session: Session, member: Me, now: Now, language: Language, settings: Configured
) -> Response[list[WaitingView]]:
    """My places in line."""
    found = await lines.of_member(session, member.id, now=now)
    return wire.tagged(request, [_view(language, settings.course_plan_set, one) for one in found])


@post("/v1/me/sessions/{session_id:uuid}/waiting", operation_id="joinWaiting", tags=["waiting list"])
async def join(
    session: Session, member: Me, now: Now, language: Language, settings: Configured, session_id: FromPath[UUID]
) -> WaitingView:
    """Get in line for a full session."""
    await booking_lines.join(session, member.id, session_id, set_name=settings.course_plan_set, now=now)
    place = await lines.one(session, member.id, session_id, now=now)
    return _view(language, settings.course_plan_set, place)


@delete("/v1/me/sessions/{session_id:uuid}/waiting", operation_id="leaveWaiting", tags=["waiting list"])
async def leave(session: Session, member: Me, now: Now, settings: Configured, session_id: FromPath[UUID]) -> None:
    """Step out of line, or turn the offered seat down."""
    await booking_lines.leave(session, member.id, session_id, set_name=settings.course_plan_set, now=now)


@post("/v1/me/sessions/{session_id:uuid}/waiting/accept", operation_id="acceptSeat", tags=["waiting list"])
async def accept(
    session: Session, member: Me, now: Now, language: Language, settings: Configured, session_id: FromPath[UUID]
) -> BookingView:
    """Take the seat that is offered to me."""
    set_name = settings.course_plan_set
    booking_id = await booking_lines.accept(session, member.id, session_id, set_name=set_name, now=now)
    return await booking_view.one(session, member.id, booking_id, language=language, set_name=set_name, now=now)


def _view(language: str, set_name: str, place: Place) -> WaitingView:
    given = ("title", "reason")
    same = {name: getattr(place, name) for name in WaitingView.__struct_fields__ if name not in given}
    return WaitingView(
        **same,
        title=plans.title(set_name, place.activity, language),
        reason=ReasonView(code=place.reason, text=text(language, texts.LINE[place.reason])),
    )


HANDLERS = (list_waiting, join, leave, accept)
