"""Advisers with hours, published sessions and members with something to book. A Monday morning in August 2026."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking.tables import ActivitySession
from backend.booking.tables_calendar import WorkingHours
from backend.clock import COPENHAGEN
from backend.course import spells
from backend.course.spells import NewSpell
from backend.db.types import new_id
from backend.members.tables import Branch, Staff
from tests import factories

START = date(2026, 8, 3)
NOW = datetime(2026, 8, 3, 9, 0, tzinfo=COPENHAGEN)
FORMS = ["personal", "phone", "video"]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=COPENHAGEN)


async def adviser(session: AsyncSession, branch: Branch | None, start: int = 9, end: int = 15, **values: Any) -> Staff:
    """Somebody who takes talks on all weekdays."""
    made = await factories.staff(session, branch_id=branch.id if branch else None, **values)
    for weekday in range(1, 6):
        session.add(
            WorkingHours(
                id=new_id(), staff_id=made.id, weekday=weekday, from_time=time(start), to_time=time(end),
                valid_from=date(2026, 1, 1), valid_to=None, forms=FORMS, place="Vejle",
            )
        )  # fmt: skip
    await session.flush()
    return made


async def member(session: AsyncSession, branch: Branch, *, set_name: str = "metal", **values: Any) -> UUID:
    """A member in the first week of a spell."""
    made = await factories.member(session, branch_id=branch.id, **values)
    await spells.start_many(session, [NewSpell(made.id, START)], set_name=set_name, source="import", now=NOW)
    return made.id


async def items(session: AsyncSession, member_id: UUID) -> dict[str, UUID]:
    rows = await session.execute(
        text("SELECT activity, id FROM obligation WHERE member_id = :m AND state <> 'cancelled' ORDER BY id DESC"),
        {"m": member_id},
    )  # fmt: skip
    return {row.activity: row.id for row in rows}


async def workshop(
    session: AsyncSession,
    *,
    capacity: int = 20,
    starts_at: datetime | None = None,
    activity: str = "cafe",
    **values: Any,
) -> UUID:  # fmt: skip
    """A published session with seats: an open event unless an activity of the course is named."""
    begin = starts_at or at(date(2026, 8, 26), 10)
    made = ActivitySession(
        **{
            "id": new_id(), "activity": activity, "kind": "workshop", "branch_id": None, "staff_id": None,
            "starts_at": begin, "ends_at": begin + timedelta(hours=3), "local_start": begin.replace(tzinfo=None),
            "zone": "Europe/Copenhagen", "form": "personal", "place": "Vejle", "language": "da", "audience": {},
            "capacity": capacity, "closes_at": begin - timedelta(hours=24), "state": "open",
        }
        | values
    )  # fmt: skip
    session.add(made)
    await session.flush()
    return made.id


async def counters(session: AsyncSession, session_id: UUID) -> tuple[int, int, int]:
    """Taken, held, offered."""
    rows = await session.execute(
        text("SELECT taken, held, offered FROM activity_session WHERE id = :s"), {"s": session_id}
    )
    taken, held, offered = rows.one()
    return taken, held, offered


async def crowd(session: AsyncSession, branch: Branch, n: int, *, started_on: date = START) -> list[UUID]:
    """Many members at once, each in the first week of a spell."""
    rows = await session.execute(
        text("""
            INSERT INTO member (id, member_no, name, search_key, born_on, email, phone, language, branch_id,
                unemployed_from, insurance, risk, newly_qualified, it_member)
            SELECT gen_random_uuid(), 'C' || g, 'Søren', 'søren', '1980-05-17', g || '@mail.example', '+4520000000',
                'da', :branch, '2026-08-03', 'full', 'low', false, false
            FROM generate_series(1, :n) AS g RETURNING id"""),
        {"branch": branch.id, "n": n},
    )
    found = list(rows.scalars())
    await spells.start_many(
        session, [NewSpell(one, started_on) for one in found], set_name="metal", source="import", now=NOW
    )
    return found
