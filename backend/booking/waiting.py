"""The waiting list of a published session: join, leave, offers that run out and roll on, accept.

An offer takes a seat until it is answered: offered + taken + held never exceed the capacity, by a CHECK.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import errors, expiry, facts, locks, places, rules_waiting, seats
from backend.booking.places import Act, Placed
from backend.booking.rules_waiting import Reason, Sending
from backend.clock import local_date
from backend.db.types import new_id
from backend.errors import NotFound
from backend.notifications.sending import held


class Offer(NamedTuple):
    """A seat offered to the next in line; `until` is by when to confirm."""

    entry_id: UUID
    member_id: UUID
    until: datetime


class Standing(NamedTuple):
    """Where a member stands in line: 1 is next. `reason` says why there is no seat yet."""

    position: int
    state: str
    offer_until: datetime | None
    reason: Reason


JOIN = text("""
    INSERT INTO waiting_entry (id, session_id, member_id, priority, joined_at, state)
    VALUES (:id, :session, :member, :priority, :now, 'waiting')
    ON CONFLICT DO NOTHING RETURNING id
""")
# The caller has locked the session in all that follows.
END = text("""
    WITH old AS (
        SELECT id, state FROM waiting_entry
        WHERE session_id = :session AND member_id = :member AND state IN ('waiting', 'offered')),
    ended AS (
        UPDATE waiting_entry AS w SET state = :state, ended_at = :now, offer_until = NULL, blocked = NULL
        FROM old WHERE w.id = old.id RETURNING w.id),
    seat AS (
        UPDATE activity_session SET offered = offered - 1
        WHERE id = :session AND EXISTS (SELECT FROM old WHERE old.state = 'offered') AND :state <> 'accepted')
    SELECT id FROM ended
""")
# An offer that ran out, and, once booking has closed, the whole line.
LAPSE = text("""
    WITH gone AS (
        UPDATE waiting_entry AS w
        SET state = CASE WHEN s.closed THEN 'closed' ELSE 'expired' END, ended_at = :now, offer_until = NULL,
            blocked = NULL
        FROM (SELECT e.id, e.state, a.state <> 'open' OR a.closes_at <= :now AS closed
              FROM waiting_entry AS e JOIN activity_session AS a ON a.id = e.session_id
              WHERE e.session_id = :session AND e.state IN ('waiting', 'offered')) AS s
        WHERE w.id = s.id AND (s.closed OR s.state = 'offered' AND w.offer_until <= :now)
        RETURNING s.state AS from_state)
    UPDATE activity_session SET offered = offered - n.seats
    FROM (SELECT count(*) AS seats FROM gone WHERE from_state = 'offered') AS n
    WHERE id = :session AND n.seats > 0
""")
LINE = text("""
    SELECT id, member_id, blocked FROM waiting_entry WHERE session_id = :session AND state = 'waiting'
    ORDER BY priority, joined_at, id LIMIT 100
""")
OFFER = text("""
    WITH seat AS (
        UPDATE activity_session SET offered = offered + 1
        WHERE id = :session AND taken + held + offered < capacity RETURNING id)
    UPDATE waiting_entry SET state = 'offered', offered_at = :now, offer_until = :until, blocked = NULL
    FROM seat WHERE waiting_entry.id = :entry RETURNING waiting_entry.id
""")
BLOCK = text("UPDATE waiting_entry SET blocked = :blocked WHERE id = :entry AND blocked IS DISTINCT FROM :blocked")
STANDING = text("""
    SELECT r.position, r.state, r.offer_until, r.blocked, s.capacity - s.taken - s.held - s.offered AS free, s.closes_at
    FROM (SELECT member_id, state, offer_until, blocked, session_id,
                 row_number() OVER (ORDER BY priority, joined_at, id) AS position
          FROM waiting_entry WHERE session_id = :session AND state IN ('waiting', 'offered')) AS r
    JOIN activity_session AS s ON s.id = r.session_id
    WHERE r.member_id = :member
""")
OFFERED = text("""
    SELECT id FROM waiting_entry
    WHERE session_id = :session AND member_id = :member AND state = 'offered' AND offer_until > :now
""")
DUE = text("""
    SELECT DISTINCT w.session_id FROM waiting_entry AS w JOIN activity_session AS s ON s.id = w.session_id
    WHERE w.state = 'offered' AND w.offer_until <= :now
       OR w.state = 'waiting'
          AND (s.taken + s.held + s.offered < s.capacity OR s.closes_at <= :now OR s.state <> 'open')
    LIMIT :limit
