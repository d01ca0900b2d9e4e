"""A member's course as staff read it."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from backend.api.course_view import CourseItemView, Lens, NewItemView
from backend.api.wire import Wire
from backend.course import plans
from backend.course.overview import Course
from backend.course.planning import Preview
from backend.course.plans import PlanSet
from backend.course.tables_plans import Clarification, SpellPlan
from backend.followup.course_card import Card

Names = Mapping[UUID, str]


class PlanChoice(Wire):
    """A plan by its key, and what it is called."""

    plan: str
    title: str


class GivenPlanView(Wire):
    """A plan that the spell follows or followed. `setBy` is null where the target groups gave it."""

    plan: str
    title: str
    risk: str
    reason: str | None
    set_by: str | None
    set_at: datetime
    ended_at: datetime | None


class FormView(Wire):
    """A clarification form as it was filled in, beside what the model said that day."""

    id: UUID
    risk: str
    model_risk: str | None
    reason: str
    complex_challenges: bool
    no_education: bool
    no_dependent_children: bool
    basic_it: bool
    form_version: int
    answers: dict[str, str]
    filled_by: str | None
    filled_at: datetime


class StaffPlanView(Wire):
    """The spell that runs, else the last one. `plans` and `forms` the newest first; `items` by window, cancelled too.

    `regime` names the rules for talks that held on the spell's first day; `merges` are the talks that may be one.
    """

    spell_id: UUID
    started_on: date
    ended_on: date | None
    source: str
    regime: str
    merges: list[list[str]]
    plan_set: str
    plans: list[GivenPlanView]
    items: list[CourseItemView]
    forms: list[FormView]


class MovedView(Wire):
    """An item that stays, and the dates that it would have."""

    item: CourseItemView
    becomes: NewItemView


class ChangeView(Wire):
    """What another plan would do: `kept` is done and stays, `moved` goes on, `ended` is cancelled, `added` is new."""

    plan: str
    title: str
    kept: list[CourseItemView]
    moved: list[MovedView]
    ended: list[CourseItemView]
    added: list[NewItemView]


def choices(plan_set: PlanSet, language: str) -> list[PlanChoice]:
    return [PlanChoice(plan=key, title=one.en if language == "en" else one.da) for key, one in plan_set.plans.items()]


def plan_view(language: str, found: Card, course: Course, names: Names) -> StaffPlanView:
    lens = Lens(language, course, found.deadlines, eased=found.eased)
    spell = course.spell
    return StaffPlanView(
        spell_id=spell.id,
        started_on=spell.started_on,
        ended_on=spell.ended_on,
        source=spell.source,
        regime=spell.regime,
        merges=sorted(sorted(pair) for pair in lens.regime.merges),
        plan_set=course.plan.plan_set,
        plans=[_given(language, plan, names) for plan in course.plans],
        items=[lens.item(row) for row in course.items],
        forms=[_form(form, names) for form in course.forms],
    )


def change_view(language: str, found: Card, change: Preview) -> ChangeView:
    assert found.course is not None, "a preview is of a spell that runs"
    lens = Lens(language, found.course, found.deadlines, eased=found.eased)
    return ChangeView(
        plan=change.plan,
        title=_title(language, found.course.plan, change.plan),
        kept=[lens.item(row) for row in change.kept],
        moved=[MovedView(item=lens.item(row), becomes=lens.new(item)) for row, item in change.moved],
        ended=[lens.item(row) for row in change.ended],
        added=[lens.new(item) for item in change.added],
    )


def _given(language: str, plan: SpellPlan, names: Names) -> GivenPlanView:
    return GivenPlanView(
        plan=plan.plan,
        title=_title(language, plan, plan.plan),
        risk=plan.risk,
        reason=plan.reason,
        set_by=names.get(plan.set_by) if plan.set_by else None,
        set_at=plan.set_at,
        ended_at=plan.ended_at,
    )


def _title(language: str, of: SpellPlan, key: str) -> str:
    found = plans.of_version(of.plan_set, of.version).plans[key]
    return found.en if language == "en" else found.da


def _form(form: Clarification, names: Names) -> FormView:
    same = {name: getattr(form, name) for name in FormView.__struct_fields__ if name != "filled_by"}
    return FormView(**same, filled_by=names.get(form.filled_by))
