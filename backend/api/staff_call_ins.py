"""Proposed call-ins: a named person reads the evidence and decides, with a reason."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import notices_view, rating_view, sheet_view, staff_view, wire
from backend.api.given import Colleague, Configured, Language, Now, Session, Today
from backend.api.notices_view import LetterPreview
from backend.api.rating_view import ColourView
from backend.api.sheet_view import SheetPart
from backend.api.staff_view import CallInView, Instant, Reason
from backend.api.wire import Cursor, Input, Limit, Line, Page, Wire
from backend.casework.rules_call_ins import Approval, Form, Purpose
from backend.casework.tables import CallIn
from backend.followup import call_in_file, call_ins, card, worklists
from backend.followup.call_in_file import CallInFile
from backend.followup.worklists import CallInRow, Place
from backend.notices import rules
from backend.settings import Settings

States = Annotated[list[Literal["proposed", "approved"]] | None, QueryParameter(name="state", max_items=2)]


class CallInRowView(Wire):
    """A call-in in the list, without its evidence."""

    id: UUID
    member_id: UUID
    member_no: str
    name: str
    branch_name: str
    colour: ColourView
    state: str
    due_on: date
    proposed_at: datetime
    flagged_at: datetime | None
    opened_at: datetime | None
    talk_at: datetime | None
    talk_place: str | None


class EvidenceView(Wire):
    """The call-in with the sheet as it was when it was proposed.

    `evidence` holds `rating` (the figures), `entries` (with how late they were logged), `exemptions` (pending ones
    too), `requirements`, `calls` with their attempts, and `disputes`; `sheet` says the same in words.
    An approval is possible from `approveFrom` on.
    `goodTimeToSend`: a letter that goes out now lies with the member on a working day with time to react (Monday to
    Thursday, 8 to 15). A hint only: approving at another time is lawful.
    """

    call_in: CallInView
    evidence: dict[str, Any]
    sheet: list[SheetPart]
    approve_from: datetime
    good_time_to_send: bool


class CallInFileView(Wire):
    """A call-in and whom it is about. `read` is null until I open the evidence.

    `place` is the branch's, as a letter would say. `noticeId`: the letter that called the member in.
    """

    call_in: CallInView
    member_no: str
    name: str
    phone: str
    branch_name: str
    place: str
    colour: ColourView
    read: EvidenceView | None
    notice_id: UUID | None


class ApprovalInput(Input):
    """What the letter to the member says of the talk, and why they are called in.

    `talkPlace` is where we meet, the number that we call, or how to get to the video, by the `form`. A talk less than
    three working days ahead takes a `shortNoticeReason`.
    """

    reason: Reason
    talk_at: Instant
    talk_place: Line
    form: Form = "attendance"
    purpose: Purpose = "availability"
    short_notice_reason: staff_view.Note = ""


class ReasonInput(Input):
    reason: Reason


class HeldInput(Input):
    """The day on which the talk was held."""

    held_on: date


@get("/v1/staff/call-ins", operation_id="listCallIns", tags=["call-ins"], response_headers=wire.TAGGED)
async def list_call_ins(
    request: Request[Any, Any, Any],
    session: Session,
    staff: Colleague,
    today: Today,
    language: Language,
    states: States = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response[Page[CallInRowView]]:
    """Proposals to decide on and talks that lie ahead, the earliest due first."""
    after = Place(*wire.position(cursor, tuple[date, UUID])) if cursor else None
    rows = await worklists.open_call_ins(session, staff, states=states or (), after=after, limit=limit + 1, today=today)
    more = wire.cursor(rows[limit - 1].due_on, rows[limit - 1].id) if len(rows) > limit else None
    return wire.tagged(request, Page(items=[_row(language, row) for row in rows[:limit]], next=more))


@get("/v1/staff/call-ins/{call_in_id:uuid}", operation_id="getCallIn", tags=["call-ins"])
async def get_one(
    session: Session, staff: Colleague, now: Now, settings: Configured, language: Language, call_in_id: FromPath[UUID]
) -> CallInFileView:
    """One call-in in whatever state. Its evidence is shown to those who opened it."""
    file = await call_in_file.of(session, call_in_id, staff.id, pause=_pause(settings))
    return await _file(session, language, file, now)


@post("/v1/staff/call-ins/{call_in_id:uuid}/open", operation_id="openCallIn", tags=["call-ins"], status_code=200)
async def open_sheet(
    session: Session, staff: Colleague, now: Now, settings: Configured, language: Language, call_in_id: FromPath[UUID]
) -> EvidenceView:
    """Read the evidence. That I did is kept; without it, and without some seconds to read, I cannot approve."""
    await call_ins.open_sheet(session, call_in_id, staff, now=now)
    file = await call_in_file.of(session, call_in_id, staff.id, pause=_pause(settings))
    assert file.approve_from is not None, "it was just opened"
    return await _evidence(session, language, file, file.approve_from, now)


@post(
    "/v1/staff/call-ins/{call_in_id:uuid}/letter-preview",
    operation_id="previewCallIn",
    tags=["call-ins"],
    status_code=200,
)
async def preview(
    session: Session, staff: Colleague, now: Now, call_in_id: FromPath[UUID], data: JSONBody[ApprovalInput]
) -> LetterPreview:
    """The letter that this approval would send, in the member's language. Nothing is written or sent."""
    content = await call_ins.preview(session, call_in_id, staff, _approval(data), now=now)
    return notices_view.preview(content)


