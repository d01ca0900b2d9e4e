"""For organisers and advisers: what members say of their own events, series and talks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import survey_files, survey_report_view, wire
from backend.api.given import Colleague, Configured, Language, Now, Session
from backend.api.survey_files import Format
from backend.api.survey_report_view import ChangeView, EventView, ListedEventView, ReportView
from backend.api.wire import Cursor, Input, Limit, Page, Prose, Wire
from backend.course import plans
from backend.feedback import loop, reports
from backend.feedback.events import After, Event
from backend.feedback.reports import Listed
from backend.i18n import shown
from backend.settings import Settings
from backend.surveys.reports import Report

FormatAsked = Annotated[Format, QueryParameter(name="format", description="A spreadsheet or a page.")]
SurveyKey = Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=r"^[\w.-]+$")]


class EventReportView(Wire):
    """An event: figures, the texts that a person confirmed (none before five answers are counted), what was changed."""

    event: EventView
    reports: list[ReportView]
    texts: list[str]
    changes: list[ChangeView]


class SeriesReportView(Wire):
    """A series, quarter by quarter, the latest first. `event` is its latest event."""

    event: EventView
    reports: list[ReportView]
    changes: list[ChangeView]


class ChoiceInput(Input):
    """The survey to ask with; null: the usual one. For this event alone, or for its whole series."""

    survey: SurveyKey | None
    whole_series: bool = False


class ChangeInput(Input):
    """What was changed, in both languages, for the members who were asked."""

    da: Prose
    en: Prose


class Told(Wire):
    """The change, and how many members were told."""

    id: UUID
    members: int


@get("/v1/staff/survey-events", operation_id="listSurveyEvents", tags=["survey figures"])
async def list_events(
    session: Session,
    staff: Colleague,
    language: Language,
    settings: Configured,
    cursor: Cursor = None,
    limit: Limit = 30,
) -> Page[ListedEventView]:
    """My events about which somebody was asked, the latest first, each with its figures in short."""
    after = After(*wire.position(cursor, tuple[datetime, UUID])) if cursor else None
    found = await reports.listed(session, staff, after=after, limit=limit + 1)
    last = found[limit - 1].event if len(found) > limit else None
    return Page(
        items=[_listed(one, language, settings) for one in found[:limit]],
        next=wire.cursor(last.starts_at, last.id) if last else None,
    )


@get("/v1/staff/survey-events/{event_id:uuid}", operation_id="getSurveyEvent", tags=["survey figures"])
async def get_event(
    session: Session, staff: Colleague, language: Language, settings: Configured, event_id: FromPath[UUID]
) -> EventReportView:
    """What is said of one of my events, as answers come."""
    found = await reports.of_event(session, staff, event_id)
    return EventReportView(
        event=_event(found.event, language, settings),
        reports=survey_report_view.reports(language, found.reports),
        texts=list(found.texts),
        changes=survey_report_view.said(found.changes),
    )


@get(
    "/v1/staff/survey-events/{event_id:uuid}/export",
    operation_id="exportSurveyEvent",
    tags=["survey figures"],
    media_type="application/octet-stream",
)
async def export_event(
    session: Session,
    staff: Colleague,
    language: Language,
    settings: Configured,
    event_id: FromPath[UUID],
    kind: FormatAsked = "xlsx",
) -> Response[bytes]:
    """The same figures as a file."""
    found = await reports.of_event(session, staff, event_id)
    when = str(shown(language, found.event.starts_at))
    return await _file(session, found.event, when, found.reports, kind, language, settings)


@get("/v1/staff/survey-series/{series_id:uuid}", operation_id="getSurveySeries", tags=["survey figures"])
async def get_series(
    session: Session, staff: Colleague, language: Language, settings: Configured, series_id: FromPath[UUID]
) -> SeriesReportView:
    """What is said of one of my series, quarter by quarter."""
    found = await reports.of_series(session, staff, series_id)
    return SeriesReportView(
        event=_event(found.event, language, settings),
        reports=survey_report_view.reports(language, found.reports),
        changes=survey_report_view.said(found.changes),
    )


@get(
    "/v1/staff/survey-series/{series_id:uuid}/export",
    operation_id="exportSurveySeries",
    tags=["survey figures"],
    media_type="application/octet-stream",
)
async def export_series(
    session: Session,
    staff: Colleague,
    language: Language,
    settings: Configured,
    series_id: FromPath[UUID],
    kind: FormatAsked = "xlsx",
) -> Response[bytes]:
    """The same figures as a file."""
    found = await reports.of_series(session, staff, series_id)
    return await _file(session, found.event, "", found.reports, kind, language, settings)


@get("/v1/staff/survey-talks", operation_id="getMySurveyTalks", tags=["survey figures"])
async def my_talks(session: Session, staff: Colleague, language: Language) -> list[ReportView]:
    """What is said of my own talks, quarter by quarter: only from five answers on, and never one by one."""
    return survey_report_view.reports(language, await reports.of_talks(session, staff))


@put("/v1/staff/survey-events/{event_id:uuid}/survey", operation_id="chooseSurvey", tags=["survey figures"])
async def choose(
    session: Session,
    staff: Colleague,
    now: Now,
    language: Language,
    settings: Configured,
    event_id: FromPath[UUID],
    data: JSONBody[ChoiceInput],
) -> EventView:
    """Ask about my event, or its series, with another survey from now on."""
    found = await loop.choose(session, staff, event_id, data.survey, whole_series=data.whole_series, now=now)
    return _event(found, language, settings)


@post("/v1/staff/survey-series/{series_id:uuid}/changes", operation_id="sayWhatChanged", tags=["survey figures"])
async def say(
    session: Session, staff: Colleague, now: Now, series_id: FromPath[UUID], data: JSONBody[ChangeInput]
) -> Told:
    """Tell the members who were asked about my series what was changed because of the answers."""
    found = await loop.say(session, staff, series_id, data.da.strip(), data.en.strip(), now=now)
    return Told(id=found.id, members=len(found.members))


async def _file(
    session: AsyncSession,
    event: Event,
    when: str,
    found: Sequence[Report],
    kind: Format,
    language: str,
    settings: Settings,
) -> Response[bytes]:
    """`when` it was: of one event."""
    title = plans.title(settings.course_plan_set, event.activity, language)
    # The connection is given back before the file is made.
    await session.rollback()
    if kind == "pdf":
        subtitle = " · ".join(part for part in (event.branch_name, event.staff_name, when) if part)
        return await survey_files.page(title, subtitle, found, settings.fund_name, language)
    return await survey_files.sheet([(title, one) for one in found], kind, language)


def _listed(found: Listed, language: str, settings: Settings) -> ListedEventView:
    title = plans.title(settings.course_plan_set, found.event.activity, language)
    return survey_report_view.listed(found.event, title, found.summaries, found.follow_up_by, language)


def _event(found: Event, language: str, settings: Settings) -> EventView:
    return survey_report_view.event(found, plans.title(settings.course_plan_set, found.activity, language))


HANDLERS = (
    list_events,
    get_event,
    export_event,
    get_series,
    export_series,
    my_talks,
    choose,
    say,
)
