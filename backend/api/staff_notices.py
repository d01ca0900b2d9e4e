"""A member's legal notices as staff see them: every step, the letter, the bundle of evidence, and what people add."""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody

from backend.api import notices_view, wire
from backend.api.door import exchange
from backend.api.given import Colleague, Now, Session
from backend.api.notices_view import NoticeFileView, NoticeSummary
from backend.api.wire import Cursor, Input, Limit, Page, Prose
from backend.notices import events, queries
from backend.notices.events import Noted, Reached

AnyRequest = Request[Any, Any, Any]


class NoteInput(Input):
    """What happened: sent by post, came back, the member's explanation, or a talk about it; `on` if on another day."""

    kind: Noted
    note: Prose
    on: date | None = None


class GuidanceInput(Input):
    """How the member was told about digital mail with the fund."""

    how: Reached


@get(
    "/v1/staff/members/{member_id:uuid}/notices",
    operation_id="listMemberNotices",
    tags=["notices"],
    response_headers=wire.TAGGED,
)
async def list_of_member(
    request: AnyRequest, session: Session, member_id: FromPath[UUID], cursor: Cursor = None, limit: Limit = 30
) -> Response[Page[NoticeSummary]]:
    """A member's legal notices, newest first, with how far they have come."""
    before = wire.position(cursor, tuple[UUID])[0] if cursor else None
    found = await queries.of_member(session, member_id, before=before, limit=limit + 1)
    following = wire.cursor(found[limit - 1].id) if len(found) > limit else None
    items = [notices_view.summary(one) for one in found[:limit]]
    return wire.tagged(request, Page(items=items, next=following))


@get("/v1/staff/notices/{notice_id:uuid}", operation_id="getMemberNotice", tags=["notices"])
async def get_one(session: Session, notice_id: FromPath[UUID]) -> NoticeFileView:
    """A notice: its text, its versions, who wrote and approved it, and every step with its receipts."""
    return await _file(session, notice_id)


@get(
    "/v1/staff/notices/{notice_id:uuid}/letter",
    operation_id="getMemberNoticeLetter",
    tags=["notices"],
    media_type="application/pdf",
    opt={"prepare": notices_view.with_letter},
)
async def letter(request: AnyRequest, notice_id: FromPath[UUID]) -> Response[bytes]:
    """The letter as it was sent, as PDF."""
    content = exchange(request.scope).prepared
    assert isinstance(content, bytes)
    return notices_view.attachment(content, f"{notice_id}.pdf", "application/pdf")


@get(
    "/v1/staff/notices/{notice_id:uuid}/evidence",
    operation_id="getNoticeEvidence",
    tags=["notices"],
    media_type="application/zip",
    opt={"prepare": notices_view.with_evidence},
)
async def evidence(request: AnyRequest, notice_id: FromPath[UUID]) -> Response[bytes]:
    """Everything for the complaints board as one ZIP: the letter, all data, an overview to read, and the hashes."""
    content = exchange(request.scope).prepared
    assert isinstance(content, bytes)
    return notices_view.attachment(content, f"{notice_id}.zip", "application/zip")


@post("/v1/staff/notices/{notice_id:uuid}/notes", operation_id="addNoticeNote", tags=["notices"], status_code=201)
async def add_note(
    session: Session, staff: Colleague, now: Now, notice_id: FromPath[UUID], data: JSONBody[NoteInput]
) -> NoticeFileView:
    """Add to the file what the program cannot know; nothing of it can be changed later."""
    on = data.on.isoformat() if data.on else None
    await events.note(session, notice_id, data.kind, data.note, staff.id, now=now, on=on)
    return await _file(session, notice_id)


@post(
    "/v1/staff/members/{member_id:uuid}/digital-guidance",
    operation_id="addDigitalGuidance",
    tags=["notices"],
    status_code=204,
)
async def guide(
    session: Session, staff: Colleague, now: Now, member_id: FromPath[UUID], data: JSONBody[GuidanceInput]
) -> None:
    """Note that I told the member how digital mail with the fund works, and that it counts."""
    await events.guided(session, member_id, data.how, staff.id, now=now)


async def _file(session: Session, notice_id: UUID) -> NoticeFileView:
    return notices_view.file(await queries.one(session, notice_id), await queries.steps(session, notice_id))


HANDLERS = (list_of_member, get_one, letter, evidence, add_note, guide)
