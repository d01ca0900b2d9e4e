"""Figures for those who lead: sums without persons, and whether people really decide."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework.tables import ServiceCall
from backend.followup import disclosure
from backend.followup.disclosure import Table
from backend.members.tables import Branch, Member
from backend.rating.tables import RatingCurrent

# Who approves faster than this has hardly read the evidence.
READING_TIME = timedelta(seconds=30)

DECISIONS = text("""
    SELECT count(*) FILTER (WHERE d.event = 'approved') AS approved,
           count(*) FILTER (WHERE d.event = 'rejected') AS rejected,
           count(*) FILTER (WHERE d.event = 'approved' AND d.at - o.first < :reading_time) AS hasty,
           count(*) FILTER (WHERE d.event = 'approved' AND (d.detail ->> 'flagged')::bool) AS despite_improvement,
           count(*) FILTER (WHERE d.event = 'approved' AND (d.detail ->> 'short_notice')::bool) AS short_notice
    FROM case_history AS d
    LEFT JOIN LATERAL (SELECT min(h.at) AS first FROM case_history AS h
                       WHERE h.subject_id = d.subject_id AND h.event = 'opened' AND h.staff_id = d.staff_id)
              AS o ON true
    WHERE d.subject = 'call_in' AND d.event IN ('approved', 'rejected') AND d.at >= :since
""")


# The last form of each spell, beside what the model said that day.
CLARIFICATIONS = text("""
    SELECT model_risk, risk, count(*) FROM (
        SELECT DISTINCT ON (spell_id) model_risk, risk FROM clarification
        WHERE filled_at >= :since AND model_risk IS NOT NULL
        ORDER BY spell_id, filled_at DESC, id DESC) AS last
    GROUP BY model_risk, risk
""")
# (model, adviser)
JUDGEMENTS = (("low", "low"), ("high", "high"), ("low", "high"), ("high", "low"))


class Decisions(NamedTuple):
    """How call-ins were decided. Many hasty approvals or no rejections at all mean that the colour decides."""

    approved: int
    rejected: int
    hasty: int
    despite_improvement: int
    short_notice: int

    @property
    def rejected_share(self) -> float | None:
        decided = self.approved + self.rejected
        return self.rejected / decided if decided else None


class Queue(NamedTuple):
    """One queue: how many calls wait, how many past their day, and the day of the oldest. None: under five."""

    queue: str
    waiting: int | None
    overdue: int | None
    oldest_due_on: date | None


async def colours(session: AsyncSession) -> Table:
    """Members by branch (its number) and colour, small counts hidden."""
    statement = (
        select(Branch.branch_no, RatingCurrent.colour, func.count())
        .join(Member, Member.branch_id == Branch.id)
        .join(RatingCurrent, RatingCurrent.member_id == Member.id)
        .group_by(Branch.branch_no, RatingCurrent.colour)
    )
    rows = await session.execute(statement)
    return disclosure.protect({(branch, colour): count for branch, colour, count in rows})


async def queues(session: AsyncSession, today: date) -> list[Queue]:
    """The queues of the branches together and of the contact centre."""
    overdue = func.count().filter(ServiceCall.due_on < today)
    statement = (
        select(ServiceCall.queue, func.count(), overdue, func.min(ServiceCall.due_on))
        .where(ServiceCall.state.in_(("open", "claimed")))
        .group_by(ServiceCall.queue)
        .order_by(ServiceCall.queue)
    )
    rows = await session.execute(statement)
    return [Queue(queue, _shown(waiting), _shown(late), oldest) for queue, waiting, late, oldest in rows]


def _shown(count: int) -> int | None:
    return None if 0 < count < disclosure.SMALLEST_SHOWN else count


async def decisions(session: AsyncSession, since: datetime) -> Decisions:
    """The decisions about call-ins since an instant."""
    row = (await session.execute(DECISIONS, {"since": since, "reading_time": READING_TIME})).one()
    return Decisions(*row)


async def clarifications(session: AsyncSession, since: datetime) -> Table:
    """Clarification forms since an instant by the model's risk and the adviser's, small counts hidden."""
    rows = await session.execute(CLARIFICATIONS, {"since": since})
    return disclosure.protect({(model, adviser): count for model, adviser, count in rows})


def agreement(table: Table) -> float | None:
    """The share of forms in which the adviser judged as the model; None where that could tell a hidden count."""
    same = [table.cells.get((risk, risk), 0) for risk in ("low", "high")]
    if not table.total or any(count is None for count in table.cells.values()):
        return None
    return sum(count or 0 for count in same) / table.total
