"""A member's course and Min Plan as people read them: shapes that member and staff share."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from backend.api.wire import Wire
from backend.booking.reading import Deadline
from backend.course import plans, regimes
from backend.course.my_plan import Version
from backend.course.obligations import Dated
from backend.course.overview import Course
from backend.course.tables_plans import Obligation

Deadlines = Mapping[UUID, Deadline]


class SkippedView(Wire):
    """The member need not do an item: why, and who decided it."""

    reason: str
    by: str
    at: datetime


class CourseItemView(Wire):
    """A dated item: to be held from `windowFrom` to `dueOn`; `plannedDueOn` is what the plan said before extensions.

    `proposedDueOn` is a later last day of a statutory talk that waits for an adviser's decision.
    `forms` are the ways in which it may be held, `bookBy` the last day to book it, while there is one. `skipped` is set
    while staff have decided that the item is not needed.
    """

    id: UUID
    activity: str
    title: str
    kind: str
    requirement: str
    statutory: bool
    talks: list[str]
    provider: str
    occurrence: int
    window_from: date
    window_to: date
    planned_due_on: date
    due_on: date
    proposed_due_on: date | None
    state: str
    done_on: date | None
    ended_reason: str | None
    forms: list[str]
    book_by: date | None
    skipped: SkippedView | None


class NewItemView(Wire):
    """An item that a plan would add, or the dates that it would give to one that stays."""

    activity: str
    title: str
    kind: str
    requirement: str
    window_from: date
    window_to: date
    due_on: date


class NumbersView(Wire):
    """What is to be searched, in force from `validFrom`."""

    valid_from: date
    min_per_week: int
    min_posted_per_week: int
    uploads_per_month: int


class MyPlanVersionView(Wire):
    """A version of Min Plan, in force from `validFrom`; `acknowledgedAt` is when the member confirmed it."""

    id: UUID
    number: int
    valid_from: date
    job_goals: list[str]
    effort_areas: list[str]
    search_strategy: str
    plan_a: str | None
    plan_b: str | None
    plan_c: str | None
    requirement: NumbersView | None
    written_at: datetime
    acknowledged_at: datetime | None


class Lens:
    """How one course is read: in which language, with which ways to hold a talk, with which deadlines."""

    def __init__(self, language: str, course: Course, deadlines: Deadlines, *, eased: bool) -> None:
        self._language = language
        self._set = course.plan.plan_set
        self.regime = regimes.all_regimes()[course.spell.regime]
        self._deadlines = deadlines
        self._skipped = course.skipped
        self._eased = eased

    def item(self, row: Obligation) -> CourseItemView:
        same = {name: getattr(row, name) for name in CourseItemView.__struct_fields__ if hasattr(row, name)}
        deadline, skipped = self._deadlines.get(row.id), self._skipped.get(row.id)
        return CourseItemView(
            **same,
            title=plans.title(self._set, row.activity, self._language),
            forms=sorted(regimes.forms_allowed(self.regime, row.talks, eased=self._eased)),
            book_by=deadline.due_on if deadline and deadline.state == "open" else None,
            skipped=SkippedView(**skipped._asdict()) if skipped else None,
        )

    def new(self, item: Dated) -> NewItemView:
        same = {name: getattr(item, name) for name in NewItemView.__struct_fields__ if hasattr(item, name)}
        return NewItemView(**same, title=plans.title(self._set, item.activity, self._language))


def version_view(version: Version) -> MyPlanVersionView:
    same = {name: getattr(version.plan, name) for name in MyPlanVersionView.__struct_fields__ if name != "requirement"}
    held = version.requirement
    numbers = None if held is None else NumbersView(**{n: getattr(held, n) for n in NumbersView.__struct_fields__})
    return MyPlanVersionView(**same, requirement=numbers)
