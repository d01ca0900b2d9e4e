"""Errors of the reports to the shared registry: seen, sent again, or given up with a reason."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody

from backend.api import wire
from backend.api.given import Colleague, Now, Session
from backend.api.staff_view import Reason
from backend.api.wire import Cursor, Input, Limit, Wire
from backend.talks import registry_errors


class RegistryErrorView(Wire):
    """A report that the registry refused, lost or holds otherwise. `waitingBehind`: the member's that wait for it."""

    id: UUID
    member_id: UUID
    member_no: str
    kind: str
    subject_id: UUID
    error_code: str
    attempts: int
    created_at: datetime
    waiting_behind: int


class StrayView(Wire):
    """What the registry holds in our name and we never sent."""

    report_no: str
    found_at: datetime


class RegistryErrorsView(Wire):
    items: list[RegistryErrorView]
    strays: list[StrayView]
    next: str | None


class GiveUpInput(Input):
    reason: Reason


@get("/v1/staff/registry/errors", operation_id="listRegistryErrors", tags=["registry"], response_headers=wire.TAGGED)
async def list_errors(
    request: Request[Any, Any, Any], session: Session, cursor: Cursor = None, limit: Limit = 50
) -> Response[RegistryErrorsView]:
    """Reports that somebody must look at, the oldest first."""
    after = wire.position(cursor, tuple[int])[0] if cursor else 0
    found = await registry_errors.troubles(session, after=min(after, 2**62), limit=limit + 1)
    more = wire.cursor(found[limit - 1].seq) if len(found) > limit else None
    items = [
        RegistryErrorView(**{name: getattr(one, name) for name in RegistryErrorView.__struct_fields__})
        for one in found[:limit]
    ]
    strays = [StrayView(report_no=no, found_at=at) for no, at in await registry_errors.strays(session)]
    return wire.tagged(request, RegistryErrorsView(items=items, strays=strays, next=more))


@post(
    "/v1/staff/registry/reports/{report_id:uuid}/retry",
    operation_id="retryRegistryReport",
    tags=["registry"],
    status_code=204,
)
async def retry(session: Session, now: Now, report_id: FromPath[UUID]) -> None:
    """Send it once more."""
    await registry_errors.retry(session, report_id, now=now)


@post(
    "/v1/staff/registry/reports/{report_id:uuid}/give-up",
    operation_id="giveUpRegistryReport",
    tags=["registry"],
    status_code=204,
)
async def give_up(
    session: Session, staff: Colleague, now: Now, report_id: FromPath[UUID], data: JSONBody[GiveUpInput]
) -> None:
    """Let it be, and say why; the member's later reports go out."""
    await registry_errors.give_up(session, report_id, by=staff.id, reason=data.reason, now=now)


HANDLERS = (list_errors, retry, give_up)
