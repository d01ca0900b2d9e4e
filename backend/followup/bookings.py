"""What a member, or staff for them, does to bookings, with all that follows from it in the same transaction.

`by` is the staff member who acts; without it the member does. `set_name` is the fund's set of course plans.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import deadlines, publishing, reading, service, withdrawals
from backend.booking.rules import Form
from backend.casework import tasks
from backend.clock import local_date
from backend.followup import booking_items, booking_notices
from backend.talks import registry

MISSED_TASK = "booking_missed"
# Tasks to find a time for items that have one now, need none any more, or are the member's own to book again.
SETTLED = text("""
    SELECT t.key FROM task AS t JOIN obligation AS o ON o.id = CAST(t.params ->> 'obligation_id' AS uuid)
    JOIN spell AS s ON s.id = o.spell_id LEFT JOIN booking_deadline AS d ON d.obligation_id = o.id
    WHERE t.member_id = ANY(CAST(:members AS uuid[])) AND t.kind = 'booking_missed' AND t.state IN ('open', 'claimed')
      AND (o.state NOT IN ('planned', 'missed') OR s.ended_on IS NOT NULL
           OR d.state = 'open' AND (d.paused_on IS NOT NULL OR d.due_on BETWEEN :today AND o.due_on))
""")
FREED = text("""
    SELECT l.obligation_id FROM booking AS b JOIN booking_obligation AS l ON l.booking_id = b.id
    JOIN obligation AS o ON o.id = l.obligation_id
    WHERE b.session_id = :session AND b.state = 'cancelled' AND b.cancelled_at = :now AND o.state = 'planned'
