"""Giving and taking places. Each is one statement that keeps counters, bookings, times and history in step."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import TextClause
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import places_sql as sql
from backend.clock import COPENHAGEN
from backend.db.types import new_id


class Act(NamedTuple):
    """Who does what to which booking: `state` is held or booked, `by` the staff member who acts, if any."""

    booking_id: UUID
    member_id: UUID
    state: str
    held_until: datetime | None
    by: UUID | None
    now: datetime


class Talk(NamedTuple):
    """A talk that is made by booking it."""

    session_id: UUID
    staff_id: UUID
    branch_id: UUID | None
    activity: str
    starts_at: datetime
    minutes: int
    form: str
    place: str | None
    language: str
    closes_at: datetime


class Placed(NamedTuple):
    """A place that a booking has: `starts_at` is the member's own time, in a joint talk as in others."""

    booking_id: UUID
    session_id: UUID
    staff_id: UUID | None
    starts_at: datetime
    position: int | None


async def seat(session: AsyncSession, session_id: UUID, act: Act, *, offered: bool = False) -> Placed | None:
    """A seat in a session that the caller has locked, for a new booking; None when there is none."""
    return await _place(session, sql.BOOK_SEAT, act, act.state, {"session": session_id, "offered": int(offered)})


async def move_to_seat(session: AsyncSession, session_id: UUID, act: Act) -> Placed | None:
    """A seat for a booking that has left its old place; None when there is none."""
    return await _place(session, sql.MOVE_TO_SEAT, act, "moved", {"session": session_id, "offered": 0})


async def talk(session: AsyncSession, made: Talk, act: Act) -> Placed | None:
    """A talk with an adviser, for a new booking; None when the time is taken."""
    return await _place(session, sql.BOOK_TALK, act, act.state, _talk(made, act))


async def move_to_talk(session: AsyncSession, made: Talk, act: Act) -> Placed | None:
    """A talk for a booking that has left its old place; None when the time is taken."""
    return await _place(session, sql.MOVE_TO_TALK, act, "moved", _talk(made, act))


async def leave(session: AsyncSession, booking_id: UUID) -> None:
    """Give back the place of a booking that moves on in the same transaction."""
    await session.execute(sql.LEAVE, {"booking": booking_id, "session_reason": "moved"})


async def cancel(session: AsyncSession, act: Act, *, reason: str, lawful: bool) -> bool:
    """End a booking of a locked session; its place is free at once. False when it had ended already."""
    params: dict[str, object] = {"booking": act.booking_id, "history": new_id(), "now": act.now, "by": act.by}
    params |= {"reason": reason, "lawful": lawful, "session_reason": "booking_cancelled"}
    return (await session.execute(sql.CANCEL, params)).first() is not None


async def confirm(session: AsyncSession, act: Act) -> bool:
    """Turn a hold into a booking; False when it ran out."""
    params = {"booking": act.booking_id, "history": new_id(), "now": act.now, "by": act.by}
    return (await session.execute(sql.CONFIRM, params)).first() is not None


def _event(act: Act) -> str:
    return act.state


async def _place(
    session: AsyncSession, statement: TextClause, act: Act, event: str, params: dict[str, object]
) -> Placed | None:
    values = {
        "booking": act.booking_id, "member": act.member_id, "state": act.state, "held_until": act.held_until,
        "held": int(act.state == "held"), "taken": int(act.state == "booked"), "by": act.by, "now": act.now,
        "event": event, "history": new_id(),
    }  # fmt: skip
    row = (await session.execute(statement, values | params)).one_or_none()
    return None if row is None else Placed(row.booking_id, row.session_id, row.staff_id, row.starts_at, row.position)


def _talk(made: Talk, act: Act) -> dict[str, object]:
    wall = made.starts_at.astimezone(COPENHAGEN).replace(tzinfo=None)
    return {
        "session": made.session_id, "staff": made.staff_id, "branch": made.branch_id, "activity": made.activity,
        "starts_at": made.starts_at, "ends_at": made.starts_at + timedelta(minutes=made.minutes), "local_start": wall,
        "zone": COPENHAGEN.key, "form": made.form, "place": made.place, "language": made.language,
        "closes_at": made.closes_at, "held_until": act.held_until,
    }  # fmt: skip
