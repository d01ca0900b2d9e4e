"""The people of the fund who hold talks and sessions: for choosing somebody by name."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from sqlalchemy import select

from backend.api import wire
from backend.api.given import Session
from backend.api.wire import Wire
from backend.members.tables import Branch, Staff

HOLD = ("adviser", "job_consultant", "organiser", "coordinator")


class ColleagueView(Wire):
    """`role` is the one in the fund's own list; the job team works without a branch."""

    id: UUID
    name: str
    role: str
    branch_id: UUID | None
    branch_name: str | None


@get("/v1/staff/colleagues", operation_id="listColleagues", tags=["staff"], response_headers=wire.TAGGED)
async def colleagues(request: Request[Any, Any, Any], session: Session) -> Response[list[ColleagueView]]:
    """Who can hold something, by name."""
    statement = (
        select(Staff.id, Staff.name, Staff.role, Staff.branch_id, Branch.name.label("branch_name"))
        .outerjoin(Branch, Branch.id == Staff.branch_id)
        .where(Staff.role.in_(HOLD))
        .order_by(Staff.name, Staff.id)
    )
    return wire.tagged(request, [ColleagueView(**row._asdict()) for row in await session.execute(statement)])


HANDLERS = (colleagues,)
