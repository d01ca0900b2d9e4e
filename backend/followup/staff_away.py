"""When an adviser is away: the talks that are hit, given to a colleague at the same time or cancelled, with notice."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import rights, seats, session_history, working
from backend.booking.tables_calendar import StaffAbsence
from backend.errors import Conflict, Invalid
from backend.followup import bookings
from backend.followup.bookings import Talk
from backend.followup.sessions import Actor


class Resolved(NamedTuple):
    """Sessions that somebody else holds now, that are cancelled, and that nobody else could take: they stay."""

    moved: Sequence[UUID]
    cancelled: Sequence[UUID]
    left: Sequence[UUID]


async def begin(
    session: AsyncSession, staff_id: UUID, from_at: datetime, to_at: datetime, actor: Actor
) -> tuple[StaffAbsence, Sequence[Row[Any]]]:
    """Enter an absence; it and the sessions that it hits. Raises NotFound, AbsenceNotPossible."""
    rights.check_calendar(actor.staff, staff_id)
    made = await working.add_absence(session, staff_id, from_at, to_at, by=actor.staff.id, now=actor.now)
    return made, await working.hit(session, made, now=actor.now)


async def end(session: AsyncSession, absence_id: UUID, actor: Actor) -> None:
    """Take an absence back. Raises NotFound, AbsenceOver."""
    rights.check_calendar(actor.staff, (await working.absence(session, absence_id)).staff_id)
    await working.cancel_absence(session, absence_id, by=actor.staff.id, now=actor.now)


async def hit(session: AsyncSession, absence_id: UUID, actor: Actor) -> Sequence[Row[Any]]:
    """What still lies in an absence. Raises NotFound."""
    held = await working.absence(session, absence_id)
    rights.check_calendar(actor.staff, held.staff_id)
    return await working.hit(session, held, now=actor.now)


async def reassign(session: AsyncSession, absence_id: UUID, wanted: Collection[UUID], actor: Actor) -> Resolved:
    """Give booked talks to whoever is free at the same time and may hold them; the members are told."""
    moved: list[UUID] = []
    left: list[UUID] = []
    for row in await _wanted(session, absence_id, wanted, actor):
        done = row.booking_id is not None and await _to_a_colleague(session, row, actor)
        (moved if done else left).append(row.session_id)
    return Resolved(moved, [], left)


async def cancel(session: AsyncSession, absence_id: UUID, wanted: Collection[UUID], actor: Actor) -> Resolved:
    """Take sessions off; the members are told and may book again."""
    rows = await _wanted(session, absence_id, wanted, actor)
    for row in rows:
        await bookings.cancel_session(
            session, row.session_id, reason="adviser_away", by=actor.staff.id, set_name=actor.set_name, now=actor.now
        )
        await session_history.note(session, "cancelled", by=actor.staff.id, now=actor.now, session_id=row.session_id)
    return Resolved([], [row.session_id for row in rows], [])


async def _wanted(
    session: AsyncSession, absence_id: UUID, wanted: Collection[UUID], actor: Actor
) -> Sequence[Row[Any]]:
    """Those of the sessions that the absence still hits."""
    return [row for row in await hit(session, absence_id, actor) if row.session_id in set(wanted)]


async def _to_a_colleague(session: AsyncSession, row: Row[Any], actor: Actor) -> bool:
    """Whether somebody takes the talk. What fails leaves it as it was."""
    items = await seats.linked(session, row.booking_id)
    try:
        async with session.begin_nested():
            await bookings.move_talk(
                session, row.member_id, row.booking_id, Talk(items, row.starts_at, row.form), by=actor.staff.id,
                set_name=actor.set_name, now=actor.now,
            )  # fmt: skip
    except (Conflict, Invalid):
        return False
    return True
