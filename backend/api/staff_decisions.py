"""What staff decide about one member: colours, exemptions, agreements, and answers to objections."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, patch, post, put
from litestar.params import FromPath, JSONBody

from backend.api import rating_view, staff_view, wire
from backend.api.given import Colleague, Configured, Language, Now, Session, Today
from backend.api.rating_view import ColourView
from backend.api.staff_members import RequirementView, requirement_view
from backend.api.staff_view import DisputeStaffView, ExcuseInput, ExemptionView, OverrideView, Reason
from backend.api.wire import Cursor, Input, Limit, Page, Prose, Wire
from backend.course.rules import Numbers
from backend.followup import card, decisions, disputes, worklists
from backend.followup.overrides import NewOverride
from backend.followup.worklists import DisputeRow, Place


class OverrideInput(Input):
    """A colour until a day within the next 90, inclusive."""

    colour: Literal["green", "yellow", "red"]
    until: date
    reason: Reason


class EndInput(Input):
    """The new, earlier last day."""

    to_on: date


class RequirementInput(Input):
    """What the member agreed to, from a day on: today or later."""

    valid_from: date
    min_per_week: Annotated[int, msgspec.Meta(ge=0, le=20)]
    min_posted_per_week: Annotated[int, msgspec.Meta(ge=0, le=20)]
    uploads_per_month: Annotated[int, msgspec.Meta(ge=0, le=40)]


class AnswerInput(Input):
    """The answer in words. Only an objection that is upheld may set a colour."""

    verdict: Literal["upheld", "dismissed"]
    answer: Prose
    override: OverrideInput | None = None


class DisputeRowView(Wire):
    """An objection that waits for an answer."""

    id: UUID
    member_id: UUID
    member_no: str
    name: str
    branch_name: str
    colour: ColourView
    rating_id: UUID
    text: str
    due_on: date
    opened_at: datetime


@put("/v1/staff/members/{member_id:uuid}/override", operation_id="setOverride", tags=["decisions"])
async def set_override(
    session: Session,
    staff: Colleague,
    now: Now,
    settings: Configured,
    member_id: FromPath[UUID],
    data: JSONBody[OverrideInput],
) -> OverrideView:
    """Set the colour by hand; it holds from now. One that runs ends."""
    override = await decisions.set_override(
        session, member_id, staff, _override(data), now=now, call_queue=settings.call_queue
    )
    return staff_view.override_view(override, await card.names_of(session, override))


@delete("/v1/staff/members/{member_id:uuid}/override", operation_id="endOverride", tags=["decisions"])
async def end_override(
    session: Session, staff: Colleague, now: Now, settings: Configured, member_id: FromPath[UUID]
) -> None:
    """The figures speak again."""
    await decisions.end_override(session, member_id, staff, now=now, call_queue=settings.call_queue)


@post("/v1/staff/members/{member_id:uuid}/exemptions", operation_id="grantExemption", tags=["decisions"])
async def grant_exemption(
    session: Session,
    staff: Colleague,
    now: Now,
    settings: Configured,
    member_id: FromPath[UUID],
    data: JSONBody[ExcuseInput],
) -> ExemptionView:
    """Excuse the member for a period."""
    made = await decisions.grant_exemption(
        session, member_id, staff, staff_view.excuse(data), now=now, call_queue=settings.call_queue
    )
    return staff_view.exemption_view(made, staff, await card.names_of(session, made))


@patch(
    "/v1/staff/members/{member_id:uuid}/exemptions/{exemption_id:uuid}", operation_id="endExemption", tags=["decisions"]
)
async def end_exemption(
    session: Session,
    staff: Colleague,
    now: Now,
    settings: Configured,
    member_id: FromPath[UUID],
    exemption_id: FromPath[UUID],
    data: JSONBody[EndInput],
) -> ExemptionView:
    """Give the exemption an earlier last day."""
    ended = await decisions.end_exemption(
        session, member_id, exemption_id, to_on=data.to_on, now=now, call_queue=settings.call_queue
    )
    return staff_view.exemption_view(ended, staff, await card.names_of(session, ended))


@delete(
    "/v1/staff/members/{member_id:uuid}/exemptions/{exemption_id:uuid}",
    operation_id="cancelExemption",
    tags=["decisions"],
)
async def cancel_exemption(
    session: Session,
    staff: Colleague,
    now: Now,
    settings: Configured,
    member_id: FromPath[UUID],
    exemption_id: FromPath[UUID],
) -> None:
    """It should not have been given: it counts for no day, and stays to be seen."""
    await decisions.cancel_exemption(session, member_id, exemption_id, staff, now=now, call_queue=settings.call_queue)


@post("/v1/staff/members/{member_id:uuid}/requirements", operation_id="setRequirement", tags=["decisions"])
async def set_requirement(
    session: Session,
    staff: Colleague,
    now: Now,
    settings: Configured,
    member_id: FromPath[UUID],
    data: JSONBody[RequirementInput],
) -> RequirementView:
    """Write a new version of what was agreed."""
    numbers = Numbers(data.min_per_week, data.min_posted_per_week, data.uploads_per_month)
    made = await decisions.set_requirement(
        session, member_id, staff, numbers, valid_from=data.valid_from, now=now, call_queue=settings.call_queue
    )
    return requirement_view(made, await card.names_of(session, made))


@get("/v1/staff/disputes", operation_id="listOpenDisputes", tags=["decisions"], response_headers=wire.TAGGED)
async def list_disputes(
    request: Request[Any, Any, Any],
    session: Session,
    staff: Colleague,
    today: Today,
    language: Language,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response[Page[DisputeRowView]]:
    """Objections that wait for an answer, the earliest due first."""
    after = Place(*wire.position(cursor, tuple[date, UUID])) if cursor else None
    rows = await worklists.open_disputes(session, staff, after=after, limit=limit + 1, today=today)
    more = wire.cursor(rows[limit - 1].due_on, rows[limit - 1].id) if len(rows) > limit else None
    return wire.tagged(request, Page(items=[_row(language, row) for row in rows[:limit]], next=more))


@post("/v1/staff/disputes/{dispute_id:uuid}/answer", operation_id="answerDispute", tags=["decisions"], status_code=200)
async def answer_dispute(
    session: Session,
    staff: Colleague,
    now: Now,
    settings: Configured,
    dispute_id: FromPath[UUID],
    data: JSONBody[AnswerInput],
) -> DisputeStaffView:
    """Answer in words that the member reads. Upheld: the rating is marked corrected and made anew."""
    override = _override(data.override) if data.override else None
    answered = await disputes.answer(
        session, dispute_id, staff, data.verdict, data.answer,
        override=override, now=now, call_queue=settings.call_queue,
    )  # fmt: skip
    return staff_view.dispute_view(answered, await card.names_of(session, answered))


def _override(given: OverrideInput) -> NewOverride:
    return NewOverride(given.colour, given.until, given.reason)


def _row(language: str, row: DisputeRow) -> DisputeRowView:
    same = {name: getattr(row, name) for name in DisputeRowView.__struct_fields__ if name != "colour"}
    return DisputeRowView(**same, colour=rating_view.colour_view(language, row.colour))


HANDLERS = (
    set_override,
    end_override,
    grant_exemption,
    end_exemption,
    cancel_exemption,
    set_requirement,
    list_disputes,
    answer_dispute,
)
