"""My bookings in my own calendar: a private address, shown once, that can be ended."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Response, get, post

from backend.web import me
from backend.web import page as pages
from backend.web.page import AnyRequest, Page


@get("/me/settings/calendar", name="me_calendar")
async def feed(request: AnyRequest) -> Response[Any]:
    page = pages.of(request)
    page.member()
    state = await page.api.get("/v1/me/calendar-feed")
    return await me.render(page, "me/calendar.html", since=state["since"], address=None)


@post("/me/settings/calendar", name="me_calendar_make")
async def make(request: AnyRequest) -> Response[Any]:
    """A new address. It is never shown again, so this is the page that shows it."""
    page = pages.of(request)
    page.member()
    made = await page.api.put("/v1/me/calendar-feed")
    address = _outside(page, made["url"])
    state = await page.api.get("/v1/me/calendar-feed")
    return await me.render(page, "me/calendar.html", since=state["since"], address=address)


@post("/me/settings/calendar/end", name="me_calendar_end")
async def end(request: AnyRequest) -> Response[Any]:
    page = pages.of(request)
    page.member()
    await page.api.delete("/v1/me/calendar-feed")
    return page.go("/me/settings/calendar?done=feed-ended")


def _outside(page: Page, url: str) -> dict[str, str]:
    """The address as the browser reaches it: the API was asked in process, under no name of the outside."""
    base, path = str(page.request.base_url).rstrip("/"), urlsplit(url).path
    return {"url": base + path, "webcal": "webcal://" + base.partition("://")[2] + path}


HANDLERS: tuple[Any, ...] = (feed, make, end)
