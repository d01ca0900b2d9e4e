"""The member's course and Min Plan, with confirming it; the CV; the handover to the jobcentre."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from backend.i18n import N_
from backend.web import forms, me
from backend.web import page as pages
from backend.web.page import AnyRequest

ITEM_STATES = {
    "planned": N_("To come"),
    "booked": N_("Booked"),
    "done": N_("Done"),
    "missed": N_("Not booked in time"),
    "skipped": N_("You do not need it"),
}
CV_STATES = {
    "missing": N_("Not approved yet"),
    "returned": N_("Something is to be better"),
    "approved": N_("Approved"),
}


@get("/me/plan", name="me_plan")
async def plan(request: AnyRequest) -> Response[Any]:
    page = pages.of(request)
    page.member()
    return await me.render(
        page,
        "me/plan.html",
        plan=await page.api.get("/v1/me/plan"),
        handover=await page.api.get("/v1/me/handover"),
        states=ITEM_STATES,
    )


@post("/me/plan/{version_id:uuid}/acknowledge", name="me_plan_acknowledge")
async def acknowledge(request: AnyRequest, version_id: FromPath[UUID]) -> Response[Any]:
    """I have read this version."""
    page = pages.of(request)
    page.member()
    form = await forms.read(request)
    await page.api.post(f"/v1/me/plan/versions/{version_id}/acknowledge", key=form.key)
    return page.go("/me/plan?done=acknowledged")


@get("/me/cv", name="me_cv")
async def cv(request: AnyRequest) -> Response[Any]:
    """Where my CV on Jobnet stands."""
    page = pages.of(request)
    page.member()
    return await me.render(page, "me/cv.html", cv=await page.api.get("/v1/me/cv"), states=CV_STATES)


HANDLERS: tuple[Any, ...] = (plan, acknowledge, cv)