@post("/v1/staff/call-ins/{call_in_id:uuid}/approve", operation_id="approveCallIn", tags=["call-ins"], status_code=200)
async def approve(
    session: Session,
    staff: Colleague,
    now: Now,
    settings: Configured,
    call_in_id: FromPath[UUID],
    data: JSONBody[ApprovalInput],
) -> CallInView:
    """Call the member in to a talk."""
    approval, pause = _approval(data), _pause(settings)
    return await _view(session, await call_ins.approve(session, call_in_id, staff, approval, now=now, pause=pause))


@post("/v1/staff/call-ins/{call_in_id:uuid}/reject", operation_id="rejectCallIn", tags=["call-ins"], status_code=200)
async def reject(
    session: Session, staff: Colleague, now: Now, call_in_id: FromPath[UUID], data: JSONBody[ReasonInput]
) -> CallInView:
    """There is no ground to call the member in."""
    return await _view(session, await call_ins.reject(session, call_in_id, staff, data.reason, now=now))


@post("/v1/staff/call-ins/{call_in_id:uuid}/cancel", operation_id="cancelCallIn", tags=["call-ins"], status_code=200)
async def cancel(
    session: Session, staff: Colleague, now: Now, call_in_id: FromPath[UUID], data: JSONBody[ReasonInput]
) -> CallInView:
    """Call it off: the search improved first, or the talk is not needed any more."""
    return await _view(session, await call_ins.cancel(session, call_in_id, staff, data.reason, now=now))


@post("/v1/staff/call-ins/{call_in_id:uuid}/held", operation_id="holdCallIn", tags=["call-ins"], status_code=200)
async def hold(
    session: Session,
    staff: Colleague,
    now: Now,
    settings: Configured,
    call_in_id: FromPath[UUID],
    data: JSONBody[HeldInput],
) -> CallInView:
    """The talk was held: the colour starts afresh from the next day."""
    queue = settings.call_queue
    held = await call_ins.hold(session, call_in_id, staff, data.held_on, now=now, call_queue=queue)
    return await _view(session, held)


@post("/v1/staff/call-ins/{call_in_id:uuid}/no-show", operation_id="missCallIn", tags=["call-ins"], status_code=200)
async def miss(session: Session, staff: Colleague, now: Now, call_in_id: FromPath[UUID]) -> CallInView:
    """The member did not come."""
    return await _view(session, await call_ins.miss(session, call_in_id, staff, now=now))


def _approval(data: ApprovalInput) -> Approval:
    talk_at = staff_view.sensible(data.talk_at, "talkAt")
    return Approval(data.reason, talk_at, data.talk_place, data.short_notice_reason, data.form, data.purpose)


def _pause(settings: Settings) -> timedelta:
    return timedelta(seconds=settings.call_in_reading_seconds)


async def _file(session: AsyncSession, language: str, file: CallInFile, now: datetime) -> CallInFileView:
    same = ("member_no", "name", "phone", "branch_name", "place", "notice_id")
    opened = await _evidence(session, language, file, file.approve_from, now) if file.approve_from else None
    return CallInFileView(
        call_in=await _view(session, file.case),
        colour=rating_view.colour_view(language, file.about.colour),
        read=opened,
        **{name: getattr(file.about, name) for name in same},
    )


async def _evidence(
    session: AsyncSession, language: str, file: CallInFile, approve_from: datetime, now: datetime
) -> EvidenceView:
    case = file.case
    return EvidenceView(
        call_in=await _view(session, case),
        evidence=case.evidence,
        sheet=await sheet_view.of(session, language, case),
        approve_from=approve_from,
        good_time_to_send=rules.is_good_time(now),
    )


async def _view(session: AsyncSession, case: CallIn) -> CallInView:
    return staff_view.call_in_view(case, await card.names_of(session, case))


def _row(language: str, row: CallInRow) -> CallInRowView:
    same = {name: getattr(row, name) for name in CallInRowView.__struct_fields__ if name != "colour"}
    return CallInRowView(**same, colour=rating_view.colour_view(language, row.colour))


HANDLERS = (list_call_ins, get_one, open_sheet, preview, approve, reject, cancel, hold, miss)
