"""Series: what is held again and again, with days that are skipped or moved."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from backend.clock import local_date
from backend.errors import NotFound
from backend.web import event_form, forms
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page
from backend.web.staff_events import choices

# So far ahead sessions of a series are shown.
DAYS, MOST = 120, 100


@get("/staff/events/series", name="series_list")
async def all_series(request: AnyRequest) -> Response[Any]:
    """Every series that goes on."""
    page = pages.of(request)
    page.staff()
    return page.render("staff/events/series.html", series=await page.api.get("/v1/staff/series"))


@get("/staff/events/series/new", name="series_new")
async def new(request: AnyRequest) -> Response[Any]:
    page = pages.of(request)
    page.staff()
    return await _form(page, Form())


@post("/staff/events/series/new", name="series_create")
async def create(request: AnyRequest) -> Response[Any]:
    """Begin a series; its sessions of the next weeks are published at once."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    try:
        made = await page.api.post("/v1/staff/series", event_form.series(form), key=form.key)
    except Refused as refusal:
        return await _form(page, forms.refused(form, refusal, event_form.FIELDS), status=422)
    return await _after(page, made, [])


@get("/staff/events/series/{series_id:uuid}", name="series")
async def show(request: AnyRequest, series_id: FromPath[UUID]) -> Response[Any]:
    """One series: its next days, which of them are skipped or moved, and its end."""
    page = pages.of(request)
    page.staff()
    return await _one(page, series_id, Form())


@get("/staff/events/series/{series_id:uuid}/change", name="series_change")
async def change(request: AnyRequest, series_id: FromPath[UUID]) -> Response[Any]:
    page = pages.of(request)
    page.staff()
    series = await _find(page, series_id)
    return await _form(page, Form(event_form.of_series(series, _next_day(page, series))), series=series)


@post("/staff/events/series/{series_id:uuid}/change", name="series_save")
async def save(request: AnyRequest, series_id: FromPath[UUID]) -> Response[Any]:
    """Hold it otherwise from a day on; what is booked later of the old one is shown."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    try:
        changed = await page.api.put(f"/v1/staff/series/{series_id}", event_form.series(form))
    except Refused as refusal:
        faulty = forms.refused(form, refusal, event_form.FIELDS)
        return await _form(page, faulty, series=await _find(page, series_id), status=422)
    return await _after(page, changed["series"], changed["booked"])


@post("/staff/events/series/{series_id:uuid}/end", name="series_end")
async def end(request: AnyRequest, series_id: FromPath[UUID]) -> Response[Any]:
    """The last day."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    try:
        ended = await page.api.post(f"/v1/staff/series/{series_id}/end", {"lastOn": form.value("last_on")})
    except Refused as refusal:
        return await _one(page, series_id, forms.refused(form, refusal, event_form.FIELDS), status=422)
    return await _after(page, None, ended["booked"])


@post("/staff/events/series/{series_id:uuid}/exceptions", name="series_except")
async def except_day(request: AnyRequest, series_id: FromPath[UUID]) -> Response[Any]:
    """Skip a day, or hold it at another time."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    body = {"on": form.value("on")}
    if form.value("action") == "move":
        body["movedTo"] = event_form.wall(form, "moved_on", "moved_at")
    try:
        await page.api.post(f"/v1/staff/series/{series_id}/exceptions", body, key=form.key)
    except Refused as refusal:
        return await _one(page, series_id, forms.refused(form, refusal, event_form.FIELDS), status=422)
    return page.go(f"/staff/events/series/{series_id}")


async def _find(page: Page, series_id: UUID) -> Any:
    series = await page.api.get("/v1/staff/series")
    found = next((one for one in series if one["id"] == str(series_id)), None)
    if found is None:
        raise NotFound
    return found


def _next_day(page: Page, series: Any) -> str:
    """The next day on which the series can be held otherwise: of its own rhythm, after today."""
    first, step = date.fromisoformat(series["firstOn"]), timedelta(weeks=series["everyWeeks"])
    behind = local_date(page.now) + timedelta(days=1) - first
    return (first + max(-(-behind // step), 0) * step).isoformat()


async def _one(page: Page, series_id: UUID, form: Form, *, status: int = 200) -> Response[Any]:
    series = await _find(page, series_id)
    wanted = {"activity": series["activity"], "days": DAYS, "limit": MOST}
    coming = await page.api.get("/v1/staff/sessions", **wanted)
    days = [one for one in coming["items"] if one["templateId"] == str(series_id)]
    return page.render(
        "staff/events/one_series.html", status=status, series=series, days=days, form=form, next=_next_day(page, series)
    )


async def _after(page: Page, made: Any, booked: list[Any]) -> Response[Any]:
    """What was published, when its holder has something else, and what is booked and stays."""
    return page.render("staff/events/series_done.html", made=made, booked=booked)


async def _form(page: Page, form: Form, *, series: Any = None, status: int = 200) -> Response[Any]:
    return page.render("staff/events/series_form.html", status=status, form=form, series=series, **await choices(page))


HANDLERS: tuple[Any, ...] = (all_series, new, create, show, change, save, end, except_day)
