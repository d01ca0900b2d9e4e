"""A caseworker's colour: set and ended as dated rows, one running per member by constraint."""

from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date
from backend.db.types import new_id
from backend.errors import Invalid, NotFound
from backend.i18n import N_
from backend.rating.tables import RatingOverride

# Longer than this, the figures should speak again.
LONGEST = timedelta(days=90)


class NewOverride(NamedTuple):
    """A colour until a day, inclusive, and why."""

    colour: Literal["green", "yellow", "red"]
    until: date
    reason: str


def check(override: NewOverride, today: date) -> None:
    if not today <= override.until <= today + LONGEST:
        raise Invalid(N_("A colour can be set until a day within the next 90 days."), field="until")
    if not override.reason.strip():
        raise Invalid(N_("Write the reason."), field="reason")


async def put(
    session: AsyncSession, member_id: UUID, override: NewOverride, staff_id: UUID, *, now: datetime
) -> RatingOverride:
    """Set the colour; one that runs ends first. The caller rates the member afterwards."""
    check(override, local_date(now))
    await _end(session, member_id, staff_id, now)
    values = {
        "id": new_id(),
        "member_id": member_id,
        "colour": override.colour,
        "until": override.until,
        "reason": override.reason.strip(),
        "set_by": staff_id,
        "set_at": now,
    }
    return (await session.scalars(insert(RatingOverride).values(values).returning(RatingOverride))).one()


async def end(session: AsyncSession, member_id: UUID, staff_id: UUID, *, now: datetime) -> None:
    """End the one that runs. Raises NotFound when none does."""
    if not await _end(session, member_id, staff_id, now):
        raise NotFound


async def _end(session: AsyncSession, member_id: UUID, staff_id: UUID, now: datetime) -> bool:
    running = update(RatingOverride).where(RatingOverride.member_id == member_id, RatingOverride.ended_at.is_(None))
    ended = await session.execute(running.values(ended_at=now, ended_by=staff_id).returning(RatingOverride.id))
    return ended.first() is not None


async def of_member(session: AsyncSession, member_id: UUID) -> list[RatingOverride]:
    """All of them, the newest first."""
    statement = select(RatingOverride).where(RatingOverride.member_id == member_id).order_by(RatingOverride.id.desc())
    return list((await session.scalars(statement)).all())
