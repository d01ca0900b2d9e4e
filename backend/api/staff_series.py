"""Series of sessions: what is held again and again, with days that are skipped or moved."""

from datetime import date
from uuid import UUID

from litestar import get, post, put
from litestar.params import FromPath, JSONBody

from backend.api import staff_session_view as view
from backend.api.given import Colleague, Configured, Language, Now, Session, Today
from backend.api.staff_session_view import BookedView, PublishedView, SeriesInput, SeriesView, Wall
from backend.api.wire import Input, Wire
from backend.booking import templates
from backend.followup import sessions
from backend.followup.sessions import Actor


class SeriesEndInput(Input):
    """The last day on which the series is held: today or later."""

    last_on: date


class ExceptionInput(Input):
    """A day of the series that falls away, or is held at another time by the clock on the wall."""

    on: date
    moved_to: Wall | None = None


class EndedView(Wire):
    """Later sessions of the series in which somebody has a seat: they stay until they are moved or cancelled."""

    booked: list[BookedView]


class ChangedSeriesView(Wire):
    """The series that goes on, and later sessions of the old one in which somebody has a seat."""

    series: PublishedView
    booked: list[BookedView]


class ExceptedView(Wire):
    """How many who had a seat on that day were told."""

    told: int


@get("/v1/staff/series", operation_id="listSeries", tags=["sessions"])
async def list_series(session: Session, settings: Configured, language: Language, today: Today) -> list[SeriesView]:
    """Series that are held today or later."""
    rows = await templates.running(session, today)
    excepted = await templates.exceptions(session, [row.id for row in rows], today)
    return [view.series_view(language, settings.course_plan_set, row, excepted[row.id]) for row in rows]


@post("/v1/staff/series", operation_id="createSeries", tags=["sessions"])
async def create_series(
    session: Session, staff: Colleague, now: Now, settings: Configured, data: JSONBody[SeriesInput]
) -> PublishedView:
    """Begin a series; its sessions of the next weeks are published at once, on working days."""
    actor = Actor(staff, settings.course_plan_set, now)
    return view.published(*await sessions.begin_series(session, view.setup(data), view.series(data), actor))


@put("/v1/staff/series/{template_id:uuid}", operation_id="changeSeries", tags=["sessions"])
async def change_series(
    session: Session,
    staff: Colleague,
    now: Now,
    settings: Configured,
    template_id: FromPath[UUID],
    data: JSONBody[SeriesInput],
) -> ChangedSeriesView:
    """Hold a series otherwise from `firstOn` on. Later sessions without bookings are taken off."""
    actor = Actor(staff, settings.course_plan_set, now)
    made, found, booked = await sessions.change_series(session, template_id, view.setup(data), view.series(data), actor)
    return ChangedSeriesView(series=view.published(made, found), booked=[BookedView(**b._asdict()) for b in booked])


@post("/v1/staff/series/{template_id:uuid}/end", operation_id="endSeries", tags=["sessions"], status_code=200)
async def end_series(
    session: Session,
    staff: Colleague,
    now: Now,
    settings: Configured,
    template_id: FromPath[UUID],
    data: JSONBody[SeriesEndInput],
) -> EndedView:
    """Hold a series for the last time. Later sessions without bookings are taken off."""
    actor = Actor(staff, settings.course_plan_set, now)
    booked = await sessions.end_series(session, template_id, data.last_on, actor)
    return EndedView(booked=[BookedView(**one._asdict()) for one in booked])


@post("/v1/staff/series/{template_id:uuid}/exceptions", operation_id="exceptDay", tags=["sessions"], status_code=200)
async def except_day(
    session: Session,
    staff: Colleague,
    now: Now,
    settings: Configured,
    template_id: FromPath[UUID],
    data: JSONBody[ExceptionInput],
) -> ExceptedView:
    """Skip or move one day, whether or not it is published; those who have a seat are told."""
    actor = Actor(staff, settings.course_plan_set, now)
    moved_to = view.wall(data.moved_to, "movedTo") if data.moved_to else None
    return ExceptedView(told=await sessions.except_day(session, template_id, data.on, moved_to, actor))


HANDLERS = (list_series, create_series, change_series, end_series, except_day)
