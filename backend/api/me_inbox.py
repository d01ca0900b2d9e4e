"""The member's messages with their read state."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, patch, post
from litestar.params import FromPath, JSONBody

from backend.api import wire
from backend.api.given import Configured, Language, Me, Now, Session
from backend.api.wire import Cursor, Input, Limit, Page, Wire
from backend.notices import queries as notices
from backend.notifications import inbox
from backend.notifications.catalogue import CATALOGUE
from backend.notifications.inbox import Letter

LEGAL = frozenset(kind.id for kind in CATALOGUE if kind.klass == "L")


class MessageView(Wire):
    """A message. `key` is its id in the catalogue; past `validUntil` it is history.

    `noticeId`: it announces a legal notice, whose whole text is read by opening that.
    """

    id: UUID
    key: str
    category: str
    title: str
    body: str
    at: datetime
    valid_until: datetime
    read_at: datetime | None
    notice_id: UUID | None


class InboxSummary(Wire):
    """How many messages are unread."""

    unread: int


class ReadState(Input):
    read: bool


@get("/v1/me/inbox", operation_id="listInbox", tags=["inbox"], response_headers=wire.TAGGED)
async def list_inbox(
    request: Request[Any, Any, Any],
    session: Session,
    member: Me,
    language: Language,
    settings: Configured,
    cursor: Cursor = None,
    limit: Limit = 30,
) -> Response[Page[MessageView]]:
    """My messages, newest first."""
    before = wire.position(cursor, tuple[UUID])[0] if cursor else None
    found = await inbox.page(
        session, member.id, language=language, fund=settings.fund_name, before=before, limit=limit + 1
    )
    following = wire.cursor(found[limit - 1].id) if len(found) > limit else None
    about = await notices.of_messages(session, [letter.id for letter in found if letter.key in LEGAL])
    items = [_view(letter, about.get(letter.id)) for letter in found[:limit]]
    return wire.tagged(request, Page(items=items, next=following))


@get("/v1/me/inbox/summary", operation_id="getInboxSummary", tags=["inbox"], response_headers=wire.TAGGED)
async def summary(request: Request[Any, Any, Any], session: Session, member: Me) -> Response[InboxSummary]:
    """How many I have not read."""
    return wire.tagged(request, InboxSummary(unread=await inbox.unread(session, member.id)))


@patch("/v1/me/inbox/{message_id:uuid}", operation_id="updateInboxEntry", tags=["inbox"])
async def update(
    session: Session,
    member: Me,
    now: Now,
    language: Language,
    settings: Configured,
    message_id: FromPath[UUID],
    data: JSONBody[ReadState],
) -> MessageView:
    """Mark a message read or unread. One that announces a legal notice is read when that is opened, and not by this."""
    await inbox.mark(session, member.id, message_id, read=data.read, now=now)
    letter = await inbox.get(session, member.id, message_id, language=language, fund=settings.fund_name)
    return _view(letter, (await notices.of_messages(session, [message_id])).get(message_id))


@post("/v1/me/inbox/read-all", operation_id="markInboxRead", tags=["inbox"], status_code=200)
async def read_all(session: Session, member: Me, now: Now) -> InboxSummary:
    """Mark everything read but legal notices that I have not opened."""
    await inbox.mark_all_read(session, member.id, now=now)
    return InboxSummary(unread=await inbox.unread(session, member.id))


def _view(letter: Letter, notice_id: UUID | None) -> MessageView:
    return MessageView(
        id=letter.id,
        key=letter.key,
        category=letter.category,
        title=letter.title,
        body=letter.body,
        at=letter.at,
        valid_until=letter.valid_until,
        read_at=letter.read_at,
        notice_id=notice_id,
    )


HANDLERS = (list_inbox, summary, update, read_all)
