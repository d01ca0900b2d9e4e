"""The call that the member waits for: when, and choosing a time for it."""

from datetime import date, datetime, time, timedelta
from typing import Any

from litestar import Response, get, post

from backend import calendar
from backend.clock import local_date, local_time
from backend.web import forms, me
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page

# What the API takes: office hours of the next five working days. It has the last word.
DAYS = 5
HOURS = range(9, 16)
STEP = timedelta(minutes=30)


@get("/me/call", name="me_call")
async def call(request: AnyRequest) -> Response[Any]:
    page = pages.of(request)
    page.member()
    return await _page(page, Form())


@post("/me/call", name="me_call_choose")
async def choose(request: AnyRequest) -> Response[Any]:
    """Ring me then."""
    page = pages.of(request)
    page.member()
    form = await forms.read(request)
    try:
        await page.api.put("/v1/me/service-call/time", {"at": form.value("at")})
    except Refused as refusal:
        return await _page(page, forms.refused(form, refusal), status=422)
    return page.go("/me/call?done=time-chosen")


@post("/me/call/clear", name="me_call_clear")
async def clear(request: AnyRequest) -> Response[Any]:
    """Ring me whenever it suits you."""
    page = pages.of(request)
    page.member()
    await page.api.delete("/v1/me/service-call/time")
    return page.go("/me/call?done=time-cleared")


async def _page(page: Page, form: Form, *, status: int = 200) -> Response[Any]:
    found = (await page.api.get("/v1/me/service-call"))["call"]
    profile = await page.api.get("/v1/me")
    days = times(page.now) if found and found["state"] == "waiting" else []
    return await me.render(page, "me/call.html", status=status, form=form, call=found, days=days, profile=profile)


def times(now: datetime) -> list[list[datetime]]:
    """The half hours that can be chosen, day by day."""
    today = local_date(now)
    first = today if calendar.is_working_day(today) else calendar.add_working_days(today, 1)
    last = calendar.add_working_days(today, DAYS)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    found = [[at for at in _half_hours(day) if at > now] for day in days if calendar.is_working_day(day)]
    return [day for day in found if day]


def _half_hours(day: date) -> list[datetime]:
    return [local_time(day, time(hour)) + STEP * half for hour in HOURS for half in (0, 1)]


HANDLERS: tuple[Any, ...] = (call, choose, clear)
