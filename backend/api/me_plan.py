"""The member's plan: the course with its talks and activities, and Min Plan with its versions."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from backend.api import course_view, wire
from backend.api.course_view import CourseItemView, Lens, MyPlanVersionView
from backend.api.given import Language, Me, Now, Session, Today
from backend.api.wire import Wire
from backend.course import my_plan
from backend.course.my_plan import Version
from backend.course.overview import Course
from backend.followup import course_card
from backend.followup import my_plan as agreed
from backend.followup.course_card import Card


class CourseView(Wire):
    """The spell that runs, else the last one, with its plan. `reason` is why an adviser chose it, in their words.

    `items` in the order of their windows, without those that fell away.
    """

    started_on: date
    ended_on: date | None
    plan: str
    plan_since: datetime
    reason: str | None
    items: list[CourseItemView]


class MyPlanView(Wire):
    """`course` is null for who never was unemployed with us. `current`: the version in force, the newest first in all.

    `toAcknowledge` is the newest version while it is to be confirmed.
    """

    course: CourseView | None
    current: UUID | None
    to_acknowledge: UUID | None
    versions: list[MyPlanVersionView]


class AcknowledgedView(Wire):
    acknowledged_at: datetime


@get("/v1/me/plan", operation_id="getMyPlan", tags=["plan"], response_headers=wire.TAGGED)
async def get_plan(
    request: Request[Any, Any, Any], session: Session, member: Me, now: Now, today: Today, language: Language
) -> Response[MyPlanView]:
    """My course and my plan."""
    found = await course_card.of(session, member.id, now=now)
    return wire.tagged(request, _view(language, found, today))


@post(
    "/v1/me/plan/versions/{version_id:uuid}/acknowledge",
    operation_id="acknowledgeMyPlan",
    tags=["plan"],
    status_code=200,
)
async def acknowledge(session: Session, member: Me, now: Now, version_id: FromPath[UUID]) -> AcknowledgedView:
    """I have read this version."""
    return AcknowledgedView(acknowledged_at=await agreed.acknowledge(session, member.id, version_id, now=now))


def _view(language: str, found: Card, today: date) -> MyPlanView:
    held = my_plan.in_force(found.versions, today)
    return MyPlanView(
        course=_course(language, found.course, found) if found.course else None,
        current=held.plan.id if held else None,
        to_acknowledge=_open(found.versions),
        versions=[course_view.version_view(one) for one in found.versions],
    )


def _open(versions: Sequence[Version]) -> UUID | None:
    return versions[0].plan.id if versions and versions[0].plan.acknowledged_at is None else None


def _course(language: str, course: Course, found: Card) -> CourseView:
    lens = Lens(language, course, found.deadlines, eased=found.eased)
    return CourseView(
        started_on=course.spell.started_on,
        ended_on=course.spell.ended_on,
        plan=course.titles.get(language) or course.titles["da"],
        plan_since=course.plan.set_at,
        reason=course.plan.reason,
        items=[lens.item(row) for row in course.items if row.state != "cancelled"],
    )


HANDLERS = (get_plan, acknowledge)
