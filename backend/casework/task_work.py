"""What a person does to one task, and the list that people work through."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Select, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.casework import history
from backend.casework import rules_tasks as rules
from backend.casework.tables_tasks import TASK_OPEN, Task
from backend.errors import Conflict, NotFound
from backend.members import access
from backend.members.identity import StaffIdentity
from backend.members.tables import Branch, Member


class Place(NamedTuple):
    """Where a page of the list ended."""

    due_on: date
    id: UUID


class Wanted(NamedTuple):
    """What to narrow the list to: `mine` are those meant for me or held by me."""

    kinds: Sequence[str] = ()
    mine: bool = False
    overdue: bool = False
    escalated: bool = False
    member_id: UUID | None = None


class TaskRow(msgspec.Struct, frozen=True, kw_only=True):
    """A task with the member it is about."""

    id: UUID
    member_id: UUID
    member_no: str
    name: str
    phone: str
    branch_name: str
    kind: str
    key: str
    due_on: date
    state: str
    params: dict[str, Any]
    staff_id: UUID | None
    claimed_by: UUID | None
    outcome: str | None
    note: str | None
    opened_at: datetime
    ended_at: datetime | None


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Task.id, Task.member_id, Member.member_no, Member.name, Member.phone, Branch.name.label("branch_name"),
            Task.kind, Task.key, Task.due_on, Task.state, Task.params, Task.staff_id, Task.claimed_by, Task.outcome,
            Task.note, Task.opened_at, Task.ended_at,
        )
        .join(Member, Member.id == Task.member_id)
        .join(Branch, Branch.id == Member.branch_id)
    )  # fmt: skip


async def waiting(
    session: AsyncSession, staff: StaffIdentity, wanted: Wanted, *, after: Place | None, limit: int, today: date
) -> list[TaskRow]:
    """Tasks that nobody has done, of the members in this person's sight; the longest overdue first. One query."""
    statement = _rows().where(Task.state.in_(TASK_OPEN), access.visible(staff, today))
    if wanted.kinds:
        statement = statement.where(Task.kind.in_(wanted.kinds))
    if wanted.member_id:
        statement = statement.where(Task.member_id == wanted.member_id)
    if wanted.mine:
        statement = statement.where(or_(Task.staff_id == staff.id, Task.claimed_by == staff.id))
    if wanted.overdue or wanted.escalated:
        statement = statement.where(Task.due_on < _before(today, wanted))
    if after:
        statement = statement.where(tuple_(Task.due_on, Task.id) > tuple_(after.due_on, after.id))
    rows = await session.execute(statement.order_by(Task.due_on, Task.id).limit(limit))
    return [msgspec.convert(dict(row), TaskRow) for row in rows.mappings()]


def _before(today: date, wanted: Wanted) -> date:
    """The day before which tasks must have been due."""
    if not wanted.escalated:
        return today
    day = today
    while not rules.escalated(day, today):
        day -= calendar.DAY
    return day + calendar.DAY


async def one(session: AsyncSession, task_id: UUID) -> TaskRow:
    """One task, in whatever state. Raises NotFound."""
    row = (await session.execute(_rows().where(Task.id == task_id))).mappings().first()
    if row is None:
        raise NotFound
    return msgspec.convert(dict(row), TaskRow)


async def claim(session: AsyncSession, task_id: UUID, staff_id: UUID, *, now: datetime) -> Task:
    """Take it. Raises TaskTaken while a colleague holds it today, TaskEnded."""
    task = await _locked(session, task_id)
    to = rules.claim(_facts(task), staff_id, now)
    detail = {"lapsed_claim_of": str(task.claimed_by)} if task.claimed_by not in (None, staff_id) else {}
    return await _move(
        session, task, to, "claimed", staff_id, now=now, detail=detail, claimed_by=staff_id, claimed_at=now
    )


async def release(session: AsyncSession, task_id: UUID, staff_id: UUID, *, now: datetime) -> Task:
    """Put it back. Raises TaskNotYours, TaskEnded."""
    task = await _locked(session, task_id)
    to = rules.release(_facts(task), staff_id)
    return await _move(session, task, to, "released", staff_id, now=now, **_FREE)


_FREE: dict[str, Any] = {"claimed_by": None, "claimed_at": None}


async def complete(
    session: AsyncSession, task_id: UUID, staff_id: UUID, outcome: rules.Outcome, *, note: str | None, now: datetime
) -> Task:
    """Write what came of it. Raises TaskTaken, TaskEnded."""
    task = await _locked(session, task_id)
    to = rules.complete(_facts(task), staff_id, now)
    return await _move(
        session, task, to, "completed", staff_id, now=now, detail={"outcome": outcome}, **_FREE, outcome=outcome,
        note=note, ended_at=now, ended_by=staff_id,
    )  # fmt: skip


async def undo(session: AsyncSession, task_id: UUID, staff_id: UUID, *, now: datetime) -> Task:
    """Take the outcome back; the task is claimed again. Raises UndoTooLate."""
    task = await _locked(session, task_id)
    to = rules.undo(_facts(task), staff_id, now)
    return await _move(
        session, task, to, "undone", staff_id, now=now, detail={"outcome": task.outcome}, claimed_by=staff_id,
        claimed_at=now, outcome=None, note=None, ended_at=None, ended_by=None,
    )  # fmt: skip


async def _locked(session: AsyncSession, task_id: UUID) -> Task:
    statement = select(Task).where(Task.id == task_id).with_for_update()
    found = await session.scalar(statement.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


def _facts(task: Task) -> rules.Facts:
    return rules.Facts(
        task.state,  # type: ignore[arg-type]
        task.claimed_by,
        task.claimed_at,
        task.ended_at,
        task.ended_by,
    )


async def _move(
    session: AsyncSession, task: Task, to: str, event: str, staff_id: UUID, *,
    now: datetime, detail: dict[str, Any] | None = None, **values: Any,
) -> Task:  # fmt: skip
    """Write the new state where the old one still stands, and the line of history with it."""
    before, member_id, task_id = task.state, task.member_id, task.id
    statement = (
        update(Task)
        .where(Task.id == task_id, Task.state == before)
        .values(state=to, **values)
        .returning(Task)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    moved = await session.scalar(statement)
    if moved is None:
        raise Conflict
    line = history.Entry("task", task_id, member_id, event, before, to, staff_id, detail or {})
    await history.add(session, [line], now=now)
    return moved
