"""Whether the CV on Jobnet is approved: what advisers decide, and by when it must be ready."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.course import errors
from backend.course.tables_cv import CvDecision
from backend.db.types import new_id

Verdict = Literal["approved", "returned"]
State = Literal["missing", "returned", "approved"]
# Two weeks from the first unemployed day, that day included.
READY_WITHIN = timedelta(days=13)


class Cv(NamedTuple):
    """Where a member's CV stands: `comment` says what is to be better."""

    state: State
    ready_by: date
    comment: str | None = None
    decided_at: datetime | None = None


def ready_by(started_on: date) -> date:
    """The last day to have the CV on Jobnet, for a spell that starts that day."""
    return started_on + READY_WITHIN


async def decide(
    session: AsyncSession, member_id: UUID, staff_id: UUID, verdict: Verdict, comment: str | None, *, now: datetime
) -> CvDecision:
    """Approve the CV, or return it with what is to be better. Raises CommentNeeded when a return does not say it."""
    said = (comment or "").strip() or None
    if verdict == "returned" and said is None:
        raise errors.CommentNeeded(field="comment")
    statement = insert(CvDecision).values(
        id=new_id(), member_id=member_id, verdict=verdict, comment=said, decided_by=staff_id, decided_at=now
    )
    return (await session.scalars(statement.returning(CvDecision))).one()


# A decision counts for the spell in which it was made; spells begin at midnight in Denmark.
LATEST = """
    SELECT d.verdict, d.comment, d.decided_at FROM cv_decision AS d
    WHERE d.member_id = m.id AND d.decided_at >= m.unemployed_from::timestamp AT TIME ZONE 'Europe/Copenhagen'
    ORDER BY d.decided_at DESC, d.id DESC LIMIT 1
"""
ONE = text(f"""
    SELECT m.unemployed_from, l.* FROM member AS m LEFT JOIN LATERAL ({LATEST}) AS l ON true WHERE m.id = :member
""")  # noqa: S608 - SQL of ours
# Only where advisers note their decisions here can it be told who has none.
UNREADY = text(f"""
    SELECT m.id, m.unemployed_from FROM member AS m LEFT JOIN LATERAL ({LATEST}) AS l ON true
    WHERE m.unemployed_from = ANY(CAST(:starts AS date[])) AND l.verdict IS DISTINCT FROM 'approved'
      AND EXISTS (SELECT FROM cv_decision)
      AND NOT EXISTS (SELECT FROM exemption AS e WHERE e.member_id = m.id AND e.cancelled_at IS NULL
                      AND e.type = ANY(CAST(:exempting AS text[])) AND e.from_on <= :today
                      AND (e.to_on IS NULL OR e.to_on >= :today))
      AND (NOT EXISTS (SELECT FROM spell AS s WHERE s.member_id = m.id)
           OR EXISTS (SELECT FROM spell AS s WHERE s.member_id = m.id AND s.ended_on IS NULL))
    ORDER BY m.id
""")  # noqa: S608 - SQL of ours
APPROVED = text(f"""
    SELECT m.id FROM member AS m JOIN LATERAL ({LATEST}) AS l ON l.verdict = 'approved'
    WHERE m.id = ANY(CAST(:members AS uuid[]))
""")  # noqa: S608 - SQL of ours


async def of_member(session: AsyncSession, member_id: UUID) -> Cv:
    """Where the member's CV stands in the spell that runs."""
    row = (await session.execute(ONE, {"member": member_id})).one()
    return Cv(row.verdict or "missing", ready_by(row.unemployed_from), row.comment, row.decided_at)


async def decisions(session: AsyncSession, member_id: UUID) -> Sequence[CvDecision]:
    """All decisions, the latest first."""
    statement = select(CvDecision).where(CvDecision.member_id == member_id)
    return (await session.scalars(statement.order_by(CvDecision.decided_at.desc(), CvDecision.id.desc()))).all()


async def unready(
    session: AsyncSession, starts: Sequence[date], *, exempting: Sequence[str], today: date
) -> list[tuple[UUID, date]]:
    """Members whose spell began on one of the days, with that day, and whose CV is not approved; none are exempt today.

    Nobody while no adviser has ever decided about a CV here.
    """
    values = {"starts": list(starts), "exempting": list(exempting), "today": today}
    return [(row.id, row.unemployed_from) for row in await session.execute(UNREADY, values)]


async def approved(session: AsyncSession, member_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the members whose CV is approved."""
    return set(await session.scalars(APPROVED, {"members": list(member_ids)}))
