"""What a member was sent and saw happen, page by page, and the branches of the fund."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath
from sqlalchemy import select

from backend.api import me_timeline, wire
from backend.api.given import Configured, Language, Now, Session
from backend.api.me_timeline import TimelinePage
from backend.api.wire import Cursor, Limit, Page, Wire
from backend.followup.card import AHEAD
from backend.members.tables import Branch
from backend.notifications import inbox
from backend.notifications.inbox import Letter

# Whether somebody was asked for an opinion, and reminded of it, is no business of those who work with the case.
UNSHOWN = frozenset({"survey"})


class SentView(Wire):
    """A message as the member finds it; its way is told by `getMessageSteps`."""

    id: UUID
    key: str
    category: str
    title: str
    body: str
    at: datetime
    valid_until: datetime
    read_at: datetime | None


class BranchView(Wire):
    """A branch of the fund."""

    id: UUID
    branch_no: str
    name: str


@get(
    "/v1/staff/members/{member_id:uuid}/messages",
    operation_id="listMemberMessages",
    tags=["staff"],
    response_headers=wire.TAGGED,
)
async def messages(
    request: Request[Any, Any, Any],
    session: Session,
    language: Language,
    settings: Configured,
    member_id: FromPath[UUID],
    cursor: Cursor = None,
    limit: Limit = 30,
) -> Response[Page[SentView]]:
    """What a member was sent, newest first; not what belongs to surveys, so a page may hold fewer than asked for."""
    before = wire.position(cursor, tuple[UUID])[0] if cursor else None
    found = await inbox.page(
        session, member_id, language=language, fund=settings.fund_name, before=before, limit=limit + 1
    )
    following = wire.cursor(found[limit - 1].id) if len(found) > limit else None
    items = [_sent(one) for one in found[:limit] if one.category not in UNSHOWN]
    return wire.tagged(request, Page(items=items, next=following))


@get(
    "/v1/staff/members/{member_id:uuid}/timeline",
    operation_id="listMemberTimeline",
    tags=["staff"],
    response_headers=wire.TAGGED,
)
async def timeline(
    request: Request[Any, Any, Any],
    session: Session,
    now: Now,
    language: Language,
    member_id: FromPath[UUID],
    cursor: Cursor = None,
    limit: Limit = 30,
) -> Response[TimelinePage]:
    """What a member sees happen, what lies ahead too: the latest first."""
    return wire.tagged(request, await me_timeline.page_of(session, member_id, now + AHEAD, language, cursor, limit))


@get("/v1/staff/branches", operation_id="listBranches", tags=["staff"], response_headers=wire.TAGGED)
async def branches(request: Request[Any, Any, Any], session: Session) -> Response[list[BranchView]]:
    """The branches by name."""
    rows = await session.execute(select(Branch.id, Branch.branch_no, Branch.name).order_by(Branch.name, Branch.id))
    return wire.tagged(request, [BranchView(id=row.id, branch_no=row.branch_no, name=row.name) for row in rows])


def _sent(letter: Letter) -> SentView:
    return SentView(**{name: getattr(letter, name) for name in SentView.__struct_fields__})


HANDLERS = (messages, timeline, branches)
