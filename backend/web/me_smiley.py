"""The member's smiley: why, what can be done, how it was; and saying that it is wrong."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from backend.web import forms, me
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page


@get("/me/smiley", name="smiley")
async def smiley(request: AnyRequest, cursor: FromQuery[str | None] = None) -> Response[Any]:
    """The colour with its reasons, figures and the way back; how it was before; my objections."""
    page = pages.of(request)
    page.member()
    return await me.render(
        page,
        "me/smiley.html",
        rating=await page.api.get("/v1/me/rating"),
        before=await page.api.get("/v1/me/ratings", cursor=cursor, limit=10),
        disputes=await page.api.get("/v1/me/disputes"),
    )


@get("/me/smiley/wrong", name="smiley_wrong")
async def wrong(request: AnyRequest) -> Response[Any]:
    page = pages.of(request)
    page.member()
    return await _form(page, Form())


@post("/me/smiley/wrong", name="smiley_object")
async def object_to_it(request: AnyRequest) -> Response[Any]:
    """Object to the rating that was shown."""
    page = pages.of(request)
    page.member()
    form = await forms.read(request)
    given = {"ratingId": form.value("rating"), "text": form.value("text")}
    try:
        await page.api.post("/v1/me/disputes", given, key=form.key)
    except Refused as refusal:
        return await _form(page, forms.refused(form, refusal), status=422)
    return page.go("/me/smiley?done=objected")


@post("/me/disputes/{dispute_id:uuid}/withdraw", name="dispute_withdraw")
async def withdraw(request: AnyRequest, dispute_id: FromPath[UUID]) -> Response[Any]:
    """Take an objection back."""
    page = pages.of(request)
    page.member()
    form = await forms.read(request)
    await page.api.post(f"/v1/me/disputes/{dispute_id}/withdraw", key=form.key)
    return page.go("/me/smiley?done=objection-withdrawn")


async def _form(page: Page, form: Form, *, status: int = 200) -> Response[Any]:
    rating = await page.api.get("/v1/me/rating")
    return await me.render(page, "me/smiley_wrong.html", status=status, form=form, rating=rating)


HANDLERS: tuple[Any, ...] = (smiley, wrong, object_to_it, withdraw)
