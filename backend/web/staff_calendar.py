"""A calendar week of whoever holds talks: what is booked, what is free, the private feed."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery, QueryParameter

from backend.web import calendar_week
from backend.web import page as pages
from backend.web.page import AnyRequest, Page

Whose = Annotated[UUID | None, QueryParameter(name="of")]


@get("/staff/calendar", name="calendar")
async def week(request: AnyRequest, week: FromQuery[date | None] = None, whose: Whose = None) -> Response[Any]:
    """A week with its number: one's own, for coordinators anybody's."""
    page = pages.of(request)
    page.staff()
    owner = await whose_calendar(page, whose)
    monday = calendar_week.monday_of(week, page.now)
    calendar = await page.api.get(f"/v1/staff/calendars/{owner['id']}", **{"from": monday}, days=6)
    return page.render(
        "staff/calendar/week.html",
        owner=owner,
        monday=monday,
        before=calendar_week.shift(monday, -1),
        after=calendar_week.shift(monday, 1),
        days=calendar_week.days(monday, calendar),
        calendar=calendar,
        feed=await page.api.get("/v1/staff/calendar-feed") if owner["own"] else None,
    )


@post("/staff/calendar/feed", name="calendar_feed")
async def make_feed(request: AnyRequest) -> Response[Any]:
    """A new private address; it is shown once."""
    page = pages.of(request)
    page.staff()
    made = await page.api.put("/v1/staff/calendar-feed")
    return page.render("staff/calendar/feed.html", feed=made)


@post("/staff/calendar/feed/end", name="calendar_feed_end")
async def end_feed(request: AnyRequest) -> Response[Any]:
    page = pages.of(request)
    page.staff()
    await page.api.delete("/v1/staff/calendar-feed")
    return page.go("/staff/calendar")


async def whose_calendar(page: Page, whose: UUID | None) -> dict[str, Any]:
    """Whose calendar is looked at: id, name, whether it is one's own, and `more`, the colleagues to choose from."""
    me = await page.api.get("/v1/staff/me")
    more = await page.api.get("/v1/staff/colleagues") if "coordinator" in me["roles"] else []
    asked = str(whose or me["id"])
    names = {one["id"]: one["name"] for one in more} | {me["id"]: me["name"]}
    own = asked == me["id"]
    query = "" if own else f"of={asked}"
    return {"id": asked, "name": names.get(asked, ""), "own": own, "more": more, "query": query}


HANDLERS: tuple[Any, ...] = (week, make_feed, end_feed)
