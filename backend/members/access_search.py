"""Searching the log of who of the staff read or wrote whose data."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_time
from backend.errors import Invalid
from backend.i18n import N_
from backend.members.tables import AccessLog, Member, Staff


class Place(NamedTuple):
    """Where a page ended."""

    at: datetime
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which lines: by staff number, member number, and Danish day; what is None is not asked for."""

    staff_no: str | None = None
    member_no: str | None = None
    day: date | None = None


async def page(session: AsyncSession, wanted: Wanted, *, after: Place | None, limit: int) -> list[Row[Any]]:
    """Lines of the log, the latest first: at, id, staff number and name, member number and name, action, operation.

    Raises Invalid for a day of another century.
    """
    statement = _matching(wanted)
    if after:
        statement = statement.where(tuple_(AccessLog.at, AccessLog.id) < tuple_(after.at, after.id))
    return list(await session.execute(statement.order_by(AccessLog.at.desc(), AccessLog.id.desc()).limit(limit)))


async def member_of(session: AsyncSession, member_no: str) -> UUID | None:
    """The member of a number."""
    found: UUID | None = await session.scalar(select(Member.id).where(Member.member_no == member_no))
    return found


def _matching(wanted: Wanted) -> Select[Any]:
    """The staff's and the member's ids are looked up first, so that the log's own indexes are used."""
    log = AccessLog
    staff_member = (Staff.staff_no, Staff.name.label("staff"), Member.member_no, Member.name.label("member"))
    columns = (log.at, log.id, *staff_member, log.action, log.operation)
    found: Any = select(*columns).join(Staff, Staff.id == log.staff_id).outerjoin(Member, Member.id == log.member_id)
    if wanted.staff_no:
        found = found.where(log.staff_id == select(Staff.id).where(Staff.staff_no == wanted.staff_no).scalar_subquery())
    if wanted.member_no:
        member = select(Member.id).where(Member.member_no == wanted.member_no).scalar_subquery()
        found = found.where(log.member_id == member)
    if wanted.day:
        first, end = _bounds(wanted.day)
        found = found.where(log.at >= first, log.at < end)
    matching: Select[Any] = found
    return matching


def _bounds(day: date) -> tuple[datetime, datetime]:
    if not 2000 <= day.year < 2200:
        raise Invalid(N_("The log holds nothing of that day."), field="day")
    return local_time(day, time()), local_time(day + timedelta(days=1), time())
