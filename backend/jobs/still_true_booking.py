"""Whether what a message says about a booking, a deadline, an offer or an item of the course still holds."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.notifications.claimed import Told

# A talk that was moved has another time than the one in the message.
BOOKED = text("""
    SELECT b.id, lower(t.span) AS starts_at FROM booking AS b JOIN member_time AS t ON t.booking_id = b.id
    WHERE b.id = ANY(CAST(:ids AS uuid[])) AND b.state = 'booked'
""")
CALLED_IN = text("SELECT id FROM call_in WHERE id = ANY(CAST(:ids AS uuid[])) AND state = 'approved'")
ABSENT = text("""
    SELECT id FROM booking WHERE id = ANY(CAST(:ids AS uuid[])) AND state = 'absent' AND lawful IS NOT TRUE
    UNION ALL SELECT id FROM call_in WHERE id = ANY(CAST(:ids AS uuid[])) AND state = 'no_show'
""")
OPEN = text("""
    SELECT d.id, d.due_on FROM booking_deadline AS d JOIN obligation AS o ON o.id = d.obligation_id
    WHERE d.id = ANY(CAST(:ids AS uuid[])) AND d.state = 'open' AND d.paused_on IS NULL AND o.state = 'planned'
""")
OFFERED = text("SELECT id FROM waiting_entry WHERE id = ANY(CAST(:ids AS uuid[])) AND state = 'offered'")
TO_BOOK = text("SELECT id FROM obligation WHERE id = ANY(CAST(:ids AS uuid[])) AND state = 'planned'")


async def talk_changed(session: AsyncSession, rows: Sequence[Told]) -> set[UUID]:
    """The booking was moved or given back, or the call-in is over."""
    about = {row.id: UUID(row.cause["booking"]) for row in rows if "booking" in row.cause}
    found = await session.execute(BOOKED, {"ids": list(about.values())}) if about else ()
    starts: Mapping[UUID, datetime] = {row.id: row.starts_at for row in found}
    called = [row for row in rows if row.id not in about]
    return {row.id for row in rows if row.id in about and not _stands(row, starts)} | await _ended(
        session, CALLED_IN, "call_in", called
    )


def _stands(row: Told, starts: Mapping[UUID, datetime]) -> bool:
    start = starts.get(UUID(row.cause["booking"]))
    return start is not None and start == datetime.fromisoformat(row.cause.get("at", start.isoformat()))


async def came_after_all(session: AsyncSession, rows: Sequence[Told]) -> set[UUID]:
    """The absence was a mistake, or lawful."""
    return await _ended(session, ABSENT, "no_show", rows)


async def deadline_moved(session: AsyncSession, rows: Sequence[Told]) -> set[UUID]:
    """The deadline was met, lifted or paused, or is another day now."""
    found = await session.execute(OPEN, {"ids": [_about(row, "deadline") for row in rows]})
    due = {row.id: row.due_on.isoformat() for row in found}
    return {row.id for row in rows if not _due(row, due.get(_about(row, "deadline")))}


def _due(row: Told, due_on: str | None) -> bool:
    return due_on is not None and row.cause.get("due_on", due_on) == due_on


async def offer_over(session: AsyncSession, rows: Sequence[Told]) -> set[UUID]:
    """The seat was taken, turned down, or offered to the next."""
    return await _ended(session, OFFERED, "seat", rows)


async def need_not_book(session: AsyncSession, rows: Sequence[Told]) -> set[UUID]:
    """The item is booked, done or no longer part of the course."""
    return await _ended(session, TO_BOOK, "obligation", rows)


async def _ended(session: AsyncSession, standing: TextClause, subject: str, rows: Sequence[Told]) -> set[UUID]:
    if not rows:
        return set()
    found = await session.scalars(standing, {"ids": [_about(row, subject) for row in rows]})
    kept = set(found)
    return {row.id for row in rows if _about(row, subject) not in kept}


def _about(row: Told, subject: str) -> UUID:
    return UUID(str(row.cause.get(subject, row.period)))
