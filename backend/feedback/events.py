"""The events, series and talks whose answers somebody may look at: their own, or all for those who lead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import NotFound
from backend.members.identity import StaffIdentity

# Those who see to everybody's events. Managers see branches and quarters, and never less than that.
LEAD = frozenset({"coordinator"})


@dataclass(frozen=True, slots=True)
class Event:
    """A published session. `staff_name` holds it, if anybody does by name; `survey` was chosen for it or its series."""

    id: UUID
    series_id: UUID
    activity: str
    kind: str
    starts_at: datetime
    branch_name: str | None
    staff_name: str | None
    survey: str | None


@dataclass(frozen=True, slots=True)
class After:
    """Where a page ended."""

    starts_at: datetime
    id: UUID


async def mine(session: AsyncSession, staff: StaffIdentity, *, after: After | None, limit: int) -> Sequence[Event]:
    """The events of this person about which somebody was asked, the latest first."""
    place = {"at": after.starts_at if after else None, "after": after.id if after else None}
    rows = await session.execute(_MINE, _who(staff) | place | {"limit": limit})
    return [Event(**row) for row in rows.mappings()]


async def one(session: AsyncSession, staff: StaffIdentity, event_id: UUID) -> Event:
    """An event of theirs, asked about or not yet. Raises NotFound for anybody else's."""
    row = (await session.execute(_ONE, _who(staff) | {"id": event_id})).mappings().first()
    if row is None:
        raise NotFound
    return Event(**row)


async def latest_of(session: AsyncSession, staff: StaffIdentity, series_id: UUID) -> Event:
    """The latest event of a series of theirs. Raises NotFound."""
    row = (await session.execute(_LATEST, _who(staff) | {"series": series_id})).mappings().first()
    if row is None:
        raise NotFound
    return Event(**row)


def _who(staff: StaffIdentity) -> dict[str, object]:
    return {
        "me": staff.id,
        "leads": bool(staff.roles & LEAD),
        "organises": "organiser" in staff.roles,
    }


# Whoever holds the session or its series; where nobody does by name, every organiser.
_EVENTS = """
SELECT s.id, COALESCE(s.template_id, s.id) AS series_id, s.activity, s.kind, s.starts_at, b.name AS branch_name,
    h.name AS staff_name, COALESCE(own.touchpoint, all_.touchpoint) AS survey
FROM activity_session s
LEFT JOIN session_template t ON t.id = s.template_id
LEFT JOIN branch b ON b.id = s.branch_id
LEFT JOIN staff h ON h.id = COALESCE(s.staff_id, t.staff_id)
LEFT JOIN survey_choice own ON own.place_key = CAST(s.id AS text)
LEFT JOIN survey_choice all_ ON all_.place_key = CAST(s.template_id AS text)
WHERE s.kind <> 'talk' AND (
    :leads OR s.staff_id = :me OR t.staff_id = :me OR (:organises AND h.id IS NULL)
)
"""
_MINE = text(
    _EVENTS
    + """
    AND EXISTS (SELECT FROM survey_attendance a WHERE a.event_key = CAST(s.id AS text) AND a.state = 'invited')
    AND (CAST(:at AS timestamptz) IS NULL OR (s.starts_at, s.id) < (CAST(:at AS timestamptz), CAST(:after AS uuid)))
ORDER BY s.starts_at DESC, s.id DESC LIMIT :limit
"""
)
_ONE = text(_EVENTS + " AND s.id = :id")
_LATEST = text(_EVENTS + " AND COALESCE(s.template_id, s.id) = :series ORDER BY s.starts_at DESC, s.id DESC LIMIT 1")
