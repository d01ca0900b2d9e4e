"""Who I am to the fund, and whom to help first."""

from datetime import date
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import JSONBody, QueryParameter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import rating_view, staff_view, wire
from backend.api.given import Colleague, Language, Session, Today
from backend.api.rating_view import ColourView
from backend.api.staff_view import ReasonView
from backend.api.wire import Cursor, Input, Limit, Page, Wire
from backend.followup import triage
from backend.followup.triage import Filters, Position, Row
from backend.members.identity import StaffIdentity
from backend.members.tables import Branch, Staff

Colour = Literal["none", "green", "yellow", "red", "paused"]
Colours = Annotated[list[Colour] | None, QueryParameter(name="colour", max_items=5)]
OfBranch = Annotated[UUID | None, QueryParameter(name="branch")]
OfAdviser = Annotated[UUID | None, QueryParameter(name="adviser")]
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


class TriageRow(Wire):
    """A member in the list. `deadline` is the first day that something is owed to them, null when nothing is.

    `ratios` are weekly shares of the agreement in per cent, newest last; `trend` is their latest change.
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
    today: Today,
    language: Language,
    branch: OfBranch = None,
    adviser: OfAdviser = None,
    colour: Colours = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response[Page[TriageRow]]:
    """The members in my sight, worst first: what is due, colour, trend, days waiting."""
    filters = Filters(branch, adviser, colour or ())
    return wire.tagged(request, await _page(session, language, staff, filters, cursor, limit, today))


@post("/v1/staff/members/search", operation_id="searchMembers", tags=["staff"], status_code=200)
async def search_members(
    session: Session, staff: Colleague, today: Today, language: Language, data: JSONBody[SearchInput]
) -> Page[TriageRow]:
    """The same list of those whose name or number fits. Asked in a body: URLs end in logs, and names do not."""
    filters = Filters(data.branch, data.adviser, data.colour, data.search)
    return await _page(session, language, staff, filters, data.cursor, data.limit, today)


async def _page(
    session: AsyncSession,
    language: str,
    staff: StaffIdentity,
    filters: Filters,
    cursor: str | None,
    limit: int,
    today: date,
) -> Page[TriageRow]:
    after = Position(*wire.position(cursor, Key)) if cursor else None
    rows = await triage.page(session, staff, filters, after=after, limit=limit + 1, today=today)
    items = [_row(language, staff, row) for row in rows[:limit]]
    return Page(items=items, next=_next(rows, limit))


def _row(language: str, staff: StaffIdentity, row: Row) -> TriageRow:
    return TriageRow(
        **{name: getattr(row, name) for name in TriageRow.__struct_fields__ if name not in ("colour", "reasons")},
        colour=rating_view.colour_view(language, row.colour),
        reasons=staff_view.reasons(language, staff, row.reasons),
    )


def _next(rows: list[Row], limit: int) -> str | None:
    return wire.cursor(*rows[limit - 1].position) if len(rows) > limit else None


HANDLERS = (me, list_triage, search_members)
