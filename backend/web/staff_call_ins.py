"""Call-ins: proposals with their evidence, the letter before it is sent, the decision, and what became of the talk."""

from datetime import datetime
from math import ceil
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from backend.clock import local_date
from backend.web import forms
from backend.web import page as pages
from backend.web.client import File, Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page

LIST, API = "/staff/call-ins", "/v1/staff/call-ins"
FIELDS = {
    "talkAt": "talk_day", "talkPlace": "talk_place", "shortNoticeReason": "short_notice_reason", "heldOn": "held_on"
}  # fmt: skip


@get("/staff/call-ins", name="call_ins")
async def proposals(request: AnyRequest, cursor: FromQuery[str | None] = None) -> Response[Any]:
    """Proposals to decide on, or talks that lie ahead, and how people decide together."""
    page = pages.of(request)
    page.staff()
    # Not an argument: the framework gives that name to its own state.
    state = request.query_params.get("state")
    chosen = state if state == "approved" else "proposed"
    return page.render(
        "staff/cases/call_ins.html",
        state=chosen,
        rows=await page.api.get(API, state=chosen, cursor=cursor, limit=30),
        figures=await page.api.get("/v1/staff/figures/decisions", days=90),
        today=local_date(page.now).isoformat(),
    )


@get("/staff/call-ins/{case_id:uuid}", name="call_in")
async def one(request: AnyRequest, case_id: FromPath[UUID]) -> Response[Any]:
    """One call-in, as far as I have opened it."""
    page = pages.of(request)
    page.staff()
    return await _show(page, case_id, Form())


@post("/staff/call-ins/{case_id:uuid}/open", name="open_call_in")
async def open_sheet(request: AnyRequest, case_id: FromPath[UUID]) -> Response[Any]:
    """Open the evidence, which is kept."""
    return await _act(request, case_id, "open", lambda _form: None)


@post("/staff/call-ins/{case_id:uuid}/letter", name="call_in_letter_preview")
async def preview(request: AnyRequest, case_id: FromPath[UUID]) -> Response[Any]:
    """The letter as it would be sent, above the form that it is made of."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    try:
        letter = await page.api.post(f"{API}/{case_id}/letter-preview", _approval(form))
    except Refused as refusal:
        return await _show(page, case_id, forms.refused(form, refusal, FIELDS), status=422)
    return await _show(page, case_id, form, letter=letter)


@post("/staff/call-ins/{case_id:uuid}/approve", name="approve_call_in")
async def approve(request: AnyRequest, case_id: FromPath[UUID]) -> Response[Any]:
    """Approve and send the letter. Refused: the letter stays in view with what is wrong."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    try:
        await page.api.post(f"{API}/{case_id}/approve", _approval(form), key=form.key)
    except Refused as refusal:
        again = forms.refused(form, refusal, FIELDS)
        return await _show(page, case_id, again, letter=await _letter(page, case_id, form), status=422)
    return page.go(f"{LIST}/{case_id}")


@post("/staff/call-ins/{case_id:uuid}/reject", name="reject_call_in")
async def reject(request: AnyRequest, case_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, case_id, "reject", _reason)


@post("/staff/call-ins/{case_id:uuid}/cancel", name="cancel_call_in")
async def cancel(request: AnyRequest, case_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, case_id, "cancel", _reason)


@post("/staff/call-ins/{case_id:uuid}/held", name="hold_call_in")
async def hold(request: AnyRequest, case_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, case_id, "held", lambda form: {"heldOn": form.value("held_on")})


@post("/staff/call-ins/{case_id:uuid}/no-show", name="miss_call_in")
async def miss(request: AnyRequest, case_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, case_id, "no-show", lambda _form: None)


@get("/staff/call-ins/{case_id:uuid}/letter.pdf", name="call_in_letter")
async def letter(request: AnyRequest, case_id: FromPath[UUID]) -> Response[Any]:
    """The letter as it was sent."""
    return await _download(request, case_id, "letter")


@get("/staff/call-ins/{case_id:uuid}/evidence.zip", name="call_in_evidence")
async def evidence(request: AnyRequest, case_id: FromPath[UUID]) -> Response[Any]:
    """The bundle for the complaints board."""
    return await _download(request, case_id, "evidence")


async def _download(request: AnyRequest, case_id: UUID, what: str) -> Response[Any]:
    page = pages.of(request)
    page.staff()
    case = await page.api.get(f"{API}/{case_id}")
    found: File = await page.api.download(f"/v1/staff/notices/{case['noticeId']}/{what}")
    return Response(content=found.content, media_type=found.media_type, headers=dict(found.headers))


async def _act(request: AnyRequest, case_id: UUID, what: str, body: Any) -> Response[Any]:
    """Do something to the call-in, then show how it stands; what was refused is told there."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    try:
        await page.api.post(f"{API}/{case_id}/{what}", body(form), key=form.key)
    except Refused as refusal:
        names = FIELDS | {"reason": f"{what}_reason"}
        return await _show(page, case_id, forms.refused(form, refusal, names), status=422)
    return page.go(f"{LIST}/{case_id}")


def _approval(form: Form) -> dict[str, Any]:
    names = {"reason": "reason", "talkPlace": "talk_place", "form": "form", "purpose": "purpose"}
    found = {name: form.value(field) for name, field in names.items()}
    at = _instant(form.value("talk_day"), form.value("talk_time"))
    return found | {"talkAt": at, "shortNoticeReason": form.value("short_notice_reason")}


def _instant(day: str, at: str) -> str:
    """What cannot be read goes to the API as it is, which says what is wrong with it."""
    try:
        return forms.instant(day, at)
    except ValueError:
        return f"{day}T{at}"


def _reason(form: Form) -> dict[str, Any]:
    return {"reason": form.value("reject_reason") or form.value("cancel_reason")}


async def _letter(page: Page, case_id: UUID, form: Form) -> Any:
    """The letter once more, where there is one to show."""
    try:
        return await page.api.post(f"{API}/{case_id}/letter-preview", _approval(form))
    except Refused:
        return None


async def _show(page: Page, case_id: UUID, form: Form, *, letter: Any = None, status: int = 200) -> Response[Any]:
    file = await page.api.get(f"{API}/{case_id}")
    return page.render(
        "staff/cases/call_in.html",
        status=status,
        file=file,
        case=file["callIn"],
        form=form,
        letter=letter,
        wait=_wait(page, file),
        today=local_date(page.now),
    )


def _wait(page: Page, file: Any) -> int:
    """Whole seconds until an approval is possible."""
    if file["read"] is None:
        return 0
    left = datetime.fromisoformat(file["read"]["approveFrom"]) - page.now
    return max(0, ceil(left.total_seconds()))


HANDLERS: tuple[Any, ...] = (
    proposals, one, open_sheet, preview, approve, reject, cancel, hold, miss, letter, evidence
)  # fmt: skip
