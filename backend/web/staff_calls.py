"""Service calls: the queue, and the card of one call from the first ring to the outcome."""

from datetime import datetime
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

QUEUE, CARD = "/staff/calls", "/v1/staff/service-calls"
FIELDS = {
    "fillBy": "fill_by", "nextTry": "next_day", "fromOn": "from_on", "toOn": "to_on", "exemption": "kind",
    "exemption.fromOn": "from_on", "exemption.toOn": "to_on", "exemption.type": "kind",
}  # fmt: skip
# Who may decide about exemptions and deadlines; the others pass the case on.
DECIDES = frozenset({"adviser", "coordinator"})
SEES_MEMBERS = DECIDES | {"job_consultant"}


@get("/staff/calls", name="calls")
async def queue(
    request: AnyRequest,
    queue: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    none: FromQuery[bool] = False,
) -> Response[Any]:
    """The calls that wait, the most urgent first, and the next one at a click."""
    page = pages.of(request)
    who = page.staff()
    found = await page.api.get(CARD, queue=queue, cursor=cursor, limit=30)
    both = bool(who.roles & SEES_MEMBERS)
    today = local_date(page.now).isoformat()
    return page.render("staff/cases/calls.html", calls=found, queue=queue or "", none=none, both=both, today=today)


@post("/staff/calls/next", name="next_call")
async def take_next(request: AnyRequest) -> Response[Any]:
    """Take the most urgent call; nobody else is handed it meanwhile."""
    page = pages.of(request)
    page.staff()
    taken = await page.api.post(f"{CARD}/next")
    return page.go(f"{QUEUE}/{taken['card']['call']['id']}" if taken["card"] else f"{QUEUE}?none=true")


@get("/staff/calls/{call_id:uuid}", name="call")
async def card(request: AnyRequest, call_id: FromPath[UUID]) -> Response[Any]:
    """The card: whom to ring, why, and what came of it."""
    page = pages.of(request)
    page.staff()
    return await _card(page, call_id, Form())


@post("/staff/calls/{call_id:uuid}/claim", name="claim_call")
async def claim(request: AnyRequest, call_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, call_id, "claim", lambda _form: None)


@post("/staff/calls/{call_id:uuid}/attempts", name="call_attempt")
async def attempt(request: AnyRequest, call_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, call_id, "attempts", lambda form: {"result": form.value("result")})


@post("/staff/calls/{call_id:uuid}/outcome", name="call_outcome")
async def complete(request: AnyRequest, call_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, call_id, "outcome", _outcome)


@post("/staff/calls/{call_id:uuid}/release", name="release_call")
async def release(request: AnyRequest, call_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, call_id, "release", _next_try)


@post("/staff/calls/{call_id:uuid}/undo", name="undo_call")
async def undo(request: AnyRequest, call_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, call_id, "undo", lambda _form: None)


async def _act(request: AnyRequest, call_id: UUID, what: str, body: Any) -> Response[Any]:
    """Do something to the call, then show how it stands; what was refused is told on the card."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    try:
        await page.api.post(f"{CARD}/{call_id}/{what}", body(form), key=form.key)
    except Refused as refusal:
        return await _card(page, call_id, forms.refused(form, refusal, FIELDS), status=422)
    return page.go(f"{QUEUE}/{call_id}")


def _outcome(form: Form) -> dict[str, Any]:
    outcome = form.value("outcome")
    found = {"outcome": outcome, "note": form.value("note")}
    if outcome == "agreed_plan":
        found["fillBy"] = form.value("fill_by")
    if outcome == "exempt":
        dated = {"type": form.value("kind"), "fromOn": form.value("from_on"), "toOn": form.value("to_on")}
        found["exemption"] = forms.without_empty(dated)  # type: ignore[assignment]
    return forms.without_empty(found)


def _next_try(form: Form) -> dict[str, Any]:
    """A day without an hour means the morning."""
    day = form.value("next_day")
    return {"nextTry": _instant(day, form.value("next_time") or "09:00")} if day else {}


def _instant(day: str, at: str) -> str:
    """What cannot be read goes to the API as it is, which says what is wrong with it."""
    try:
        return forms.instant(day, at)
    except ValueError:
        return f"{day}T{at}"


async def _card(page: Page, call_id: UUID, form: Form, *, status: int = 200) -> Response[Any]:
    found = await page.api.get(f"{CARD}/{call_id}")
    decides = bool(page.staff().roles & DECIDES)
    until = found["undoUntil"]
    return page.render(
        "staff/cases/call.html",
        status=status,
        card=found,
        call=found["call"],
        form=form,
        decides=decides,
        undo=until is not None and page.now < datetime.fromisoformat(until),
        today=local_date(page.now),
    )


HANDLERS: tuple[Any, ...] = (queue, take_next, card, claim, attempt, complete, release, undo)
