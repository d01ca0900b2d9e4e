"""What people of the demo fund decided and left to do: call-ins read, approved or rejected, talks held, tasks."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.calendar import DAY, add_working_days
from backend.casework import tasks
from backend.casework.rules_call_ins import Approval
from backend.casework.tables import CallIn, ServiceCall
from backend.casework.tasks import NewTask
from backend.clock import local_date, local_time
from backend.followup import call_ins, calls, disputes
from backend.members.identity import StaffIdentity
from backend.members.tables import Member, Staff

DECIDED_A_WEEK, REJECTED_EVERY = 6, 4
READ_FOR = timedelta(minutes=4)
APPROVED = "Vi taler om, hvordan jobsøgningen kommer i gang igen."
REJECTED = "Har været til jobsamtaler, der ikke stod i loggen."
PLACE = "Afdelingen, mødelokale 2"
CHOSEN_TIMES = 3
OBJECTION = "Jeg har søgt to job i uge 45, som ikke står i loggen. Jeg har kvitteringerne på mail."
# A yellow member of the visitors' adviser's branch who is not visited.
OBJECTING = text("""
    SELECT r.member_id, r.rating_id FROM rating_current AS r JOIN member AS m ON m.id = r.member_id
    JOIN rating AS x ON x.id = r.rating_id
    WHERE r.colour = 'yellow' AND m.member_no > (SELECT min(y.member_no) FROM member AS y
              JOIN rating_current AS c ON c.member_id = y.id AND c.colour = 'yellow')
      AND m.branch_id = (SELECT v.branch_id FROM member AS v JOIN rating_current AS c ON c.member_id = v.id
              WHERE c.colour = 'red' ORDER BY v.member_no LIMIT 1)
    ORDER BY m.member_no LIMIT 1
""")
# Working days from today on which the tasks are due: some long overdue, most ahead.
TASKS: Sequence[tuple[str, int]] = (
    ("contact_me", -6), ("plan_review", -5), ("contact_me", -1), ("benefit_card", 0), ("no_show", 0),
    ("plan_review", 1), ("not_ready", 2), ("plan_review", 4),
)  # fmt: skip


async def week(session: AsyncSession, at: datetime, now: datetime, *, last: bool) -> None:
    """One working day: what became of earlier talks is noted, and some proposals are decided; the last week's wait."""
    if at > now:
        return
    await _hold(session, at)
    if last:
        return
    for n, row in enumerate(await _cases(session, "proposed", DECIDED_A_WEEK)):
        await _decide(session, row, n, at + n * 2 * READ_FOR)


async def leave(session: AsyncSession, *, now: datetime) -> None:
    """What waits today: tasks for every adviser, and members who chose when to be rung."""
    today = local_date(now)
    advised = await session.execute(
        select(Member.id, Member.adviser_id).where(Member.adviser_id.is_not(None)).order_by(Member.member_no)
    )
    found: dict[Any, list[UUID]] = {}
    for member_id, adviser_id in advised:
        found.setdefault(adviser_id, []).append(member_id)
    new = [
        NewTask(member_id, kind, f"demo-{n}", add_working_days(today, n_days), {}, adviser_id)
        for adviser_id, own in found.items()
        for n, ((kind, n_days), member_id) in enumerate(zip(TASKS, own, strict=False))
    ]
    await tasks.open_many(session, new, now=now)
    await object_(session, now=now)
    await _choose_times(session, now)


async def _choose_times(session: AsyncSession, now: datetime) -> None:
    day = add_working_days(local_date(now), 1)
    statement = select(ServiceCall.member_id).where(ServiceCall.state == "open").order_by(ServiceCall.id.desc())
    for n, member_id in enumerate(list(await session.scalars(statement.limit(CHOSEN_TIMES)))):
        await calls.choose_time(session, member_id, local_time(day, time(10 + n, 30)), now=now)


async def _decide(session: AsyncSession, row: Row[Any], n: int, at: datetime) -> None:
    adviser = _identity(row)
    await call_ins.open_sheet(session, row.case_id, adviser, now=at - READ_FOR)
    if n % REJECTED_EVERY == REJECTED_EVERY - 1:
        await call_ins.reject(session, row.case_id, adviser, REJECTED, now=at)
        return
    day = add_working_days(local_date(at), 5)
    approval = Approval(APPROVED, local_time(day, time(9 + n)), PLACE)
    await call_ins.approve(session, row.case_id, adviser, approval, now=at)


async def _hold(session: AsyncSession, at: datetime) -> None:
    """Talks of the days before were held."""
    for row in await _cases(session, "approved", 100):
        if row.talk_at < at - DAY:
            held = local_date(row.talk_at)
            await call_ins.hold(session, row.case_id, _identity(row), held, now=at, call_queue="branch")


async def _cases(session: AsyncSession, state: str, most: int) -> Sequence[Row[Any]]:
    """The oldest call-ins of a state, each with the member's own adviser."""
    statement = (
        select(CallIn.id.label("case_id"), CallIn.talk_at, Staff.id, Staff.staff_no, Staff.role, Staff.branch_id)
        .join(Member, Member.id == CallIn.member_id)
        .join(Staff, Staff.id == Member.adviser_id)
        .where(CallIn.state == state)
        .order_by(CallIn.due_on, Member.member_no)
        .limit(most)
    )
    rows: Sequence[Row[Any]] = (await session.execute(statement)).all()  # type: ignore[assignment]
    return rows


def _identity(row: Row[Any]) -> StaffIdentity:
    return StaffIdentity(row.id, row.staff_no, row.role, frozenset({row.role}), row.branch_id)


async def object_(session: AsyncSession, *, now: datetime) -> None:
    """One of the visitors' adviser's members says that the rating is wrong, and waits for an answer."""
    row = (await session.execute(OBJECTING)).one_or_none()
    if row is not None:
        await disputes.open_one(session, row.member_id, row.rating_id, OBJECTION, now=now - DAY)
