"""Seats in published sessions: who may take one, and taking it."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import errors, facts, places, rules
from backend.booking.places import Act, Placed
from backend.booking.rules import Audience, Item
from backend.booking.rules_waiting import Sending, goes_first
from backend.clock import local_date
from backend.errors import NotFound

EVENT = text("""
    SELECT s.id, s.activity, s.kind, s.state, s.starts_at, s.ends_at, s.closes_at, s.audience, s.form, s.capacity,
        s.taken + s.held + s.offered AS used,
        EXISTS (SELECT FROM booking AS b
                WHERE b.session_id = s.id AND b.state = 'held' AND b.held_until <= :now) AS stale
    FROM activity_session AS s WHERE s.id = :session AND s.kind <> 'talk'
""")
# Those who wait go first; who cannot take a seat now (`blocked`) holds up nobody.
LINE = text(
    "SELECT EXISTS (SELECT FROM waiting_entry WHERE session_id = :session AND state = 'waiting' AND blocked IS NULL)"
)
# Whoever has a seat waits for none.
OUT_OF_LINE = text("""
    UPDATE waiting_entry SET state = 'left', ended_at = :now, blocked = NULL
    WHERE session_id = :session AND member_id = :member AND state = 'waiting'
""")
# Another booking of the same session, or something else in the same time.
CLASH = text("""
    SELECT coalesce(b.session_id = :session, false) AS same
    FROM member_time AS t LEFT JOIN booking AS b ON b.id = t.booking_id
    WHERE t.member_id = :member AND t.span && tstzrange(:start, :end)
      AND (b.id IS NULL OR b.id IS DISTINCT FROM CAST(:moving AS uuid))
      AND (b.held_until IS NULL OR b.held_until > :now)
    ORDER BY same DESC LIMIT 1
""")
LINKED = text("SELECT obligation_id FROM booking_obligation WHERE booking_id = :booking")


class Event(NamedTuple):
    """A session that this member may book, with the item of their course that it is for, if any."""

    id: UUID
    items: tuple[Item, ...]
    closes_at: datetime


async def checked(
    session: AsyncSession,
    member_id: UUID,
    session_id: UUID,
    *,
    by: UUID | None,
    now: datetime,
    moving: UUID | None = None,
) -> Event:
    """All that can be said before the session is locked. A full session is refused here, without making anybody wait.

    Raises NotFound, Closed, NotForYou, AlreadyBooked, OutsideWindow, OwnTimeTaken, SessionFull.
    """
    row = await read(session, session_id, now=now)
    if row.state != "open" or (row.starts_at if by else row.closes_at) <= now:
        raise errors.Closed
    if row.used >= row.capacity and not row.stale:
        await check_clash(session, member_id, row, moving, now)
        raise errors.SessionFull
    items = await check_member(session, member_id, row, by=by, now=now, moving=moving)
    await check_clash(session, member_id, row, moving, now)
    return Event(row.id, items, row.closes_at)


async def check_member(
    session: AsyncSession, member_id: UUID, row: Row[Any], *, by: UUID | None, now: datetime, moving: UUID | None = None
) -> tuple[Item, ...]:
    """Whether the session is for this member, and the item it would be for.

    Raises NotForYou, AlreadyBooked, OutsideWindow, and for a joint talk as rules.check_talk.
    """
    day = local_date(row.starts_at)
    booker = await facts.booker(session, member_id, day, now=now)
    if not rules.fits(msgspec.convert(row.audience, Audience), booker.facts, day):
        raise errors.NotForYou
    own = await linked(session, moving) if moving else []
    fitting = [i for i in booker.items if i.activity == row.activity and (not own or i.id in own)]
    # Of an activity that comes several times the next one that is not booked is meant.
    items = tuple(i._replace(booked=i.booked and i.id not in own) for i in sorted(fitting, key=lambda i: i.booked)[:1])
    if row.kind == "joint_talk":
        if booker.regime is None:
            raise errors.NothingToBook
        rules.check_talk(items, booker.regime, row.form, eased=booker.eased)
    if any(item.booked for item in items):
        raise errors.AlreadyBooked
    rules.check_window(items, row.starts_at, by_staff=by is not None)
    return items


async def check_clash(
    session: AsyncSession, member_id: UUID, row: Row[Any], moving: UUID | None, now: datetime
) -> None:
    """Raises AlreadyBooked for the same session, OwnTimeTaken for another in its time."""
    times = {"start": row.starts_at, "end": row.ends_at, "now": now}
    same = await session.scalar(CLASH, times | {"session": row.id, "member": member_id, "moving": moving})
    if same is not None:
        raise errors.AlreadyBooked if same else errors.OwnTimeTaken


async def read(session: AsyncSession, session_id: UUID, *, now: datetime) -> Row[Any]:
    """A published session as it is now. Raises NotFound."""
    row = (await session.execute(EVENT, {"session": session_id, "now": now})).one_or_none()
    if row is None:
        raise NotFound
    return row


async def line(session: AsyncSession, session_id: UUID) -> bool:
    """Whether anybody who could take a seat now waits for one."""
    return bool(await session.scalar(LINE, {"session": session_id}))


async def take(
    session: AsyncSession, event: Event, act: Act, *, may_send: Sending, moved: bool = False
) -> Placed:  # fmt: skip
    """A seat, with the session locked and expired holds ended by the caller. Raises SessionFull, LineFirst."""
    if goes_first(act.now, event.closes_at, may_send) and await line(session, event.id):
        raise errors.LineFirst
    placed = await (places.move_to_seat if moved else places.seat)(session, event.id, act)
    if placed is None:
        raise errors.SessionFull
    await session.execute(OUT_OF_LINE, {"session": event.id, "member": act.member_id, "now": act.now})
    return placed


async def linked(session: AsyncSession, booking_id: UUID) -> list[UUID]:
    """The items that a booking is for."""
    return list((await session.execute(LINKED, {"booking": booking_id})).scalars())
