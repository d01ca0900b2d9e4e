"""One application: correct it, take it back and undo that, its documents, what happened to it."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from backend.clock import local_date
from backend.web import forms, me, me_log
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page


@get("/me/log/{entry_id:uuid}", name="log_entry")
async def entry(request: AnyRequest, entry_id: FromPath[UUID]) -> Response[Any]:
    page = pages.of(request)
    page.member()
    return await _page(page, entry_id, Form())


@post("/me/log/{entry_id:uuid}", name="log_edit")
async def edit(request: AnyRequest, entry_id: FromPath[UUID]) -> Response[Any]:
    """Correct it, unless it was changed elsewhere since it was read."""
    page = pages.of(request)
    page.member()
    form, before = await forms.read(request), await me_log.colour(page)
    match = {"If-Match": f'"{form.value("version")}"'}
    try:
        written = await page.api.patch(f"/v1/me/job-log/{entry_id}", me_log.entry(form), headers=match)
    except Refused as refusal:
        return await _page(page, entry_id, forms.refused(form, refusal, me_log.FIELDS), status=422)
    return page.go(me_log.after(f"/me/log/{entry_id}?done=saved", written, before))


@post("/me/log/{entry_id:uuid}/withdraw", name="log_withdraw")
async def withdraw(request: AnyRequest, entry_id: FromPath[UUID]) -> Response[Any]:
    """Delete it; the next page offers to undo that."""
    page = pages.of(request)
    page.member()
    before = await me_log.colour(page)
    written = await page.api.delete(f"/v1/me/job-log/{entry_id}")
    return page.go(me_log.after(f"/me/log/{entry_id}?deleted=1", written, before))


@post("/me/log/{entry_id:uuid}/restore", name="log_restore")
async def restore(request: AnyRequest, entry_id: FromPath[UUID]) -> Response[Any]:
    page = pages.of(request)
    page.member()
    form, before = await forms.read(request), await me_log.colour(page)
    written = await page.api.post(f"/v1/me/job-log/{entry_id}/restore", key=form.key)
    return page.go(me_log.after(f"/me/log/{entry_id}?done=restored", written, before))


@post("/me/log/{entry_id:uuid}/documents", name="log_upload")
async def upload(request: AnyRequest, entry_id: FromPath[UUID]) -> Response[Any]:
    """Attach the application that was sent."""
    page = pages.of(request)
    page.member()
    form, before = await forms.read(request), await me_log.colour(page)
    files = await forms.files(request, "file")
    name, content = (files[0].filename, await files[0].read()) if files else ("", b"")
    kind = files[0].content_type if files else "application/octet-stream"
    try:
        added = await page.api.upload(
            f"/v1/me/job-log/{entry_id}/documents", name or "document", content, kind, key=form.key
        )
    except Refused as refusal:
        return await _page(page, entry_id, Form(), document=forms.refused(form, refusal), status=422)
    return page.go(me_log.after(f"/me/log/{entry_id}?done=uploaded", added["written"], before))


@get("/me/log/{entry_id:uuid}/documents/{document_id:uuid}", name="log_document")
async def download(request: AnyRequest, entry_id: FromPath[UUID], document_id: FromPath[UUID]) -> Response[Any]:
    page = pages.of(request)
    page.member()
    return me.file(await page.api.download(f"/v1/me/job-log/{entry_id}/documents/{document_id}"))


@post("/me/log/{entry_id:uuid}/documents/{document_id:uuid}/remove", name="log_document_remove")
async def remove(request: AnyRequest, entry_id: FromPath[UUID], document_id: FromPath[UUID]) -> Response[Any]:
    page = pages.of(request)
    page.member()
    before = await me_log.colour(page)
    written = await page.api.delete(f"/v1/me/job-log/{entry_id}/documents/{document_id}")
    return page.go(me_log.after(f"/me/log/{entry_id}?done=removed", written, before))


async def _page(
    page: Page, entry_id: UUID, form: Form, *, document: Form | None = None, status: int = 200
) -> Response[Any]:
    found = await page.api.get(f"/v1/me/job-log/{entry_id}")
    asked = page.request.query_params
    changed = status == 200 and ("done" in asked or "deleted" in asked)
    return await me.render(
        page,
        "me/log_entry.html",
        status=status,
        entry=found,
        form=form,
        document=document or Form(),
        history=await page.api.get(f"/v1/me/job-log/{entry_id}/history"),
        effect=await me_log.effect(page, str(entry_id) if changed else None),
        today=local_date(page.now),
        words=me_log.WORDS,
    )


HANDLERS: tuple[Any, ...] = (entry, edit, withdraw, restore, upload, download, remove)
