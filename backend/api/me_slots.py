"""What the member can book: the items of the course, free times for talks, and sessions with seats."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath, QueryParameter
from sqlalchemy import Row

from backend.api import booking_view, wire
from backend.api.booking_view import (
    Activity,
    DeadlineView,
    FromDay,
    SameAdviser,
    TimesView,
    ToDay,
    With,
)
from backend.api.given import Configured, Language, Me, Now, Session, Today
from backend.api.wire import Cursor, Limit, Page, Wire
from backend.booking import bookable, facts, reading, rules_waiting, times
from backend.booking.bookable import Bookable
from backend.booking.facts import Booker
from backend.booking.reading import Filters, Place
from backend.booking.talks import Offered
from backend.booking.times import Times
from backend.clock import local_date
from backend.course import plans
from backend.notifications.sending import held

SpokenLanguage = Annotated[
    Literal["da", "en"] | None, QueryParameter(name="language", description="The language it is held in.")
]
Everywhere = Annotated[bool, QueryParameter(name="everywhere", description="In all branches, not only in mine.")]
Status = Literal["free", "full", "line", "booked", "held", "waiting", "offered"]


class BookableView(Wire):
    """An item of my course. `how` it is booked: at a free `time`, as a `seat` in a session, or not at all.

    It takes place from `windowFrom` to `dueOn`. `mayMergeWith` are items that can be held in one talk with this one.
    """

    id: UUID
    activity: str
    title: str
    how: Literal["time", "seat", "none"]
    requirement: str
    window_from: date
    due_on: date
    late: bool
    minutes: int | None
    forms: list[str]
    may_merge_with: list[UUID]
    booking_id: UUID | None
    deadline: DeadlineView | None


class AudienceView(Wire):
    """For whom a session is; what is null does not matter."""

    age_from: int | None = None
    age_below: int | None = None
    newly_qualified: bool | None = None
    it_member: bool | None = None
    basic_it: bool | None = None


class SessionView(Wire):
    """A session that is for me. Book by `closesAt`. `obligationId` is the item of my course that it would be for.

    `status`: seats are `free`; it is `full`, or its free seats are for those in `line`; or what I have of it already.
    """

    id: UUID
    activity: str
    title: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    form: str
    place: str | None
    language: str
    staff_name: str | None
    audience: AudienceView
    seats: int
    free: int
    waiting: int
    closes_at: datetime
    status: Status
    booking_id: UUID | None
    obligation_id: UUID | None
    in_window: bool


@get("/v1/me/bookable", operation_id="listBookable", tags=["bookings"], response_headers=wire.TAGGED)
async def list_bookable(
    request: Request[Any, Any, Any], session: Session, member: Me, now: Now, language: Language, settings: Configured
) -> Response[list[BookableView]]:
    """What my course asks me to book, or to have booked, and by when."""
    return wire.tagged(
        request, views(language, settings.course_plan_set, await bookable.of_member(session, member.id, now=now))
    )


@get("/v1/me/bookable/{obligation_id:uuid}/times", operation_id="listTimes", tags=["bookings"])
async def list_times(
    session: Session, member: Me, now: Now, obligation_id: FromPath[UUID], together: With = None,
    same: SameAdviser = False, first: FromDay = None, last: ToDay = None, cursor: Cursor = None, limit: Limit = 50,
) -> TimesView:  # fmt: skip
    """Free times for an item, each once: of advisers whom I know, else of any."""
    found = await times.for_items(session, member.id, [obligation_id, *(together or ())], by_staff=False, now=now)
    return page_of_times(found, same=same, first=first, last=last, cursor=cursor, limit=limit)


@get("/v1/me/bookings/{booking_id:uuid}/times", operation_id="listTimesToMove", tags=["bookings"])
async def list_times_to_move(
    session: Session, member: Me, now: Now, booking_id: FromPath[UUID], same: SameAdviser = False,
    first: FromDay = None, last: ToDay = None, cursor: Cursor = None, limit: Limit = 50,
) -> TimesView:  # fmt: skip
    """Free times to which I can move a talk."""
    found = await times.for_booking(session, member.id, booking_id, by_staff=False, now=now)
    return page_of_times(found, same=same, first=first, last=last, cursor=cursor, limit=limit)


@get("/v1/me/sessions", operation_id="listSessions", tags=["bookings"], response_headers=wire.TAGGED)
async def list_sessions(
    request: Request[Any, Any, Any], session: Session, member: Me, now: Now, today: Today, language: Language,
    settings: Configured, activity: Activity = None, spoken: SpokenLanguage = None, everywhere: Everywhere = False,
    cursor: Cursor = None, limit: Limit = 30,
) -> Response[Page[SessionView]]:  # fmt: skip
    """Workshops, theme days, net cafés and joint talks that are for me and can still be booked."""
    booker = await facts.booker(session, member.id, today, now=now)
    filters = Filters(activity, spoken, everywhere)
    after = Place(*wire.position(cursor, Place)) if cursor else None
    rows = await reading.sessions(
        session, member.id, booker.facts, booker.branch_id, filters, after=after, limit=limit + 1, now=now
    )
    items = [_session(language, settings.course_plan_set, row, booker, now) for row in rows[:limit]]
    following = wire.cursor(rows[limit - 1].starts_at, rows[limit - 1].id) if len(rows) > limit else None
    return wire.tagged(request, Page(items=items, next=following))


def views(language: str, set_name: str, found: Sequence[Bookable]) -> list[BookableView]:
    return [
        BookableView(
            id=one.item.id,
            activity=one.item.activity,
            title=plans.title(set_name, one.item.activity, language),
            how=one.how,
            requirement=one.item.requirement,
            window_from=one.item.window_from,
            due_on=one.item.due_on,
            late=one.late,
            minutes=one.minutes,
            forms=sorted(one.forms),
            may_merge_with=list(one.merges),
            booking_id=one.booking_id,
            deadline=booking_view.deadline(language, one.deadline),
        )
        for one in found
    ]


def page_of_times(
    found: Times, *, same: bool, first: date | None, last: date | None, cursor: str | None, limit: int
) -> TimesView:
    """Each time once; a page of those asked for."""
    after = wire.position(cursor, tuple[datetime])[0] if cursor else None
    offers = times.one_each(one for one in found.offers if one.staff_id in found.known or not same)
    shown = [one for one in offers if _asked_for(one, first, last) and (after is None or one.start > after)]
    following = wire.cursor(shown[limit - 1].start) if len(shown) > limit else None
    return TimesView(
        items=[booking_view.time(one, found) for one in shown[:limit]],
        next=following,
        minutes=found.minutes,
        forms=sorted(found.forms),
        first=found.first,
        last=found.last,
        none_free=not found.offers,
    )


def _asked_for(one: Offered, first: date | None, last: date | None) -> bool:
    day = local_date(one.start)
    return (first is None or first <= day) and (last is None or day <= last)


def _session(language: str, set_name: str, row: Row[Any], booker: Booker, now: datetime) -> SessionView:
    item = next((i for i in booker.items if i.activity == row.activity and not i.booked), None)
    day = local_date(row.starts_at)
    given = ("title", "audience", "seats", "status", "obligation_id", "in_window")
    same = {name: getattr(row, name) for name in SessionView.__struct_fields__ if name not in given}
    return SessionView(
        **same,
        title=plans.title(set_name, row.activity, language),
        audience=AudienceView(**row.audience),
        seats=row.capacity,
        status=_status(row, now),
        obligation_id=item.id if item else None,
        in_window=item is None or ((item.may_be_earlier or item.window_from <= day) and day <= item.due_on),
    )


def _status(row: Row[Any], now: datetime) -> Status:
    if row.booking_state is not None:
        return "held" if row.booking_state == "held" else "booked"
    kept = rules_waiting.goes_first(now, row.closes_at, held)
    if row.line is not None and (kept or row.free <= 0 or row.line == "offered"):
        return "offered" if row.line == "offered" else "waiting"
    return "full" if row.free <= 0 else "line" if row.waiting and kept else "free"


HANDLERS = (list_bookable, list_times, list_times_to_move, list_sessions)
