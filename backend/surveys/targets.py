"""What is aimed at: a positive share for a touchpoint, from a day on. Data, like all that is policy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import NotFound
from backend.surveys import catalogue


@dataclass(frozen=True, slots=True)
class Target:
    """The share between 0 and 1 that is aimed at from that day on; None where nothing is."""

    touchpoint: str
    valid_from: date
    share: float | None


async def on(session: AsyncSession, touchpoint: str, day: date) -> float | None:
    """The target of that day: the latest that was set, else the survey's own."""
    row = (await session.execute(_ON, {"touchpoint": touchpoint, "day": day})).first()
    if row is not None:
        share: float | None = row.share
        return share
    form = (await catalogue.in_force(session, day)).forms.get(touchpoint)
    return form.target if form else None


async def put(session: AsyncSession, new: Target, staff_id: UUID, *, now: datetime) -> None:
    """Aim at something else from a day on; what was aimed at before stays with the figures of its time.

    Raises NotFound for a touchpoint without a survey on that day.
    """
    if new.touchpoint not in (await catalogue.in_force(session, new.valid_from)).forms:
        raise NotFound
    values = {"touchpoint": new.touchpoint, "from": new.valid_from, "share": new.share, "staff": staff_id, "now": now}
    await session.execute(_PUT, values)


async def listed(session: AsyncSession) -> Sequence[Target]:
    """Every target that was set, by touchpoint, the latest first."""
    return [Target(row.touchpoint, row.valid_from, row.share) for row in await session.execute(_LISTED)]


_ON = text("""
SELECT share FROM survey_target WHERE touchpoint = :touchpoint AND valid_from <= :day ORDER BY valid_from DESC LIMIT 1
""")
_PUT = text("""
INSERT INTO survey_target (touchpoint, valid_from, share, set_by, set_at)
VALUES (:touchpoint, :from, :share, :staff, :now)
ON CONFLICT (touchpoint, valid_from) DO UPDATE
    SET share = excluded.share, set_by = excluded.set_by, set_at = excluded.set_at
""")
_LISTED = text("SELECT touchpoint, valid_from, share FROM survey_target ORDER BY touchpoint, valid_from DESC")
