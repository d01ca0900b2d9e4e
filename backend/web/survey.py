"""Answering a survey: through a one-time link without signing in, or from the member's own list."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from backend.web import forms
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page


@get("/s/{token:str}", name="survey_link")
async def open_link(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """The questions behind a link; one page for every link that does not work."""
    page = pages.of(request)
    try:
        survey = await page.api.post("/v1/survey-links/open", {"token": token})
    except Refused as refusal:
        return _closed(page, refusal)
    return page.render("survey.html", survey=survey, form=Form(), action=f"/s/{token}")


@post("/s/{token:str}", name="survey_link_answer")
async def answer_link(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """Take the answers, once; the link then works no more."""
    page = pages.of(request)
    form, answers = await given(request)
    try:
        thanks = await page.api.post("/v1/survey-links/answer", {"token": token} | answers)
    except Refused as refusal:
        return await _again(page, form, refusal, "/v1/survey-links/open", token)
    return page.render("survey_thanks.html", contact=thanks["contact"])


async def given(request: AnyRequest) -> tuple[Form, dict[str, Any]]:
    """What was sent, as the API takes it: fields are named answer:KEY and text:KEY."""
    sent = await request.form()
    found: dict[str, list[str]] = {}
    for name, value in sent.multi_items():
        if isinstance(value, str) and value.strip():
            found.setdefault(name, []).append(value.strip())
    answers = {name.removeprefix("answer:"): codes for name, codes in found.items() if name.startswith("answer:")}
    texts = {name.removeprefix("text:"): words[0] for name, words in found.items() if name.startswith("text:")}
    sent_on = {"answers": answers, "texts": texts, "contactWanted": "contact" in found}
    return await forms.read(request), sent_on


async def _again(page: Page, form: Form, refusal: Refused, path: str, token: str) -> Response[Any]:
    """The page with what is wrong; or that the link works no more."""
    if refusal.status == 404:
        return _closed(page, refusal)
    faulty = forms.refused(form, refusal)
    survey = await page.api.post(path, {"token": token})
    return page.render("survey.html", status=422, survey=survey, form=faulty, action=f"/s/{token}")


def _closed(page: Page, refusal: Refused) -> Response[Any]:
    return page.render("survey_closed.html", status=refusal.status if refusal.status == 429 else 404)


HANDLERS: tuple[Any, ...] = (open_link, answer_link)
