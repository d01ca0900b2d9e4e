"""The way to a talk from a booking or a call-in: prepare, note who was there, begin the minutes."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from backend.web import forms
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page

# More talks than a member has in a spell.
TALKS = 100
OF_BOOKING = "/staff/talks/of/{member_id:uuid}/{booking_id:uuid}"
OF_CALL_IN = "/staff/talks/of/{member_id:uuid}/call-in/{call_in_id:uuid}"


@get(OF_BOOKING, name="talk_of_booking")
async def of_booking(request: AnyRequest, member_id: FromPath[UUID], booking_id: FromPath[UUID]) -> Response[Any]:
    """Everything to know before a booked talk; its minutes once they are begun."""
    page = pages.of(request)
    page.staff()
    begun = await _begun(page, member_id, "bookingId", booking_id)
    return page.go(f"/staff/talks/{begun}") if begun else await _prepare(page, member_id, booking_id, Form())


@post(OF_BOOKING, name="talk_begin")
async def begin(request: AnyRequest, member_id: FromPath[UUID], booking_id: FromPath[UUID]) -> Response[Any]:
    """Begin the minutes; those that a colleague began are opened."""
    page = pages.of(request)
    page.staff()
    opened = await page.api.post(f"/v1/staff/members/{member_id}/talks", {"bookingId": str(booking_id)})
    return page.go(f"/staff/talks/{opened['id']}")


@get(OF_CALL_IN, name="talk_of_call_in")
async def of_call_in(request: AnyRequest, member_id: FromPath[UUID], call_in_id: FromPath[UUID]) -> Response[Any]:
    page = pages.of(request)
    page.staff()
    begun = await _begun(page, member_id, "callInId", call_in_id)
    return page.go(f"/staff/talks/{begun}") if begun else await _prepare(page, member_id, None, Form())


@post(OF_CALL_IN, name="talk_begin_call_in")
async def begin_call_in(request: AnyRequest, member_id: FromPath[UUID], call_in_id: FromPath[UUID]) -> Response[Any]:
    page = pages.of(request)
    page.staff()
    opened = await page.api.post(f"/v1/staff/members/{member_id}/talks", {"callInId": str(call_in_id)})
    return page.go(f"/staff/talks/{opened['id']}")


@post(OF_BOOKING + "/attendance", name="talk_attendance")
async def attendance(request: AnyRequest, member_id: FromPath[UUID], booking_id: FromPath[UUID]) -> Response[Any]:
    """Note whether the member came, or put it right."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    there = form.value("attended") == "yes"
    body: dict[str, Any] = {"attended": there}
    if not there and form.value("reason"):
        body["reason"] = form.value("reason")
    try:
        await page.api.put(f"/v1/staff/members/{member_id}/bookings/{booking_id}/attendance", body)
    except Refused as refusal:
        return await _prepare(page, member_id, booking_id, forms.refused(form, refusal), status=422)
    return page.go(f"/staff/talks/of/{member_id}/{booking_id}")


async def _begun(page: Page, member_id: UUID, name: str, wanted: UUID) -> str | None:
    talks = await page.api.get(f"/v1/staff/members/{member_id}/talks", limit=TALKS)
    return next((str(one["id"]) for one in talks["items"] if one[name] == str(wanted)), None)


async def _prepare(
    page: Page, member_id: UUID, booking_id: UUID | None, form: Form, *, status: int = 200
) -> Response[Any]:
    held = await noted(page, member_id, booking_id) if booking_id else None
    brief = await page.api.get(f"/v1/staff/members/{member_id}/brief")
    action = page.request.url.path.removesuffix("/attendance")
    return page.render(
        "staff/talks/prepare.html", status=status, brief=brief, attendance=held, form=form, action=action
    )


async def noted(page: Page, member_id: object, booking_id: object) -> dict[str, Any]:
    """Who was there, what was noted of it, and the reasons to choose from."""
    found: dict[str, Any] = await page.api.get(f"/v1/staff/members/{member_id}/bookings/{booking_id}/attendance")
    reasons = await page.api.get("/v1/staff/absence-reasons")
    return found | {"reasons": [(one["code"], one["text"]) for one in reasons]}


HANDLERS: tuple[Any, ...] = (of_booking, begin, of_call_in, begin_call_in, attendance)
