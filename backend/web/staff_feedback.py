"""Feedback for those who hold things: events, series and one's own talks, what was changed, which survey asks."""

from typing import Any, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from backend.i18n import N_, text
from backend.web import forms
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page

Format = Literal["csv", "xlsx", "pdf"]
ORGANISE = frozenset({"organiser", "coordinator"})
EVENTS = frozenset({"adviser", "job_consultant", "organiser", "coordinator"})
# The pages of the group: address, name, who works with it.
PLACES: tuple[tuple[str, str, frozenset[str]], ...] = (
    (
        "/staff/feedback",
        N_("Events"),
        EVENTS,
    ),
    ("/staff/feedback/talks", N_("Your own talks"), frozenset({"adviser", "job_consultant"})),
    ("/staff/feedback/figures", N_("Branches and quarters"), frozenset({"coordinator", "manager"})),
    ("/staff/feedback/texts", N_("Texts to read"), frozenset({"organiser"})),
    ("/staff/feedback/surveys", N_("Surveys of your own"), ORGANISE),
)


def places(page: Page) -> list[tuple[str, str]]:
    """The pages of the group that somebody works with."""
    roles = page.staff().roles
    return [(to, text(page.language, word)) for to, word, who in PLACES if not who.isdisjoint(roles)]


@get("/staff/feedback", name="feedback")
async def index(request: AnyRequest, cursor: FromQuery[str | None] = None) -> Response[Any]:
    """My events with how they stand, those to follow up first. Managers have branches and quarters instead."""
    page = pages.of(request)
    if page.staff().roles.isdisjoint(EVENTS):
        return page.go("/staff/feedback/figures")
    events = await page.api.get("/v1/staff/survey-events", cursor=cursor, limit=30)
    return page.render("staff/feedback/index.html", events=events, places=places(page))


@get("/staff/feedback/talks", name="feedback_talks")
async def talks(request: AnyRequest) -> Response[Any]:
    """What is said of my own talks, from five answers on."""
    page = pages.of(request)
    page.staff()
    reports = await page.api.get("/v1/staff/survey-talks")
    return page.render("staff/feedback/talks.html", reports=reports, places=places(page))


@get("/staff/feedback/events/{event_id:uuid}", name="feedback_event")
async def event(request: AnyRequest, event_id: FromPath[UUID]) -> Response[Any]:
    """One event, question by question."""
    return await _event(pages.of(request), event_id, Form())


@post("/staff/feedback/events/{event_id:uuid}/survey", name="feedback_choose")
async def choose(request: AnyRequest, event_id: FromPath[UUID]) -> Response[Any]:
    """Ask with another survey from now on."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    body = {"survey": form.value("survey") or None, "wholeSeries": form.value("scope") == "series"}
    try:
        await page.api.put(f"/v1/staff/survey-events/{event_id}/survey", body)
    except Refused as refusal:
        return await _event(page, event_id, forms.refused(form, refusal), status=422)
    return page.go(f"/staff/feedback/events/{event_id}")


@get("/staff/feedback/series/{series_id:uuid}", name="feedback_series")
async def series(request: AnyRequest, series_id: FromPath[UUID], told: FromQuery[int | None] = None) -> Response[Any]:
    """One series, quarter by quarter, and what was changed because of it."""
    return await _series(pages.of(request), series_id, Form(), told=told)


@post("/staff/feedback/series/{series_id:uuid}/changes", name="feedback_changed")
async def changed(request: AnyRequest, series_id: FromPath[UUID]) -> Response[Any]:
    """Tell the members who were asked what is different now."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    body = {"da": form.value("da"), "en": form.value("en")}
    try:
        said = await page.api.post(f"/v1/staff/survey-series/{series_id}/changes", body, key=form.key)
    except Refused as refusal:
        return await _series(page, series_id, forms.refused(form, refusal), status=422)
    return page.go(f"/staff/feedback/series/{series_id}?told={said['members']}")


@get("/staff/feedback/events/{event_id:uuid}/download/{form:str}", name="feedback_event_download")
async def download_event(request: AnyRequest, event_id: FromPath[UUID], form: FromPath[Format]) -> Response[bytes]:
    """The figures of an event as a file."""
    return await _download(pages.of(request), f"/v1/staff/survey-events/{event_id}/export", form)


@get("/staff/feedback/series/{series_id:uuid}/download/{form:str}", name="feedback_series_download")
async def download_series(request: AnyRequest, series_id: FromPath[UUID], form: FromPath[Format]) -> Response[bytes]:
    """The figures of a series as a file."""
    return await _download(pages.of(request), f"/v1/staff/survey-series/{series_id}/export", form)


async def _download(page: Page, path: str, form: Format) -> Response[bytes]:
    page.staff()
    found = await page.api.download(path, format=form)
    return Response(content=found.content, media_type=found.media_type.partition(";")[0], headers=dict(found.headers))


async def _event(page: Page, event_id: UUID, form: Form, *, status: int = 200) -> Response[Any]:
    staff = page.staff()
    found = await page.api.get(f"/v1/staff/survey-events/{event_id}")
    known = [] if staff.roles.isdisjoint(ORGANISE) else await page.api.get("/v1/staff/surveys")
    choices = [("", text(page.language, N_("The usual one")))] if known else []
    choices += [(one["key"], survey_name(one, page.language)) for one in known]
    return page.render("staff/feedback/event.html", status=status, found=found, choices=choices, form=form)


async def _series(
    page: Page, series_id: UUID, form: Form, *, told: int | None = None, status: int = 200
) -> Response[Any]:
    staff = page.staff()
    found = await page.api.get(f"/v1/staff/survey-series/{series_id}")
    may_change = not staff.roles.isdisjoint(ORGANISE)
    return page.render(
        "staff/feedback/series.html", status=status, found=found, form=form, told=told, may_change=may_change
    )


def survey_name(one: dict[str, Any], language: str) -> str:
    """A survey in a list: what it is about, with a capital letter."""
    words = str(one["en"] if language == "en" else one["da"])
    return words[:1].upper() + words[1:]


HANDLERS: tuple[Any, ...] = (index, talks, event, choose, series, changed, download_event, download_series)
