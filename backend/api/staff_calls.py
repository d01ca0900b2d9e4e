"""The queue of service calls: take one, ring, write down what came of it.

The contact centre sees the call's card only: name, phone, why, figures, last contact.
"""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api import access_roles, call_card, door, staff_view, wire
from backend.api.call_card import CallCard, CallRowView, QueueName
from backend.api.given import Colleague, Configured, Language, Now, Session, Today
from backend.api.staff_view import ExcuseInput, Instant, Note
from backend.api.wire import Cursor, Input, Limit, Page, Wire
from backend.casework.rules_calls import AttemptResult, Outcome
from backend.errors import Forbidden, Invalid
from backend.followup import calls, worklists
from backend.followup.worklists import Place
from backend.i18n import N_

OfQueue = Annotated[QueueName | None, QueryParameter(name="queue")]


class Taken(Wire):
    """The call that is mine now; null when nobody waits."""

    card: CallCard | None


class ReleaseInput(Input):
    """Without `nextTry` it is handed out again at once."""

    next_try: Instant | None = None


class AttemptInput(Input):
    result: AttemptResult


class OutcomeInput(Input):
    """What came of the call. `exemption` belongs to the outcome `exempt` and to no other.

    `fillBy` with `agreed_plan`: the last day to fill in the job log, about a week ahead; the member gets a letter.
    """

    outcome: Outcome
    note: Note | None = None
    exemption: ExcuseInput | None = None
    fill_by: date | None = None


@get("/v1/staff/service-calls", operation_id="listServiceCalls", tags=["service calls"], response_headers=wire.TAGGED)
async def list_calls(
    request: Request[Any, Any, Any],
    session: Session,
    staff: Colleague,
    today: Today,
    language: Language,
    queue: OfQueue = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response[Page[CallRowView]]:
    """The calls that wait or are being made, the most urgent first."""
    after = Place(*wire.position(cursor, tuple[date, UUID])) if cursor else None
    rows = await worklists.waiting_calls(session, staff, queue=queue, after=after, limit=limit + 1, today=today)
    more = wire.cursor(rows[limit - 1].due_on, rows[limit - 1].id) if len(rows) > limit else None
    return wire.tagged(
        request, Page(items=[call_card.row_view(language, staff, row) for row in rows[:limit]], next=more)
    )


@post("/v1/staff/service-calls/next", operation_id="takeNextServiceCall", tags=["service calls"], status_code=200)
async def take_next(
    request: Request[Any, Any, Any], session: Session, staff: Colleague, now: Now, language: Language
) -> Taken:
    """Take the most urgent call that nobody makes; who holds one already gets that one."""
    call = await calls.take_next(session, staff, now=now)
    if call is None:
        return Taken(card=None)
    door.concerns(request.scope, call.member_id)
    return Taken(card=await call_card.of(session, language, staff, call.id))


@get("/v1/staff/service-calls/{call_id:uuid}", operation_id="getServiceCall", tags=["service calls"])
async def get_call(session: Session, staff: Colleague, language: Language, call_id: FromPath[UUID]) -> CallCard:
    """One call's card."""
    return await call_card.of(session, language, staff, call_id)


@post(
    "/v1/staff/service-calls/{call_id:uuid}/claim",
    operation_id="claimServiceCall",
    tags=["service calls"],
    status_code=200,
)
async def claim(session: Session, staff: Colleague, now: Now, language: Language, call_id: FromPath[UUID]) -> CallCard:
    """Take this call, whenever it is due."""
    await calls.claim(session, call_id, staff, now=now)
    return await call_card.of(session, language, staff, call_id)


@post(
    "/v1/staff/service-calls/{call_id:uuid}/release",
    operation_id="releaseServiceCall",
    tags=["service calls"],
    status_code=200,
)
async def release(
    session: Session,
    staff: Colleague,
    now: Now,
    language: Language,
    call_id: FromPath[UUID],
    data: JSONBody[ReleaseInput],
) -> CallCard:
    """Put it back."""
    await calls.release(session, call_id, staff, next_try=_next_try(data.next_try, now), now=now)
    return await call_card.of(session, language, staff, call_id)


@post("/v1/staff/service-calls/{call_id:uuid}/attempts", operation_id="addCallAttempt", tags=["service calls"])
async def add_attempt(
    session: Session,
    staff: Colleague,
    now: Now,
    language: Language,
    call_id: FromPath[UUID],
    data: JSONBody[AttemptInput],
) -> CallCard:
    """Write down that I rang. In vain: the call goes back and is due again; after two fair tries the member is told."""
    await calls.attempt(session, call_id, staff, data.result, now=now)
    return await call_card.of(session, language, staff, call_id)


@post(
    "/v1/staff/service-calls/{call_id:uuid}/outcome",
    operation_id="completeServiceCall",
    tags=["service calls"],
    status_code=200,
)
async def complete(
    session: Session,
    staff: Colleague,
    now: Now,
    language: Language,
    settings: Configured,
    call_id: FromPath[UUID],
    data: JSONBody[OutcomeInput],
) -> CallCard:
    """End the call. An exemption or a last day is a decision: the contact centre passes it on as `needs_help`."""
    if (data.exemption or data.fill_by) and not staff.roles & access_roles.DECIDE.roles:
        raise Forbidden
    excuse = staff_view.excuse(data.exemption) if data.exemption else None
    await calls.complete(
        session, call_id, staff, data.outcome, note=data.note, excuse=excuse, now=now, call_queue=settings.call_queue,
        fill_by=data.fill_by,
    )  # fmt: skip
    return await call_card.of(session, language, staff, call_id)


@post(
    "/v1/staff/service-calls/{call_id:uuid}/undo",
    operation_id="undoServiceCall",
    tags=["service calls"],
    status_code=200,
)
async def undo(
    session: Session, staff: Colleague, now: Now, language: Language, settings: Configured, call_id: FromPath[UUID]
) -> CallCard:
    """Take my outcome back, within ten minutes."""
    await calls.undo(session, call_id, staff, now=now, call_queue=settings.call_queue)
    return await call_card.of(session, language, staff, call_id)


def _next_try(at: datetime | None, now: datetime) -> datetime | None:
    if at is not None and staff_view.sensible(at, "nextTry") <= now:
        raise Invalid(N_("The next try lies in the future."), field="nextTry")
    return at


HANDLERS = (list_calls, take_next, get_call, claim, release, add_attempt, complete, undo)
