"""Tasks in bulk and one by one, on the database."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import errors, task_work, tasks
from backend.casework.tables import CaseHistory
from backend.casework.tables_tasks import Task
from backend.casework.task_work import Place, Wanted
from backend.casework.tasks import NewTask
from backend.db.types import new_id
from backend.errors import NotFound
from backend.members.identity import StaffIdentity
from backend.members.tables import Staff
from tests import factories
from tests.casework.factories import NOW

pytestmark = pytest.mark.db
TODAY = NOW.date()


def identity(staff: Staff) -> StaffIdentity:
    return StaffIdentity(
        id=staff.id, staff_no=staff.staff_no, role=staff.role, branch_id=staff.branch_id, roles=frozenset({staff.role})
    )


async def opened(session: AsyncSession, member_id: UUID, key: str = "k", **values: object) -> UUID:
    made = NewTask(member_id, "agreement", key, TODAY)._replace(**values)  # type: ignore[arg-type]
    return (await tasks.open_many(session, [made], now=NOW))[0]


async def history(session: AsyncSession, task_id: UUID) -> list[tuple[str, str | None, str]]:
    lines = select(CaseHistory).where(CaseHistory.subject_id == task_id, CaseHistory.subject == "task")
    found = await session.scalars(lines.order_by(CaseHistory.id))
    return [(line.event, line.from_state, line.to_state) for line in found]


async def test_a_task_is_opened_once_and_with_its_history(session: AsyncSession) -> None:
    member = await factories.member(session)
    given = NewTask(member.id, "agreement", "a", TODAY, {"on": date(2026, 12, 1), "n": 3, "talk": new_id()})
    [task_id] = await tasks.open_many(session, [given, given], now=NOW)
    assert await tasks.open_many(session, [given], now=NOW) == []
    task = await session.get_one(Task, task_id)
    assert (task.state, task.params["on"], task.params["n"]) == ("open", "2026-12-01", 3)
    assert await history(session, task_id) == [("opened", None, "open")]


async def test_a_kind_without_a_title_is_not_opened(session: AsyncSession) -> None:
    with pytest.raises(ValueError, match="no kind of task"):
        await tasks.open_many(session, [NewTask(new_id(), "whatever", "a", TODAY)], now=NOW)


async def test_what_lost_its_reason_is_cancelled_and_what_was_done_is_not(session: AsyncSession) -> None:
    member, staff = await factories.member(session), await factories.staff(session)
    one, two, done = [await opened(session, member.id, key) for key in ("1", "2", "3")]
    await task_work.complete(session, done, staff.id, "done", note=None, now=NOW)
    assert await tasks.close_many(session, "agreement", ["1", "3"], reason="kept", now=NOW) == [one]
    assert await tasks.close_many(session, "contact_me", ["2"], reason="kept", now=NOW) == []
    assert [(await session.get_one(Task, each, populate_existing=True)).state for each in (one, two, done)] == [
        "cancelled",
        "open",
        "done",
    ]
    assert await history(session, one) == [("opened", None, "open"), ("closed", "open", "cancelled")]


async def test_claim_release_complete_undo(session: AsyncSession) -> None:
    member, me, other = await factories.member(session), await factories.staff(session), await factories.staff(session)
    task_id = await opened(session, member.id)
    await task_work.claim(session, task_id, me.id, now=NOW)
    with pytest.raises(errors.TaskTaken):
        await task_work.complete(session, task_id, other.id, "done", note=None, now=NOW)
    await task_work.release(session, task_id, me.id, now=NOW)
    await task_work.complete(session, task_id, other.id, "not_reached", note="Rang twice", now=NOW)
    with pytest.raises(errors.UndoTooLate):
        await task_work.undo(session, task_id, me.id, now=NOW)
    undone = await task_work.undo(session, task_id, other.id, now=NOW + timedelta(minutes=9))
    assert (undone.state, undone.claimed_by, undone.outcome, undone.note) == ("claimed", other.id, None, None)
    events = [event for event, _, _ in await history(session, task_id)]
    assert events == ["opened", "claimed", "released", "completed", "undone"]
    with pytest.raises(NotFound):
        await task_work.claim(session, new_id(), me.id, now=NOW)


async def test_the_list_is_of_ones_sight_and_narrowed(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    me, other = await factories.staff(session, branch_id=branch.id), await factories.staff(session)
    member = await factories.member(session, branch_id=branch.id)
    elsewhere = await factories.member(session)
    late = await opened(session, member.id, "late", due_on=TODAY - timedelta(days=1))
    older = await opened(session, member.id, "older", due_on=TODAY - timedelta(days=7), staff_id=me.id)
    mine = await opened(session, member.id, "mine", staff_id=me.id)
    held = await opened(session, member.id, "held", kind="contact_me", due_on=TODAY + timedelta(days=1))
    await opened(session, elsewhere.id, "elsewhere")
    await task_work.claim(session, held, me.id, now=NOW)

    async def found(wanted: Wanted, after: Place | None = None, who: Staff = me) -> list[UUID]:
        rows = await task_work.waiting(session, identity(who), wanted, after=after, limit=10, today=TODAY)
        return [row.id for row in rows]

    assert await found(Wanted()) == [older, late, mine, held]
    assert await found(Wanted(), Place(TODAY - timedelta(days=1), late)) == [mine, held]
    assert await found(Wanted(mine=True)) == [older, mine, held]
    assert await found(Wanted(overdue=True)) == [older, late]
    assert await found(Wanted(escalated=True)) == [older]
    assert await found(Wanted(kinds=["contact_me"])) == [held]
    assert await found(Wanted(), who=other) == []
