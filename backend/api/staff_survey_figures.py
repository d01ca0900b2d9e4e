"""For managers: branch by touchpoint by quarter, advisers from five answers on, quarters in a row, targets."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from backend.api import survey_files, survey_report_view
from backend.api.given import Colleague, Language, Now, Session
from backend.api.survey_files import Sheet
from backend.api.survey_report_view import Colour, Quarter, ReportView, Touchpoint
from backend.api.wire import Input, Wire
from backend.errors import Invalid, NotFound
from backend.feedback import reports
from backend.i18n import N_, text
from backend.surveys import reports as counted
from backend.surveys import statistics, targets
from backend.surveys.reports import Scope
from backend.surveys.statistics import Proportion
from backend.surveys.targets import Target

OfTouchpoint = Annotated[Touchpoint | None, QueryParameter(name="touchpoint")]
OfColour = Annotated[Colour | None, QueryParameter(name="colour", description="Only where a survey is split by it.")]
OfBranch = Annotated[UUID | None, QueryParameter(name="branch")]
SheetAsked = Annotated[Sheet, QueryParameter(name="format")]
Quarters = Annotated[int, QueryParameter(ge=1, le=12, description="How many quarters back from the asked one.")]
TEAM, FUND = N_("Job team"), N_("The whole fund")


class BranchReport(Wire):
    """A branch; a null name is what the job team holds itself."""

    branch_name: str | None
    report: ReportView


class TableView(Wire):
    """A touchpoint for one kind of contact: the fund and its branches."""

    fund: ReportView
    branches: list[BranchReport]


class PersonReport(Wire):
    """What is said of one adviser's talks: five answers at least."""

    staff_id: UUID
    name: str
    report: ReportView


class ShareView(Wire):
    """The fund's positive share with each branch counting by how many it asked; null where too few answered.

    `answers` is the effective number (Kish): what the share is worth in unweighted answers. The 95 % interval from
    `low` to `high` and the `note` (as of a figure) go by it.
    """

    share: float | None
    answers: float | None
    low: float | None
    high: float | None
    note: Literal["", "caution", "#"]


class TargetView(Wire):
    """The positive share that is aimed at from a day on; null: none."""

    touchpoint: str
    valid_from: date
    share: float | None


class TargetInput(Input):
    """A share between 0 and 1, from the first day of a quarter that has not ended."""

    share: Annotated[float, msgspec.Meta(ge=0, le=1)] | None
    valid_from: date


@get("/v1/staff/survey-figures", operation_id="getSurveyFigures", tags=["survey figures"])
async def figures(
    session: Session,
    now: Now,
    language: Language,
    quarter: Quarter = None,
    touchpoint: OfTouchpoint = None,
    colour: OfColour = None,
) -> list[TableView]:
    """Branch by touchpoint in a quarter, compulsory and voluntary contacts apart."""
    day = survey_report_view.quarter_of(quarter, reports.current_quarter(now))
    found = await reports.table(session, day, touchpoint=touchpoint, colour=colour or "")
    return [_table(language, one) for one in found]


@get(
    "/v1/staff/survey-figures/export",
    operation_id="exportSurveyFigures",
    tags=["survey figures"],
    media_type="application/octet-stream",
)
async def export(
    session: Session,
    now: Now,
    language: Language,
    quarter: Quarter = None,
    touchpoint: OfTouchpoint = None,
    colour: OfColour = None,
    kind: SheetAsked = "xlsx",
) -> Response[Any]:
    """The same table as a spreadsheet."""
    day = survey_report_view.quarter_of(quarter, reports.current_quarter(now))
    found = await reports.table(session, day, touchpoint=touchpoint, colour=colour or "")
    lines = [(text(language, FUND), one.fund) for one in found]
    lines += [(name or text(language, TEAM), report) for one in found for name, report in one.branches]
    await session.rollback()
    return await survey_files.sheet(lines, kind, language)


