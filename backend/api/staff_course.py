"""A member's course as staff plan it: spells, the clarification form, plans, later last days of talks."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, JSONBody

from backend.api import staff_course_view, wire
from backend.api.given import Colleague, Configured, Language, Now, Session, Today
from backend.api.staff_course_view import ChangeView, PlanChoice, StaffPlanView
from backend.api.staff_view import Reason
from backend.api.wire import Input, Wire
from backend.course import planning, plans
from backend.course.forms import Answers
from backend.course.planning import Form
from backend.course.replanning import Replanned
from backend.errors import NotFound
from backend.followup import card, course, course_card, skips
from backend.followup.course_card import Card

Answer = Annotated[str, msgspec.Meta(min_length=1, max_length=2000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]


class SpellInput(Input):
    """The first day of unemployment: at most a year back, 90 days ahead."""

    started_on: date


class SpellEndInput(Input):
    """The last day of unemployment."""

    ended_on: date


class FormInput(Input):
    """The clarification form. Every question is mandatory; "none" is an answer. The member can read it.

    `risk` is the adviser's own judgement and goes before the model's.
    """

    risk: Literal["low", "high"]
    reason: Reason
    complex_challenges: bool
    no_education: bool
    no_dependent_children: bool
    basic_it: bool
    job_goal: Answer
    strengths: Answer
    search_so_far: Answer
    obstacles: Answer
    help_wanted: Answer


class PlanInput(Input):
    """A plan by its key, against what the target groups say."""

    plan: Annotated[str, msgspec.Meta(max_length=40)]
    reason: Reason


class PlanPreviewInput(Input):
    plan: Annotated[str, msgspec.Meta(max_length=40)]


class ExtensionInput(Input):
    """Whether the later last day that illness or holiday calls for is granted."""

    granted: bool


class SpellView(Wire):
    """A spell that was begun, with the plan the member was given and how many items it has."""

    spell_id: UUID
    started_on: date
    plan: str
    items: int


class ReplannedView(Wire):
    """What a new plan changed; null counts where the plan stays the same."""

    plan: str | None
    added: int
    moved: int
    ended: int
    bookings_ended: int


class ExtensionView(Wire):
    due_on: date


class SkipInput(Input):
    """Why the member need not do the item; the member reads it."""

    reason: Reason


@get("/v1/staff/course-plans", operation_id="listCoursePlans", tags=["course"])
async def list_plans(settings: Configured, today: Today, language: Language) -> list[PlanChoice]:
    """The plans that the fund gives to spells which start today."""
    return staff_course_view.choices(plans.for_start(settings.course_plan_set, today), language)


@get(
    "/v1/staff/members/{member_id:uuid}/plan",
    operation_id="getMemberPlan",
    tags=["course"],
    response_headers=wire.TAGGED,
)
async def member_plan(
    request: Request[Any, Any, Any], session: Session, now: Now, language: Language, member_id: FromPath[UUID]
) -> Response[StaffPlanView]:
    """The member's spell, target group, regime, items and forms. 404 for who never had a spell."""
    found = await course_card.of(session, member_id, now=now)
    if found.course is None:
        raise NotFound
    names = await card.names_of(session, *found.course.plans, *found.course.forms)
    return wire.tagged(request, staff_course_view.plan_view(language, found, found.course, names))


@post("/v1/staff/members/{member_id:uuid}/spells", operation_id="startSpell", tags=["course"])
async def start_spell(
    session: Session, now: Now, settings: Configured, member_id: FromPath[UUID], data: JSONBody[SpellInput]
) -> SpellView:
    """The member is unemployed from a day: the course is planned from there."""
    begun = await course.start_spell(
        session, member_id, started_on=data.started_on, set_name=settings.course_plan_set, now=now
    )
    return SpellView(spell_id=begun.spell_id, started_on=begun.started_on, plan=begun.plan, items=len(begun.items))


@post("/v1/staff/members/{member_id:uuid}/spell/end", operation_id="endSpell", tags=["course"], status_code=204)
async def end_spell(
    session: Session, now: Now, settings: Configured, member_id: FromPath[UUID], data: JSONBody[SpellEndInput]
) -> None:
    """The member is not unemployed any more: what lay ahead is cancelled, bookings too, with notice."""
    await course.end_spell(session, member_id, ended_on=data.ended_on, set_name=settings.course_plan_set, now=now)


@post(
    "/v1/staff/members/{member_id:uuid}/clarification", operation_id="clarifyMember", tags=["course"], status_code=200
)
async def clarify(
    session: Session,
    staff: Colleague,
    now: Now,
    settings: Configured,
    member_id: FromPath[UUID],
    data: JSONBody[FormInput],
) -> ReplannedView:
    """Keep the form of the CV talk and give the plan that follows from it."""
    done = await course.clarify(
        session, member_id, _form(data), staff_id=staff.id, set_name=settings.course_plan_set, now=now
    )
    return _replanned(done)


