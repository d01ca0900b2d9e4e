"""A talk: what to know before it, the minutes while the member watches, and closing them."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter

from backend.clock import COPENHAGEN, local_date
from backend.web import forms, staff_talk_open, talk_form
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page

# Minutes in large letters, and nothing else: for the screen that the member sees.
Large = Annotated[bool, QueryParameter(name="large")]


@get("/staff/talks/{talk_id:uuid}", name="talk")
async def show(request: AnyRequest, talk_id: FromPath[UUID], large: Large = False) -> Response[Any]:
    """The brief beside the draft; closed minutes with what was agreed."""
    page = pages.of(request)
    page.staff()
    talk = await page.api.get(f"/v1/staff/talks/{talk_id}")
    if talk["state"] == "closed":
        return await _closed(page, talk, Form())
    return await _draft(page, talk, Form(talk_form.values(talk)), large=large)


@post("/staff/talks/{talk_id:uuid}", name="talk_save")
async def save(request: AnyRequest, talk_id: FromPath[UUID], large: Large = False) -> Response[Any]:
    """Keep the draft: by itself while somebody writes (a line that it is kept), or with the button."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    try:
        saved = await _save(page, talk_id, form)
    except Refused as refusal:
        return await _refused(page, talk_id, form, refusal, large=large)
    if page.partial:
        return page.render("staff/talks/saved.html", version=saved["version"], at=page.now, problem=None)
    return page.go(f"/staff/talks/{talk_id}" + ("?large=true" if large else ""))


@post("/staff/talks/{talk_id:uuid}/close", name="talk_close")
async def close(request: AnyRequest, talk_id: FromPath[UUID]) -> Response[Any]:
    """Save and close; what is missing stands beside its field."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    try:
        saved = await _save(page, talk_id, form)
        form = talk_form.at_version(form, saved["version"])
        closing = talk_form.closing(form)
        await page.api.post(f"/v1/staff/talks/{talk_id}/close", closing, headers=talk_form.match(saved["version"]))
    except Refused as refusal:
        return await _refused(page, talk_id, form, refusal, large=False)
    return page.go(f"/staff/talks/{talk_id}")


@post("/staff/talks/{talk_id:uuid}/corrections", name="talk_correct")
async def correct(request: AnyRequest, talk_id: FromPath[UUID]) -> Response[Any]:
    """Something put right beside closed minutes."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    try:
        await page.api.post(
            f"/v1/staff/talks/{talk_id}/corrections", {"correction": form.value("correction")}, key=form.key
        )
    except Refused as refusal:
        talk = await page.api.get(f"/v1/staff/talks/{talk_id}")
        return await _closed(page, talk, forms.refused(form, refusal), status=422)
    return page.go(f"/staff/talks/{talk_id}")


@post("/staff/talks/{talk_id:uuid}/agreements/{agreement_id:uuid}", name="agreement_end")
async def end_agreement(request: AnyRequest, talk_id: FromPath[UUID], agreement_id: FromPath[UUID]) -> Response[Any]:
    """Done, or dropped and why."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    body = {"outcome": form.value("outcome"), "reason": form.value(f"reason-{agreement_id}")}
    try:
        await page.api.post(f"/v1/staff/agreements/{agreement_id}/end", body, key=form.key)
    except Refused as refusal:
        talk = await page.api.get(f"/v1/staff/talks/{talk_id}")
        faulty = forms.refused(form, refusal, {"reason": f"reason-{agreement_id}"})
        return await _closed(page, talk, faulty, status=422)
    return page.go(f"/staff/talks/{talk_id}")


async def _save(page: Page, talk_id: UUID, form: Form) -> Any:
    path = f"/v1/staff/talks/{talk_id}/minutes"
    return await page.api.put(path, talk_form.minutes(form), headers=talk_form.match(form.value("version", "0")))


async def _refused(page: Page, talk_id: UUID, form: Form, refusal: Refused, *, large: bool) -> Response[Any]:
    faulty = forms.refused(form, refusal, talk_form.FIELDS)
    if page.partial:
        # Nothing is lost: what was written still stands in the form.
        return page.render("staff/talks/saved.html", version=form.value("version"), at=page.now, problem=faulty.problem)
    talk = await page.api.get(f"/v1/staff/talks/{talk_id}")
    if talk["state"] == "closed":
        return await _closed(page, talk, Form(problem=faulty.problem), status=422)
    return await _draft(page, talk, faulty, large=large, status=422)


async def _draft(page: Page, talk: Any, form: Form, *, large: bool, status: int = 200) -> Response[Any]:
    brief = await page.api.get(f"/v1/staff/members/{talk['memberId']}/brief")
    card = await page.api.get(f"/v1/staff/members/{talk['memberId']}")
    attendance = await _attendance(page, talk)
    return page.render(
        "staff/talks/large.html" if large else "staff/talks/draft.html", status=status, talk=talk, form=form,
        brief=brief, rows=talk_form.rows(form), types=talk_form.TYPES, attendance=attendance, large=large,
        held=next(iter(card["requirements"]), None), tomorrow=local_date(page.now) + timedelta(days=1),
        saved_at=datetime.fromisoformat(talk["changedAt"]).astimezone(COPENHAGEN),
    )  # fmt: skip


async def _closed(page: Page, talk: Any, form: Form, *, status: int = 200) -> Response[Any]:
    return page.render(
        "staff/talks/closed.html", status=status, talk=talk, form=form, attendance=await _attendance(page, talk),
        brief=await page.api.get(f"/v1/staff/members/{talk['memberId']}/brief"),
    )  # fmt: skip


async def _attendance(page: Page, talk: Any) -> Any:
    """Who was there; a call-in has no booking to note it on."""
    if not talk["bookingId"]:
        return None
    return await staff_talk_open.noted(page, talk["memberId"], talk["bookingId"])


HANDLERS: tuple[Any, ...] = (show, save, close, correct, end_agreement)
