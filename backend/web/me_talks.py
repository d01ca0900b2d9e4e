"""The member's talks: minutes and agreements of those that were held; getting ready for those ahead."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from backend.i18n import N_
from backend.web import forms, me
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page

# The preparation form: the API's names with the questions.
QUESTIONS = (
    ("lastJobs", N_("Which jobs have you had lately?")),
    ("wantedJobs", N_("Which jobs would you like?")),
    ("searchedSoFar", N_("How have you searched so far?")),
    ("helpWanted", N_("What would you like help with?")),
    ("practical", N_("Is there anything practical we should know, such as hours or transport?")),
)


@get("/me/talks", name="me_talks")
async def talks(request: AnyRequest, cursor: FromQuery[str | None] = None) -> Response[Any]:
    """What was talked about and agreed, the latest first."""
    page = pages.of(request)
    page.member()
    return await me.render(page, "me/talks.html", talks=await page.api.get("/v1/me/talks", cursor=cursor))


@post("/me/agreements/{agreement_id:uuid}/{what:str}", name="me_agreement")
async def tick(request: AnyRequest, agreement_id: FromPath[UUID], what: FromPath[str]) -> Response[Any]:
    """I have done what I said; or I ticked it off by mistake."""
    page = pages.of(request)
    page.member()
    form = await forms.read(request)
    done = what == "done"
    await page.api.post(f"/v1/me/agreements/{agreement_id}/{'done' if done else 'undone'}", key=form.key)
    return page.go(f"/me/talks?done={'ticked' if done else 'unticked'}#agreement-{agreement_id}")


@get("/me/talks/preparation", name="me_preparation")
async def preparation(request: AnyRequest) -> Response[Any]:
    page = pages.of(request)
    page.member()
    return await _preparation(page, Form())


@post("/me/talks/preparation", name="me_preparation_fill")
async def fill(request: AnyRequest) -> Response[Any]:
    """The preparation form, as far as it is filled in."""
    page = pages.of(request)
    page.member()
    form = await forms.read(request)
    try:
        given = {name: form.value(name) for name, _question in QUESTIONS}
        await page.api.put("/v1/me/preparation/form", given)
    except Refused as refusal:
        return await _preparation(page, forms.refused(form, refusal), status=422)
    return page.go("/me/talks/preparation?done=saved")


@post("/me/talks/preparation/{point:str}", name="me_preparation_point")
async def tick_point(request: AnyRequest, point: FromPath[str]) -> Response[Any]:
    """Say that something is ready, or that it is not after all."""
    page = pages.of(request)
    page.member()
    form = await forms.read(request)
    await page.api.put(f"/v1/me/preparation/points/{point}", {"ready": form.value("ready") == "yes"})
    return page.go("/me/talks/preparation?done=saved")


@post("/me/talks/{kind:str}/{subject_id:uuid}/wish", name="me_wish")
async def wish(request: AnyRequest, kind: FromPath[str], subject_id: FromPath[UUID]) -> Response[Any]:
    """What I want to talk about."""
    page = pages.of(request)
    page.member()
    form = await forms.read(request)
    try:
        given = {"wish": form.value("wish"), "shared": form.value("shared") == "yes"}
        await page.api.put(f"/v1/me/talks/{kind}/{subject_id}/wish", given)
    except Refused as refusal:
        return await _preparation(page, forms.refused(form, refusal), status=422)
    return page.go("/me/talks/preparation?done=saved")


async def _preparation(page: Page, form: Form, *, status: int = 200) -> Response[Any]:
    found = await page.api.get("/v1/me/preparation")
    return await me.render(
        page, "me/preparation.html", status=status, preparation=found, questions=QUESTIONS, form=form
    )  # fmt: skip


HANDLERS: tuple[Any, ...] = (talks, tick, preparation, fill, tick_point, wish)
