"""What members are asked, answering it in the app, not being asked for a year, and what came of it."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from backend.web import forms, survey
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest


@get("/me/surveys", name="me_surveys")
async def surveys(request: AnyRequest, done: FromQuery[str | None] = None) -> Response[Any]:
    """Open surveys, what was changed because of answers, and whether I want to be asked."""
    page = pages.of(request)
    page.member()
    return page.render(
        "me/surveys.html",
        surveys=await page.api.get("/v1/me/surveys"),
        outcome=await page.api.get("/v1/me/survey-outcome"),
        opted_out=await page.api.get("/v1/me/survey-opt-out"),
        done=done,
    )


@get("/me/surveys/{invitation_id:uuid}", name="me_survey")
async def one(request: AnyRequest, invitation_id: FromPath[UUID]) -> Response[Any]:
    """The questions."""
    page = pages.of(request)
    page.member()
    found = await page.api.get(f"/v1/me/surveys/{invitation_id}")
    return page.render("me/survey.html", survey=found, form=Form(), action=f"/me/surveys/{invitation_id}")


@post("/me/surveys/{invitation_id:uuid}", name="me_survey_answer")
async def answer(request: AnyRequest, invitation_id: FromPath[UUID]) -> Response[Any]:
    """Take the answers, once."""
    page = pages.of(request)
    page.member()
    path = f"/v1/me/surveys/{invitation_id}"
    form, given = await survey.given(request)
    try:
        thanks = await page.api.post(f"{path}/answer", given, key=form.key)
    except Refused as refusal:
        values = {"survey": await page.api.get(path), "action": f"/me/surveys/{invitation_id}"}
        return page.render("me/survey.html", status=422, form=forms.refused(form, refusal), **values)
    return page.go(f"/me/surveys?done={'contact' if thanks['contact'] else 'answered'}")


@post("/me/surveys/{invitation_id:uuid}/decline", name="me_survey_decline")
async def decline(request: AnyRequest, invitation_id: FromPath[UUID]) -> Response[Any]:
    """Rather not."""
    page = pages.of(request)
    page.member()
    await page.api.post(f"/v1/me/surveys/{invitation_id}/decline", key=(await forms.read(request)).key)
    return page.go(f"/me/surveys?done=declined-{invitation_id}")


@post("/me/surveys/opt-out", name="me_survey_opt_out")
async def opt_out(request: AnyRequest) -> Response[Any]:
    """Do not ask me for a year; or, to take that back, do."""
    page = pages.of(request)
    page.member()
    if (await forms.read(request)).value("ask") == "again":
        await page.api.delete("/v1/me/survey-opt-out")
        return page.go("/me/surveys?done=asked-again")
    await page.api.put("/v1/me/survey-opt-out")
    return page.go("/me/surveys?done=opted-out")


HANDLERS: tuple[Any, ...] = (surveys, one, answer, decline, opt_out)
