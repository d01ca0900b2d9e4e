"""What the member has booked: hold, confirm, book, move, give back."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api import booking_view, wire
from backend.api.booking_view import BookingView, CancelInput, SeatInput, SeatMoveInput, TalkInput, TalkMoveInput
from backend.api.given import Configured, Language, Me, Now, Session
from backend.api.wire import Cursor, Limit, Page, Wire
from backend.booking import reading, rules, texts
from backend.booking.reading import Place, Way
from backend.followup import bookings
from backend.i18n import text

When = Annotated[Way, QueryParameter(name="when", description="What is coming, soonest first, or past, newest first.")]


class CancelReasonView(Wire):
    """Why somebody gives a time back. `lawful`: it costs nothing to stay away for this reason."""

    code: str
    text: str
    lawful: bool


@get("/v1/me/bookings", operation_id="listMyBookings", tags=["bookings"], response_headers=wire.TAGGED)
async def list_bookings(
    request: Request[Any, Any, Any], session: Session, member: Me, now: Now, language: Language, settings: Configured,
    when: When = "coming", cursor: Cursor = None, limit: Limit = 30,
) -> Response[Page[BookingView]]:  # fmt: skip
    """My bookings: those to come, what is held for me too, or those of the past, with what was cancelled."""
    after = Place(*wire.position(cursor, Place)) if cursor else None
    rows = await reading.bookings(session, member.id, when, after=after, limit=limit + 1, now=now)
    shown = [
        booking_view.booking(row, language=language, set_name=settings.course_plan_set, now=now) for row in rows[:limit]
    ]
    following = wire.cursor(rows[limit - 1].starts_at, rows[limit - 1].id) if len(rows) > limit else None
    return wire.tagged(request, Page(items=shown, next=following))


@get("/v1/me/bookings/{booking_id:uuid}", operation_id="getMyBooking", tags=["bookings"], response_headers=wire.TAGGED)
async def get_booking(
    request: Request[Any, Any, Any], session: Session, member: Me, now: Now, language: Language, settings: Configured,
    booking_id: FromPath[UUID],
) -> Response[BookingView]:  # fmt: skip
    """One of my bookings."""
    set_name = settings.course_plan_set
    found = await booking_view.one(session, member.id, booking_id, language=language, set_name=set_name, now=now)
    return wire.tagged(request, found)


@post("/v1/me/bookings/talks", operation_id="bookTalk", tags=["bookings"])
async def book_talk(
    session: Session, member: Me, now: Now, language: Language, settings: Configured, data: JSONBody[TalkInput]
) -> BookingView:
    """Book or hold a talk. Another may have been quicker: `slot-taken`."""
    set_name = settings.course_plan_set
    booking_id = await bookings.book_talk(
        session, member.id, booking_view.talk(data), hold=data.hold, by=None, set_name=set_name, now=now
    )
    return await booking_view.one(session, member.id, booking_id, language=language, set_name=set_name, now=now)


@post("/v1/me/bookings/seats", operation_id="bookSeat", tags=["bookings"])
async def book_seat(
    session: Session, member: Me, now: Now, language: Language, settings: Configured, data: JSONBody[SeatInput]
) -> BookingView:
    """Book or hold a seat in a workshop, theme day, net café or joint talk."""
    set_name = settings.course_plan_set
    booking_id = await bookings.book_seat(
        session, member.id, data.session_id, hold=data.hold, by=None, set_name=set_name, now=now
    )
    return await booking_view.one(session, member.id, booking_id, language=language, set_name=set_name, now=now)


@post("/v1/me/bookings/{booking_id:uuid}/confirm", operation_id="confirmBooking", tags=["bookings"], status_code=200)
async def confirm(
    session: Session, member: Me, now: Now, language: Language, settings: Configured, booking_id: FromPath[UUID]
) -> BookingView:
    """Book what is held for me. What is booked already stays so."""
    set_name = settings.course_plan_set
    await bookings.confirm(session, member.id, booking_id, set_name=set_name, now=now)
    return await booking_view.one(session, member.id, booking_id, language=language, set_name=set_name, now=now)


@post("/v1/me/bookings/{booking_id:uuid}/move-talk", operation_id="moveTalk", tags=["bookings"], status_code=200)
async def move_talk(
    session: Session, member: Me, now: Now, language: Language, settings: Configured, booking_id: FromPath[UUID],
    data: JSONBody[TalkMoveInput],
) -> BookingView:  # fmt: skip
    """Have the talk at another time, with another adviser, or in another way."""
    set_name = settings.course_plan_set
    await bookings.move_talk(
        session, member.id, booking_id, booking_view.moved(data), by=None, set_name=set_name, now=now
    )
    return await booking_view.one(session, member.id, booking_id, language=language, set_name=set_name, now=now)


@post("/v1/me/bookings/{booking_id:uuid}/move-seat", operation_id="moveSeat", tags=["bookings"], status_code=200)
async def move_seat(
    session: Session, member: Me, now: Now, language: Language, settings: Configured, booking_id: FromPath[UUID],
    data: JSONBody[SeatMoveInput],
) -> BookingView:  # fmt: skip
    """Go to another session of the same activity."""
    set_name = settings.course_plan_set
    await bookings.move_seat(session, member.id, booking_id, data.session_id, by=None, set_name=set_name, now=now)
    return await booking_view.one(session, member.id, booking_id, language=language, set_name=set_name, now=now)


@post("/v1/me/bookings/{booking_id:uuid}/cancel", operation_id="cancelBooking", tags=["bookings"], status_code=200)
async def cancel(
    session: Session, member: Me, now: Now, language: Language, settings: Configured, booking_id: FromPath[UUID],
    data: JSONBody[CancelInput],
) -> BookingView:  # fmt: skip
    """Give a booking or hold back before it begins; the place is free at once."""
    set_name = settings.course_plan_set
    await bookings.cancel(session, member.id, booking_id, reason=data.reason, by=None, set_name=set_name, now=now)
    return await booking_view.one(session, member.id, booking_id, language=language, set_name=set_name, now=now)


@get("/v1/me/cancel-reasons", operation_id="listCancelReasons", tags=["bookings"], response_headers=wire.TAGGED)
async def cancel_reasons(
    request: Request[Any, Any, Any], session: Session, member: Me, language: Language
) -> Response[list[CancelReasonView]]:
    """The reasons for giving a time back, and which of them are lawful absence."""
    del session, member
    found = [
        CancelReasonView(code=code, text=text(language, words), lawful=code in rules.LAWFUL)
        for code, words in texts.CANCEL_REASONS.items()
    ]
    return wire.tagged(request, found)


HANDLERS = (
    list_bookings, get_booking, book_talk, book_seat, confirm, move_talk, move_seat, cancel, cancel_reasons
)  # fmt: skip
