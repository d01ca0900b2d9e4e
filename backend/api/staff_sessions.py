"""What is held, as staff publish it: event types, single sessions, the jobcentres' consultants."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api import staff_session_view as view
from backend.api import wire
from backend.api.given import Colleague, Configured, Language, Now, Session, Today
from backend.api.staff_session_view import EventTypeView, SessionInput, StaffSessionView
from backend.api.wire import Cursor, Input, Limit, Line, Page, Wire
from backend.booking import rules_sessions, session_list
from backend.booking.session_list import Place, Wanted
from backend.clock import local_time
from backend.course import plans
from backend.followup import sessions
from backend.followup.sessions import Actor

From = Annotated[date | None, QueryParameter(name="from", description="First day; today when left out.")]
Days = Annotated[int, QueryParameter(ge=1, le=400, description="How many days from the first.")]
Activity = Annotated[str | None, QueryParameter(max_length=40)]
Standing = Annotated[Literal["open", "cancelled"] | None, QueryParameter(name="state")]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")]


class CancelSessionInput(Input):
    """Why, for colleagues; the members are told that it is cancelled and that they can book again."""

    reason: Reason


class PartnerInput(Input):
    """A consultant of a jobcentre with whom joint talks are held."""

    jobcentre: Name
    name: Name
    email: Line | None = None
    phone: Line | None = None


class PartnerView(Wire):
    id: UUID
    jobcentre: str
    name: str
    email: str | None
    phone: str | None


class ChangedView(Wire):
    """The session as it is held now, and how many were told."""

    session: StaffSessionView
    told: int


class ToldView(Wire):
    told: int


@get("/v1/staff/event-types", operation_id="listEventTypes", tags=["sessions"])
async def list_event_types(settings: Configured, today: Today) -> list[EventTypeView]:
    """All that can be held, with titles in both languages and how it may be held by the rules for talks."""
    name = settings.course_plan_set
    return [
        view.event_type(
            key, one, rules_sessions.forms(name, one, today), published=one.kind in rules_sessions.PUBLISHED
        )
        for key, one in plans.catalogue(name).items()
    ]


@get("/v1/staff/sessions", operation_id="listStaffSessions", tags=["sessions"], response_headers=wire.TAGGED)
async def list_sessions(
    request: Request[Any, Any, Any],
    session: Session,
    settings: Configured,
    language: Language,
    today: Today,
    first: From = None,
    days: Days = 28,
    activity: Activity = None,
    branch_id: Annotated[UUID | None, QueryParameter(name="branchId")] = None,
    standing: Standing = "open",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response[Page[StaffSessionView]]:
    """Sessions with their seats, the soonest first."""
    begin = sensible(first or today)
    start, end = local_time(begin, time.min), local_time(begin + timedelta(days=days), time.min)
    after = Place(*wire.position(cursor, tuple[datetime, UUID])) if cursor else None
    wanted = Wanted(start, end, activity, branch_id, standing)
    rows = await session_list.page(session, wanted, after=after, limit=limit + 1)
    more = wire.cursor(rows[limit - 1].starts_at, rows[limit - 1].id) if len(rows) > limit else None
    shown = [view.session_view(language, settings.course_plan_set, row) for row in rows[:limit]]
    return wire.tagged(request, Page(items=shown, next=more))


@get("/v1/staff/sessions/{session_id:uuid}", operation_id="getStaffSession", tags=["sessions"])
async def one_session(
    session: Session, settings: Configured, language: Language, session_id: FromPath[UUID]
) -> StaffSessionView:
    """One session with its seats."""
    row = await session_list.one(session, session_id)
    return view.session_view(language, settings.course_plan_set, row)


@post("/v1/staff/sessions", operation_id="createSession", tags=["sessions"])
async def create_session(
    session: Session,
    staff: Colleague,
    now: Now,
    settings: Configured,
    language: Language,
    data: JSONBody[SessionInput],
) -> StaffSessionView:
    """Publish a session: members for whom it is can book at once."""
    actor = Actor(staff, settings.course_plan_set, now)
    made = await sessions.create(session, view.setup(data), view.wall(data.starts_at, "startsAt"), actor)
    return view.session_view(language, settings.course_plan_set, await session_list.one(session, made))


@put("/v1/staff/sessions/{session_id:uuid}", operation_id="changeSession", tags=["sessions"])
async def change_session(
    session: Session,
    staff: Colleague,
    now: Now,
    settings: Configured,
    language: Language,
    session_id: FromPath[UUID],
    data: JSONBody[SessionInput],
) -> ChangedView:
    """Hold a session otherwise. When time, place, way or person change, those who have a seat are told."""
    actor = Actor(staff, settings.course_plan_set, now)
    told = await sessions.change(session, session_id, view.setup(data), view.wall(data.starts_at, "startsAt"), actor)
    row = await session_list.one(session, session_id)
    return ChangedView(session=view.session_view(language, settings.course_plan_set, row), told=told)


@post("/v1/staff/sessions/{session_id:uuid}/cancel", operation_id="cancelSession", tags=["sessions"], status_code=200)
async def cancel_session(
    session: Session,
    staff: Colleague,
    now: Now,
    settings: Configured,
    session_id: FromPath[UUID],
    data: JSONBody[CancelSessionInput],
) -> ToldView:
    """Take a session off: those who have a seat are told and can book another."""
    actor = Actor(staff, settings.course_plan_set, now)
    return ToldView(told=await sessions.cancel(session, session_id, data.reason.strip(), actor))


@get("/v1/staff/partners", operation_id="listPartners", tags=["sessions"])
async def list_partners(session: Session) -> list[PartnerView]:
    """The jobcentres' consultants with whom joint talks are held."""
    return [_partner(one) for one in await session_list.partners(session)]


@post("/v1/staff/partners", operation_id="addPartner", tags=["sessions"])
async def add_partner(session: Session, data: JSONBody[PartnerInput]) -> PartnerView:
    """Add a consultant of a jobcentre."""
    return _partner(
        await session_list.add_partner(session, data.jobcentre, data.name, email=data.email, phone=data.phone)
    )


def _partner(row: Any) -> PartnerView:
    return PartnerView(**{name: getattr(row, name) for name in PartnerView.__struct_fields__})


def sensible(day: date) -> date:
    """A day whose page can be reckoned with; at the ends of time there is nothing."""
    return min(max(day, date(2000, 1, 1)), date(2100, 1, 1))


HANDLERS = (
    list_event_types,
    list_sessions,
    one_session,
    create_session,
    change_session,
    cancel_session,
    list_partners,
    add_partner,
)
