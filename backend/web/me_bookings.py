"""What the member has booked and is to book, the places in line, and one booking with all that can be done to it."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from backend.web import forms, me
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page


@get("/me/bookings", name="me_bookings")
async def overview(request: AnyRequest) -> Response[Any]:
    """What is to be booked, what is booked, and where I stand in line."""
    page = pages.of(request)
    page.member()
    return await me.render(
        page,
        "me/bookings.html",
        coming=await page.api.get("/v1/me/bookings", limit=30),
        bookable=await page.api.get("/v1/me/bookable"),
        waiting=await page.api.get("/v1/me/waiting"),
        problem=None,
    )


@get("/me/bookings/past", name="me_bookings_past")
async def past(request: AnyRequest, cursor: FromQuery[str | None] = None) -> Response[Any]:
    page = pages.of(request)
    page.member()
    found = await page.api.get("/v1/me/bookings", when="past", cursor=cursor)
    return await me.render(page, "me/bookings_past.html", bookings=found)


@get("/me/bookings/{booking_id:uuid}", name="me_booking")
async def one(request: AnyRequest, booking_id: FromPath[UUID]) -> Response[Any]:
    page = pages.of(request)
    page.member()
    return await _booking(page, booking_id, Form())


@post("/me/bookings/{booking_id:uuid}/confirm", name="me_booking_confirm")
async def confirm(request: AnyRequest, booking_id: FromPath[UUID]) -> Response[Any]:
    """Book what is held for me."""
    page = pages.of(request)
    page.member()
    form = await forms.read(request)
    try:
        await page.api.post(f"/v1/me/bookings/{booking_id}/confirm", key=form.key)
    except Refused as refusal:
        return await _booking(page, booking_id, forms.refused(form, refusal), status=422)
    return page.go(f"/me/bookings/{booking_id}?done=booked")


@get("/me/bookings/{booking_id:uuid}/cancel", name="me_booking_cancel_page")
async def cancel_page(request: AnyRequest, booking_id: FromPath[UUID]) -> Response[Any]:
    page = pages.of(request)
    page.member()
    return await _cancel(page, booking_id, Form())


@post("/me/bookings/{booking_id:uuid}/cancel", name="me_booking_cancel")
async def cancel(request: AnyRequest, booking_id: FromPath[UUID]) -> Response[Any]:
    """Give it back, with a reason; a time that was only held needs none of the member's words."""
    page = pages.of(request)
    page.member()
    form = await forms.read(request)
    try:
        given = {"reason": form.value("reason")}
        await page.api.post(f"/v1/me/bookings/{booking_id}/cancel", given, key=form.key)
    except Refused as refusal:
        return await _cancel(page, booking_id, forms.refused(form, refusal), status=422)
    return page.go("/me/bookings?done=cancelled")


@get("/me/bookings/{booking_id:uuid}/calendar", name="me_booking_calendar")
async def calendar_file(request: AnyRequest, booking_id: FromPath[UUID]) -> Response[Any]:
    """The booking for one's own calendar."""
    page = pages.of(request)
    page.member()
    return me.file(await page.api.download(f"/v1/me/bookings/{booking_id}/calendar"))


async def _booking(page: Page, booking_id: UUID, form: Form, *, status: int = 200) -> Response[Any]:
    found = await page.api.get(f"/v1/me/bookings/{booking_id}")
    return await me.render(page, "me/booking.html", status=status, booking=found, form=form)


async def _cancel(page: Page, booking_id: UUID, form: Form, *, status: int = 200) -> Response[Any]:
    found = await page.api.get(f"/v1/me/bookings/{booking_id}")
    reasons = await page.api.get("/v1/me/cancel-reasons")
    return await me.render(page, "me/booking_cancel.html", status=status, booking=found, form=form, reasons=reasons)


HANDLERS: tuple[Any, ...] = (overview, past, one, confirm, cancel_page, cancel, calendar_file)
