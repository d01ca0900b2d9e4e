"""Published sessions as staff see them: with seats taken and who waits, a page at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking.tables_staff import Partner
from backend.db.types import new_id
from backend.errors import NotFound

_COLUMNS = """
    SELECT s.id, s.activity, s.kind, s.branch_id, b.name AS branch_name, s.staff_id, st.name AS staff_name,
        s.partner_id, p.jobcentre, p.name AS partner_name, s.template_id, s.starts_at, s.ends_at, s.local_start,
        s.zone, s.form, s.place, s.language, s.audience, s.capacity, s.taken, s.held, s.offered, s.lead_minutes,
        s.own_minutes, s.closes_at, s.state, s.cancel_reason,
        (SELECT count(*) FROM waiting_entry AS w WHERE w.session_id = s.id AND w.state = 'waiting') AS waiting
    FROM activity_session AS s LEFT JOIN branch AS b ON b.id = s.branch_id
    LEFT JOIN staff AS st ON st.id = s.staff_id LEFT JOIN partner AS p ON p.id = s.partner_id
"""
PAGE = text(
    _COLUMNS
    + """
    WHERE s.kind <> 'talk' AND s.starts_at >= :start AND s.starts_at < :end
      AND (CAST(:activity AS text) IS NULL OR s.activity = :activity)
      AND (CAST(:branch AS uuid) IS NULL OR s.branch_id = :branch)
      AND (CAST(:state AS text) IS NULL OR s.state = :state)
      AND (CAST(:at AS timestamptz) IS NULL OR (s.starts_at, s.id) > (CAST(:at AS timestamptz), CAST(:id AS uuid)))
    ORDER BY s.starts_at, s.id LIMIT :limit"""
)
ONE = text(_COLUMNS + " WHERE s.kind <> 'talk' AND s.id = :id")


class Place(NamedTuple):
    """Where a page ends."""

    at: datetime
    id: UUID


class Wanted(NamedTuple):
    """Sessions that begin from `start` up to, not including, `end`; all else only where given."""

    start: datetime
    end: datetime
    activity: str | None = None
    branch: UUID | None = None
    state: str | None = None


async def page(session: AsyncSession, wanted: Wanted, *, after: Place | None, limit: int) -> Sequence[Row[Any]]:
    """The soonest first. One statement."""
    place = {"at": after.at if after else None, "id": after.id if after else None}
    return (await session.execute(PAGE, {**wanted._asdict(), **place, "limit": limit})).all()


async def one(session: AsyncSession, session_id: UUID) -> Row[Any]:
    """Raises NotFound."""
    found = (await session.execute(ONE, {"id": session_id})).one_or_none()
    if found is None:
        raise NotFound
    return found


async def partners(session: AsyncSession) -> Sequence[Partner]:
    """Consultants of jobcentres who still take part, by jobcentre and name."""
    statement = select(Partner).where(Partner.ended_on.is_(None)).order_by(Partner.jobcentre, Partner.name, Partner.id)
    return (await session.scalars(statement)).all()


async def add_partner(
    session: AsyncSession, jobcentre: str, name: str, *, email: str | None, phone: str | None
) -> Partner:
    """Somebody of a jobcentre with whom joint talks are held."""
    made = Partner(id=new_id(), jobcentre=jobcentre.strip(), name=name.strip(), email=email, phone=phone, ended_on=None)
    session.add(made)
    await session.flush()
    return made
