"""Whether there are enough times and seats, what is short, and which adviser could help which branch."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.api.given import Colleague, Configured, Language, Now, Session, Today
from backend.api.wire import Input, Wire
from backend.booking import capacity, loans
from backend.booking.allocation import Spare
from backend.booking.capacity import Line
from backend.booking.loans import NewLoan
from backend.course import plans
from backend.followup import load
from backend.i18n import N_, text
from backend.members.tables import Branch, Staff

Weeks = Annotated[int, QueryParameter(ge=1, le=26, description="How many weeks, this one first.")]
# What is short so soon that somebody must act on it: two weeks after this one.
SOON = 2 * calendar.WEEK
TALKS = N_("Talks")


class CapacityLine(Wire):
    """Need against what is free: minutes of advisers for talks, else seats. A null branch is the job team.

    `week` is its Monday. `shortage` is above zero when less is free than needed; `soon`: within two weeks.
    """

    branch_id: UUID | None
    branch: str | None
    week: date
    activity: str
    title: str
    unit: Literal["minutes", "seats"]
    need: float
    free: float
    shortage: float
    soon: bool


class Overview(Wire):
    """By week, then activity and branch. `again` and `byNeed` are the shares that were assumed."""

    lines: list[CapacityLine]
    again: float
    by_need: float


class Suggestion(Wire):
    """An adviser with time to spare, and a branch that is short of it in that week."""

    staff_id: UUID
    adviser: str
    from_branch: str
    branch_id: UUID
    branch: str
    week: date
    minutes: int


class LoanInput(Input):
    """A suggestion, or one's own idea. `week` is a Monday."""

    staff_id: UUID
    branch_id: UUID
    week: date
    minutes: Annotated[int, msgspec.Meta(ge=60, le=2400)]


class LoanView(Wire):
    """An adviser who takes talks of another branch in a week, at that branch or from afar."""

    id: UUID
    staff_id: UUID
    adviser: str
    branch_id: UUID
    branch: str
    week: date
    minutes: int


@get("/v1/staff/capacity", operation_id="getCapacity", tags=["capacity"])
async def get_capacity(
    session: Session, now: Now, today: Today, language: Language, settings: Configured, weeks: Weeks = 6
) -> Overview:
    """Need and what is free, by branch, week and type."""
    lines = await _lines(session, settings.course_plan_set, weeks, now)
    names = await _names(session)
    shown = [_line(language, settings.course_plan_set, names, one, today) for one in lines]
    return Overview(lines=shown, again=capacity.ASSUMED.again, by_need=capacity.ASSUMED.by_need)


@get("/v1/staff/capacity/suggestions", operation_id="suggestLoans", tags=["capacity"])
async def suggest_loans(
    session: Session, now: Now, today: Today, settings: Configured, weeks: Weeks = 3
) -> list[Suggestion]:
    """Who could help where in the coming weeks. Nothing is lent before a coordinator accepts it."""
    lines = await _lines(session, settings.course_plan_set, weeks, now)
    last = calendar.monday(today) + weeks * calendar.WEEK - calendar.DAY
    spare = await capacity.spare(session, today=today, last=last, now=now)
    lent = {(row.staff_id, row.week) for row in await loans.running(session, first=calendar.monday(today))}
    own = [
        Spare(one.staff_id, one.branch_id, one.week, one.minutes)
        for one in spare
        if one.branch_id is not None and (one.staff_id, one.week) not in lent
    ]
    found = await asyncio.to_thread(loans.suggest, lines, own)
    names, advisers = await _names(session), await _advisers(session, [one.staff_id for one in found])
    return [
        Suggestion(
            staff_id=one.staff_id,
            adviser=advisers[one.staff_id],
            from_branch=names[one.from_branch],
            branch_id=one.to_branch,
            branch=names[one.to_branch],
            week=one.week,
            minutes=one.minutes,
        )
        for one in found
    ]


@get("/v1/staff/capacity/loans", operation_id="listLoans", tags=["capacity"])
async def list_loans(session: Session, today: Today) -> list[LoanView]:
    """Who is lent where, this week and later."""
    names = await _names(session)
    return [_loan(names, row) for row in await loans.running(session, first=calendar.monday(today))]


@post("/v1/staff/capacity/loans", operation_id="acceptLoan", tags=["capacity"])
async def accept_loan(
    session: Session, staff: Colleague, now: Now, today: Today, data: JSONBody[LoanInput]
) -> LoanView:
    """Lend an adviser: the times become the other branch's to book, and its members theirs to see in that week."""
    loan = NewLoan(data.staff_id, data.branch_id, data.week, data.minutes)
    made = await loans.accept(session, loan, by=staff.id, today=today, now=now)
    names, rows = await _names(session), await loans.running(session, first=data.week)
    return next(_loan(names, row) for row in rows if row.id == made.id)


@delete("/v1/staff/capacity/loans/{loan_id:uuid}", operation_id="endLoan", tags=["capacity"])
async def end_loan(session: Session, staff: Colleague, now: Now, today: Today, loan_id: FromPath[UUID]) -> None:
    """Call a loan off. Talks that were booked stay."""
    await loans.end(session, loan_id, by=staff.id, today=today, now=now)


async def _lines(session: AsyncSession, set_name: str, weeks: int, now: datetime) -> list[Line]:
    extra = await load.expected_talks(session, now=now)
    return await capacity.overview(session, set_name=set_name, weeks=weeks, now=now, extra=extra)


async def _names(session: AsyncSession) -> Mapping[UUID | None, str]:
    return dict((await session.execute(select(Branch.id, Branch.name))).all())


async def _advisers(session: AsyncSession, ids: Sequence[UUID]) -> Mapping[UUID, str]:
    return dict((await session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids)))).all())


def _loan(names: Mapping[UUID | None, str], row: Row[Any]) -> LoanView:
    return LoanView(
        id=row.id,
        staff_id=row.staff_id,
        adviser=row.name,
        branch_id=row.branch_id,
        branch=names[row.branch_id],
        week=row.week,
        minutes=row.minutes,
    )


def _title(language: str, set_name: str, activity: str) -> str:
    return text(language, TALKS) if activity == capacity.TALKS else plans.title(set_name, activity, language)


def _line(language: str, set_name: str, names: Mapping[UUID | None, str], one: Line, today: date) -> CapacityLine:
    return CapacityLine(
        branch_id=one.key.branch_id,
        branch=names.get(one.key.branch_id),
        week=one.key.week,
        activity=one.key.activity,
        title=_title(language, set_name, one.key.activity),
        unit=one.unit,
        need=one.need,
        free=one.free,
        shortage=one.shortage,
        soon=one.key.week <= calendar.monday(today) + SOON,
    )


HANDLERS = (get_capacity, suggest_loans, list_loans, accept_loan, end_loan)
