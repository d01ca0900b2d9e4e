"""Tasks for people: what is to be done for whom by when, taking one, and writing down what came of it."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api import wire
from backend.api.given import Colleague, Language, Now, Session, Today
from backend.api.staff_view import Note
from backend.api.wire import Cursor, Input, Limit, Page, Wire
from backend.casework import rules_tasks, task_kinds, task_work
from backend.casework.rules_tasks import Outcome
from backend.casework.task_work import Place, TaskRow, Wanted
from backend.members.identity import StaffIdentity

Kind = Annotated[str, QueryParameter(max_length=40, pattern="^[a-z_]+$")]
Kinds = Annotated[list[Kind] | None, QueryParameter(name="kind", max_items=20)]
Mine = Annotated[bool, QueryParameter(description="Only those meant for me or held by me.")]
Overdue = Annotated[bool, QueryParameter(description="Only those whose day has passed.")]
OfMember = Annotated[UUID | None, QueryParameter(name="memberId", description="Only those about this member.")]
Escalated = Annotated[bool, QueryParameter(description="Only those whose day passed two working days ago or more.")]


class TaskView(Wire):
    """A task. `title` says what to do; `params` are ids, dates and numbers of its kind.

    `mine`: I hold it. `forMe`: it is meant for me.
    """

    id: UUID
    member_id: UUID
    member_no: str
    name: str
    phone: str
    branch_name: str
    kind: str
    title: str
    params: dict[str, str | float | bool | None]
    due_on: date
    overdue: bool
    escalated: bool
    state: str
    mine: bool
    for_me: bool
    outcome: str | None
    note: str | None
    opened_at: datetime
    ended_at: datetime | None


class TaskOutcomeInput(Input):
    """What came of it: done, not reached, not needed after all, or passed on to somebody else."""

    outcome: Outcome
    note: Note | None = None


@get("/v1/staff/tasks", operation_id="listTasks", tags=["tasks"], response_headers=wire.TAGGED)
async def list_tasks(
    request: Request[Any, Any, Any],
    session: Session,
    staff: Colleague,
    today: Today,
    language: Language,
    kind: Kinds = None,
    mine: Mine = False,
    overdue: Overdue = False,
    escalated: Escalated = False,
    about: OfMember = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response[Page[TaskView]]:
    """The tasks of the members in my sight that nobody has done; the longest overdue first."""
    after = Place(*wire.position(cursor, tuple[date, UUID])) if cursor else None
    wanted = Wanted(kind or (), mine, overdue, escalated, about)
    rows = await task_work.waiting(session, staff, wanted, after=after, limit=limit + 1, today=today)
    more = wire.cursor(rows[limit - 1].due_on, rows[limit - 1].id) if len(rows) > limit else None
    items = [_view(language, staff, row, today) for row in rows[:limit]]
    return wire.tagged(request, Page(items=items, next=more))


@get("/v1/staff/tasks/{task_id:uuid}", operation_id="getTask", tags=["tasks"])
async def get_task(
    session: Session, staff: Colleague, today: Today, language: Language, task_id: FromPath[UUID]
) -> TaskView:
    """One task, also one that is over."""
    return _view(language, staff, await task_work.one(session, task_id), today)


@post("/v1/staff/tasks/{task_id:uuid}/claim", operation_id="claimTask", tags=["tasks"], status_code=200)
async def claim(
    session: Session, staff: Colleague, now: Now, today: Today, language: Language, task_id: FromPath[UUID]
) -> TaskView:
    """Take this task, so that nobody else does it meanwhile. It is mine for the day."""
    await task_work.claim(session, task_id, staff.id, now=now)
    return _view(language, staff, await task_work.one(session, task_id), today)


@post("/v1/staff/tasks/{task_id:uuid}/release", operation_id="releaseTask", tags=["tasks"], status_code=200)
async def release(
    session: Session, staff: Colleague, now: Now, today: Today, language: Language, task_id: FromPath[UUID]
) -> TaskView:
    """Put it back."""
    await task_work.release(session, task_id, staff.id, now=now)
    return _view(language, staff, await task_work.one(session, task_id), today)


@post("/v1/staff/tasks/{task_id:uuid}/outcome", operation_id="completeTask", tags=["tasks"], status_code=200)
async def complete(
    session: Session,
    staff: Colleague,
    now: Now,
    today: Today,
    language: Language,
    task_id: FromPath[UUID],
    data: JSONBody[TaskOutcomeInput],
) -> TaskView:
    """Write what came of it; it need not be taken first."""
    await task_work.complete(session, task_id, staff.id, data.outcome, note=data.note, now=now)
    return _view(language, staff, await task_work.one(session, task_id), today)


@post("/v1/staff/tasks/{task_id:uuid}/undo", operation_id="undoTask", tags=["tasks"], status_code=200)
async def undo(
    session: Session, staff: Colleague, now: Now, today: Today, language: Language, task_id: FromPath[UUID]
) -> TaskView:
    """Take my outcome back, within ten minutes."""
    await task_work.undo(session, task_id, staff.id, now=now)
    return _view(language, staff, await task_work.one(session, task_id), today)


def _view(language: str, staff: StaffIdentity, row: TaskRow, today: date) -> TaskView:
    told = {"title", "overdue", "escalated", "mine", "for_me"}
    same = {name: getattr(row, name) for name in TaskView.__struct_fields__ if name not in told}
    waits = row.ended_at is None
    return TaskView(
        **same,
        title=task_kinds.title(language, row.kind),
        overdue=waits and rules_tasks.overdue(row.due_on, today),
        escalated=waits and rules_tasks.escalated(row.due_on, today),
        mine=row.claimed_by == staff.id,
        for_me=row.staff_id == staff.id,
    )


HANDLERS = (list_tasks, get_task, claim, release, complete, undo)
