"""For organisers: surveys of their own with a preview, and members' texts before others may read them."""

from typing import Any

from litestar import Response, get, post

from backend.i18n import N_, text
from backend.web import forms
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page
from backend.web.staff_feedback import places

# So many questions fit on the page of a new survey; members are asked three of them in turns.
SLOTS = 5
KINDS = (
    ("", N_("No question")),
    ("satisfied", N_("Five steps, from very satisfied")),
    ("agree", N_("Five steps, from strongly agree")),
    ("number", N_("A number from 0 to 10")),
    ("single", N_("One of some choices")),
    ("multiple", N_("Any of some choices")),
    ("text", N_("Words of their own")),
)
SCALES = ("satisfied", "agree")
WHY = {
    "cpr": N_("looks like a civil registration number"),
    "email": N_("looks like an e-mail address"),
    "phone": N_("looks like a phone number"),
    "name": N_("looks like a name"),
}


@get("/staff/feedback/texts", name="feedback_texts")
async def texts(request: AnyRequest) -> Response[Any]:
    """Texts that wait for a person, with what is proposed to be left out."""
    return await _texts(pages.of(request), Form())


@post("/staff/feedback/texts", name="feedback_confirm")
async def confirm(request: AnyRequest) -> Response[Any]:
    """Say how others may read a text."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    names = {"responseId": "response_id", "questionId": "question_id", "text": "text"}
    body = {api: form.value(name) for api, name in names.items()}
    try:
        await page.api.post("/v1/staff/survey-texts/confirm", body, key=form.key)
    except Refused as refusal:
        return await _texts(page, forms.refused(form, refusal), status=422)
    return page.go("/staff/feedback/texts")


@get("/staff/feedback/surveys", name="feedback_surveys")
async def surveys(request: AnyRequest) -> Response[Any]:
    """Every survey that can be chosen."""
    page = pages.of(request)
    page.staff()
    known = await page.api.get("/v1/staff/surveys")
    return page.render("staff/feedback/surveys.html", known=known, places=places(page))


@get("/staff/feedback/surveys/new", name="feedback_survey_new")
async def new(request: AnyRequest) -> Response[Any]:
    page = pages.of(request)
    page.staff()
    return _survey(page, Form())


@post("/staff/feedback/surveys/new", name="feedback_survey_create")
async def create(request: AnyRequest) -> Response[Any]:
    """Show it as members would see it, or store it."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    body = {"da": form.value("da"), "en": form.value("en"), "questions": _questions(form)}
    try:
        if form.value("act") == "preview":
            return _survey(page, form, preview=await page.api.post("/v1/staff/surveys/preview", body))
        await page.api.post("/v1/staff/surveys", body, key=form.key)
    except Refused as refusal:
        return _survey(page, forms.refused(form, refusal), status=422)
    return page.go("/staff/feedback/surveys")


def _questions(form: Form) -> list[dict[str, Any]]:
    return [_question(form, n) for n in range(1, SLOTS + 1) if form.value(f"kind{n}") and form.value(f"da{n}")]


def _question(form: Form, n: int) -> dict[str, Any]:
    kind = form.value(f"kind{n}")
    scale = kind if kind in SCALES else ""
    options = [_option(line) for line in form.value(f"options{n}").splitlines() if line.strip()]
    return {
        "kind": "scale" if scale else kind,
        "scale": scale,
        "da": form.value(f"da{n}"),
        "en": form.value(f"en{n}"),
        "options": options if kind in ("single", "multiple") else [],
    }


def _option(line: str) -> dict[str, str]:
    """Danish and English with a line between; a name that is the same in both is written once."""
    da, _, en = line.partition("|")
    return {"da": da.strip(), "en": en.strip() or da.strip()}


def _survey(page: Page, form: Form, *, preview: Any = None, status: int = 200) -> Response[Any]:
    kinds = [(code, text(page.language, word)) for code, word in KINDS]
    values = {"form": form, "preview": preview, "slots": SLOTS, "kinds": kinds}
    return page.render("staff/feedback/survey_new.html", status=status, **values)


async def _texts(page: Page, form: Form, *, status: int = 200) -> Response[Any]:
    page.staff()
    found = await page.api.get("/v1/staff/survey-texts")
    shown = [one | {"parts": _parts(one, page.language)} for one in found]
    return page.render("staff/feedback/texts.html", status=status, found=shown, form=form, places=places(page))


def _parts(one: dict[str, Any], language: str) -> list[tuple[str, str]]:
    """The text in pieces: each with why it is proposed to be left out, if it is."""
    words, at, parts = str(one["text"]), 0, []
    for span in one["spans"]:
        parts += [
            (words[at : span["start"]], ""),
            (words[span["start"] : span["end"]], text(language, WHY[span["why"]])),
        ]
        at = span["end"]
    return [part for part in (*parts, (words[at:], "")) if part[0]]


HANDLERS: tuple[Any, ...] = (texts, confirm, surveys, new, create)