@post(
    "/v1/staff/members/{member_id:uuid}/clarification/preview",
    operation_id="previewClarification",
    tags=["course"],
    status_code=200,
)
async def preview_clarification(
    session: Session, now: Now, today: Today, language: Language, member_id: FromPath[UUID], data: JSONBody[FormInput]
) -> ChangeView:
    """What the form would change, before it is kept."""
    found = await planning.preview_clarification(session, member_id, _form(data), today=today)
    return staff_course_view.change_view(language, await _card(session, member_id, now), found)


@post("/v1/staff/members/{member_id:uuid}/plan", operation_id="choosePlan", tags=["course"], status_code=200)
async def choose_plan(
    session: Session,
    staff: Colleague,
    now: Now,
    settings: Configured,
    member_id: FromPath[UUID],
    data: JSONBody[PlanInput],
) -> ReplannedView:
    """Give a plan by hand: what is done stays, what both plans hold goes on, the rest is cancelled with notice."""
    done = await course.choose_plan(
        session, member_id, data.plan, reason=data.reason, staff_id=staff.id, set_name=settings.course_plan_set, now=now
    )
    return _replanned(done)


@post("/v1/staff/members/{member_id:uuid}/plan/preview", operation_id="previewPlan", tags=["course"], status_code=200)
async def preview_plan(
    session: Session,
    now: Now,
    today: Today,
    language: Language,
    member_id: FromPath[UUID],
    data: JSONBody[PlanPreviewInput],
) -> ChangeView:
    """What another plan would cancel, keep and add."""
    found = await planning.preview_plan(session, member_id, data.plan, today=today)
    return staff_course_view.change_view(language, await _card(session, member_id, now), found)


@post(
    "/v1/staff/members/{member_id:uuid}/items/{item_id:uuid}/extension",
    operation_id="decideExtension",
    tags=["course"],
    status_code=200,
)
async def decide_extension(
    session: Session,
    now: Now,
    settings: Configured,
    member_id: FromPath[UUID],
    item_id: FromPath[UUID],
    data: JSONBody[ExtensionInput],
) -> ExtensionView:
    """Answer to a later last day of a statutory talk, which never moves by itself."""
    due_on = await course.decide_extension(
        session, member_id, item_id, granted=data.granted, set_name=settings.course_plan_set, now=now
    )
    return ExtensionView(due_on=due_on)


@post(
    "/v1/staff/members/{member_id:uuid}/items/{item_id:uuid}/skip",
    operation_id="skipItem",
    tags=["course"],
    status_code=204,
)
async def skip_item(
    session: Session,
    staff: Colleague,
    now: Now,
    settings: Configured,
    member_id: FromPath[UUID],
    item_id: FromPath[UUID],
    data: JSONBody[SkipInput],
) -> None:
    """The member need not do this item, and reads why: a booking for it is given back. Not for statutory talks."""
    await skips.skip(
        session, member_id, item_id, reason=data.reason, staff_id=staff.id, set_name=settings.course_plan_set, now=now
    )


@delete("/v1/staff/members/{member_id:uuid}/items/{item_id:uuid}/skip", operation_id="undoSkip", tags=["course"])
async def undo_skip(
    session: Session,
    staff: Colleague,
    now: Now,
    settings: Configured,
    member_id: FromPath[UUID],
    item_id: FromPath[UUID],
) -> None:
    """The item is asked for again, with at least eight days to book it."""
    await skips.undo(session, member_id, item_id, staff_id=staff.id, set_name=settings.course_plan_set, now=now)


def _form(data: FormInput) -> Form:
    asked = {name: getattr(data, name) for name in Answers.__dataclass_fields__}
    rest = {name: getattr(data, name) for name in Form.__dataclass_fields__ if name != "answers"}
    return Form(**rest, answers=Answers(**asked))


def _replanned(done: Replanned | None) -> ReplannedView:
    if done is None:
        return ReplannedView(plan=None, added=0, moved=0, ended=0, bookings_ended=0)
    return ReplannedView(
        plan=done.plan, added=done.added, moved=done.moved, ended=len(done.ended), bookings_ended=len(done.ended_booked)
    )


async def _card(session: Session, member_id: UUID, now: datetime) -> Card:
    return await course_card.of(session, member_id, now=now)


HANDLERS = (
    list_plans,
    member_plan,
    start_spell,
    end_spell,
    clarify,
    preview_clarification,
    choose_plan,
    preview_plan,
    decide_extension,
    skip_item,
    undo_skip,
)
