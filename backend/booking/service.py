"""Booking: hold, book, confirm, move, cancel. Each in the caller's transaction; whatever is raised, nothing was taken.

`by` is the staff member who acts for the member; without it the member does. Order of waiting: see locks.py.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import deadlines, errors, expiry, facts, locks, places, rules, seats, talks, waiting
from backend.booking.places import Act, Placed
from backend.booking.rules import Form, Item
from backend.booking.rules_waiting import Sending
from backend.booking.tables import Booking
from backend.clock import local_date
from backend.db.types import new_id
from backend.errors import NotFound
from backend.notifications.sending import held


async def book_talk(
    session: AsyncSession, member_id: UUID, item_ids: Sequence[UUID], *, starts_at: datetime, form: Form, now: datetime,
    staff_id: UUID | None = None, hold: bool = False, by: UUID | None = None,
) -> Placed:  # fmt: skip
    """One talk for these items of the member's course, with that adviser or any; with `hold` only for some minutes.

    Raises NothingToBook, AlreadyBooked, MergeNotAllowed, FormNotAllowed, OutsideWindow, NotOffered, OwnTimeTaken,
    SlotTaken.
    """
    await locks.member(session, member_id)
    await expiry.mine(session, member_id, now=now)
    booker = await facts.booker(session, member_id, local_date(starts_at), now=now)
    wish = talks.Wish(_items(booker, item_ids), starts_at, form, staff_id)
    _check_talk(booker, wish, by)
    await _check_own_time(session, member_id, booker, wish, now)
    act = _act(new_id(), member_id, hold=hold, by=by, now=now)
    placed = await _ask(session, booker, wish, act, moved=False)
    await facts.link(session, placed.booking_id, member_id, item_ids)
    await _booked(session, act)
    return placed


async def book_seat(
    session: AsyncSession,
    member_id: UUID,
    session_id: UUID,
    *,
    now: datetime,
    hold: bool = False,
    by: UUID | None = None,
    may_send: Sending = held,
) -> Placed:
    """A seat in a published session, for the member's item of that activity when there is one.

    Raises NotFound, Closed, NotForYou, AlreadyBooked, OutsideWindow, OwnTimeTaken, SessionFull, LineFirst.
    """
    await locks.member(session, member_id)
    event = await seats.checked(session, member_id, session_id, by=by, now=now)
    await expiry.mine(session, member_id, [session_id], now=now)
    act = _act(new_id(), member_id, hold=hold, by=by, now=now)
    placed = await seats.take(session, event, act, may_send=may_send)
    if event.items:
        await facts.link(session, placed.booking_id, member_id, [item.id for item in event.items])
        await _booked(session, act)
    return placed


async def confirm(
    session: AsyncSession, booking_id: UUID, member_id: UUID, *, now: datetime, by: UUID | None = None
) -> None:
    """Book what is held. Raises NotFound, BookingOver, HoldOver; what is booked already stays so."""
    await locks.member(session, member_id)
    booking = await _own(session, booking_id, member_id)
    if booking.state == "booked":
        return
    await locks.sessions(session, [booking.session_id])
    act = _act(booking_id, member_id, hold=False, by=by, now=now)
    if not await places.confirm(session, act):
        raise errors.HoldOver
    await _booked(session, act)


async def cancel(
    session: AsyncSession, booking_id: UUID, member_id: UUID, *, reason: str, now: datetime, by: UUID | None = None,
    may_send: Sending = held,
) -> bool:  # fmt: skip
    """Give a booking or hold back before it begins; whether the reason is a lawful one. The place is free at once.

    Raises NotFound, BookingOver, Begun, ReasonUnknown.
    """
    lawful = rules.is_lawful(reason)
    await locks.member(session, member_id)
    booking = await _own(session, booking_id, member_id)
    found = (await locks.sessions(session, [booking.session_id]))[booking.session_id]
    if found.starts_at <= now:
        raise errors.Begun
    act = _act(booking_id, member_id, hold=False, by=by, now=now)
    if not await places.cancel(session, act, reason=reason, lawful=lawful):
        raise errors.BookingOver
    await deadlines.reopen_many(session, await facts.mark_free(session, booking_id), now=now)
    await waiting.roll(session, booking.session_id, now=now, may_send=may_send)
    return lawful


async def move_talk(
    session: AsyncSession, booking_id: UUID, member_id: UUID, *, starts_at: datetime, form: Form, now: datetime,
    staff_id: UUID | None = None, by: UUID | None = None,
) -> Placed:  # fmt: skip
    """Another time or adviser for a booked talk: the booking stays the same one. Raises as book_talk, Begun."""
    await locks.member(session, member_id)
    booking = await _own(session, booking_id, member_id)
    await expiry.mine(session, member_id, [booking.session_id], now=now)
    booking = await _movable(session, booking_id, member_id, now)
    booker = await facts.booker(session, member_id, local_date(starts_at), now=now)
    linked = await seats.linked(session, booking_id)
    items = tuple(item._replace(booked=False) for item in _items(booker, linked))
    wish = talks.Wish(items, starts_at, form, staff_id)
    _check_talk(booker, wish, by)
    await _lock_move(session, booking, booker, wish, now)
    await places.leave(session, booking_id)
    await _check_own_time(session, member_id, booker, wish, now)
    return await _ask(session, booker, wish, _act(booking_id, member_id, hold=False, by=by, now=now), moved=True)


async def move_seat(
    session: AsyncSession, booking_id: UUID, member_id: UUID, session_id: UUID, *, now: datetime,
    by: UUID | None = None, may_send: Sending = held,
) -> Placed:  # fmt: skip
    """A seat in another session of the same activity. Raises as book_seat, Begun."""
    await locks.member(session, member_id)
    booking = await _own(session, booking_id, member_id)
    event = await seats.checked(session, member_id, session_id, by=by, now=now, moving=booking_id)
    await expiry.mine(session, member_id, [booking.session_id, session_id], now=now)
    booking = await _movable(session, booking_id, member_id, now)
    await places.leave(session, booking_id)
    act = _act(booking_id, member_id, hold=False, by=by, now=now)
    placed = await seats.take(session, event, act, may_send=may_send, moved=True)
    await waiting.roll(session, booking.session_id, now=now, may_send=may_send)
    return placed


def _act(booking_id: UUID, member_id: UUID, *, hold: bool, by: UUID | None, now: datetime) -> Act:
    until = now + rules.HOLD_LASTS if hold else None
    return Act(booking_id, member_id, "held" if hold else "booked", until, by, now)


def _items(booker: facts.Booker, wanted: Sequence[UUID]) -> tuple[Item, ...]:
    found = tuple(item for item in booker.items if item.id in set(wanted))
    if not found or len(found) != len(set(wanted)):
        raise errors.NothingToBook(field="obligationIds")
    return found


def _check_talk(booker: facts.Booker, wish: talks.Wish, by: UUID | None) -> None:
    assert booker.regime is not None, "items hang on a spell, and a spell has its regime"
    rules.check_alone(wish.items)
    rules.check_talk(wish.items, booker.regime, wish.form, eased=booker.eased)
    rules.check_window(wish.items, wish.starts_at, by_staff=by is not None)


async def _check_own_time(
    session: AsyncSession, member_id: UUID, booker: facts.Booker, wish: talks.Wish, now: datetime
) -> None:
    ends_at = wish.starts_at + timedelta(minutes=booker.minutes(wish.items))
    if await talks.own_time(session, member_id, wish.starts_at, ends_at, now=now):
        raise errors.OwnTimeTaken(field="startsAt")


async def _ask(session: AsyncSession, booker: facts.Booker, wish: talks.Wish, act: Act, *, moved: bool) -> Placed:
    """Ask the advisers in turn; the database says who is free. Raises SlotTaken when nobody is."""
    minutes = booker.minutes(wish.items)
    place = places.move_to_talk if moved else places.talk
    by_staff = act.by is not None
    for one in await talks.advisers(session, act.member_id, booker, wish, by_staff=by_staff, now=act.now):
        await expiry.in_the_way(session, one.staff_id, one.start, one.end, now=act.now)
        made = places.Talk(
            new_id(), one.staff_id, booker.branch_id, wish.items[0].activity, one.start, minutes, wish.form, one.place,
            booker.language, one.start - rules.TALK_CLOSES,
        )  # fmt: skip
        if (placed := await place(session, made, act)) is not None:
            return placed
    raise errors.SlotTaken(field="startsAt")


async def _lock_move(
    session: AsyncSession, booking: Booking, booker: facts.Booker, wish: talks.Wish, now: datetime
) -> None:
    """Two that change places would each wait for the other: moves between the same advisers wait in line instead."""
    found = await locks.sessions(session, [booking.session_id])
    try:
        asked = await talks.advisers(session, booking.member_id, booker, wish, by_staff=True, now=now)
    except errors.NotOffered:  # Perhaps not before the talk has left its old time: a loan may be used up by it.
        asked = []
    known = [one.staff_id for one in asked]
    await locks.staff(session, known + [one for one in (found[booking.session_id].staff_id, wish.staff_id) if one])


async def _own(session: AsyncSession, booking_id: UUID, member_id: UUID) -> Booking:
    """An active booking of this member. Raises NotFound, BookingOver."""
    statement = select(Booking).where(Booking.id == booking_id, Booking.member_id == member_id)
    booking = await session.scalar(statement.execution_options(populate_existing=True))
    if booking is None:
        raise NotFound
    if booking.state not in ("held", "booked"):
        raise errors.BookingOver
    return booking


async def _movable(session: AsyncSession, booking_id: UUID, member_id: UUID, now: datetime) -> Booking:
    booking = await _own(session, booking_id, member_id)
    if booking.state != "booked":
        raise errors.BookingOver
    if (await locks.sessions(session, [booking.session_id]))[booking.session_id].starts_at <= now:
        raise errors.Begun
    return booking


async def _booked(session: AsyncSession, act: Act) -> None:
    if act.state == "booked":
        await facts.mark_booked(session, act.booking_id, today=local_date(act.now), now=act.now)
