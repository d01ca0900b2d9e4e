"""The member's messages, why each one came, and legal notices with their letters."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from backend.web import forms, me, me_actions
from backend.web import page as pages
from backend.web.page import AnyRequest


@get("/me/inbox", name="me_inbox")
async def inbox(request: AnyRequest, cursor: FromQuery[str | None] = None) -> Response[Any]:
    """My messages, newest first."""
    page = pages.of(request)
    page.member()
    found = await page.api.get("/v1/me/inbox", cursor=cursor, limit=20)
    return await me.render(page, "me/inbox.html", messages=found, action=me_actions.of_message, cursor=cursor or "")


@post("/me/inbox/read-all", name="me_inbox_read_all")
async def read_all(request: AnyRequest) -> Response[Any]:
    page = pages.of(request)
    page.member()
    await page.api.post("/v1/me/inbox/read-all")
    return page.go("/me/inbox?done=read")


@post("/me/inbox/{message_id:uuid}", name="me_inbox_mark")
async def mark(request: AnyRequest, message_id: FromPath[UUID]) -> Response[Any]:
    """Mark a message read or unread."""
    page = pages.of(request)
    page.member()
    form = await forms.read(request)
    await page.api.patch(f"/v1/me/inbox/{message_id}", {"read": form.value("read") == "yes"})
    return page.go(f"/me/inbox#message-{message_id}")


@get("/me/inbox/{message_id:uuid}/why", name="me_inbox_why")
async def why(request: AnyRequest, message_id: FromPath[UUID]) -> Response[Any]:
    """Why I got this message, and what became of it."""
    page = pages.of(request)
    page.member()
    return await me.render(page, "me/why.html", reason=await page.api.get(f"/v1/me/inbox/{message_id}/reason"))


@get("/me/notices", name="me_notices")
async def notices(request: AnyRequest, cursor: FromQuery[str | None] = None) -> Response[Any]:
    """My important letters."""
    page = pages.of(request)
    page.member()
    return await me.render(page, "me/notices.html", notices=await page.api.get("/v1/me/notices", cursor=cursor))


@get("/me/notices/{notice_id:uuid}", name="me_notice")
async def closed(request: AnyRequest, notice_id: FromPath[UUID]) -> Response[Any]:
    """The letter in its envelope: that it is opened is kept, so a link alone does not do it."""
    page = pages.of(request)
    page.member()
    return await me.render(page, "me/notice_closed.html", notice_id=notice_id)


@post("/me/notices/{notice_id:uuid}", name="me_notice_open")
async def opened(request: AnyRequest, notice_id: FromPath[UUID]) -> Response[Any]:
    """Open the letter and read it. Opening it again is nothing new, so this page may be loaded again."""
    page = pages.of(request)
    page.member()
    form = await forms.read(request)
    notice = await page.api.post(f"/v1/me/notices/{notice_id}/open", key=form.key)
    return await me.render(page, "me/notice.html", notice=notice)


@get("/me/notices/{notice_id:uuid}/letter", name="me_notice_letter")
async def letter(request: AnyRequest, notice_id: FromPath[UUID]) -> Response[Any]:
    """The letter as it was sent, to keep."""
    page = pages.of(request)
    page.member()
    return me.file(await page.api.download(f"/v1/me/notices/{notice_id}/letter"))


HANDLERS: tuple[Any, ...] = (inbox, read_all, mark, why, notices, closed, opened, letter)
