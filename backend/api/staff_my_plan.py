"""Min Plan as staff write it with the member, and how often advisers and the model agree about risk."""

from datetime import date, time, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody

from backend.api import course_view, wire
from backend.api.course_view import MyPlanVersionView
from backend.api.given import Colleague, Configured, Now, Session, Today
from backend.api.staff_figures import Days
from backend.api.wire import Input, Wire
from backend.clock import local_time
from backend.course import my_plan
from backend.course.my_plan import Goals
from backend.course.rules import Numbers
from backend.followup import figures
from backend.followup import my_plan as agreed

Goal = Annotated[str, msgspec.Meta(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]
Plain = Annotated[str, msgspec.Meta(max_length=4000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
Some = Annotated[list[Goal], msgspec.Meta(max_length=10)]


class NumbersInput(Input):
    """What the member agrees to search."""

    min_per_week: Annotated[int, msgspec.Meta(ge=0, le=20)]
    min_posted_per_week: Annotated[int, msgspec.Meta(ge=0, le=20)]
    uploads_per_month: Annotated[int, msgspec.Meta(ge=0, le=40)]


class MyPlanInput(Input):
    """A version in force from a day: today or later. Without `requirement` the numbers in force stay."""

    valid_from: date
    job_goals: Some
    effort_areas: Some
    search_strategy: Plain
    plan_a: Plain | None = None
    plan_b: Plain | None = None
    plan_c: Plain | None = None
    requirement: NumbersInput | None = None


class MyPlanStaffView(Wire):
    """All versions, the newest first. `missing` are codes of what the one in force lacks before a hand-over."""

    current: UUID | None
    missing: list[str]
    versions: list[MyPlanVersionView]


class AgreementFigures(Wire):
    """Clarification forms of a time: how often the adviser judged as the model did. Null: hidden, as fewer than five.

    `lowToHigh`: the model said low, the adviser high. The last form of each spell counts.
    """

    since: date
    forms: int | None
    agreed_low: int | None
    agreed_high: int | None
    low_to_high: int | None
    high_to_low: int | None
    agreement: float | None


@get(
    "/v1/staff/members/{member_id:uuid}/my-plan",
    operation_id="getMemberMyPlan",
    tags=["course"],
    response_headers=wire.TAGGED,
)
async def member_plan(
    request: Request[Any, Any, Any], session: Session, today: Today, member_id: FromPath[UUID]
) -> Response[MyPlanStaffView]:
    """The member's Min Plan, and what it lacks of what the jobcentre must be handed."""
    return wire.tagged(request, _view(await my_plan.versions(session, member_id), today))


@post("/v1/staff/members/{member_id:uuid}/my-plan/versions", operation_id="writeMyPlan", tags=["course"])
async def write_version(
    session: Session,
    staff: Colleague,
    now: Now,
    today: Today,
    settings: Configured,
    member_id: FromPath[UUID],
    data: JSONBody[MyPlanInput],
) -> MyPlanStaffView:
    """Write a new version; the member is asked to acknowledge it. The rating goes by its numbers from its first day."""
    await agreed.write_version(
        session, member_id, staff, _goals(data), numbers=_numbers(data.requirement), valid_from=data.valid_from,
        now=now, call_queue=settings.call_queue,
    )  # fmt: skip
    return _view(await my_plan.versions(session, member_id), today)


@get("/v1/staff/figures/clarifications", operation_id="getClarificationFigures", tags=["figures"])
async def agreement(session: Session, today: Today, days: Days = 90) -> AgreementFigures:
    """How often advisers and the model agree."""
    since = today - timedelta(days=days)
    table = await figures.clarifications(session, local_time(since, time.min))
    same = figures.agreement(table)
    cells = {f"{model}_{adviser}": table.cells.get((model, adviser), 0) for model, adviser in figures.JUDGEMENTS}
    return AgreementFigures(
        since=since, forms=table.total, agreed_low=cells["low_low"], agreed_high=cells["high_high"],
        low_to_high=cells["low_high"], high_to_low=cells["high_low"], agreement=same,
    )  # fmt: skip


def _view(found: list[my_plan.Version], today: date) -> MyPlanStaffView:
    held = my_plan.in_force(found, today)
    return MyPlanStaffView(
        current=held.plan.id if held else None,
        missing=my_plan.missing(held),
        versions=[course_view.version_view(one) for one in found],
    )


def _goals(data: MyPlanInput) -> Goals:
    return Goals(**{name: getattr(data, name) for name in Goals._fields})


def _numbers(given: NumbersInput | None) -> Numbers | None:
    return None if given is None else Numbers(**{name: getattr(given, name) for name in Numbers._fields})


HANDLERS = (member_plan, write_version, agreement)
