"""The member's job log on a phone: one application in a few taps."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery

from backend.clock import local_date
from backend.web import forms
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page

FIELDS = {"appliedOn": "applied_on"}


@get("/me/log", name="log")
async def entries(request: AnyRequest, cursor: FromQuery[str | None] = None) -> Response[Any]:
    """What I have logged, the latest first."""
    page = pages.of(request)
    page.member()
    return page.render("me/log.html", entries=await page.api.get("/v1/me/job-log", cursor=cursor, limit=20))


@get("/me/log/new", name="log_new")
async def new(request: AnyRequest) -> Response[Any]:
    page = pages.of(request)
    page.member()
    return _form(page, Form())


@post("/me/log/new", name="log_create")
async def create(request: AnyRequest) -> Response[Any]:
    """Log an application; the next page says what it did to the smiley."""
    page = pages.of(request)
    page.member()
    form = await forms.read(request)
    try:
        written = await page.api.post("/v1/me/job-log", _entry(form), key=form.key)
    except Refused as refusal:
        return _form(page, forms.refused(form, refusal, FIELDS), status=422)
    return page.go(f"/me/log?logged={written['entry']['id']}")


def _entry(form: Form) -> dict[str, Any]:
    return {
        "appliedOn": form.value("applied_on"),
        "status": form.value("status", "applied"),
        "channel": form.value("channel", "posted"),
        "employer": form.value("employer"),
        "title": form.value("title"),
    }


def _form(page: Page, form: Form, *, status: int = 200) -> Response[Any]:
    return page.render("me/log_new.html", status=status, form=form, today=local_date(page.now))


HANDLERS: tuple[Any, ...] = (entries, new, create)
