"""A member says that the smiley is wrong: a person reads it beside the figures and answers in words."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from backend.errors import NotFound
from backend.web import forms
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page
from backend.web.staff_member import API, ONE, day, show
from backend.web.staff_member_plan import sent

OBJECTION = ONE + "/objections/{dispute_id:uuid}"
NAMES = {"override.until": "until", "override.reason": "override_reason", "until": "until"}


@get(OBJECTION, name="member_objection")
async def objection(request: AnyRequest, member_id: FromPath[UUID], dispute_id: FromPath[UUID]) -> Response[Any]:
    """What the member wrote, beside the rating it is about."""
    page = pages.of(request)
    page.staff()
    return await _show(page, member_id, dispute_id, Form())


@post(OBJECTION, name="member_objection_answer")
async def answer(request: AnyRequest, member_id: FromPath[UUID], dispute_id: FromPath[UUID]) -> Response[Any]:
    """The answer, which the member reads. Upheld, it may set the colour by hand at once."""
    page, form = await sent(request)
    body: dict[str, Any] = {"verdict": form.value("verdict"), "answer": form.value("answer")}
    if form.value("verdict") == "upheld" and form.value("colour"):
        body["override"] = {
            "colour": form.value("colour"),
            "until": form.value("until"),
            "reason": form.value("answer"),
        }
    try:
        await page.api.post(f"/v1/staff/disputes/{dispute_id}/answer", body, key=form.key)
    except Refused as refusal:
        return await _show(page, member_id, dispute_id, forms.refused(form, refusal, NAMES), status=422)
    return page.go(f"/staff/members/{member_id}/objections/{dispute_id}")


async def _show(page: Page, member_id: UUID, dispute_id: UUID, form: Form, *, status: int = 200) -> Response[Any]:
    card = await page.api.get(f"{API}{member_id}")
    one = next((each for each in card["disputes"] if each["id"] == str(dispute_id)), None)
    if one is None:
        raise NotFound
    rating = await page.api.get(f"{API}{member_id}/rating", on=day(one["openedAt"][:10]))
    return await show(page, member_id, "objection", status=status, form=form, one=one, rating=rating, card=card)


HANDLERS: tuple[Any, ...] = (objection, answer)
