"""Exemptions and colours set by a person: who may gives them, ends them, takes them back."""

from collections.abc import Awaitable, Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from backend.web import forms
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page
from backend.web.staff_member import API, ONE, show

DECISIONS = ONE + "/decisions"
OVERRIDE = {"reason": "override_reason"}
EXEMPTION = {"fromOn": "from_on", "toOn": "to_on", "reason": "exemption_reason"}


@get(DECISIONS, name="member_decisions")
async def decisions(request: AnyRequest, member_id: FromPath[UUID]) -> Response[Any]:
    """Exemptions and colours set by hand, with those of before."""
    page = pages.of(request)
    page.staff()
    return await show(page, member_id, "decisions")


@post(DECISIONS + "/override", name="member_override")
async def override(request: AnyRequest, member_id: FromPath[UUID]) -> Response[Any]:
    """Set the colour by hand until a day."""
    page, form = await _sent(request)
    body = {"colour": form.value("colour"), "until": form.value("until"), "reason": form.value("override_reason")}
    return await _done(page, member_id, form, page.api.put(f"{API}{member_id}/override", body), OVERRIDE)


@post(DECISIONS + "/override/end", name="member_override_end")
async def end_override(request: AnyRequest, member_id: FromPath[UUID]) -> Response[Any]:
    page, form = await _sent(request)
    return await _done(page, member_id, form, page.api.delete(f"{API}{member_id}/override"))


@post(DECISIONS + "/exemptions", name="member_exempt")
async def exempt(request: AnyRequest, member_id: FromPath[UUID]) -> Response[Any]:
    """Excuse the member for a period."""
    page, form = await _sent(request)
    body = forms.without_empty(
        {
            "type": form.value("type"),
            "fromOn": form.value("from_on"),
            "toOn": form.value("to_on"),
            "reason": form.value("exemption_reason"),
        }
    )
    asked = page.api.post(f"{API}{member_id}/exemptions", body, key=form.key)
    return await _done(page, member_id, form, asked, EXEMPTION)


@post(DECISIONS + "/exemptions/{exemption_id:uuid}/end", name="member_exemption_end")
async def end_exemption(request: AnyRequest, member_id: FromPath[UUID], exemption_id: FromPath[UUID]) -> Response[Any]:
    """Give it an earlier last day."""
    page, form = await _sent(request)
    field = f"end-{exemption_id}"
    asked = page.api.patch(f"{API}{member_id}/exemptions/{exemption_id}", {"toOn": form.value(field)})
    return await _done(page, member_id, form, asked, {"toOn": field})


@post(DECISIONS + "/exemptions/{exemption_id:uuid}/cancel", name="member_exemption_cancel")
async def cancel_exemption(
    request: AnyRequest, member_id: FromPath[UUID], exemption_id: FromPath[UUID]
) -> Response[Any]:
    """It should not have been given."""
    page, form = await _sent(request)
    return await _done(page, member_id, form, page.api.delete(f"{API}{member_id}/exemptions/{exemption_id}"))


async def _sent(request: AnyRequest) -> tuple[Page, Form]:
    page = pages.of(request)
    page.staff()
    return page, await forms.read(request)


async def _done(
    page: Page, member_id: UUID, form: Form, asked: Awaitable[Any], names: Mapping[str, str] | None = None
) -> Response[Any]:
    """The page with what now holds; or again, with what is wrong."""
    try:
        await asked
    except Refused as refusal:
        return await show(page, member_id, "decisions", status=422, form=forms.refused(form, refusal, names))
    return page.go(f"/staff/members/{member_id}/decisions")


HANDLERS: tuple[Any, ...] = (decisions, override, end_override, exempt, end_exemption, cancel_exemption)
