"""Lending advisers across branches: what the solver suggests, what a coordinator accepts, and what then holds.

A lent adviser takes talks of the other branch's members in that week, so many minutes of them, and sees those members.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.booking import allocation, errors
from backend.booking.allocation import Loan, Spare, Where
from backend.booking.capacity import TALKS, Line
from backend.booking.tables_loans import CapacityLoan
from backend.db.types import new_id
from backend.errors import NotFound
from backend.i18n import N_
from backend.members import grants
from backend.members.grants import NewGrant

REASON = N_("Lent for a week of talks")


class NewLoan(NamedTuple):
    """What a coordinator accepts."""

    staff_id: UUID
    branch_id: UUID
    week: date
    minutes: int


def suggest(lines: Sequence[Line], spare: Sequence[Spare]) -> list[Loan]:
    """Who could help where, from the overview and the advisers' own spare time. Takes seconds; no database."""
    talks = [one for one in lines if one.key.activity == TALKS and one.key.branch_id is not None]
    short: dict[Where, float] = {}
    surplus: dict[Where, float] = {}
    for one in talks:
        assert one.key.branch_id is not None
        where = (one.key.branch_id, one.key.week)
        if one.shortage:
            short[where] = one.shortage
        else:
            surplus[where] = max(one.free - one.need * (1 + allocation.RESERVE), 0.0)
    return allocation.suggest(short, surplus, spare)


async def accept(session: AsyncSession, loan: NewLoan, *, by: UUID, today: date, now: datetime) -> CapacityLoan:
    """Lend the adviser: the week's times are the other branch's to book, and its members theirs to see.

    Raises Invalid for what does not exist or is over, AlreadyLent.
    """
    first = max(loan.week, today)
    last = loan.week + calendar.WEEK - calendar.DAY
    grant = NewGrant(loan.staff_id, None, loan.branch_id, "loaned", first, last, REASON)
    given = await grants.add(session, grant, by, today=today, now=now)
    values = loan._asdict() | {"id": new_id(), "grant_id": given.id, "accepted_by": by, "accepted_at": now}
    statement = insert(CapacityLoan).values(values).on_conflict_do_nothing().returning(CapacityLoan)
    made = await session.scalar(statement)
    if made is None:
        raise errors.AlreadyLent
    return made


async def end(session: AsyncSession, loan_id: UUID, *, by: UUID, today: date, now: datetime) -> CapacityLoan:
    """Call a loan off; talks that were booked stay. Raises NotFound."""
    statement = update(CapacityLoan).where(CapacityLoan.id == loan_id, CapacityLoan.ended_at.is_(None))
    ended: CapacityLoan | None = await session.scalar(
        statement.values(ended_at=now, ended_by=by).returning(CapacityLoan)
    )
    if ended is None:
        raise NotFound
    await grants.end(session, ended.grant_id, today=today)
    return ended


async def running(session: AsyncSession, *, first: date) -> Sequence[Row[Any]]:
    """Loans of this week and later: (id, staff_id, name, branch_id, week, minutes)."""
    return (await session.execute(RUNNING, {"first": first})).all()


RUNNING = text("""
SELECT l.id, l.staff_id, s.name, s.branch_id AS from_branch, l.branch_id, l.week, l.minutes
FROM capacity_loan AS l JOIN staff AS s ON s.id = l.staff_id
WHERE l.ended_at IS NULL AND l.week >= :first ORDER BY l.week, s.name, l.id
""")
