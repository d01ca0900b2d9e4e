"""Figures for those who lead: sums only, small ones hidden."""

from datetime import date, time, timedelta
from typing import Annotated

from litestar import get
from litestar.params import QueryParameter

from backend.alerts import words
from backend.api.given import Language, Session, Today
from backend.api.staff_view import ReasonView
from backend.api.wire import Wire
from backend.clock import local_time
from backend.followup import figures, rules_decisions
from backend.followup.disclosure import Table

COLOURS = ("green", "yellow", "red", "none", "paused")
Days = Annotated[int, QueryParameter(ge=1, le=400, description="How many days back from today.")]


class ColourCounts(Wire):
    """Members by colour. Null: hidden, because fewer than five or because it would tell another that is."""

    branch_no: str | None
    green: int | None
    yellow: int | None
    red: int | None
    none: int | None
    paused: int | None
    total: int | None


class Counts(Wire):
    """Branch by branch, and the whole fund in `all` (its `branchNo` is null)."""

    branches: list[ColourCounts]
    all: ColourCounts


class QueueFigures(Wire):
    """A queue of calls. Null: fewer than five."""

    queue: str
    waiting: int | None
    overdue: int | None
    oldest_due_on: date | None


class DecisionFigures(Wire):
    """How call-ins were decided. `hasty`: approved less than half a minute after the one who approved opened them.

    Hardly any rejection, or many hasty approvals, mean that the colour decides and nobody else: `warnings` say so, in
    words, where there are decisions enough to tell.
    """

    since: date
    approved: int
    rejected: int
    rejected_share: float | None
    hasty: int
    despite_improvement: int
    short_notice: int
    warnings: list[ReasonView]


@get("/v1/staff/figures/colours", operation_id="getColourFigures", tags=["figures"])
async def colours(session: Session) -> Counts:
    """Members by branch and colour."""
    table = await figures.colours(session)
    return Counts(
        branches=[_branch(table, branch_no) for branch_no in table.rows],
        all=ColourCounts(branch_no=None, total=table.total, **{c: table.columns.get(c, 0) for c in COLOURS}),
    )


@get("/v1/staff/figures/queues", operation_id="getQueueFigures", tags=["figures"])
async def queues(session: Session, today: Today) -> list[QueueFigures]:
    """How long the queues of service calls are."""
    return [QueueFigures(**queue._asdict()) for queue in await figures.queues(session, today)]


@get("/v1/staff/figures/decisions", operation_id="getDecisionFigures", tags=["figures"])
async def decisions(session: Session, today: Today, language: Language, days: Days = 90) -> DecisionFigures:
    """Whether people really decide about call-ins."""
    since = today - timedelta(days=days)
    found = await figures.decisions(session, local_time(since, time.min))
    warnings = [
        ReasonView(code=one.kind, text=words.sentence(language, one.kind, one.key, one.params))
        for one in rules_decisions.findings(found)
    ]
    return DecisionFigures(since=since, rejected_share=found.rejected_share, warnings=warnings, **found._asdict())


def _branch(table: Table, branch_no: str) -> ColourCounts:
    cells = {colour: table.cells.get((branch_no, colour), 0) for colour in COLOURS}
    return ColourCounts(branch_no=branch_no, total=table.rows[branch_no], **cells)


HANDLERS = (colours, queues, decisions)
