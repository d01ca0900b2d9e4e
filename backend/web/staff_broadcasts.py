"""Broadcasts: written by a coordinator, tried before they are kept, let go by another, followed, paused and stopped."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from backend.clock import local_date
from backend.web import broadcast_form, forms
from backend.web import page as pages
from backend.web import staff_words as words
from backend.web.broadcast_form import API, FIELDS, Chosen
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page

PATH = "/staff/broadcasts"
ONE = f"{PATH}/{{broadcast_id:uuid}}"
# Where something happens by itself, so that the page looks again.
UNDER_WAY = frozenset({"sending", "paused", "stopped"})


@get(PATH, name="broadcasts")
async def listed(request: AnyRequest, cursor: FromQuery[str | None] = None) -> Response[Any]:
    """All broadcasts, the newest first."""
    page = pages.of(request)
    page.staff()
    return page.render("staff/broadcasts/list.html", rows=await page.api.get(API, cursor=cursor), words=words)


@get(f"{PATH}/new", name="broadcast_new")
async def new(request: AnyRequest) -> Response[Any]:
    page = pages.of(request)
    page.staff()
    return await _form(page, Chosen(Form()))


@post(f"{PATH}/new", name="broadcast_create")
async def create(request: AnyRequest) -> Response[Any]:
    """Keep it as a draft."""
    page = pages.of(request)
    page.staff()
    chosen = await broadcast_form.read(request)
    try:
        made = await page.api.post(API, broadcast_form.body(chosen), key=chosen.form.key)
    except Refused as refusal:
        return await _refused(page, chosen, refusal)
    return page.go(f"{PATH}/{made['id']}")


@post(f"{PATH}/new/look", name="broadcast_look")
async def look(request: AnyRequest) -> Response[Any]:
    """Whom it would reach and what they would see; nothing is kept."""
    page = pages.of(request)
    page.staff()
    return await _looked_at(page, await broadcast_form.read(request))


@get(ONE, name="broadcast")
async def one(request: AnyRequest, broadcast_id: FromPath[UUID], was: FromQuery[str | None] = None) -> Response[Any]:
    """One broadcast; htmx asks again for how far it has come."""
    page = pages.of(request)
    page.staff()
    if not page.partial:
        return await _show(page, broadcast_id, Form())
    held = await page.api.get(f"{API}/{broadcast_id}")
    answer = page.render("staff/broadcasts/progress.html", one=held, words=words)
    # What can be done with it follows from its state, so another one needs the whole page.
    if held["state"] != was:
        answer.headers["HX-Refresh"] = "true"
    return answer


@get(f"{ONE}/edit", name="broadcast_edit")
async def edit(request: AnyRequest, broadcast_id: FromPath[UUID]) -> Response[Any]:
    page = pages.of(request)
    page.staff()
    held = await page.api.get(f"{API}/{broadcast_id}")
    return await _form(page, broadcast_form.shown(held), held=held)


@post(f"{ONE}/edit", name="broadcast_save")
async def save(request: AnyRequest, broadcast_id: FromPath[UUID]) -> Response[Any]:
    page = pages.of(request)
    page.staff()
    chosen = await broadcast_form.read(request)
    held = await page.api.get(f"{API}/{broadcast_id}")
    try:
        await page.api.put(f"{API}/{broadcast_id}", broadcast_form.body(chosen, held))
    except Refused as refusal:
        return await _refused(page, chosen, refusal, held)
    return page.go(f"{PATH}/{broadcast_id}")


@post(f"{ONE}/edit/look", name="broadcast_edit_look")
async def look_again(request: AnyRequest, broadcast_id: FromPath[UUID]) -> Response[Any]:
    """As `look`, of a draft that is being changed."""
    page = pages.of(request)
    page.staff()
    chosen = await broadcast_form.read(request)
    return await _looked_at(page, chosen, await page.api.get(f"{API}/{broadcast_id}"))


@get(f"{ONE}/stop", name="broadcast_stop_asked")
async def ask_to_stop(request: AnyRequest, broadcast_id: FromPath[UUID]) -> Response[Any]:
    """Who has it and who will not get it, before it is stopped for good."""
    page = pages.of(request)
    page.staff()
    return await _stopping(page, broadcast_id, Form())


@post(f"{ONE}/stop", name="broadcast_stop")
async def stop(request: AnyRequest, broadcast_id: FromPath[UUID]) -> Response[Any]:
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    try:
        await page.api.post(f"{API}/{broadcast_id}/stop", {"reason": form.value("reason")}, key=form.key)
    except Refused as refusal:
        return await _stopping(page, broadcast_id, forms.refused(form, refusal), status=422)
    return page.go(f"{PATH}/{broadcast_id}")


@post(f"{ONE}/submit", name="broadcast_submit")
async def submit(request: AnyRequest, broadcast_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, broadcast_id, "submit")


@post(f"{ONE}/withdraw", name="broadcast_withdraw")
async def withdraw(request: AnyRequest, broadcast_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, broadcast_id, "withdraw")


@post(f"{ONE}/approve", name="broadcast_approve")
async def approve(request: AnyRequest, broadcast_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, broadcast_id, "approve", "version")


@post(f"{ONE}/return", name="broadcast_return")
async def hand_back(request: AnyRequest, broadcast_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, broadcast_id, "return", "reason")


@post(f"{ONE}/pause", name="broadcast_pause")
async def pause(request: AnyRequest, broadcast_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, broadcast_id, "pause", "reason")


@post(f"{ONE}/resume", name="broadcast_resume")
async def resume(request: AnyRequest, broadcast_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, broadcast_id, "resume")


async def _form(page: Page, chosen: Chosen, *, held: Any = None, tried: Any = None, status: int = 200) -> Response[Any]:
    here = f"{PATH}/{held['id']}" if held else PATH
    return page.render(
        "staff/broadcasts/form.html",
        status=status,
        chosen=chosen,
        form=chosen.form,
        held=held,
        tried=tried,
        back=here,
        action=f"{here}/edit" if held else f"{PATH}/new",
        steps=broadcast_form.step_words(held),
        today=local_date(page.now).isoformat(),
        **await broadcast_form.options(page),
    )


async def _refused(page: Page, chosen: Chosen, refusal: Refused, held: Any = None) -> Response[Any]:
    return await _form(page, chosen.again(forms.refused(chosen.form, refusal, FIELDS)), held=held, status=422)


async def _looked_at(page: Page, chosen: Chosen, held: Any = None) -> Response[Any]:
    try:
        tried = await page.api.post(f"{API}/dry-run", broadcast_form.body(chosen, held))
    except Refused as refusal:
        return await _refused(page, chosen, refusal, held)
    return await _form(page, chosen, held=held, tried=tried)


async def _act(request: AnyRequest, broadcast_id: UUID, what: str, field: str | None = None) -> Response[Any]:
    """Do something to the broadcast, then show how it stands; what was refused is told there."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    # The page holds several forms that ask for a reason.
    body: dict[str, Any] | None = None
    if field == "version":
        body = {field: broadcast_form.number(form.value(field))}
    elif field:
        body = {field: form.value(f"{what}_{field}")}
    try:
        await page.api.post(f"{API}/{broadcast_id}/{what}", body, key=form.key)
    except Refused as refusal:
        again = forms.refused(form, refusal, {"reason": f"{what}_reason"})
        return await _show(page, broadcast_id, again, status=422)
    return page.go(f"{PATH}/{broadcast_id}")