@get("/v1/staff/survey-figures/people", operation_id="listSurveyPeople", tags=["survey figures"])
async def people(
    session: Session, now: Now, language: Language, touchpoint: Touchpoint, quarter: Quarter = None
) -> list[PersonReport]:
    """Adviser by adviser for a kind of talk, by name: nothing below five answers, and never an answer alone."""
    day = survey_report_view.quarter_of(quarter, reports.current_quarter(now))
    found = await reports.people(session, day, touchpoint)
    return [
        PersonReport(staff_id=one.staff_id, name=one.name, report=survey_report_view.report(language, one.report))
        for one in found
    ]


@get("/v1/staff/survey-figures/trend", operation_id="getSurveyTrend", tags=["survey figures"])
async def trend(
    session: Session,
    now: Now,
    language: Language,
    touchpoint: Touchpoint,
    compulsory: FromQuery[bool],
    quarter: Quarter = None,
    branch: OfBranch = None,
    team: FromQuery[bool] = False,
    quarters: Quarters = 8,
) -> list[ReportView]:
    """One touchpoint quarter by quarter, the oldest first: of the fund, of a branch, or of the job team."""
    day = survey_report_view.quarter_of(quarter, reports.current_quarter(now))
    scope = Scope(quarter=day, touchpoint=touchpoint, compulsory=compulsory)
    found = await reports.across(session, scope, quarters=quarters, branch_id=branch, team=team)
    return survey_report_view.reports(language, found)


@get("/v1/staff/survey-figures/weighted", operation_id="getWeightedSurveyShare", tags=["survey figures"])
async def weighted(
    session: Session, now: Now, touchpoint: Touchpoint, compulsory: FromQuery[bool], quarter: Quarter = None
) -> ShareView:
    """The share of the first question as it would be had every branch answered alike often."""
    day = survey_report_view.quarter_of(quarter, reports.current_quarter(now))
    scope = Scope(quarter=day, touchpoint=touchpoint, compulsory=compulsory)
    try:
        report = await counted.report(session, scope)
    except LookupError:
        raise NotFound from None
    found = await counted.weighted_share(session, scope, report.figures[0].question.id)
    return _share(found)


@get("/v1/staff/survey-targets", operation_id="listSurveyTargets", tags=["survey figures"])
async def list_targets(session: Session) -> list[TargetView]:
    """What is aimed at, and was."""
    return [_target(one) for one in await targets.listed(session)]


@put("/v1/staff/survey-targets/{touchpoint:str}", operation_id="setSurveyTarget", tags=["survey figures"])
async def set_target(
    session: Session, staff: Colleague, now: Now, touchpoint: FromPath[str], data: JSONBody[TargetInput]
) -> TargetView:
    """Aim at something else from a quarter on. Figures of earlier quarters keep the target of their time."""
    if data.valid_from < reports.current_quarter(now) or (data.valid_from.month % 3, data.valid_from.day) != (1, 1):
        raise Invalid(N_("A target holds from the first day of this quarter or a later one."), field="validFrom")
    new = Target(touchpoint, data.valid_from, data.share)
    await targets.put(session, new, staff.id, now=now)
    return _target(new)


def _share(found: Proportion | None) -> ShareView:
    note = statistics.note(found.n if found else 0)
    if found is None or note == "#":
        return ShareView(share=None, answers=None, low=None, high=None, note="#")
    interval = statistics.wilson(found)
    return ShareView(share=found.share, answers=found.n, low=interval.low, high=interval.high, note=note)


def _table(language: str, found: reports.Table) -> TableView:
    return TableView(
        fund=survey_report_view.report(language, found.fund),
        branches=[
            BranchReport(branch_name=name, report=survey_report_view.report(language, report))
            for name, report in found.branches
        ],
    )


def _target(found: Target) -> TargetView:
    return TargetView(touchpoint=found.touchpoint, valid_from=found.valid_from, share=found.share)


HANDLERS = (figures, export, people, trend, weighted, list_targets, set_target)
