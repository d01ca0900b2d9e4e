"""The rating rule's numbers: the version in force, drafts, their dry runs, and publishing by two people."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from backend.clock import local_date
from backend.web import forms
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page

PATH, API = "/staff/policy", "/v1/staff/policy"
DRAFTS = f"{API}/drafts"
# A week's notice, so that staff can be told before members are rated by it.
NOTICE = timedelta(days=7)
LIST = "counting_statuses"
FIELDS = {"validFrom": "valid_from"}


@get(PATH, name="policy")
async def policy(request: AnyRequest) -> Response[Any]:
    """What applies now, what was before and what is being prepared."""
    page = pages.of(request)
    page.staff()
    found = await page.api.get(API)
    return page.render("staff/policy/policy.html", policy=found, in_force=in_force(found))


@get(f"{PATH}/new", name="policy_new")
async def new(request: AnyRequest) -> Response[Any]:
    """A draft that begins as the version in force."""
    page = pages.of(request)
    page.staff()
    return await _form(page, Form())


@post(f"{PATH}/new", name="policy_create")
async def create(request: AnyRequest) -> Response[Any]:
    page = pages.of(request)
    page.staff()
    form, chosen = await _read(request)
    found = await page.api.get(API)
    try:
        draft = await page.api.post(DRAFTS, entry(form, chosen, found["values"]), key=form.key)
    except Refused as refusal:
        return await _form(page, forms.refused(form, refusal, FIELDS), chosen=chosen, status=422)
    return page.go(f"{PATH}/drafts/{draft['id']}")


@get(f"{PATH}/drafts/{{draft_id:uuid}}", name="policy_draft")
async def draft(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[Any]:
    """A draft: what it changes, its dry run, and what can be done with it."""
    page = pages.of(request)
    page.staff()
    return await _show(page, draft_id, Form())


@get(f"{PATH}/drafts/{{draft_id:uuid}}/edit", name="policy_edit")
async def edit(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[Any]:
    page = pages.of(request)
    page.staff()
    return await _form(page, Form(), draft=await page.api.get(f"{DRAFTS}/{draft_id}"))


@post(f"{PATH}/drafts/{{draft_id:uuid}}/edit", name="policy_save")
async def save(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[Any]:
    page = pages.of(request)
    page.staff()
    form, chosen = await _read(request)
    found = await page.api.get(API)
    try:
        await page.api.put(f"{DRAFTS}/{draft_id}", entry(form, chosen, found["values"]))
    except Refused as refusal:
        held = await page.api.get(f"{DRAFTS}/{draft_id}")
        return await _form(page, forms.refused(form, refusal, FIELDS), chosen=chosen, draft=held, status=422)
    return page.go(f"{PATH}/drafts/{draft_id}")


@post(f"{PATH}/drafts/{{draft_id:uuid}}/dry-run", name="policy_try")
async def try_it(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, draft_id, "dry-run")


@post(f"{PATH}/drafts/{{draft_id:uuid}}/submit", name="policy_submit")
async def submit(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, draft_id, "submit")


@post(f"{PATH}/drafts/{{draft_id:uuid}}/withdraw", name="policy_withdraw")
async def withdraw(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, draft_id, "withdraw")


@post(f"{PATH}/drafts/{{draft_id:uuid}}/return", name="policy_return")
async def hand_back(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, draft_id, "return", "reason")


@post(f"{PATH}/drafts/{{draft_id:uuid}}/approve", name="policy_approve")
async def approve(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, draft_id, "approve", "edition")


@post(f"{PATH}/drafts/{{draft_id:uuid}}/take-back", name="policy_take_back")
async def take_back(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, draft_id, "take-back", "reason")


@get(f"{PATH}/drafts/{{draft_id:uuid}}/changes", name="policy_changes")
async def changes(
    request: AnyRequest,
    draft_id: FromPath[UUID],
    before: FromQuery[str | None] = None,
    after: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
) -> Response[Any]:
    """Who would have another colour, and why."""
    page = pages.of(request)
    page.staff()
    path = f"{DRAFTS}/{draft_id}"
    found = await page.api.get(f"{path}/changes", before=before, after=after, cursor=cursor)
    held = await page.api.get(path)
    here = f"{PATH}/drafts/{draft_id}/changes?before={before or ''}&after={after or ''}"
    return page.render("staff/policy/changes.html", changes=found, draft=held, here=here)


def in_force(policy: Mapping[str, Any]) -> Mapping[str, Any]:
    """The version that applies today."""
    found: Mapping[str, Any] = next(one for one in policy["versions"] if one["inForce"])
    return found


def entry(form: Form, chosen: list[str], values: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The form as the API takes it. What is no number goes as it was written, and the API says so."""
    numbers: dict[str, Any] = {one["name"]: _number(form.value(one["name"])) for one in values}
    return {
        "numbers": numbers | {LIST: chosen},
        "note": form.value("note"),
        "validFrom": form.value("valid_from"),
    }


def _number(written: str) -> int | float | list[str]:
    plain = written.replace(",", ".")
    if re.fullmatch(r"-?\d{1,9}", plain):
        return int(plain)
    return float(plain) if re.fullmatch(r"-?\d{1,9}\.\d{1,9}", plain) else [written]


async def _read(request: AnyRequest) -> tuple[Form, list[str]]:
    """The form, and the statuses that are ticked."""
    sent = await request.form()
    return await forms.read(request), [str(one) for one in sent.getall(LIST, [])]


async def _form(
    page: Page,
    form: Form,
    *,
    chosen: list[str] | None = None,
    draft: Mapping[str, Any] | None = None,
    status: int = 200,
) -> Response[Any]:
    found = await page.api.get(API)
    numbers = dict((draft or in_force(found))["numbers"])
    today = local_date(page.now)
    return page.render(
        "staff/policy/form.html",
        status=status,
        form=form,
        values=found["values"],
        numbers=numbers if chosen is None else numbers | {LIST: chosen},
        in_force=in_force(found),
        draft=draft,
        first_day=draft["validFrom"] if draft else (today + NOTICE).isoformat(),
        earliest=(today + timedelta(days=1)).isoformat(),
        action=f"{PATH}/drafts/{draft['id']}/edit" if draft else f"{PATH}/new",
    )


async def _act(request: AnyRequest, draft_id: UUID, what: str, field: str | None = None) -> Response[Any]:
    """Do something to the draft, then show how it stands; what was refused is told there."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    value = form.value(field) if field else ""
    number = field == "edition" and value.isdecimal()
    body = {field: int(value) if number else value} if field else None
    try:
        await page.api.post(f"{DRAFTS}/{draft_id}/{what}", body, key=form.key)
    except Refused as refusal:
        return await _show(page, draft_id, forms.refused(form, refusal), status=422)
    return page.go(f"{PATH}/drafts/{draft_id}")


async def _show(page: Page, draft_id: UUID, form: Form, *, status: int = 200) -> Response[Any]:
    held = await page.api.get(f"{DRAFTS}/{draft_id}")
    found = await page.api.get(API)
    name = "staff/policy/trial.html" if page.partial else "staff/policy/draft.html"
    today = local_date(page.now).isoformat()
    return page.render(
        name,
        status=status,
        draft=held,
        values=found["values"],
        in_force=in_force(found),
        form=form,
        applies=held["validFrom"] <= today,
    )


HANDLERS: tuple[Any, ...] = (
    policy,
    new,
    create,
    draft,
    edit,
    save,
    try_it,
    submit,
    withdraw,
    hand_back,
    approve,
    take_back,
    changes,
)
