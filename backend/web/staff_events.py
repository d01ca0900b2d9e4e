"""What is published: workshops, theme days, netcafés and joint talks, with seats, waiting lists and who takes part."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter

from backend.clock import local_date
from backend.web import event_form, forms
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page

DAYS, MOST = 28, 50
OfBranch = Annotated[str | None, QueryParameter(name="branch")]
First = Annotated[date | None, QueryParameter(name="from")]


@get("/staff/events", name="events")
async def events(
    request: AnyRequest, first: First = None, activity: FromQuery[str | None] = None, branch: OfBranch = None,
    cursor: FromQuery[str | None] = None,
) -> Response[Any]:  # fmt: skip
    """Four weeks of sessions, the soonest first."""
    page = pages.of(request)
    page.staff()
    state = request.query_params.get("state")
    begin = first or local_date(page.now)
    wanted = {"from": begin, "days": DAYS, "activity": activity, "branchId": branch, "state": state or "open"}
    return page.render(
        "staff/events/list.html",
        sessions=await page.api.get("/v1/staff/sessions", **wanted, cursor=cursor, limit=MOST),
        types=await published(page),
        branches=await page.api.get("/v1/staff/branches"),
        first=begin, activity=activity or "", branch=branch or "", state=state or "open",
    )  # fmt: skip


@get("/staff/events/new", name="event_new")
async def new(request: AnyRequest, activity: FromQuery[str | None] = None) -> Response[Any]:
    page = pages.of(request)
    page.staff()
    return await _form(page, Form({"activity": activity or ""}))


@post("/staff/events/new", name="event_create")
async def create(request: AnyRequest) -> Response[Any]:
    """Publish it: members can book at once."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    try:
        made = await page.api.post("/v1/staff/sessions", event_form.session(form), key=form.key)
    except Refused as refusal:
        return await _form(page, forms.refused(form, refusal, event_form.FIELDS), status=422)
    return page.go(f"/staff/events/{made['id']}?done=created")


@get("/staff/events/{session_id:uuid}", name="event")
async def show(
    request: AnyRequest, session_id: FromPath[UUID], done: FromQuery[str | None] = None, told: FromQuery[int] = 0
) -> Response[Any]:
    """One session; who takes part is for those who hold or organise it."""
    page = pages.of(request)
    page.staff()
    return await _event(page, session_id, Form(), done=done, told=told)


@get("/staff/events/{session_id:uuid}/change", name="event_change")
async def change(request: AnyRequest, session_id: FromPath[UUID]) -> Response[Any]:
    page = pages.of(request)
    page.staff()
    event = await page.api.get(f"/v1/staff/sessions/{session_id}")
    return await _form(page, Form(event_form.of_session(event)), event=event)


@post("/staff/events/{session_id:uuid}/change", name="event_save")
async def save(request: AnyRequest, session_id: FromPath[UUID]) -> Response[Any]:
    """Hold it otherwise; those who have a seat are told when it matters to them."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    try:
        saved = await page.api.put(f"/v1/staff/sessions/{session_id}", event_form.session(form))
    except Refused as refusal:
        event = await page.api.get(f"/v1/staff/sessions/{session_id}")
        return await _form(page, forms.refused(form, refusal, event_form.FIELDS), event=event, status=422)
    return page.go(f"/staff/events/{session_id}?done=changed&told={saved['told']}")


@post("/staff/events/{session_id:uuid}/cancel", name="event_cancel")
async def cancel(request: AnyRequest, session_id: FromPath[UUID]) -> Response[Any]:
    """Take it off; those who have a seat are told and can book another."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    try:
        taken_off = await page.api.post(
            f"/v1/staff/sessions/{session_id}/cancel", {"reason": form.value("reason")}, key=form.key
        )
    except Refused as refusal:
        return await _event(page, session_id, forms.refused(form, refusal), status=422)
    return page.go(f"/staff/events/{session_id}?done=cancelled&told={taken_off['told']}")


async def published(page: Page) -> list[Any]:
    """The kinds of events that can be published, by name in the reader's language."""
    name = "titleDa" if page.language == "da" else "titleEn"
    found = [one | {"title": one[name]} for one in await page.api.get("/v1/staff/event-types") if one["published"]]
    return sorted(found, key=lambda one: str(one["title"]))


async def choices(page: Page) -> dict[str, Any]:
    """What the form of a session or a series chooses from."""
    return {
        "types": await published(page),
        "branches": await page.api.get("/v1/staff/branches"),
        "colleagues": await page.api.get("/v1/staff/colleagues"),
        "partners": await page.api.get("/v1/staff/partners"),
        "today": local_date(page.now),
    }


async def roster(page: Page, session_id: UUID) -> Any:
    """Who takes part, or None for whom the list is not."""
    try:
        return await page.api.get(f"/v1/staff/sessions/{session_id}/roster")
    except Refused as refusal:
        if refusal.status != 404:
            raise
        return None


async def _event(
    page: Page, session_id: UUID, form: Form, *, done: str | None = None, told: int = 0, status: int = 200
) -> Response[Any]:
    return page.render(
        "staff/events/event.html", status=status, form=form, done=done, told=told,
        event=await page.api.get(f"/v1/staff/sessions/{session_id}"), roster=await roster(page, session_id),
    )  # fmt: skip


async def _form(page: Page, form: Form, *, event: Any = None, status: int = 200) -> Response[Any]:
    return page.render("staff/events/form.html", status=status, form=form, event=event, **await choices(page))


HANDLERS: tuple[Any, ...] = (events, new, create, show, change, save, cancel)
