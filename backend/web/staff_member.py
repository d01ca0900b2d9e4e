"""One member on the desk: what holds now on the first page, the rest page by page."""

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from backend.clock import local_date
from backend.i18n import N_
from backend.web import page as pages
from backend.web import staff_words as words
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page

ONE = "/staff/members/{member_id:uuid}"
API = "/v1/staff/members/"
DECIDES = frozenset({"adviser", "coordinator"})
Days = FromQuery[str | None]


class Tab(NamedTuple):
    """A page about the member: the end of its address, and its name."""

    path: str
    word: str


TABS = (
    Tab("", N_("Now")),
    Tab("/timeline", N_("Timeline")),
    Tab("/log", N_("Job log")),
    Tab("/ratings", N_("Smiley")),
    Tab("/plan", N_("Plan")),
    Tab("/talks", N_("Talks")),
    Tab("/messages", N_("Messages")),
    Tab("/decisions", N_("Exemptions and colour")),
)


@get(ONE, name="member")
async def overview(request: AnyRequest, member_id: FromPath[UUID]) -> Response[Any]:
    """The colour with its reasons, what waits, and what happened last."""
    page = pages.of(request)
    page.staff()
    tasks = await page.api.get("/v1/staff/tasks", memberId=member_id)
    return await show(page, member_id, "overview", tasks=tasks["items"])


@get(ONE + "/timeline", name="member_timeline")
async def timeline(
    request: AnyRequest, member_id: FromPath[UUID], cursor: FromQuery[str | None] = None
) -> Response[Any]:
    """What the member sees happen, the latest first."""
    page = pages.of(request)
    page.staff()
    items = await page.api.get(f"{API}{member_id}/timeline", cursor=cursor)
    return await show(page, member_id, "timeline", items=items)


@get(ONE + "/log", name="member_log")
async def log(request: AnyRequest, member_id: FromPath[UUID], cursor: FromQuery[str | None] = None) -> Response[Any]:
    """The job log, deleted entries too, by status and days."""
    page = pages.of(request)
    page.staff()
    given = request.query_params
    statuses = [one for one in words.STATUSES if one in given.getall("status", [])]
    asked = {"status": statuses, "from": day(given.get("from", "")), "to": day(given.get("to", ""))}
    entries = await page.api.get(f"{API}{member_id}/job-log", **asked, cursor=cursor, limit=30)
    return await show(page, member_id, "log", entries=entries, asked=asked)


@get(ONE + "/ratings", name="member_ratings")
async def ratings(
    request: AnyRequest, member_id: FromPath[UUID], on: Days = None, cursor: FromQuery[str | None] = None
) -> Response[Any]:
    """How the colour went, and why it was what it was at the end of a day."""
    page = pages.of(request)
    page.staff()
    asked = day(on or "")
    rating = await page.api.get(f"{API}{member_id}/rating", on=asked)
    before = await page.api.get(f"{API}{member_id}/ratings", cursor=cursor, limit=20)
    return await show(page, member_id, "ratings", rating=rating, before=before, on=asked)


@get(ONE + "/plan", name="member_plan")
async def plan(request: AnyRequest, member_id: FromPath[UUID]) -> Response[Any]:
    """The course with its dated items, what was agreed, Min Plan, the CV."""
    page = pages.of(request)
    page.staff()
    return await show_plan(page, member_id, Form())


@get(ONE + "/talks", name="member_talks")
async def talks(request: AnyRequest, member_id: FromPath[UUID], cursor: FromQuery[str | None] = None) -> Response[Any]:
    """What is booked, and the minutes of talks held."""
    page = pages.of(request)
    page.staff()
    return await show(
        page,
        member_id,
        "talks",
        coming=await page.api.get(f"{API}{member_id}/bookings", when="coming"),
        bookable=await page.api.get(f"{API}{member_id}/bookable"),
        past=await page.api.get(f"{API}{member_id}/bookings", when="past", limit=10),
        talks=await page.api.get(f"{API}{member_id}/talks", cursor=cursor, limit=10),
    )


async def show_plan(page: Page, member_id: UUID, form: Form, *, status: int = 200) -> Response[Any]:
    """The page of the plan, with a form that was refused where there was one."""
    return await show(
        page,
        member_id,
        "plan",
        status=status,
        form=form,
        plan=await found(page, f"{API}{member_id}/plan"),
        cv=await found(page, f"{API}{member_id}/cv"),
        mine=await page.api.get(f"{API}{member_id}/my-plan"),
    )


async def show(page: Page, member_id: UUID, name: str, *, status: int = 200, **values: Any) -> Response[Any]:
    """A page about the member, under who it is."""
    values.setdefault("form", Form())
    if "card" not in values:
        values["card"] = await page.api.get(f"{API}{member_id}")
    return page.render(
        f"staff/member/{name}.html",
        status=status,
        here=f"/staff/members/{member_id}",
        tabs=TABS,
        words=words,
        decides=bool(page.staff().roles & DECIDES),
        today=local_date(page.now),
        **values,
    )


async def found(page: Page, path: str) -> Any:
    """What the API has there; None where there is nothing yet."""
    try:
        return await page.api.get(path)
    except Refused as refusal:
        if refusal.status != 404:
            raise
        return None


def day(text: str) -> str | None:
    """A day of a date field; None where it is not one."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


HANDLERS: tuple[Any, ...] = (overview, timeline, log, ratings, plan, talks)