""")


async def join(
    session: AsyncSession, member_id: UUID, session_id: UUID, *, now: datetime, may_send: Sending = held
) -> Standing:
    """Get in line for a full session. Raises NotFound, Closed, NotForYou, AlreadyBooked, SeatsFree, AlreadyInLine."""
    await locks.member(session, member_id)
    row = await seats.read(session, session_id, now=now)
    if row.state != "open" or row.closes_at <= now:
        raise errors.Closed
    items = await seats.check_member(session, member_id, row, by=None, now=now)
    await expiry.mine(session, member_id, [session_id], now=now)
    await roll(session, session_id, now=now, may_send=may_send)
    await _check_full(session, member_id, session_id, now, may_send)
    new = {"id": new_id(), "priority": rules_waiting.priority(items), "now": now}
    if (await session.execute(JOIN, new | {"session": session_id, "member": member_id})).first() is None:
        raise errors.AlreadyInLine
    await roll(session, session_id, now=now, may_send=may_send)
    return await standing(session, member_id, session_id, now=now, may_send=may_send)


async def _check_full(
    session: AsyncSession, member_id: UUID, session_id: UUID, now: datetime, may_send: Sending
) -> None:
    row = await seats.read(session, session_id, now=now)
    await seats.check_clash(session, member_id, row, None, now)
    first = rules_waiting.goes_first(now, row.closes_at, may_send) and await seats.line(session, session_id)
    if row.used < row.capacity and not first:
        raise errors.SeatsFree


async def leave(
    session: AsyncSession, member_id: UUID, session_id: UUID, *, now: datetime, may_send: Sending = held
) -> None:
    """Step out of line, or turn an offer down; the seat is offered to the next. Raises NotFound."""
    found = await locks.sessions(session, [session_id])
    state = "declined" if await _offer(session, member_id, session_id, now) else "left"
    if not found or not await _end(session, member_id, session_id, state, now):
        raise NotFound
    await roll(session, session_id, now=now, may_send=may_send)


async def accept(session: AsyncSession, member_id: UUID, session_id: UUID, *, now: datetime) -> Placed:
    """Take the seat that was offered. All is checked again. Raises NotFound, OfferOver, NotForYou, OwnTimeTaken."""
    await locks.member(session, member_id)
    row = await seats.read(session, session_id, now=now)
    await expiry.mine(session, member_id, [session_id], now=now)
    if not await _offer(session, member_id, session_id, now):
        raise errors.OfferOver
    items = await seats.check_member(session, member_id, row, by=None, now=now)
    await seats.check_clash(session, member_id, row, None, now)
    await _end(session, member_id, session_id, "accepted", now)
    act = Act(new_id(), member_id, "booked", None, None, now)
    placed = await places.seat(session, session_id, act, offered=True)
    if placed is None:
        raise errors.OfferOver
    await facts.link(session, placed.booking_id, member_id, [item.id for item in items])
    await facts.mark_booked(session, placed.booking_id, today=local_date(now), now=now)
    return placed


async def roll(session: AsyncSession, session_id: UUID, *, now: datetime, may_send: Sending = held) -> list[Offer]:
    """End what ran out, and offer each free seat to the next in line for whom it is. Repeated, it changes nothing."""
    found = (await locks.sessions(session, [session_id]))[session_id]
    if found.kind == "talk":
        return []
    await session.execute(LAPSE, {"session": session_id, "now": now})
    await expiry.release(session, [session_id], now=now)
    until = rules_waiting.offer_until(now, found.closes_at, may_send)
    if until is None or found.state != "open":
        return []
    return await _offer_seats(session, session_id, until, now)


async def standing(
    session: AsyncSession, member_id: UUID, session_id: UUID, *, now: datetime, may_send: Sending = held
) -> Standing:
    """The member's place in line. Raises NotFound."""
    row = (await session.execute(STANDING, {"session": session_id, "member": member_id})).one_or_none()
    if row is None:
        raise NotFound
    why = rules_waiting.reason(
        state=row.state, blocked=row.blocked, free=row.free, now=now, closes_at=row.closes_at, may_send=may_send
    )
    return Standing(row.position, row.state, row.offer_until, why)


async def due(session: AsyncSession, *, now: datetime, limit: int = 200) -> Sequence[UUID]:
    """Sessions whose line is to be rolled: for a job, one transaction each."""
    return (await session.execute(DUE, {"now": now, "limit": limit})).scalars().all()


async def _offer_seats(session: AsyncSession, session_id: UUID, until: datetime, now: datetime) -> list[Offer]:
    offers: list[Offer] = []
    row = await seats.read(session, session_id, now=now)
    free = row.capacity - row.used
    line = (await session.execute(LINE, {"session": session_id})).all() if free > 0 else []
    for entry in line:
        if len(offers) == free:
            break
        blocked = await _blocked(session, entry.member_id, row, now)
        if blocked is not None:
            await session.execute(BLOCK, {"entry": entry.id, "blocked": blocked})
            continue
        await session.execute(OFFER, {"session": session_id, "entry": entry.id, "now": now, "until": until})
        offers.append(Offer(entry.id, entry.member_id, until))
    return offers


async def _blocked(session: AsyncSession, member_id: UUID, row: Row[Any], now: datetime) -> str | None:
    """Why this member cannot have the seat now; they keep their place in line."""
    try:
        await seats.check_member(session, member_id, row, by=None, now=now)
        await seats.check_clash(session, member_id, row, None, now)
    except errors.OwnTimeTaken:
        return "own_time"
    except (errors.NotForYou, errors.AlreadyBooked, errors.OutsideWindow, errors.NothingToBook, errors.FormNotAllowed):
        return "audience"
    return None


async def _offer(session: AsyncSession, member_id: UUID, session_id: UUID, now: datetime) -> bool:
    params = {"session": session_id, "member": member_id, "now": now}
    return (await session.execute(OFFERED, params)).first() is not None


async def _end(session: AsyncSession, member_id: UUID, session_id: UUID, state: str, now: datetime) -> bool:
    params = {"session": session_id, "member": member_id, "state": state, "now": now}
    return (await session.execute(END, params)).first() is not None
