"""The member's talks: minutes and agreements of those that were held, wishes and a checklist for those ahead."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post, put
from litestar.params import FromPath, JSONBody

from backend.api import talk_view, wire
from backend.api.given import Configured, Language, Me, Now, Session, Today
from backend.api.talk_view import AgreementView, PointView, TalkView
from backend.api.wire import Cursor, Input, Limit, Page, Wire
from backend.course import plans
from backend.followup import talk_reminders, talks
from backend.talks import handover, preparation, reading
from backend.talks.minutes import About
from backend.talks.preparation import Answers, Ticked
from backend.talks.reading import Coming, Place
from backend.talks.tables import Agreement

Answer = Annotated[str, msgspec.Meta(max_length=2000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]


class ComingTalkView(Wire):
    """A talk ahead: of a booking or, when the member was called in, of that. `wish` is what they want to talk about."""

    kind: str
    id: UUID
    at: datetime
    title: str | None
    wish: str | None
    shared: bool


class PreparationView(Wire):
    """What to have ready before the first talk; empty once it was held, or when no spell runs."""

    ready: bool
    points: list[PointView]
    answers: dict[str, str] | None
    coming: list[ComingTalkView]


class HandoverView(Wire):
    """How many hours of benefit count towards `limit`, and when the member goes over to the jobcentre.

    All are null where the jobcentre is there from the first day.
    """

    hours: float | None
    limit: int | None
    handover_on: date | None


class AnswersInput(Input):
    """The preparation form; what is left empty is talked about."""

    last_jobs: Answer = ""
    wanted_jobs: Answer = ""
    searched_so_far: Answer = ""
    help_wanted: Answer = ""
    practical: Answer = ""


class ReadyInput(Input):
    ready: bool


class WishInput(Input):
    """Empty takes the wish back. `shared`: the jobcentre may see it before a joint talk."""

    wish: Answer
    shared: bool = False


@get("/v1/me/talks", operation_id="listMyTalks", tags=["talks"], response_headers=wire.TAGGED)
async def list_talks(
    request: Request[Any, Any, Any], session: Session, member: Me, language: Language, settings: Configured,
    cursor: Cursor = None, limit: Limit = 20,
) -> Response[Page[TalkView]]:  # fmt: skip
    """My talks that were held, with minutes and agreements; the latest first."""
    after = Place(*wire.position(cursor, tuple[date, UUID])) if cursor else None
    found = await reading.page(session, member.id, drafts=False, after=after, limit=limit + 1)
    more = wire.cursor(found[limit - 1].talk.held_on, found[limit - 1].talk.id) if len(found) > limit else None
    items = [talk_view.talk(language, settings.course_plan_set, one) for one in found[:limit]]
    return wire.tagged(request, Page(items=items, next=more))


@post("/v1/me/agreements/{agreement_id:uuid}/done", operation_id="tickAgreement", tags=["talks"], status_code=200)
async def tick(session: Session, member: Me, now: Now, agreement_id: FromPath[UUID]) -> AgreementView:
    """I have done what I said."""
    return _agreement(await talks.tick(session, agreement_id, member.id, now=now))


@post("/v1/me/agreements/{agreement_id:uuid}/undone", operation_id="untickAgreement", tags=["talks"], status_code=200)
async def untick(session: Session, member: Me, now: Now, agreement_id: FromPath[UUID]) -> AgreementView:
    """I ticked it off by mistake."""
    return _agreement(await talks.untick(session, agreement_id, member.id, now=now))


@get("/v1/me/preparation", operation_id="getMyPreparation", tags=["talks"], response_headers=wire.TAGGED)
async def get_preparation(
    request: Request[Any, Any, Any], session: Session, member: Me, now: Now, language: Language, settings: Configured
) -> Response[PreparationView]:
    """What to have ready, and the talks ahead with what I wish to talk about."""
    found = await preparation.of_member(session, member.id)
    coming = await reading.coming(session, member.id, now=now)
    view = PreparationView(
        ready=found is None or found.ready,
        points=[talk_view.point(language, one) for one in found.points] if found else [],
        answers=dict(found.answers) if found and found.answers else None,
        coming=[_coming(language, settings.course_plan_set, one) for one in coming],
    )
    return wire.tagged(request, view)


@put("/v1/me/preparation/form", operation_id="fillPreparationForm", tags=["talks"], status_code=204)
async def fill(session: Session, member: Me, now: Now, data: JSONBody[AnswersInput]) -> None:
    """Fill in the preparation form, or change it."""
    answers = Answers(**msgspec.structs.asdict(data))
    await preparation.fill(session, member.id, answers, now=now)
    await talk_reminders.became_ready(session, member.id, now=now)


@put("/v1/me/preparation/points/{point:str}", operation_id="tickPreparation", tags=["talks"], status_code=204)
async def tick_point(
    session: Session, member: Me, now: Now, point: FromPath[Ticked], data: JSONBody[ReadyInput]
) -> None:
    """Say that the CV lies on Jobnet, or that the draft of the plan is written there."""
    await preparation.tick(session, member.id, point, ready=data.ready, now=now)
    await talk_reminders.became_ready(session, member.id, now=now)


@put("/v1/me/talks/{kind:str}/{subject_id:uuid}/wish", operation_id="wishForTalk", tags=["talks"], status_code=204)
async def wish(
    session: Session, member: Me, now: Now, kind: FromPath[Literal["booking", "call-in"]],
    subject_id: FromPath[UUID], data: JSONBody[WishInput],
) -> None:  # fmt: skip
    """What I want to talk about, until the talk begins."""
    about = About(booking_id=subject_id) if kind == "booking" else About(call_in_id=subject_id)
    await preparation.wish(session, member.id, about, data.wish, shared=data.shared, now=now)


@get("/v1/me/handover", operation_id="getMyHandover", tags=["talks"], response_headers=wire.TAGGED)
async def get_handover(
    request: Request[Any, Any, Any], session: Session, member: Me, today: Today
) -> Response[HandoverView]:
    """When I go over to the jobcentre, as far as it can be told."""
    found = await handover.ahead(session, [member.id], today=today)
    if not found:
        return wire.tagged(request, HandoverView(hours=None, limit=None, handover_on=None))
    one = found[0].forecast
    return wire.tagged(request, HandoverView(hours=one.hours, limit=one.limit, handover_on=one.handover_on))


def _agreement(held: Agreement) -> AgreementView:
    return talk_view.agreement(held, staff_name=None)


def _coming(language: str, set_name: str, one: Coming) -> ComingTalkView:
    return ComingTalkView(
        kind="booking" if one.booking_id else "call-in",
        id=one.booking_id or one.call_in_id,  # type: ignore[arg-type]
        at=one.at,
        title=plans.title(set_name, one.activity, language) if one.activity else None,
        wish=one.wish,
        shared=bool(one.shared),
    )


HANDLERS = (list_talks, tick, untick, get_preparation, fill, tick_point, wish, get_handover)
