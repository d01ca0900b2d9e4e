"""Closing the loop: what an organiser changed because of the answers, told to those who were asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.types import new_id
from backend.surveys.policy import DAY

# Who was asked longer ago hardly remembers it.
TOLD_DAYS = 180


@dataclass(frozen=True, slots=True)
class Change:
    """What changed, in both languages, with the name of the activity that it is about."""

    id: UUID
    da: str
    en: str
    name_da: str
    name_en: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """A change that was stored, and whom to tell: everybody who was asked, whether or not they answered."""

    id: UUID
    members: Sequence[UUID]


async def say(session: AsyncSession, series_key: str, da: str, en: str, staff_id: UUID, *, now: datetime) -> Said:
    """Store what changed in a series."""
    made = new_id()
    values = {"id": made, "series": series_key, "da": da, "en": en, "staff": staff_id, "now": now}
    await session.execute(_SAY, values)
    told = await session.execute(_ASKED, {"series": series_key, "since": now - TOLD_DAYS * DAY})
    return Said(made, told.scalars().all())


async def of_series(session: AsyncSession, series_key: str) -> Sequence[Change]:
    """What was said of a series, the latest first."""
    return [Change(**row) for row in (await session.execute(_OF_SERIES, {"series": series_key})).mappings()]


async def of_member(session: AsyncSession, member_id: UUID, *, now: datetime) -> Sequence[Change]:
    """What changed where this member was asked, since they were; the latest first."""
    values = {"member": member_id, "since": now - TOLD_DAYS * DAY}
    return [Change(**row) for row in (await session.execute(_OF_MEMBER, values)).mappings()]


_SAY = text("""
INSERT INTO survey_change (id, series_key, da, en, said_by, said_at) VALUES (:id, :series, :da, :en, :staff, :now)
""")
_ASKED = text("""
SELECT DISTINCT member_id FROM survey_attendance
WHERE series_key = :series AND state = 'invited' AND ended_at > :since AND member_id IS NOT NULL ORDER BY member_id
""")
# The newest version of the survey that the activity was asked about with names it.
_NAMED = """
SELECT DISTINCT ON (c.said_at, c.id) c.id, c.da, c.en, s.name_da, s.name_en, c.said_at
FROM survey_change c
JOIN survey_attendance a ON a.series_key = c.series_key AND a.state = 'invited'
JOIN survey s ON s.key = a.touchpoint
"""
_ORDER = "ORDER BY c.said_at DESC, c.id, s.version DESC LIMIT 20"
_OF_SERIES = text(f"{_NAMED} WHERE c.series_key = :series {_ORDER}")
_OF_MEMBER = text(f"{_NAMED} WHERE a.member_id = :member AND a.ended_at < c.said_at AND c.said_at > :since {_ORDER}")
