"""How figures look to organisers and managers. Every one is a sum of blocks of five answers or more."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from litestar.params import QueryParameter

from backend.api.wire import Wire
from backend.errors import Invalid
from backend.feedback.events import Event
from backend.i18n import N_
from backend.surveys import changes, forms, paper
from backend.surveys.figures import Figure
from backend.surveys.reports import Report
from backend.surveys.statistics import Difference
from backend.surveys.summaries import Summary

Quarter = Annotated[
    str | None,
    QueryParameter(pattern=r"^20\d\d-[1-4]$", description="A quarter, like 2026-3; the present one when left out."),
]
Touchpoint = Annotated[str, QueryParameter(min_length=1, max_length=60, pattern=r"^[\w.-]+$")]
Colour = Literal["green", "yellow", "red", "none", "paused"]


class CountView(Wire):
    """How many chose one answer."""

    code: str
    label: str
    n: int


class DifferenceView(Wire):
    """This figure less another, between -1 and 1, with the two-sided z-test. No stars: it may be chance."""

    points: float
    z: float
    p: float
    stars: str


class FigureView(Wire):
    """One question. With `note` "#" fewer than five have answered and the rest is null; "caution": fewer than thirty.

    `share` is the positive share (the two best answers of all, "don't know" included unless the policy says otherwise),
    `low` to `high` its 95 % Wilson interval; `mean` that of a 0 to 10 question. `before` compares with the quarter
    before, `elsewhere` with the same kind of activity everywhere else. `verdict` is about the target.
    """

    key: str
    kind: str
    text: str
    note: Literal["", "caution", "#"]
    answered: int | None
    share: float | None
    low: float | None
    high: float | None
    dont_know: float | None
    mean: float | None
    counts: list[CountView] | None
    before: DifferenceView | None
    elsewhere: DifferenceView | None
    verdict: Literal["reached", "not_reached", "too_few"] | None


class ReportView(Wire):
    """The figures of a group in a quarter. Compulsory and voluntary contacts are never added up.

    `asked` and `rate` (the response rate) are null for one colour, `rate` also where too few have answered.
    """

    touchpoint: str
    name: str
    quarter: str
    compulsory: bool
    colour: str
    asked: int | None
    rate: float | None
    target: float | None
    figures: list[FigureView]


class EventView(Wire):
    """A session. `survey` was chosen for it or its series; null: the usual one."""

    id: UUID
    series_id: UUID
    activity: str
    kind: str
    starts_at: datetime
    branch_name: str | None
    staff_name: str | None
    survey: str | None


class SummaryView(Wire):
    """How one kind of contact at an event stands: the figure of the question that everybody is asked.

    `low`: how many questions are clearly under the target, the whole of their interval being.
    """

    touchpoint: str
    name: str
    compulsory: bool
    asked: int
    rate: float | None
    target: float | None
    low: int
    first: FigureView | None


class ListedEventView(EventView):
    """An event with its figures in short. `followUpBy`: somebody must look at what members said, by this day."""

    summaries: list[SummaryView]
    follow_up_by: date | None


class ChangeView(Wire):
    """What was changed because of the answers, as members read it."""

    id: UUID
    da: str
    en: str
    at: datetime


def quarter_of(given: str | None, current: date) -> date:
    """The first day of the quarter asked for. Raises Invalid for one that has not begun."""
    if given is None:
        return current
    found = date(int(given[:4]), 3 * int(given[5]) - 2, 1)
    if found > current:
        raise Invalid(N_("This quarter has not begun yet."), field="quarter")
    return found


def reports(language: str, found: Sequence[Report]) -> list[ReportView]:
    return [report(language, one) for one in found]


def report(language: str, found: Report) -> ReportView:
    return ReportView(
        touchpoint=found.scope.touchpoint,
        name=forms.name(found.form, language),
        quarter=paper.quarter_name(found),
        compulsory=found.scope.compulsory,
        colour=found.scope.colour,
        asked=found.asked,
        rate=found.rate,
        target=found.target,
        figures=[figure(language, one) for one in found.figures],
    )


def figure(language: str, found: Figure) -> FigureView:
    shown = forms.shown(found.question, language)
    return FigureView(
        key=shown.key,
        kind=shown.kind,
        text=shown.text,
        note=found.note,
        answered=found.n,
        share=found.share,
        low=found.interval.low if found.interval else None,
        high=found.interval.high if found.interval else None,
        dont_know=found.dont_know,
        mean=found.mean,
        counts=_counts(shown.choices, found.by_code),
        before=_difference(found.before),
        elsewhere=_difference(found.elsewhere),
        verdict=found.verdict,
    )


def _counts(choices: Sequence[tuple[str, str]], by_code: dict[str, int] | None) -> list[CountView] | None:
    if by_code is None:
        return None
    return [CountView(code=code, label=label, n=by_code.get(code, 0)) for code, label in choices]


def _difference(found: Difference | None) -> DifferenceView | None:
    return DifferenceView(points=found.points, z=found.z, p=found.p, stars=found.stars) if found else None


def event(found: Event, activity: str) -> EventView:
    names = [name for name in EventView.__struct_fields__ if name != "activity"]
    return EventView(activity=activity, **{name: getattr(found, name) for name in names})


def listed(found: Event, activity: str, summaries: Sequence[Summary], due: date | None, lang: str) -> ListedEventView:
    shown = event(found, activity)
    same = {name: getattr(shown, name) for name in EventView.__struct_fields__}
    return ListedEventView(**same, summaries=[_summary(one, lang) for one in summaries], follow_up_by=due)


def _summary(found: Summary, language: str) -> SummaryView:
    return SummaryView(
        touchpoint=found.key.touchpoint,
        name=forms.name(found.form, language),
        compulsory=found.key.compulsory,
        asked=found.asked,
        rate=found.rate,
        target=found.target,
        low=found.low,
        first=figure(language, found.first) if found.first else None,
    )


def said(found: Sequence[changes.Change]) -> list[ChangeView]:
    return [ChangeView(id=one.id, da=one.da, en=one.en, at=one.said_at) for one in found]
