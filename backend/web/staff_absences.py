"""Being away: entered, what it hits, and given to colleagues or cancelled with notice."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from backend.clock import local_date
from backend.web import forms
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page
from backend.web.staff_calendar import Whose, whose_calendar

FIELDS = {"fromAt": "from_on", "toAt": "to_on"}
# A whole day, where no times are given.
FROM, TO = "00:00", "23:59"


@get("/staff/calendar/absences/new", name="absence_new")
async def new(request: AnyRequest, whose: Whose = None) -> Response[Any]:
    page = pages.of(request)
    page.staff()
    return _form(page, Form(), await whose_calendar(page, whose))


@post("/staff/calendar/absences/new", name="absence_create")
async def create(request: AnyRequest, whose: Whose = None) -> Response[Any]:
    """Enter it; the next page shows what it hits."""
    page = pages.of(request)
    page.staff()
    owner, form = await whose_calendar(page, whose), await forms.read(request)
    body = {"fromAt": _at(form, "from", FROM), "toAt": _at(form, "to", TO)}
    try:
        made = await page.api.post(f"/v1/staff/calendars/{owner['id']}/absences", body, key=form.key)
    except Refused as refusal:
        return _form(page, forms.refused(form, refusal, FIELDS), owner, status=422)
    return page.go(f"/staff/calendar/absences/{made['absence']['id']}?{owner['query']}")


@get("/staff/calendar/absences/{absence_id:uuid}", name="absence")
async def show(request: AnyRequest, absence_id: FromPath[UUID], whose: Whose = None) -> Response[Any]:
    """An absence and what it still hits."""
    page = pages.of(request)
    page.staff()
    return await _absence(page, absence_id, whose, Form())


@post("/staff/calendar/absences/{absence_id:uuid}", name="absence_resolve")
async def resolve(request: AnyRequest, absence_id: FromPath[UUID], whose: Whose = None) -> Response[Any]:
    """Give what was ticked to colleagues, or cancel it; what nobody could take is said."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    sent = await request.form()
    wanted = [one for one in sent.getall("session", []) if isinstance(one, str)]
    body = {"action": form.value("action"), "sessionIds": wanted}
    try:
        done = await page.api.post(f"/v1/staff/absences/{absence_id}/resolve", body, key=form.key)
    except Refused as refusal:
        faulty = forms.refused(form, refusal, {"sessionIds": "session"})
        return await _absence(page, absence_id, whose, faulty, status=422)
    return await _absence(page, absence_id, whose, Form(), done=done)


@post("/staff/calendar/absences/{absence_id:uuid}/end", name="absence_end")
async def end(request: AnyRequest, absence_id: FromPath[UUID], whose: Whose = None) -> Response[Any]:
    """Not away after all: the time is offered again."""
    page = pages.of(request)
    page.staff()
    await page.api.delete(f"/v1/staff/absences/{absence_id}")
    return page.go("/staff/calendar" + (f"?of={whose}" if whose else ""))


def _at(form: Form, name: str, otherwise: str) -> str:
    """The instant of a date and a time; what is no such thing is left to the API to refuse."""
    day = form.value(f"{name}_on")
    try:
        return forms.instant(day, form.value(f"{name}_at") or otherwise)
    except ValueError:
        return day


async def _absence(
    page: Page, absence_id: UUID, whose: UUID | None, form: Form, *, done: Any = None, status: int = 200
) -> Response[Any]:
    found = await page.api.get(f"/v1/staff/absences/{absence_id}")
    owner = await whose_calendar(page, whose)
    return page.render(
        "staff/calendar/absence.html", status=status, owner=owner, absence=found["absence"], hit=found["hit"],
        form=form, done=done,
    )  # fmt: skip


def _form(page: Page, form: Form, owner: Any, *, status: int = 200) -> Response[Any]:
    today = local_date(page.now)
    return page.render("staff/calendar/absence_new.html", status=status, form=form, owner=owner, today=today)


HANDLERS: tuple[Any, ...] = (new, create, show, resolve, end)
