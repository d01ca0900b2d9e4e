"""Calendars of those who hold talks: working hours, absences, and what an absence hits."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from sqlalchemy import Row

from backend.api import staff_sessions
from backend.api.given import Colleague, Configured, Language, Now, Session, Today
from backend.api.staff_session_view import Place, WallTime
from backend.api.staff_view import Instant, sensible
from backend.api.wire import Input, Wire
from backend.booking import rights, working
from backend.booking.rules import Form
from backend.booking.working import Day
from backend.course import plans
from backend.followup import staff_away
from backend.followup.sessions import Actor

Weekday = Annotated[int, msgspec.Meta(ge=1, le=7)]
Ways = Annotated[list[Literal["personal", "phone", "video", "letter"]], msgspec.Meta(min_length=1, max_length=4)]
Days = Annotated[int, QueryParameter(ge=1, le=120, description="How many days of sessions from the first.")]
From = Annotated[date | None, QueryParameter(name="from", description="First day; today when left out.")]


class HoursInput(Input):
    """Hours by the clock on the wall in Denmark on one weekday (1 Monday to 7), and how talks are held in them."""

    weekday: Weekday
    from_time: WallTime
    to_time: WallTime
    forms: Ways
    place: Place | None = None


class WeekInput(Input):
    """The week that holds from a day on, until another does; no hours: no talks are offered any more."""

    valid_from: date
    hours: Annotated[list[HoursInput], msgspec.Meta(max_length=42)]


class AbsenceInput(Input):
    from_at: Instant
    to_at: Instant


class ResolveInput(Input):
    """What to do with sessions that an absence hits: give talks to a colleague at the same time, or cancel them."""

    action: Literal["reassign", "cancel"]
    session_ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=100)]


class HoursView(Wire):
    weekday: int
    from_time: str
    to_time: str
    valid_from: date
    valid_to: date | None
    forms: list[str]
    place: str | None


class AbsenceView(Wire):
    id: UUID
    from_at: datetime
    to_at: datetime


class HeldView(Wire):
    """A session in a calendar. Of a talk the member is named, of others how many have a seat.

    `state` of a talk: booked, or afterwards attended or absent; null of what is published.
    """

    session_id: UUID
    activity: str
    title: str
    kind: str
    form: str
    place: str | None
    starts_at: datetime
    ends_at: datetime
    taken: int
    booking_id: UUID | None
    state: str | None
    member_id: UUID | None
    member_no: str | None
    name: str | None


class FreeView(Wire):
    """Time that members can still book talks in."""

    starts_at: datetime
    ends_at: datetime


class CalendarView(Wire):
    """Hours that hold today or later, absences to come, and of the days asked for what is held and what is free."""

    hours: list[HoursView]
    absences: list[AbsenceView]
    sessions: list[HeldView]
    free: list[FreeView]


class HitView(Wire):
    """An absence with the sessions that it hits: they stay until they are resolved."""

    absence: AbsenceView
    hit: list[HeldView]


class WeekView(Wire):
    """Talks to come that now lie outside of the hours: they stay until they are moved or cancelled."""

    outside: list[HeldView]


class ResolvedView(Wire):
    """`left`: nobody else could take them, and they stay."""

    moved: list[UUID]
    cancelled: list[UUID]
    left: list[UUID]


@get("/v1/staff/calendars/{staff_id:uuid}", operation_id="getStaffCalendar", tags=["calendars"])
async def get_calendar(
    session: Session,
    staff: Colleague,
    settings: Configured,
    language: Language,
    now: Now,
    today: Today,
    staff_id: FromPath[UUID],
    days: Days = 14,
    first: From = None,
) -> CalendarView:
    """A calendar: one's own, for coordinators anybody's."""
    rights.check_calendar(staff, staff_id)
    begin = staff_sessions.sensible(first or today)
    last = begin + timedelta(days=days)
    hours = await working.hours_of(session, staff_id, today)
    absences = await working.absences_of(session, staff_id, now)
    held = await working.sessions_of(session, staff_id, begin, last)
    free = await working.free_of(session, staff_id, begin, last, now=now)
    return CalendarView(
        hours=[_hours(row) for row in hours],
        absences=[_absence(row) for row in absences],
        sessions=_held(language, settings.course_plan_set, held),
        free=[FreeView(starts_at=one.start, ends_at=one.end) for one in free],
    )


@put("/v1/staff/calendars/{staff_id:uuid}/hours", operation_id="setWorkingHours", tags=["calendars"])
async def set_hours(
    session: Session,
    staff: Colleague,
    settings: Configured,
    language: Language,
    now: Now,
    staff_id: FromPath[UUID],
    data: JSONBody[WeekInput],
) -> WeekView:
    """The week in which talks are offered, from a day on. Earlier hours stay as they were."""
    rights.check_calendar(staff, staff_id)
    outside = await working.set_hours(
        session, staff_id, [_day(one) for one in data.hours], valid_from=data.valid_from, by=staff.id, now=now
    )
    return WeekView(outside=_held(language, settings.course_plan_set, outside))


@post("/v1/staff/calendars/{staff_id:uuid}/absences", operation_id="addAbsence", tags=["calendars"])
async def add_absence(
    session: Session,
    staff: Colleague,
    settings: Configured,
    language: Language,
    now: Now,
    staff_id: FromPath[UUID],
    data: JSONBody[AbsenceInput],
) -> HitView:
    """Somebody is away: no talks are offered in that time, and what is booked in it is listed."""
    actor = Actor(staff, settings.course_plan_set, now)
    from_at, to_at = sensible(data.from_at, "fromAt"), sensible(data.to_at, "toAt")
    made, hit = await staff_away.begin(session, staff_id, from_at, to_at, actor)
    return HitView(absence=_absence(made), hit=_held(language, settings.course_plan_set, hit))


@get("/v1/staff/absences/{absence_id:uuid}", operation_id="getAbsence", tags=["calendars"])
async def get_absence(
    session: Session, staff: Colleague, settings: Configured, language: Language, now: Now, absence_id: FromPath[UUID]
) -> HitView:
    """An absence, and what it still hits."""
    hit = await staff_away.hit(session, absence_id, Actor(staff, settings.course_plan_set, now))
    held = await working.absence(session, absence_id)
    return HitView(absence=_absence(held), hit=_held(language, settings.course_plan_set, hit))


@delete("/v1/staff/absences/{absence_id:uuid}", operation_id="endAbsence", tags=["calendars"])
async def end_absence(
    session: Session, staff: Colleague, settings: Configured, now: Now, absence_id: FromPath[UUID]
) -> None:
    """Take an absence back: the time is offered again."""
    await staff_away.end(session, absence_id, Actor(staff, settings.course_plan_set, now))


@post(
    "/v1/staff/absences/{absence_id:uuid}/resolve", operation_id="resolveAbsence", tags=["calendars"], status_code=200
)
async def resolve(
    session: Session,
    staff: Colleague,
    settings: Configured,
    now: Now,
    absence_id: FromPath[UUID],
    data: JSONBody[ResolveInput],
) -> ResolvedView:
    """Give booked talks to colleagues, or cancel sessions; the members are told."""
    act = staff_away.reassign if data.action == "reassign" else staff_away.cancel
    done = await act(session, absence_id, data.session_ids, Actor(staff, settings.course_plan_set, now))
    return ResolvedView(moved=list(done.moved), cancelled=list(done.cancelled), left=list(done.left))


def _day(given: HoursInput) -> Day:
    forms: tuple[Form, ...] = tuple(dict.fromkeys(given.forms))
    return Day(
        given.weekday, time.fromisoformat(given.from_time), time.fromisoformat(given.to_time), forms, given.place
    )


def _hours(row: Any) -> HoursView:
    same = {name: getattr(row, name) for name in HoursView.__struct_fields__ if not name.endswith("_time")}
    return HoursView(**same, from_time=_clock(row.from_time), to_time=_clock(row.to_time))


def _clock(at: time) -> str:
    return at.isoformat("minutes")


def _absence(row: Any) -> AbsenceView:
    return AbsenceView(id=row.id, from_at=row.from_at, to_at=row.to_at)


def _held(language: str, set_name: str, rows: Iterable[Row[Any]]) -> list[HeldView]:
    named = [name for name in HeldView.__struct_fields__ if name != "title"]
    return [
        HeldView(**{name: getattr(row, name) for name in named}, title=plans.title(set_name, row.activity, language))
        for row in rows
    ]


HANDLERS = (get_calendar, set_hours, add_absence, get_absence, end_absence, resolve)
