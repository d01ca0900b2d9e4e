"""The attendance list of a session, on a tablet: one tap for each member, put right by another tap."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from backend.web import forms
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page

PATH = "/staff/events/{session_id:uuid}/attendance"
# `mark` of a button: there, or absent and why.
THERE, ABSENT = "there", "absent:"


@get(PATH, name="roster")
async def show(request: AnyRequest, session_id: FromPath[UUID]) -> Response[Any]:
    """Who has a seat, with what is noted."""
    page = pages.of(request)
    page.staff()
    roster = await page.api.get(f"/v1/staff/sessions/{session_id}/roster")
    return await _list(page, roster, Form())


@post(PATH, name="roster_mark")
async def mark(request: AnyRequest, session_id: FromPath[UUID]) -> Response[Any]:
    """Note one member, or everybody who is not noted yet as there."""
    page = pages.of(request)
    page.staff()
    form, path = await forms.read(request), f"/v1/staff/sessions/{session_id}"
    roster = await page.api.get(f"{path}/roster")
    try:
        roster = await page.api.put(f"{path}/attendance", {"marks": _marks(form, roster)})
    except Refused as refusal:
        return await _list(page, roster, forms.refused(form, refusal), status=422)
    booking_id = form.value("booking")
    if page.partial and booking_id:
        row = next(one for one in roster["rows"] if one["bookingId"] == booking_id)
        return page.render("staff/events/roster_row.html", roster=roster, one=row, **await _common(page, roster))
    return page.go(f"/staff/events/{session_id}/attendance" + (f"#m-{booking_id}" if booking_id else ""))


def _marks(form: Form, roster: Any) -> list[dict[str, Any]]:
    if not form.value("booking"):
        return [{"bookingId": one["bookingId"], "attended": True} for one in roster["rows"] if one["state"] == "booked"]
    what = form.value("mark")
    told = {"attended": False, "reason": what.removeprefix(ABSENT)} if what.startswith(ABSENT) else {"attended": True}
    return [{"bookingId": form.value("booking")} | told]


async def _list(page: Page, roster: Any, form: Form, *, status: int = 200) -> Response[Any]:
    return page.render(
        "staff/events/roster.html", status=status, roster=roster, form=form, **await _common(page, roster)
    )


async def _common(page: Page, roster: Any) -> dict[str, Any]:
    return {
        "reasons": await page.api.get("/v1/staff/absence-reasons"),
        "noted": sum(one["state"] != "booked" for one in roster["rows"]),
        "begun": datetime.fromisoformat(roster["startsAt"]) <= page.now,
    }


HANDLERS: tuple[Any, ...] = (show, mark)
