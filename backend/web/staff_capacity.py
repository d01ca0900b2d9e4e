"""Whether there are enough times and seats, and who could help where."""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from backend.i18n import N_, text
from backend.web import capacity_view, forms
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page

TEAM = N_("The job team")
# As many as a person takes in at a glance; the rest unfolds.
FIRST = 8


@get("/staff/capacity", name="capacity")
async def overview(request: AnyRequest, lent: FromQuery[str | None] = None) -> Response[Any]:
    """What is short soon, who is lent, and all of six weeks."""
    page = pages.of(request)
    page.staff()
    lines = (await page.api.get("/v1/staff/capacity"))["lines"]
    team = text(page.language, TEAM)
    return page.render(
        "staff/capacity/overview.html",
        soon=capacity_view.soon(lines), first=FIRST, talks=capacity_view.talks(lines, team),
        events=capacity_view.events(lines, team), team=team, lent=lent,
        loans=await page.api.get("/v1/staff/capacity/loans"), decides=_decides(page),
    )  # fmt: skip


@get("/staff/capacity/suggestions", name="capacity_suggestions")
async def suggestions(request: AnyRequest) -> Response[Any]:
    """Who could help where: worked out when asked for, since it takes a moment."""
    page = pages.of(request)
    page.staff()
    return await _suggested(page, Form())


@post("/staff/capacity/loans", name="loan_accept")
async def accept(request: AnyRequest) -> Response[Any]:
    """Lend an adviser to a branch for a week."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    minutes = form.value("minutes")
    body = {"staffId": form.value("staff"), "branchId": form.value("branch"), "week": form.value("week"),
            "minutes": int(minutes) if minutes.isdigit() else minutes}  # fmt: skip
    try:
        await page.api.post("/v1/staff/capacity/loans", body, key=form.key)
    except Refused as refusal:
        return await _suggested(page, forms.refused(form, refusal), status=422)
    return page.go("/staff/capacity?lent=accepted")


@post("/staff/capacity/loans/{loan_id:uuid}/end", name="loan_end")
async def end(request: AnyRequest, loan_id: FromPath[UUID]) -> Response[Any]:
    """Call a loan off; talks that were booked stay."""
    page = pages.of(request)
    page.staff()
    await page.api.delete(f"/v1/staff/capacity/loans/{loan_id}")
    return page.go("/staff/capacity?lent=ended")


async def _suggested(page: Page, form: Form, *, status: int = 200) -> Response[Any]:
    found = await page.api.get("/v1/staff/capacity/suggestions")
    found.sort(key=lambda one: (date.fromisoformat(one["week"]), -one["minutes"], one["adviser"]))
    name = "staff/capacity/suggested.html" if page.partial else "staff/capacity/suggestions.html"
    return page.render(name, status=status, suggestions=found, form=form, first=FIRST)


def _decides(page: Page) -> bool:
    """Only spares others a button that would be refused."""
    return page.who is not None and "coordinator" in page.who.roles


HANDLERS: tuple[Any, ...] = (overview, suggestions, accept, end)
