"""Booking: choose a time for a talk or a seat in a session; it is held for some minutes, looked at once more, booked.

The same pages move a booking: then `booking` names it, and the choice takes effect at once.
"""

from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from backend.clock import local_date
from backend.web import forms, me
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.page import AnyRequest, Page

MANY = 60


@get("/me/book/{obligation_id:uuid}", name="me_book")
async def book(
    request: AnyRequest,
    obligation_id: FromPath[UUID],
    same: FromQuery[bool] = False,
    cursor: FromQuery[str | None] = None,
) -> Response[Any]:
    """Free times for an item of my course, or the sessions that it can be held in."""
    page = pages.of(request)
    page.member()
    found = [one for one in await page.api.get("/v1/me/bookable") if one["id"] == str(obligation_id)]
    if not found or found[0]["bookingId"] or found[0]["how"] == "none":
        return page.go(f"/me/bookings/{found[0]['bookingId']}" if found and found[0]["bookingId"] else "/me/bookings")
    if found[0]["how"] == "seat":
        return page.go(f"/me/sessions?activity={found[0]['activity']}")
    return await _times(page, item=found[0], same=same, cursor=cursor)


@get("/me/bookings/{booking_id:uuid}/move", name="me_move")
async def move(
    request: AnyRequest,
    booking_id: FromPath[UUID],
    same: FromQuery[bool] = False,
    cursor: FromQuery[str | None] = None,
) -> Response[Any]:
    """The other times or sessions that a booking can be moved to."""
    page = pages.of(request)
    page.member()
    booking = await page.api.get(f"/v1/me/bookings/{booking_id}")
    if not booking["mayChange"]:
        return page.go(f"/me/bookings/{booking_id}")
    if booking["kind"] != "talk":
        return await _sessions(page, activity=booking["activity"], booking=booking, cursor=cursor)
    return await _times(page, booking=booking, same=same, cursor=cursor)


@post("/me/book/time", name="me_book_time")
async def take_time(request: AnyRequest) -> Response[Any]:
    """Hold the time that was chosen, or move the booking to it."""
    page = pages.of(request)
    page.member()
    form = await forms.read(request)
    moved = form.value("booking")
    given: dict[str, Any] = {"startsAt": form.value("at"), "form": form.value("form"), "staffId": form.value("staff")}
    try:
        if moved:
            await page.api.post(f"/v1/me/bookings/{moved}/move-talk", given, key=form.key)
            return page.go(f"/me/bookings/{moved}?done=moved")
        given |= {"obligationIds": [form.value("item")], "hold": True}
        held = await page.api.post("/v1/me/bookings/talks", given, key=form.key)
    except Refused as refusal:
        return await _taken(page, form.value("item"), moved, me.said(refusal))
    return page.go(f"/me/bookings/{held['id']}")


@get("/me/sessions", name="me_sessions")
async def sessions(
    request: AnyRequest,
    activity: FromQuery[str | None] = None,
    everywhere: FromQuery[bool] = False,
    cursor: FromQuery[str | None] = None,
) -> Response[Any]:
    """What is held that is for me, soonest first."""
    page = pages.of(request)
    page.member()
    return await _sessions(page, activity=activity, everywhere=everywhere, cursor=cursor)


@post("/me/book/seat", name="me_book_seat")
async def take_seat(request: AnyRequest) -> Response[Any]:
    """Hold a seat, or move the booking to this session."""
    page = pages.of(request)
    page.member()
    form = await forms.read(request)
    moved, given = form.value("booking"), {"sessionId": form.value("session")}
    try:
        if moved:
            await page.api.post(f"/v1/me/bookings/{moved}/move-seat", given, key=form.key)
            return page.go(f"/me/bookings/{moved}?done=moved")
        held = await page.api.post("/v1/me/bookings/seats", given | {"hold": True}, key=form.key)
    except Refused as refusal:
        return await _sessions(page, activity=form.value("activity"), problem=me.said(refusal))
    return page.go(f"/me/bookings/{held['id']}")


@post("/me/sessions/{session_id:uuid}/waiting", name="me_wait")
async def wait(request: AnyRequest, session_id: FromPath[UUID]) -> Response[Any]:
    """Get in line for a full session."""
    page = pages.of(request)
    page.member()
    form = await forms.read(request)
    try:
        await page.api.post(f"/v1/me/sessions/{session_id}/waiting", key=form.key)
    except Refused as refusal:
        return await _sessions(page, activity=form.value("activity"), problem=me.said(refusal))
    return page.go("/me/bookings?done=in-line#waiting")


@post("/me/sessions/{session_id:uuid}/leave", name="me_leave")
async def leave(request: AnyRequest, session_id: FromPath[UUID]) -> Response[Any]:
    """Step out of line, or turn the offered seat down."""
    page = pages.of(request)
    page.member()
    await page.api.delete(f"/v1/me/sessions/{session_id}/waiting")
    return page.go("/me/bookings?done=out-of-line")


@post("/me/sessions/{session_id:uuid}/accept", name="me_accept")
async def accept(request: AnyRequest, session_id: FromPath[UUID]) -> Response[Any]:
    """Take the seat that is offered to me."""
    page = pages.of(request)
    page.member()
    form = await forms.read(request)
    try:
        booked = await page.api.post(f"/v1/me/sessions/{session_id}/waiting/accept", key=form.key)
    except Refused as refusal:
        return await _sessions(page, activity=form.value("activity"), problem=me.said(refusal))
    return page.go(f"/me/bookings/{booked['id']}?done=booked")


async def _taken(page: Page, item: str, moved: str, problem: str) -> Response[Any]:
    """Somebody was quicker, or it is too late: the times that are left."""
    if moved:
        return await _times(page, booking=await page.api.get(f"/v1/me/bookings/{UUID(moved)}"), problem=problem)
    found = [one for one in await page.api.get("/v1/me/bookable") if one["id"] == item]
    return await _times(page, item=found[0], problem=problem) if found else page.go("/me/bookings")


async def _times(
    page: Page, *, item: Any = None, booking: Any = None, same: bool = False, cursor: str | None = None,
    problem: str | None = None,
) -> Response[Any]:  # fmt: skip
    what = f"bookings/{booking['id']}" if booking else f"bookable/{item['id']}"
    found = await page.api.get(f"/v1/me/{what}/times", sameAdviser=same or None, cursor=cursor, limit=MANY)
    status = 422 if problem else 200
    return await me.render(
        page, "me/times.html", status=status, item=item, booking=booking, times=found, days=_by_day(found["items"]),
        same=same, problem=problem,
    )  # fmt: skip


def _by_day(times: list[dict[str, Any]]) -> list[tuple[date, list[dict[str, Any]]]]:
    """Times come soonest first; a heading for each day is what people look for."""
    return [(day, list(those)) for day, those in groupby(times, lambda one: _day(one["startsAt"]))]


def _day(instant: str) -> date:
    return local_date(datetime.fromisoformat(instant))


async def _sessions(
    page: Page, *, activity: str | None, booking: Any = None, everywhere: bool = False, cursor: str | None = None,
    problem: str | None = None,
) -> Response[Any]:  # fmt: skip
    found = await page.api.get(
        "/v1/me/sessions", activity=activity, everywhere=everywhere or None, cursor=cursor, limit=20
    )
    status = 422 if problem else 200
    return await me.render(
        page, "me/sessions.html", status=status, sessions=found, activity=activity or "", booking=booking,
        everywhere=everywhere, problem=problem,
    )  # fmt: skip


HANDLERS: tuple[Any, ...] = (book, move, take_time, sessions, take_seat, wait, leave, accept)
