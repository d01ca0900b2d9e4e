"""Who I am to the fund, and whom to help first."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import JSONBody, QueryParameter
from sqlalchemy import select

from backend.api import rating_view, staff_view, wire
from backend.api.given import Colleague, Configured, Language, Now, Session
from backend.api.rating_view import ColourView
from backend.api.staff_view import ReasonView
from backend.api.wire import Cursor, Input, Limit, Page, Wire
from backend.course import plans
from backend.followup import triage
from backend.followup.triage import Filters, Position, Row
from backend.i18n import N_, text
from backend.members.identity import StaffIdentity
from backend.members.tables import Branch, Staff

Colour = Literal["none", "green", "yellow", "red", "paused"]
Colours = Annotated[list[Colour] | None, QueryParameter(name="colour", max_items=5)]
OfBranch = Annotated[UUID | None, QueryParameter(name="branch")]
OfAdviser = Annotated[UUID | None, QueryParameter(name="adviser")]
# A talk that the member was called in to, and which no booking names.
CALL_IN = N_("Call-in")
Search = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Key(NamedTuple):
    """A position as it comes back. Bounds keep a made-up one from asking for numbers that the database cannot hold."""

    deadline: date
    urgency: Annotated[int, msgspec.Meta(ge=0, le=9)]
    trend: Annotated[float, msgspec.Meta(ge=-1000, le=1000)]
    since: date
    member_id: UUID


class SearchInput(Input):
    """What to look for: a part of the name, or a number's start. The rest narrows the list as in the list itself."""

    search: Search
    branch: UUID | None = None
    adviser: UUID | None = None
    colour: Annotated[list[Colour], msgspec.Meta(max_length=5)] = []
    cursor: Annotated[str, msgspec.Meta(max_length=400)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50


class StaffView(Wire):
    """Who is signed in, with the roles that apply now."""

    id: UUID
    staff_no: str
    name: str
    role: str
    roles: list[str]
    branch_id: UUID | None
    branch_name: str | None


class NextTalkView(Wire):
    """A talk ahead. `title` says which, in the reader's language."""

    at: datetime
    title: str


class TriageRow(Wire):
    """A member in the list. `deadline` is the first day that something is owed to them, null when nothing is.

    `ratios` are weekly shares of the agreement in per cent, newest last; `trend` is their latest change.
    `tasks` are open, the first of them due on `taskDueOn`.
    """

    member_id: UUID
    member_no: str
    name: str
    branch_name: str
    adviser_name: str | None
    colour: ColourView
    reasons: list[ReasonView]
    counted: int
    required: int
    ratios: list[int]
    trend: float
    since: date
    deadline: date | None
    call_id: UUID | None
    call_state: str | None
    call_in_id: UUID | None
    call_in_state: str | None
    flagged: bool
    dispute_id: UUID | None
    next_talk: NextTalkView | None
    tasks: int
    task_due_on: date | None


@get("/v1/staff/me", operation_id="getStaffMe", tags=["staff"])
async def me(session: Session, staff: Colleague) -> StaffView:
    """Me."""
    names = select(Staff.name, Branch.name).outerjoin(Branch, Branch.id == Staff.branch_id).where(Staff.id == staff.id)
    name, branch_name = (await session.execute(names)).one()
    return StaffView(
        id=staff.id,
        staff_no=staff.staff_no,
        name=name,
        role=staff.role,
        roles=sorted(staff.roles),
        branch_id=staff.branch_id,
        branch_name=branch_name,
    )


@get("/v1/staff/members", operation_id="listTriage", tags=["staff"], response_headers=wire.TAGGED)
async def list_triage(
    request: Request[Any, Any, Any],
    session: Session,
    staff: Colleague,
    now: Now,
    language: Language,
    settings: Configured,
    branch: OfBranch = None,
    adviser: OfAdviser = None,
    colour: Colours = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response[Page[TriageRow]]:
    """The members in my sight, worst first: what is due, colour, trend, days waiting."""
    filters = Filters(branch, adviser, colour or ())
    found = await triage.page(session, staff, filters, after=_after(cursor), limit=limit + 1, now=now)
    return wire.tagged(request, _page(language, settings.course_plan_set, staff, found, limit))


@post("/v1/staff/members/search", operation_id="searchMembers", tags=["staff"], status_code=200)
async def search_members(
    session: Session,
    staff: Colleague,
    now: Now,
    language: Language,
    settings: Configured,
    data: JSONBody[SearchInput],
) -> Page[TriageRow]:
    """The same list of those whose name or number fits. Asked in a body: URLs end in logs, and names do not."""
    filters = Filters(data.branch, data.adviser, data.colour, data.search)
    found = await triage.page(session, staff, filters, after=_after(data.cursor), limit=data.limit + 1, now=now)
    return _page(language, settings.course_plan_set, staff, found, data.limit)


def _after(cursor: str | None) -> Position | None:
    return Position(*wire.position(cursor, Key)) if cursor else None


def _page(language: str, plan_set: str, staff: StaffIdentity, rows: list[Row], limit: int) -> Page[TriageRow]:
    """`rows` are one more than the page holds, when more follow."""
    return Page(items=[_row(language, plan_set, staff, row) for row in rows[:limit]], next=_next(rows, limit))


def _row(language: str, plan_set: str, staff: StaffIdentity, row: Row) -> TriageRow:
    told = ("colour", "reasons", "next_talk")
    return TriageRow(
        **{name: getattr(row, name) for name in TriageRow.__struct_fields__ if name not in told},
        colour=rating_view.colour_view(language, row.colour),
        reasons=staff_view.reasons(language, staff, row.reasons),
        next_talk=_talk(language, plan_set, row),
    )


def _talk(language: str, plan_set: str, row: Row) -> NextTalkView | None:
    if row.next_talk_at is None:
        return None
    title = plans.title(plan_set, row.next_talk, language) if row.next_talk else text(language, CALL_IN)
    return NextTalkView(at=row.next_talk_at, title=title)


def _next(rows: list[Row], limit: int) -> str | None:
    return wire.cursor(*rows[limit - 1].position) if len(rows) > limit else None


HANDLERS = (me, list_triage, search_members)
