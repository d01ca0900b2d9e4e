"""Bookings in people's own calendars: a file for each, and a feed behind a secret address."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, put
from litestar.params import FromPath, PathParameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import wire
from backend.api.given import Colleague, Configured, Language, Me, Now, Session
from backend.api.wire import Wire
from backend.booking import feeds, ics
from backend.booking.feeds import Owner
from backend.errors import NotFound
from backend.i18n import N_, text

MEDIA_TYPE = "text/calendar"
SUFFIX = ".ics"
NAME = N_("My bookings")
AnyRequest = Request[Any, Any, Any]
File = Annotated[str, PathParameter(max_length=100, description="The secret of the address, and `.ics`.")]


class FeedState(Wire):
    """Since when there is an address; null without one. The address itself is shown once, when it is made."""

    since: datetime | None


class FeedAddress(Wire):
    """The address to give to a calendar. Whoever has it sees what is booked: `webcal` opens it on most phones."""

    url: str
    webcal: str


@get("/v1/me/bookings/{booking_id:uuid}/calendar", operation_id="getBookingCalendar", tags=["calendar"])
async def booking_calendar(
    session: Session, member: Me, now: Now, language: Language, settings: Configured, booking_id: FromPath[UUID]
) -> Response[bytes]:
    """One booking as a calendar file; of one that was cancelled, what takes it out of the calendar."""
    entry = await feeds.entry(session, booking_id, member.id, set_name=settings.course_plan_set, now=now)
    if entry is None:
        raise NotFound
    return _file(ics.one(entry, name=text(language, NAME)))


@get("/v1/me/calendar-feed", operation_id="getMyFeed", tags=["calendar"], response_headers=wire.TAGGED)
async def my_feed(request: AnyRequest, session: Session, member: Me) -> Response[FeedState]:
    """Whether my bookings have an address."""
    return wire.tagged(request, FeedState(since=await feeds.since(session, Owner(member.id, None))))


# PUT and not POST: the answers of POSTs are kept for repeats, and this one holds a secret.
@put("/v1/me/calendar-feed", operation_id="makeMyFeed", tags=["calendar"])
async def make_my_feed(request: AnyRequest, session: Session, member: Me, now: Now) -> FeedAddress:
    """Make a new address for my bookings. The one before stops working."""
    return _address(request, await feeds.issue(session, member_id=member.id, now=now))


@delete("/v1/me/calendar-feed", operation_id="endMyFeed", tags=["calendar"])
async def end_my_feed(session: Session, member: Me, now: Now) -> None:
    """End the address."""
    await feeds.revoke(session, member_id=member.id, now=now)


@get("/v1/staff/calendar-feed", operation_id="getStaffFeed", tags=["calendar"], response_headers=wire.TAGGED)
async def staff_feed(request: AnyRequest, session: Session, staff: Colleague) -> Response[FeedState]:
    """Whether my talks and sessions have an address."""
    return wire.tagged(request, FeedState(since=await feeds.since(session, Owner(None, staff.id))))


@put("/v1/staff/calendar-feed", operation_id="makeStaffFeed", tags=["calendar"])
async def make_staff_feed(request: AnyRequest, session: Session, staff: Colleague, now: Now) -> FeedAddress:
    """Make a new address for my talks and sessions, without names. The one before stops working."""
    return _address(request, await feeds.issue(session, staff_id=staff.id, now=now))


@delete("/v1/staff/calendar-feed", operation_id="endStaffFeed", tags=["calendar"])
async def end_staff_feed(session: Session, staff: Colleague, now: Now) -> None:
    """End the address."""
    await feeds.revoke(session, staff_id=staff.id, now=now)


@get(
    "/v1/calendar/{file:str}",
    operation_id="getCalendarFeed",
    tags=["calendar"],
    response_headers=wire.TAGGED,
    opt={"secret": True},
)
async def feed(request: AnyRequest, session: Session, now: Now, settings: Configured, file: File) -> Response[bytes]:
    """What is booked, for a calendar that knows the secret address."""
    of = await feeds.owner(session, file.removesuffix(SUFFIX)) if file.endswith(SUFFIX) else None
    if of is None:
        raise NotFound
    return wire.tagged_file(request, *await _feed(session, of, settings.course_plan_set, now), media_type=MEDIA_TYPE)


async def _feed(session: AsyncSession, of: Owner, set_name: str, now: datetime) -> tuple[bytes, str]:
    """The calendar, and what tells one state of it from another: not when it was made."""
    entries = await feeds.entries(session, of, set_name=set_name, now=now)
    tag = repr([one._replace(changed_at=one.starts_at) for one in entries])
    return ics.calendar(entries, name=text("da", NAME)), tag


def _file(content: bytes) -> Response[bytes]:
    headers = {"Content-Disposition": 'attachment; filename="booking.ics"', "Cache-Control": "private, no-store"}
    return Response(content=content, media_type=MEDIA_TYPE, headers=headers)


def _address(request: AnyRequest, token: str) -> FeedAddress:
    path = f"{str(request.base_url).rstrip('/')}/v1/calendar/{token}{SUFFIX}"
    return FeedAddress(url=path, webcal="webcal://" + path.partition("://")[2])


HANDLERS = (
    booking_calendar, my_feed, make_my_feed, end_my_feed, staff_feed, make_staff_feed, end_staff_feed, feed
)  # fmt: skip
