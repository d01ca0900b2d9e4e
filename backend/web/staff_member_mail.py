"""What a member was sent: messages with their way, legal notices with their evidence."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from backend.web import forms
from backend.web import page as pages
from backend.web import staff_words as words
from backend.web.client import File, Refused
from backend.web.page import AnyRequest
from backend.web.staff_member import API, DECIDES, ONE, show


@get(ONE + "/messages", name="member_messages")
async def messages(
    request: AnyRequest, member_id: FromPath[UUID], cursor: FromQuery[str | None] = None
) -> Response[Any]:
    """Messages and, for those who may, legal notices."""
    page = pages.of(request)
    may = bool(page.staff().roles & DECIDES)
    return await show(
        page,
        member_id,
        "messages",
        sent=await page.api.get(f"{API}{member_id}/messages", cursor=cursor),
        letters=await page.api.get(f"{API}{member_id}/letters") if may else [],
        notices=await page.api.get(f"{API}{member_id}/notices") if may else {"items": [], "next": None},
    )


@get(ONE + "/messages/{message_id:uuid}", name="member_message")
async def steps(request: AnyRequest, member_id: FromPath[UUID], message_id: FromPath[UUID]) -> Response[Any]:
    """The way of one message; htmx puts it below the message."""
    page = pages.of(request)
    page.staff()
    found = await page.api.get(f"/v1/staff/messages/{message_id}/steps")
    if page.partial:
        return page.render("staff/member/steps.html", steps=found, words=words)
    return await show(page, member_id, "message", steps=found)


@get(ONE + "/notices/{notice_id:uuid}", name="member_notice")
async def notice(request: AnyRequest, member_id: FromPath[UUID], notice_id: FromPath[UUID]) -> Response[Any]:
    """One legal notice: its text and every step."""
    page = pages.of(request)
    page.staff()
    return await show(page, member_id, "notice", file=await page.api.get(f"/v1/staff/notices/{notice_id}"))


@post(ONE + "/notices/{notice_id:uuid}/notes", name="member_notice_note")
async def note(request: AnyRequest, member_id: FromPath[UUID], notice_id: FromPath[UUID]) -> Response[Any]:
    """Add what happened to the file: the member's answer, a talk about it, the post."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    given = forms.without_empty({name: form.value(name) for name in ("note", "on")})
    try:
        await page.api.post(f"/v1/staff/notices/{notice_id}/notes", {"kind": form.value("kind"), **given}, key=form.key)
    except Refused as refusal:
        file = await page.api.get(f"/v1/staff/notices/{notice_id}")
        return await show(page, member_id, "notice", status=422, file=file, form=forms.refused(form, refusal))
    return page.go(f"/staff/members/{member_id}/notices/{notice_id}")


@get("/staff/notices/{notice_id:uuid}/letter", name="member_notice_letter")
async def letter(request: AnyRequest, notice_id: FromPath[UUID]) -> Response[bytes]:
    page = pages.of(request)
    page.staff()
    return _saved(await page.api.download(f"/v1/staff/notices/{notice_id}/letter"))


@get("/staff/notices/{notice_id:uuid}/evidence", name="member_notice_evidence")
async def evidence(request: AnyRequest, notice_id: FromPath[UUID]) -> Response[bytes]:
    """Everything for the complaints board, as one file."""
    page = pages.of(request)
    page.staff()
    return _saved(await page.api.download(f"/v1/staff/notices/{notice_id}/evidence"))


def _saved(file: File) -> Response[bytes]:
    return Response(content=file.content, media_type=file.media_type, headers=dict(file.headers))


HANDLERS: tuple[Any, ...] = (messages, steps, notice, note, letter, evidence)
