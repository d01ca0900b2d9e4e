"""Which survey an activity is asked about with: the one that its organiser chose, else its touchpoint's."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock
from backend.errors import NotFound
from backend.surveys import catalogue


async def choose(
    session: AsyncSession, place_key: str, touchpoint: str | None, staff_id: UUID, *, now: datetime
) -> None:
    """Ask about a series or an event with this survey from now on; with None as usual again. Raises NotFound."""
    if touchpoint is None:
        await session.execute(_FORGET, {"place": place_key})
        return
    if touchpoint not in (await catalogue.in_force(session, clock.local_date(now))).forms:
        raise NotFound
    values = {"place": place_key, "touchpoint": touchpoint, "staff": staff_id, "now": now}
    await session.execute(_CHOOSE, values)


async def chosen(session: AsyncSession, place_keys: Sequence[str]) -> Mapping[str, str]:
    """The surveys that were chosen for these series and events."""
    rows = await session.execute(_CHOSEN, {"places": list(place_keys)})
    return {row.place_key: row.touchpoint for row in rows}


_FORGET = text("DELETE FROM survey_choice WHERE place_key = :place")
_CHOOSE = text("""
INSERT INTO survey_choice (place_key, touchpoint, set_by, set_at) VALUES (:place, :touchpoint, :staff, :now)
ON CONFLICT (place_key) DO UPDATE
    SET touchpoint = excluded.touchpoint, set_by = excluded.set_by, set_at = excluded.set_at
""")
_CHOSEN = text("SELECT place_key, touchpoint FROM survey_choice WHERE place_key = ANY(:places)")
