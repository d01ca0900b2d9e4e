"""Hours of benefit by month: what was paid, as the fund's payment system or a person says."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.benefit import dates
from backend.benefit.errors import HoursNotPossible
from backend.clock import local_date

MOST = 250.0


class Paid(NamedTuple):
    """Hours paid to a member for the month that a day lies in."""

    member_id: UUID
    month: date
    hours: float


STORE = text("""
    INSERT INTO benefit_month (member_id, month, hours, source, set_by, set_at)
    SELECT n.member_id, n.month, n.hours, :source, CAST(:by AS uuid), :now
    FROM unnest(CAST(:members AS uuid[]), CAST(:months AS date[]), CAST(:hours AS float8[]))
         AS n (member_id, month, hours)
    ON CONFLICT (member_id, month) DO UPDATE
    SET hours = excluded.hours, source = excluded.source, set_by = excluded.set_by, set_at = excluded.set_at
    WHERE benefit_month.hours <> excluded.hours
""")
OF_MEMBERS = text("""
    SELECT member_id, month, CAST(hours AS float8) AS hours FROM benefit_month
    WHERE member_id = ANY(CAST(:members AS uuid[])) AND month >= :since ORDER BY member_id, month
""")


async def store_many(
    session: AsyncSession, paid: Sequence[Paid], *, source: Literal["import", "staff"], by: UUID | None, now: datetime
) -> None:
    """Note hours; a later figure for a month replaces the earlier one. One statement."""
    latest = {(one.member_id, dates.month_of(one.month)): one.hours for one in paid}
    columns = {
        "members": [member for member, _ in latest],
        "months": [month for _, month in latest],
        "hours": list(latest.values()),
    }
    await session.execute(STORE, columns | {"source": source, "by": by, "now": now})


async def store(session: AsyncSession, paid: Paid, *, by: UUID, now: datetime) -> None:
    """Note one month by hand. Raises HoursNotPossible."""
    if not 0 <= paid.hours <= MOST or not date(2015, 1, 1) <= dates.month_of(paid.month) <= local_date(now):
        raise HoursNotPossible(field="hours")
    await store_many(session, [paid], source="staff", by=by, now=now)


async def since(session: AsyncSession, member_ids: Sequence[UUID], month: date) -> Mapping[UUID, dict[date, float]]:
    """The hours of these members by month, from a month on. One statement."""
    found: dict[UUID, dict[date, float]] = {}
    for row in await session.execute(OF_MEMBERS, {"members": list(member_ids), "since": month}):
        found.setdefault(row.member_id, {})[row.month] = row.hours
    return found
