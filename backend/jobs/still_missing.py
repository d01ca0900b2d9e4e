"""Whether what a reminder asks for is still missing: entries, uploads, the approved CV, the benefit card.

Each gives the deliveries whose reminder is needless by now, in one statement for any number of them.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.course import cv
from backend.notifications.claimed import Told

WRITTEN = text("""
    SELECT n.id FROM unnest(CAST(:ids AS uuid[]), CAST(:members AS uuid[]), CAST(:firsts AS date[]),
                            CAST(:lasts AS date[]), CAST(:needed AS int[])) AS n (id, member_id, first, last, needed)
    CROSS JOIN LATERAL (
        SELECT count(*) AS entries FROM job_log_entry AS j
        WHERE j.member_id = n.member_id AND j.applied_on BETWEEN n.first AND n.last AND j.withdrawn_at IS NULL
          AND j.status NOT IN ('planned', 'withdrawn')) AS e
    WHERE e.entries >= n.needed
""")
# A last day that was set in a call holds while the call's outcome does.
TAKEN_BACK = text("""
    SELECT n.id FROM unnest(CAST(:ids AS uuid[]), CAST(:calls AS uuid[]), CAST(:lasts AS date[])) AS n (id, call, last)
    WHERE NOT EXISTS (SELECT FROM service_call AS c WHERE c.id = n.call AND c.fill_by = n.last)
""")
UPLOADED = text("""
    SELECT n.id FROM unnest(CAST(:ids AS uuid[]), CAST(:members AS uuid[]), CAST(:months AS date[]),
                            CAST(:needed AS int[])) AS n (id, member_id, month, needed)
    CROSS JOIN LATERAL (
        SELECT count(*) AS uploads FROM job_log_entry AS j
        WHERE j.member_id = n.member_id AND j.applied_on >= n.month AND j.applied_on < n.month + interval '1 month'
          AND j.has_document AND j.withdrawn_at IS NULL AND j.status NOT IN ('planned', 'withdrawn')) AS e
    WHERE e.uploads >= n.needed
""")
SENT = text("""
    SELECT n.id FROM unnest(CAST(:ids AS uuid[]), CAST(:members AS uuid[]), CAST(:months AS date[]))
         AS n (id, member_id, month)
    JOIN benefit_card AS b ON b.member_id = n.member_id AND b.month = n.month
""")


async def log_written(session: AsyncSession, rows: Sequence[Told]) -> set[UUID]:
    """As many applications as were needed are logged in the days that the reminder is about; or the day by which they
    were to be was taken back.
    """
    values = {"firsts": _days(rows, "from_on"), "lasts": _days(rows, "to_on"), "needed": _numbers(rows, "needed")}
    written = set(await session.scalars(WRITTEN, _who(rows) | values))
    return written | await _taken_back(session, [row for row in rows if "call" in row.cause])


async def _taken_back(session: AsyncSession, rows: Sequence[Told]) -> set[UUID]:
    if not rows:
        return set()
    calls = [UUID(str(row.cause["call"])) for row in rows]
    values = {"ids": [row.id for row in rows], "calls": calls, "lasts": _days(rows, "to_on")}
    return set(await session.scalars(TAKEN_BACK, values))


async def uploaded(session: AsyncSession, rows: Sequence[Told]) -> set[UUID]:
    """As many applications as were needed are uploaded for the month."""
    values = {"months": _days(rows, "month"), "needed": _numbers(rows, "needed")}
    return set(await session.scalars(UPLOADED, _who(rows) | values))


async def cv_approved(session: AsyncSession, rows: Sequence[Told]) -> set[UUID]:
    """The CV is approved."""
    done = await cv.approved(session, list({row.member_id for row in rows}))
    return {row.id for row in rows if row.member_id in done}


async def card_sent(session: AsyncSession, rows: Sequence[Told]) -> set[UUID]:
    """The month's card has come."""
    return set(await session.scalars(SENT, _who(rows) | {"months": _days(rows, "month")}))


def _who(rows: Sequence[Told]) -> dict[str, object]:
    return {"ids": [row.id for row in rows], "members": [row.member_id for row in rows]}


def _days(rows: Sequence[Told], name: str) -> list[date]:
    return [date.fromisoformat(str(row.cause[name])) for row in rows]


def _numbers(rows: Sequence[Told], name: str) -> list[int]:
    return [int(row.cause[name]) for row in rows]
