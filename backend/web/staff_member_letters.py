"""Hearings and decisions on the member's page: written, read as the member would, and sent by whoever may."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from backend.calendar import add_working_days
from backend.clock import local_date
from backend.web import forms
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page
from backend.web.staff_member import API, ONE, show

# Under the page of messages, whose tab stays the current one.
LETTERS = ONE + "/messages/letters"
LETTER = LETTERS + "/{letter_id:uuid}"
ON = "/v1/staff/letters/"
FIELDS = {"answerBy": "answer_by", "hearingId": "hearing_id", "withoutHearing": "without_hearing"}
# A day more than the shortest time: a letter that is sent tomorrow is in time too.
ANSWER_WORKING_DAYS = 7


@get(LETTERS + "/new", name="letter_new")
async def new(request: AnyRequest, member_id: FromPath[UUID], kind: FromQuery[str | None] = None) -> Response[Any]:
    """A hearing, or a decision."""
    page = pages.of(request)
    page.staff()
    return await _form(page, member_id, Form({"kind": "decision" if kind == "decision" else "hearing"}))


@post(LETTERS + "/new", name="letter_create")
async def create(request: AnyRequest, member_id: FromPath[UUID]) -> Response[Any]:
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    try:
        made = await page.api.post(f"{API}{member_id}/letters", _body(form), key=form.key)
    except Refused as refusal:
        return await _form(page, member_id, forms.refused(form, refusal, FIELDS), status=422)
    return page.go(_at(member_id, made["id"]))


@get(LETTER, name="letter")
async def one(request: AnyRequest, member_id: FromPath[UUID], letter_id: FromPath[UUID]) -> Response[Any]:
    """One letter, as far as I have opened it."""
    page = pages.of(request)
    page.staff()
    return await _show(page, member_id, letter_id, Form())


@get(LETTER + "/edit", name="letter_edit")
async def edit(request: AnyRequest, member_id: FromPath[UUID], letter_id: FromPath[UUID]) -> Response[Any]:
    page = pages.of(request)
    page.staff()
    held = await page.api.get(f"{ON}{letter_id}")
    return await _form(page, member_id, _shown(held), held=held)


@post(LETTER + "/edit", name="letter_save")
async def save(request: AnyRequest, member_id: FromPath[UUID], letter_id: FromPath[UUID]) -> Response[Any]:
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    try:
        await page.api.put(f"{ON}{letter_id}", _body(form))
    except Refused as refusal:
        held = await page.api.get(f"{ON}{letter_id}")
        return await _form(page, member_id, forms.refused(form, refusal, FIELDS), held=held, status=422)
    return page.go(_at(member_id, letter_id))


@post(LETTER + "/open", name="letter_open")
async def open_one(request: AnyRequest, member_id: FromPath[UUID], letter_id: FromPath[UUID]) -> Response[Any]:
    """Read it as the member would, which is kept."""
    return await _act(request, member_id, letter_id, "open")


@post(LETTER + "/send", name="letter_send")
async def send(request: AnyRequest, member_id: FromPath[UUID], letter_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, member_id, letter_id, "send", "version")


@post(LETTER + "/return", name="letter_return")
async def hand_back(request: AnyRequest, member_id: FromPath[UUID], letter_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, member_id, letter_id, "return", "reason")


@post(LETTER + "/withdraw", name="letter_withdraw")
async def withdraw(request: AnyRequest, member_id: FromPath[UUID], letter_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, member_id, letter_id, "withdraw")


async def _act(
    request: AnyRequest, member_id: UUID, letter_id: UUID, what: str, field: str | None = None
) -> Response[Any]:
    """Do something to the letter, then show how it stands; what was refused is told there."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    value = form.value(field) if field else ""
    body = {field: int(value) if value.isdecimal() and field == "version" else value} if field else None
    try:
        await page.api.post(f"{ON}{letter_id}/{what}", body, key=form.key)
    except Refused as refusal:
        return await _show(page, member_id, letter_id, forms.refused(form, refusal), status=422)
    return page.go(_at(member_id, letter_id) + ("#preview" if what == "open" else ""))


async def _show(page: Page, member_id: UUID, letter_id: UUID, form: Form, *, status: int = 200) -> Response[Any]:
    held = await page.api.get(f"{ON}{letter_id}")
    return await show(page, member_id, "letter", status=status, one=held, form=form, wait=_wait(page, held))


async def _form(
    page: Page, member_id: UUID, form: Form, *, held: Mapping[str, Any] | None = None, status: int = 200
) -> Response[Any]:
    heard = await page.api.get(f"{API}{member_id}/letters")
    today = local_date(page.now)
    here = f"/staff/members/{member_id}/messages"
    return await show(
        page,
        member_id,
        "letter_form",
        status=status,
        form=form,
        kind=form.value("kind"),
        hearings=[one for one in heard if one["kind"] == "hearing" and one["state"] == "sent"],
        back=f"{here}/letters/{held['id']}" if held else here,
        action=f"{here}/letters/{held['id']}/edit" if held else f"{here}/letters/new",
        answer_by=add_working_days(today, ANSWER_WORKING_DAYS).isoformat(),
        earliest=(today + timedelta(days=1)).isoformat(),
    )


def _body(form: Form) -> dict[str, Any]:
    """As the API takes it: what belongs to the other kind is left out."""
    same = ["kind", "matter", "grounds"]
    if form.value("kind") == "hearing":
        return {name: form.value(name) for name in same} | forms.without_empty({"answerBy": form.value("answer_by")})
    given = {name: form.value(name) for name in (*same, "decision", "rules")}
    heard = {"hearingId": form.value("hearing_id"), "withoutHearing": form.value("without_hearing")}
    return given | forms.without_empty(heard)


def _shown(held: Mapping[str, Any]) -> Form:
    names = {field: name for name, field in FIELDS.items()}
    same = {name: name for name in ("kind", "matter", "grounds", "decision", "rules")}
    return Form({field: str(held[name] or "") for field, name in (same | names).items()})


def _wait(page: Page, held: Mapping[str, Any]) -> int:
    """Whole seconds until it can be sent."""
    if held["sendFrom"] is None:
        return 0
    return max(0, ceil((datetime.fromisoformat(held["sendFrom"]) - page.now).total_seconds()))


def _at(member_id: UUID, letter_id: object) -> str:
    return f"/staff/members/{member_id}/messages/letters/{letter_id}"


HANDLERS: tuple[Any, ...] = (new, create, one, edit, save, open_one, send, hand_back, withdraw)
