"""The member's job log on a phone: one application in a few taps, and what it did to the smiley."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery

from backend.clock import local_date
from backend.i18n import N_
from backend.web import forms, me
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page

FIELDS = {"appliedOn": "applied_on"}
CHANNELS = (
    ("posted", N_("An advertised job")),
    ("unsolicited", N_("I asked them myself")),
    ("network", N_("Through people I know")),
    ("agency", N_("An agency")),
    ("contacted", N_("They contacted me")),
)
STATUSES = (
    ("planned", N_("Planned")),
    ("applied", N_("Applied")),
    ("interview", N_("Interview")),
    ("rejected", N_("Turned down")),
    ("hired", N_("Hired")),
    ("withdrawn", N_("I withdrew it")),
)
WORDS: Mapping[str, tuple[tuple[str, str], ...]] = {"channels": CHANNELS, "statuses": STATUSES}


@get("/me/log", name="log")
async def entries(
    request: AnyRequest,
    cursor: FromQuery[str | None] = None,
    logged: FromQuery[UUID | None] = None,
    withdrawn: FromQuery[bool] = False,
) -> Response[Any]:
    """What I have logged, the latest first; `logged` is the entry that was just written."""
    page = pages.of(request)
    page.member()
    found = await page.api.get("/v1/me/job-log", cursor=cursor, withdrawn=withdrawn, limit=20)
    did = await effect(page, str(logged) if logged else None)
    return await me.render(
        page, "me/log.html", entries=found, effect=did, withdrawn=withdrawn, logged=logged, words=WORDS
    )


@get("/me/log/new", name="log_new")
async def new(request: AnyRequest) -> Response[Any]:
    page = pages.of(request)
    page.member()
    return await _form(page, Form())


@post("/me/log/new", name="log_create")
async def create(request: AnyRequest) -> Response[Any]:
    """Log an application, the next page says what it did to the smiley."""
    page = pages.of(request)
    page.member()
    form, before = await forms.read(request), await colour(page)
    try:
        written = await page.api.post("/v1/me/job-log", entry(form), key=form.key)
    except Refused as refusal:
        return await _form(page, forms.refused(form, refusal, FIELDS), status=422)
    return page.go(after(f"/me/log?logged={written['entry']['id']}", written, before))


def entry(form: Form) -> dict[str, Any]:
    """The fields of the form as the API takes them."""
    return {
        "appliedOn": form.value("applied_on"),
        "status": form.value("status", "applied"),
        "channel": form.value("channel", "posted"),
        "employer": form.value("employer"),
        "title": form.value("title"),
        "hours": form.value("hours", "full"),
        "postcode": form.value("postcode"),
    }


async def colour(page: Page) -> str | None:
    """The colour before a change."""
    found = await page.api.get("/v1/me/ratings", limit=1)
    return found["items"][0]["colour"]["colour"] if found["items"] else None


def after(path: str, written: Mapping[str, Any], before: str | None) -> str:
    """Where to go after a change: the next page says what it did. The address tells only whether the colour moved."""
    rating = written["rating"]
    return f"{path}&changed=1" if rating and rating["colour"]["colour"] != before else path


async def effect(page: Page, entry_id: str | None) -> Mapping[str, Any] | None:
    """What an entry that was just changed does to the colour: the colour now, why it does not count, what is left."""
    if entry_id is None:
        return None
    rating = await page.api.get("/v1/me/rating")
    passed = [one for one in rating["notCounted"] if entry_id in one["entries"]]
    changed = page.request.query_params.get("changed") == "1"
    return {"rating": rating, "passed": passed, "changed": changed}


async def _form(page: Page, form: Form, *, status: int = 200) -> Response[Any]:
    return await me.render(
        page, "me/log_new.html", status=status, form=form, today=local_date(page.now), words=WORDS
    )  # fmt: skip


HANDLERS: tuple[Any, ...] = (entries, new, create)
