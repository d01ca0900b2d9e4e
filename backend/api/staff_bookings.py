"""Booking for a member: what they can have, booking, moving and giving back. Windows do not bind staff."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody

from backend.api import booking_view, me_slots, wire
from backend.api.booking_view import (
    BookingView,
    CancelInput,
    FromDay,
    SameAdviser,
    SeatInput,
    SeatMoveInput,
    TalkInput,
    TalkMoveInput,
    TimesView,
    ToDay,
    With,
)
from backend.api.given import Colleague, Configured, Language, Now, Session
from backend.api.me_bookings import When
from backend.api.me_slots import BookableView
from backend.api.wire import Cursor, Limit, Page
from backend.booking import bookable, reading, times
from backend.booking.reading import Place
from backend.followup import bookings

OF_MEMBER = "/v1/staff/members/{member_id:uuid}"
ONE = OF_MEMBER + "/bookings/{booking_id:uuid}"


@get(OF_MEMBER + "/bookings", operation_id="listBookings", tags=["staff bookings"], response_headers=wire.TAGGED)
async def list_bookings(
    request: Request[Any, Any, Any], session: Session, now: Now, language: Language, settings: Configured,
    member_id: FromPath[UUID], when: When = "coming", cursor: Cursor = None, limit: Limit = 30,
) -> Response[Page[BookingView]]:  # fmt: skip
    """A member's bookings: those to come, or those of the past with what was cancelled and why."""
    after = Place(*wire.position(cursor, Place)) if cursor else None
    rows = await reading.bookings(session, member_id, when, after=after, limit=limit + 1, now=now)
    shown = [
        booking_view.booking(row, language=language, set_name=settings.course_plan_set, now=now) for row in rows[:limit]
    ]
    following = wire.cursor(rows[limit - 1].starts_at, rows[limit - 1].id) if len(rows) > limit else None
    return wire.tagged(request, Page(items=shown, next=following))


@get(OF_MEMBER + "/bookable", operation_id="listMemberBookable", tags=["staff bookings"], response_headers=wire.TAGGED)
async def list_bookable(
    request: Request[Any, Any, Any], session: Session, now: Now, language: Language, settings: Configured,
    member_id: FromPath[UUID],
) -> Response[list[BookableView]]:  # fmt: skip
    """What a member's course asks them to book, with the deadlines and what happened to each."""
    found = await bookable.of_member(session, member_id, now=now)
    return wire.tagged(request, me_slots.views(language, settings.course_plan_set, found))


@get(OF_MEMBER + "/bookable/{obligation_id:uuid}/times", operation_id="listMemberTimes", tags=["staff bookings"])
async def list_times(
    session: Session, now: Now, member_id: FromPath[UUID], obligation_id: FromPath[UUID], together: With = None,
    same: SameAdviser = False, first: FromDay = None, last: ToDay = None, cursor: Cursor = None, limit: Limit = 50,
) -> TimesView:  # fmt: skip
    """Free times for a member's item, also after its last day."""
    found = await times.for_items(session, member_id, [obligation_id, *(together or ())], by_staff=True, now=now)
    return me_slots.page_of_times(found, same=same, first=first, last=last, cursor=cursor, limit=limit)


@post(OF_MEMBER + "/bookings/talks", operation_id="bookTalkFor", tags=["staff bookings"])
async def book_talk(
    session: Session, staff: Colleague, now: Now, language: Language, settings: Configured,
    member_id: FromPath[UUID], data: JSONBody[TalkInput],
) -> BookingView:  # fmt: skip
    """Book a talk for a member. Pairs of talks that the regime does not merge are refused."""
    set_name = settings.course_plan_set
    booking_id = await bookings.book_talk(
        session, member_id, booking_view.talk(data), hold=data.hold, by=staff.id, set_name=set_name, now=now
    )
    return await booking_view.one(session, member_id, booking_id, language=language, set_name=set_name, now=now)


@post(OF_MEMBER + "/bookings/seats", operation_id="bookSeatFor", tags=["staff bookings"])
async def book_seat(
    session: Session, staff: Colleague, now: Now, language: Language, settings: Configured,
    member_id: FromPath[UUID], data: JSONBody[SeatInput],
) -> BookingView:  # fmt: skip
    """Book a seat for a member, until the session begins."""
    set_name = settings.course_plan_set
    booking_id = await bookings.book_seat(
        session, member_id, data.session_id, hold=data.hold, by=staff.id, set_name=set_name, now=now
    )
    return await booking_view.one(session, member_id, booking_id, language=language, set_name=set_name, now=now)


@post(ONE + "/move-talk", operation_id="moveTalkFor", tags=["staff bookings"], status_code=200)
async def move_talk(
    session: Session, staff: Colleague, now: Now, language: Language, settings: Configured,
    member_id: FromPath[UUID], booking_id: FromPath[UUID], data: JSONBody[TalkMoveInput],
) -> BookingView:  # fmt: skip
    """Move a member's talk; the member is told."""
    set_name = settings.course_plan_set
    await bookings.move_talk(
        session, member_id, booking_id, booking_view.moved(data), by=staff.id, set_name=set_name, now=now
    )
    return await booking_view.one(session, member_id, booking_id, language=language, set_name=set_name, now=now)


@post(ONE + "/move-seat", operation_id="moveSeatFor", tags=["staff bookings"], status_code=200)
async def move_seat(
    session: Session, staff: Colleague, now: Now, language: Language, settings: Configured,
    member_id: FromPath[UUID], booking_id: FromPath[UUID], data: JSONBody[SeatMoveInput],
) -> BookingView:  # fmt: skip
    """Move a member to another session of the same activity."""
    set_name = settings.course_plan_set
    await bookings.move_seat(session, member_id, booking_id, data.session_id, by=staff.id, set_name=set_name, now=now)
    return await booking_view.one(session, member_id, booking_id, language=language, set_name=set_name, now=now)


@post(ONE + "/cancel", operation_id="cancelBookingFor", tags=["staff bookings"], status_code=200)
async def cancel(
    session: Session, staff: Colleague, now: Now, language: Language, settings: Configured,
    member_id: FromPath[UUID], booking_id: FromPath[UUID], data: JSONBody[CancelInput],
) -> BookingView:  # fmt: skip
    """Give a member's booking back, for the reason that the member gave."""
    set_name = settings.course_plan_set
    await bookings.cancel(session, member_id, booking_id, reason=data.reason, by=staff.id, set_name=set_name, now=now)
    return await booking_view.one(session, member_id, booking_id, language=language, set_name=set_name, now=now)


HANDLERS = (list_bookings, list_bookable, list_times, book_talk, book_seat, move_talk, move_seat, cancel)
