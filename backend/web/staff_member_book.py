"""Booking for a member, as on the phone: what the course asks for, a free time or a seat, and giving it back."""

from itertools import groupby
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from backend.booking.texts import CANCEL_REASONS
from backend.clock import local_date
from backend.errors import NotFound
from backend.web import forms
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page
from backend.web.staff_member import API, ONE, day, show
from backend.web.staff_member_plan import sent
from backend.web.templating import as_date

BOOK = ONE + "/book/{obligation_id:uuid}"
BOOKED = ONE + "/bookings/{booking_id:uuid}"
MANY = 60


@get(BOOK, name="member_book")
async def book(
    request: AnyRequest, member_id: FromPath[UUID], obligation_id: FromPath[UUID], cursor: FromQuery[str | None] = None
) -> Response[Any]:
    """Free times, or the sessions that it can be held in."""
    page = pages.of(request)
    page.staff()
    return await _choose(page, member_id, obligation_id, Form(), cursor=cursor)


@post(BOOK, name="member_book_take")
async def take(request: AnyRequest, member_id: FromPath[UUID], obligation_id: FromPath[UUID]) -> Response[Any]:
    """Book the time or the seat; the member is told."""
    page, form = await sent(request)
    what, body = _wanted(form, obligation_id)
    try:
        await page.api.post(f"{API}{member_id}/bookings/{what}", body, key=form.key)
    except Refused as refusal:
        return await _choose(page, member_id, obligation_id, forms.refused(form, refusal), status=422)
    return page.go(f"/staff/members/{member_id}/talks")


@get(BOOKED, name="member_booking")
async def booking(request: AnyRequest, member_id: FromPath[UUID], booking_id: FromPath[UUID]) -> Response[Any]:
    """One that is to come, to be given back for the member."""
    page = pages.of(request)
    page.staff()
    return await _booking(page, member_id, booking_id, Form())


@post(BOOKED, name="member_booking_cancel")
async def cancel(request: AnyRequest, member_id: FromPath[UUID], booking_id: FromPath[UUID]) -> Response[Any]:
    """Given back for the reason that the member gave."""
    page, form = await sent(request)
    try:
        await page.api.post(
            f"{API}{member_id}/bookings/{booking_id}/cancel", {"reason": form.value("reason")}, key=form.key
        )
    except Refused as refusal:
        return await _booking(page, member_id, booking_id, forms.refused(form, refusal), status=422)
    return page.go(f"/staff/members/{member_id}/talks")


def _wanted(form: Form, obligation_id: UUID) -> tuple[str, dict[str, Any]]:
    if form.value("session"):
        return "seats", {"sessionId": form.value("session")}
    at = {"startsAt": form.value("at"), "form": form.value("form"), "staffId": form.value("staff")}
    return "talks", at | {"obligationIds": [str(obligation_id)]}


async def _choose(
    page: Page, member_id: UUID, obligation_id: UUID, form: Form, *, cursor: str | None = None, status: int = 200
) -> Response[Any]:
    items = await page.api.get(f"{API}{member_id}/bookable")
    item = next((one for one in items if one["id"] == str(obligation_id)), None)
    if item is None or item["how"] == "none":
        raise NotFound
    times: Any = {"items": [], "next": None}
    sessions: list[Any] = []
    if item["how"] == "time":
        path = f"{API}{member_id}/bookable/{obligation_id}/times"
        times = await page.api.get(path, cursor=cursor, limit=MANY)
    else:
        first = max(item["windowFrom"], local_date(page.now).isoformat())
        found = await page.api.get("/v1/staff/sessions", activity=item["activity"], **{"from": day(first)})
        sessions = [one for one in found["items"] if one["taken"] < one["capacity"]]
    days = [(key, list(group)) for key, group in groupby(times["items"], key=lambda one: as_date(one["startsAt"]))]
    return await show(
        page, member_id, "book", status=status, form=form, item=item, times=times, days=days, sessions=sessions
    )


async def _booking(page: Page, member_id: UUID, booking_id: UUID, form: Form, *, status: int = 200) -> Response[Any]:
    found = await page.api.get(f"{API}{member_id}/bookings", when="coming")
    one = next((each for each in found["items"] if each["id"] == str(booking_id)), None)
    if one is None:
        raise NotFound
    reasons = list(CANCEL_REASONS.items())
    return await show(page, member_id, "booking", status=status, form=form, one=one, reasons=reasons)


HANDLERS: tuple[Any, ...] = (book, take, booking, cancel)