""")
OWNERS = text("SELECT DISTINCT member_id FROM obligation WHERE id = ANY(CAST(:items AS uuid[])) ORDER BY 1")
OF_SESSION = text("SELECT id, member_id FROM booking WHERE session_id = :session AND booked_at IS NOT NULL")


class Talk(NamedTuple):
    """A talk as somebody wants it, for these items of the course; without `staff_id` any adviser will do."""

    items: Sequence[UUID]
    starts_at: datetime
    form: Form
    staff_id: UUID | None = None


async def book_talk(
    session: AsyncSession, member_id: UUID, talk: Talk, *, hold: bool, by: UUID | None, set_name: str, now: datetime
) -> UUID:
    """The id of the new booking or hold. Raises as booking.service.book_talk."""
    placed = await service.book_talk(
        session, member_id, talk.items, starts_at=talk.starts_at, form=talk.form, staff_id=talk.staff_id, hold=hold,
        by=by, now=now,
    )  # fmt: skip
    if not hold:
        await follow_up(session, [placed.booking_id], [member_id], set_name=set_name, now=now)
    return placed.booking_id


async def book_seat(
    session: AsyncSession, member_id: UUID, session_id: UUID, *, hold: bool, by: UUID | None, set_name: str,
    now: datetime,
) -> UUID:  # fmt: skip
    """The id of the new booking or hold. Raises as booking.service.book_seat."""
    placed = await service.book_seat(session, member_id, session_id, hold=hold, by=by, now=now)
    if not hold:
        await follow_up(session, [placed.booking_id], [member_id], [session_id], set_name=set_name, now=now)
    return placed.booking_id


async def confirm(session: AsyncSession, member_id: UUID, booking_id: UUID, *, set_name: str, now: datetime) -> None:
    """Book what is held. Raises as booking.service.confirm."""
    await service.confirm(session, booking_id, member_id, now=now)
    await follow_up(session, [booking_id], [member_id], set_name=set_name, now=now)


async def move_talk(
    session: AsyncSession, member_id: UUID, booking_id: UUID, talk: Talk, *, by: UUID | None, set_name: str,
    now: datetime,
) -> None:  # fmt: skip
    """Another time, adviser or way; the items stay. Raises as booking.service.move_talk."""
    await service.move_talk(
        session, booking_id, member_id, starts_at=talk.starts_at, form=talk.form, staff_id=talk.staff_id, by=by, now=now
    )
    await follow_up(session, [booking_id], [member_id], set_name=set_name, now=now)


async def move_seat(
    session: AsyncSession, member_id: UUID, booking_id: UUID, session_id: UUID, *, by: UUID | None, set_name: str,
    now: datetime,
) -> None:  # fmt: skip
    """A seat in another session of the same activity. Raises as booking.service.move_seat."""
    old = (await reading.booking(session, member_id, booking_id)).session_id
    await service.move_seat(session, booking_id, member_id, session_id, by=by, now=now)
    await follow_up(session, [booking_id], [member_id], [old, session_id], set_name=set_name, now=now)


async def cancel(
    session: AsyncSession, member_id: UUID, booking_id: UUID, *, reason: str, by: UUID | None, set_name: str,
    now: datetime,
) -> None:  # fmt: skip
    """Give a booking or hold back. Raises as booking.service.cancel."""
    old = (await reading.booking(session, member_id, booking_id)).session_id
    await service.cancel(session, booking_id, member_id, reason=reason, by=by, now=now)
    await follow_up(session, [booking_id], [member_id], [old], set_name=set_name, now=now)


async def cancel_session(
    session: AsyncSession, session_id: UUID, *, reason: str, by: UUID, set_name: str, now: datetime
) -> int:
    """Take a published session off, and tell all who had a seat; how many. Raises as publishing.cancel_session."""
    await publishing.cancel_session(session, session_id, reason=reason, staff_id=by, now=now)
    freed = await session.scalars(FREED, {"session": session_id, "now": now})
    await deadlines.reopen_many(session, list(freed), now=now)
    return await session_changed(session, session_id, set_name=set_name, now=now)


async def session_changed(session: AsyncSession, session_id: UUID, *, set_name: str, now: datetime) -> int:
    """Tell all who have or had a seat how a session stands now: moved or off; how many they are."""
    rows = (await session.execute(OF_SESSION, {"session": session_id})).all()
    bookings, members = [row.id for row in rows], [row.member_id for row in rows]
    await follow_up(session, bookings, members, [session_id], set_name=set_name, now=now)
    return len(rows)


async def items_ended(
    session: AsyncSession, obligation_ids: Collection[UUID], *, reason: str, by: UUID | None, set_name: str,
    now: datetime,
) -> int:  # fmt: skip
    """Items fell away (a new plan, the end of a spell): their bookings end with notice, their deadlines are lifted.

    How many bookings ended. `reason` is a word that is kept with each: replanned, spell_ended, skipped.
    """
    ended = await withdrawals.end_for_items(session, obligation_ids, reason=reason, by=by, now=now)
    members = await session.scalars(OWNERS, {"items": list(obligation_ids)})
    bookings, sessions = [one.booking_id for one in ended], {one.session_id for one in ended}
    await follow_up(session, bookings, list(members), sessions, set_name=set_name, now=now)
    return len(ended)


async def follow_up(
    session: AsyncSession, booking_ids: Collection[UUID], member_ids: Sequence[UUID], lines: Collection[UUID] = (), *,
    set_name: str, now: datetime,
) -> None:  # fmt: skip
    """What follows a change of these bookings for all who hear of it; `lines`: sessions whose line may have moved."""
    await booking_notices.tell(session, booking_ids, now=now)
    await booking_items.show_bookings(session, booking_ids, set_name=set_name, now=now)
    await booking_items.show_course(session, member_ids, set_name=set_name, now=now)
    await registry.note_bookings(session, booking_ids, now=now)
    await close_rings(session, member_ids, now=now)
    if lines:
        await line_moved(session, lines, set_name=set_name, now=now)


async def close_rings(session: AsyncSession, member_ids: Sequence[UUID], *, now: datetime) -> None:
    """Nobody need ring any more about items that are booked, over, or can be booked by the member again."""
    keys = list(await session.scalars(SETTLED, {"members": list(member_ids), "today": local_date(now)}))
    await tasks.close_many(session, MISSED_TASK, keys, reason="booked", now=now)


async def line_moved(session: AsyncSession, session_ids: Collection[UUID], *, set_name: str, now: datetime) -> int:
    """After a line was rolled at `now`: offers are told and shown; how many offers were new."""
    await booking_items.show_lines(session, session_ids, set_name=set_name, now=now)
    return await booking_notices.offer(session, session_ids, set_name=set_name, now=now)
