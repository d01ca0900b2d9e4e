"""My legal notices: the whole text after signing in, and the letter itself."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from backend.api import notices_view, wire
from backend.api.door import exchange
from backend.api.given import Me, Now, Session
from backend.api.notices_view import NoticeSummary, NoticeView
from backend.api.wire import Cursor, Limit, Page
from backend.notices import events, queries

AnyRequest = Request[Any, Any, Any]


@get("/v1/me/notices", operation_id="listNotices", tags=["notices"], response_headers=wire.TAGGED)
async def list_notices(
    request: AnyRequest, session: Session, member: Me, cursor: Cursor = None, limit: Limit = 30
) -> Response[Page[NoticeSummary]]:
    """My legal notices, newest first."""
    before = wire.position(cursor, tuple[UUID])[0] if cursor else None
    found = await queries.of_member(session, member.id, before=before, limit=limit + 1)
    following = wire.cursor(found[limit - 1].id) if len(found) > limit else None
    items = [notices_view.summary(one) for one in found[:limit]]
    return wire.tagged(request, Page(items=items, next=following))


@post("/v1/me/notices/{notice_id:uuid}/open", operation_id="openNotice", tags=["notices"], status_code=200)
async def open_one(session: Session, member: Me, now: Now, notice_id: FromPath[UUID]) -> NoticeView:
    """Read the whole text. That I have it before me is kept, the first time; the message counts as read."""
    await events.open_one(session, member.id, notice_id, now=now)
    return notices_view.notice(await queries.one(session, notice_id))


@get(
    "/v1/me/notices/{notice_id:uuid}/letter",
    operation_id="getNoticeLetter",
    tags=["notices"],
    media_type="application/pdf",
    opt={"prepare": notices_view.with_letter},
)
async def letter(
    request: AnyRequest, session: Session, member: Me, now: Now, notice_id: FromPath[UUID]
) -> Response[bytes]:
    """The letter as it was sent, as PDF. Taking it is opening it."""
    content = exchange(request.scope).prepared
    assert isinstance(content, bytes)
    await events.download(session, member.id, notice_id, now=now)
    return notices_view.attachment(content, f"{notice_id}.pdf", "application/pdf")


HANDLERS = (list_notices, open_one, letter)
