"""Before a talk: all that is known of the member, and a proposed agenda, in one answer."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from backend.api import rating_view, staff_view, talk_view, wire
from backend.api.given import Colleague, Configured, Language, Now, Session
from backend.api.rating_view import ColourView
from backend.api.staff_view import ReasonView
from backend.api.talk_view import PointView
from backend.api.wire import Wire
from backend.course import plans
from backend.followup import brief
from backend.followup.brief import Brief, Occasion
from backend.talks import texts


class OccasionView(Wire):
    """The talk that is next or under way, with what the member wishes to talk about."""

    booking_id: UUID | None
    call_in_id: UUID | None
    talk_id: UUID | None
    at: datetime
    form: str
    title: str | None
    wish: str | None
    wish_shared: bool | None


class WeekView(Wire):
    monday: date
    entries: int
    documents: int


class UploadsView(Wire):
    month: date
    uploads: int
    needed: int


class CvChangeView(Wire):
    verdict: str
    comment: str | None
    decided_at: datetime


class GoalsView(Wire):
    number: int
    valid_from: date
    job_goals: list[str]
    effort_areas: list[str]
    search_strategy: str
    acknowledged_at: datetime | None


class LastTalkView(Wire):
    id: UUID
    held_on: date
    form: str
    types: list[str]
    minutes: str
    staff_name: str


class OpenAgreementView(Wire):
    id: UUID
    owner: str
    what: str
    due_on: date


class BriefView(Wire):
    """What is known before a talk. `weeks` are the last four that are over, `cards` months whose card is missing.

    `planMissing` names what the plan lacks before a hand-over. `agenda` is a proposal of at most five points.
    """

    member_id: UUID
    name: str
    member_no: str
    unemployed_from: date
    colour: ColourView
    colour_since: date | None
    reasons: list[ReasonView]
    counted: int
    required: int
    per_week: int | None
    weeks: list[WeekView]
    uploads: list[UploadsView]
    cards: list[date]
    cv: str
    cv_changes: list[CvChangeView]
    plan: GoalsView | None
    plan_missing: list[str]
    last_talk: LastTalkView | None
    absent_last_time: bool
    agreements: list[OpenAgreementView]
    preparation: list[PointView]
    answers: dict[str, str] | None
    next_talk: OccasionView | None
    agenda: list[ReasonView]


@get("/v1/staff/members/{member_id:uuid}/brief", operation_id="getBrief", tags=["talks"], response_headers=wire.TAGGED)
async def get_brief(
    request: Request[Any, Any, Any], session: Session, staff: Colleague, now: Now, language: Language,
    settings: Configured, member_id: FromPath[UUID],
) -> Response[BriefView]:  # fmt: skip
    """Get ready for the next talk with this member."""
    found = await brief.of(session, member_id, now=now)
    view = BriefView(
        **_same(found),
        colour=rating_view.colour_view(language, found.colour),
        reasons=staff_view.reasons(language, staff, found.reasons),
        weeks=[_as(WeekView, one) for one in found.weeks],
        uploads=[_as(UploadsView, one) for one in found.uploads],
        cv_changes=[_as(CvChangeView, one) for one in found.cv_changes],
        plan=GoalsView(**found.plan) if found.plan else None,
        last_talk=_as(LastTalkView, found.last_talk) if found.last_talk else None,
        agreements=[_as(OpenAgreementView, one) for one in found.agreements],
        preparation=[talk_view.point(language, one) for one in found.points],
        next_talk=_occasion(language, settings.course_plan_set, found.occasion) if found.occasion else None,
        agenda=[ReasonView(code=one.code, text=texts.point(language, one)) for one in found.agenda],
    )
    return wire.tagged(request, view)


SAME = (
    "member_id", "name", "member_no", "unemployed_from", "colour_since", "counted", "required", "per_week", "cards",
    "cv", "plan_missing", "absent_last_time", "answers",
)  # fmt: skip


def _same(found: Brief) -> dict[str, Any]:
    return {name: getattr(found, name) for name in SAME}


def _as(shape: Any, found: object) -> Any:
    return shape(**{name: getattr(found, name) for name in shape.__struct_fields__})


def _occasion(language: str, set_name: str, one: Occasion) -> OccasionView:
    title = plans.title(set_name, one.activity, language) if one.activity else None
    same = {name: getattr(one, name) for name in OccasionView.__struct_fields__ if name != "title"}
    return OccasionView(**same, title=title)


HANDLERS = (get_brief,)