async def _show(page: Page, broadcast_id: UUID, form: Form, *, status: int = 200) -> Response[Any]:
    held = await page.api.get(f"{API}/{broadcast_id}")
    undecided = held["state"] in ("draft", "waiting")
    offered = await broadcast_form.options(page)
    return page.render(
        "staff/broadcasts/broadcast.html",
        status=status,
        one=held,
        form=form,
        words=words,
        tried=await page.api.get(f"{API}/{broadcast_id}/dry-run") if undecided else None,
        to=_names(held["audience"], offered),
        categories=dict(offered["categories"]),
        kinds=dict(offered["kinds"]),
    )


def _names(to: Mapping[str, Any], offered: Mapping[str, Any]) -> dict[str, Any]:
    """The audience with the names of branches and plans in place of their ids."""
    branches = {one["id"]: one["name"] for one in offered["branches"]}
    plans = {one["plan"]: one["title"] for one in offered["plans"]}
    return {
        **to,
        "branches": [branches.get(one, one) for one in to["branches"]],
        "plans": [plans.get(one, one) for one in to["plans"]],
    }


async def _stopping(page: Page, broadcast_id: UUID, form: Form, *, status: int = 200) -> Response[Any]:
    held = await page.api.get(f"{API}/{broadcast_id}")
    return page.render("staff/broadcasts/stop.html", status=status, one=held, form=form, words=words)


HANDLERS: tuple[Any, ...] = (
    listed, new, create, look, one, edit, save, look_again, ask_to_stop, stop, submit, withdraw, approve, hand_back,
    pause, resume,
)  # fmt: skip
