"""What staff do about a member's plan: items that are not needed, later last days, the CV, the numbers, Min Plan."""

from collections.abc import Awaitable, Mapping
from typing import Any
from uuid import UUID

from litestar import Response, post
from litestar.params import FromPath

from backend.web import forms, plan_form
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page
from backend.web.staff_member import API, ONE, show_plan

PLAN = ONE + "/plan"


@post(PLAN + "/items/{item_id:uuid}/skip", name="member_item_skip")
async def skip(request: AnyRequest, member_id: FromPath[UUID], item_id: FromPath[UUID]) -> Response[Any]:
    """The member need not do it; the member reads why."""
    page, form = await sent(request)
    field = f"skip-{item_id}"
    asked = page.api.post(f"{API}{member_id}/items/{item_id}/skip", {"reason": form.value(field)}, key=form.key)
    return await _done(page, member_id, form, asked, {"reason": field})


@post(PLAN + "/items/{item_id:uuid}/needed", name="member_item_needed")
async def undo_skip(request: AnyRequest, member_id: FromPath[UUID], item_id: FromPath[UUID]) -> Response[Any]:
    """It is asked for again."""
    page, form = await sent(request)
    return await _done(page, member_id, form, page.api.delete(f"{API}{member_id}/items/{item_id}/skip"))


@post(PLAN + "/items/{item_id:uuid}/extension", name="member_item_extension")
async def extend(request: AnyRequest, member_id: FromPath[UUID], item_id: FromPath[UUID]) -> Response[Any]:
    """The later last day that illness or holiday calls for: granted, or not."""
    page, form = await sent(request)
    body = {"granted": form.value("granted") == "yes"}
    asked = page.api.post(f"{API}{member_id}/items/{item_id}/extension", body, key=form.key)
    return await _done(page, member_id, form, asked)


@post(PLAN + "/cv", name="member_cv")
async def decide_cv(request: AnyRequest, member_id: FromPath[UUID]) -> Response[Any]:
    """The CV on Jobnet: approved, or returned with what is to be better."""
    page, form = await sent(request)
    body = forms.without_empty({"verdict": form.value("verdict"), "comment": form.value("cv_comment")})
    asked = page.api.post(f"{API}{member_id}/cv/decisions", body, key=form.key)
    return await _done(page, member_id, form, asked, {"comment": "cv_comment"})


@post(PLAN + "/numbers", name="member_numbers")
async def agree(request: AnyRequest, member_id: FromPath[UUID]) -> Response[Any]:
    """Other numbers for the search, from a day on."""
    page, form = await sent(request)
    body = plan_form.numbers(form) | {"validFrom": form.value("numbers_from")}
    asked = page.api.post(f"{API}{member_id}/requirements", body, key=form.key)
    return await _done(page, member_id, form, asked, {**plan_form.NUMBERS, "validFrom": "numbers_from"})


@post(PLAN + "/min-plan", name="member_min_plan")
async def write(request: AnyRequest, member_id: FromPath[UUID]) -> Response[Any]:
    """A new version of Min Plan, which the member is asked to confirm."""
    page, form = await sent(request)
    asked = page.api.post(f"{API}{member_id}/my-plan/versions", plan_form.version(form), key=form.key)
    return await _done(page, member_id, form, asked, plan_form.VERSION)


async def sent(request: AnyRequest) -> tuple[Page, Form]:
    """The page and the form of a staff member."""
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
        return await show_plan(page, member_id, forms.refused(form, refusal, names), status=422)
    return page.go(f"/staff/members/{member_id}/plan")


HANDLERS: tuple[Any, ...] = (skip, undo_skip, extend, decide_cv, agree, write)
