"""Loans and assignments: who of the staff sees whom besides their own."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from litestar import Request, delete, get, post
from litestar.params import FromPath, JSONBody

from backend.api import door, wire
from backend.api.given import Colleague, Now, Session, Today
from backend.api.staff_view import Reason
from backend.api.wire import Cursor, Input, Limit, Page, Wire
from backend.members import grants
from backend.members.grants import NewGrant
from backend.members.tables import StaffAccess


class GrantInput(Input):
    """Either `memberId` or `branchId`. A loan ends within 180 days."""

    staff_id: UUID
    kind: Literal["assigned", "loaned"]
    from_on: date
    reason: Reason
    to_on: date | None = None
    member_id: UUID | None = None
    branch_id: UUID | None = None


class GrantView(Wire):
    id: UUID
    staff_id: UUID
    member_id: UUID | None
    branch_id: UUID | None
    kind: str
    from_on: date
    to_on: date | None
    reason: str
    granted_by: UUID
    granted_at: datetime


@get("/v1/staff/grants", operation_id="listGrants", tags=["staff"])
async def list_grants(session: Session, today: Today, cursor: Cursor = None, limit: Limit = 50) -> Page[GrantView]:
    """What holds today or later."""
    after = wire.position(cursor, tuple[UUID])[0] if cursor else None
    found = await grants.running(session, today=today, after=after, limit=limit + 1)
    more = wire.cursor(found[limit - 1].id) if len(found) > limit else None
    return Page(items=[_view(grant) for grant in found[:limit]], next=more)


@post("/v1/staff/grants", operation_id="addGrant", tags=["staff"])
async def add_grant(
    request: Request[Any, Any, Any],
    session: Session,
    staff: Colleague,
    now: Now,
    today: Today,
    data: JSONBody[GrantInput],
) -> GrantView:
    """Lend or assign a member, or a whole branch, to somebody."""
    new = NewGrant(
        data.staff_id, data.member_id, data.branch_id, data.kind, data.from_on, data.to_on, data.reason.strip()
    )
    made = await grants.add(session, new, staff.id, today=today, now=now)
    if made.member_id:
        door.concerns(request.scope, made.member_id)
    return _view(made)


@delete("/v1/staff/grants/{grant_id:uuid}", operation_id="endGrant", tags=["staff"])
async def end_grant(request: Request[Any, Any, Any], session: Session, today: Today, grant_id: FromPath[UUID]) -> None:
    """It holds no more, from today."""
    ended = await grants.end(session, grant_id, today=today)
    if ended.member_id:
        door.concerns(request.scope, ended.member_id)


def _view(grant: StaffAccess) -> GrantView:
    return GrantView(**{name: getattr(grant, name) for name in GrantView.__struct_fields__})


HANDLERS = (list_grants, add_grant, end_grant)
