"""What organisers and managers read, put together: every number in it is a sum of blocks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import NotFound
from backend.feedback import events, low_scores
from backend.feedback.events import After, Event
from backend.members.identity import StaffIdentity
from backend.surveys import attendance, catalogue, changes, reports, summaries, texts
from backend.surveys.changes import Change
from backend.surveys.reports import Report, Scope
from backend.surveys.summaries import Summary
from backend.surveys.suppression import NO_BRANCH, Place

# A series is shown for a year.
QUARTERS = 4


@dataclass(frozen=True, slots=True)
class EventReport:
    """An event: a report for each kind of contact, the texts that a person confirmed, what was changed since."""

    event: Event
    reports: Sequence[Report]
    texts: Sequence[str]
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True)
class Listed:
    """An event in a list: its figures in short, and by when somebody is to follow up on them, if anybody is."""

    event: Event
    summaries: Sequence[Summary]
    follow_up_by: date | None


@dataclass(frozen=True, slots=True)
class SeriesReport:
    """A series, quarter by quarter, the latest first."""

    event: Event
    reports: Sequence[Report]
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True)
class Table:
    """A touchpoint in a quarter for one kind of contact: the fund, and its branches by name (None: the job team)."""

    fund: Report
    branches: Sequence[tuple[str | None, Report]]


@dataclass(frozen=True, slots=True)
class Person:
    """An adviser's talks in one branch, or a series without one: who, and the report."""

    staff_id: UUID
    name: str
    report: Report


async def listed(session: AsyncSession, staff: StaffIdentity, *, after: After | None, limit: int) -> Sequence[Listed]:
    """This person's events about which somebody was asked, the latest first. A few statements for any number."""
    mine = await events.mine(session, staff, after=after, limit=limit)
    short = await summaries.of_events(session, [str(one.id) for one in mine])
    due = await low_scores.due(session, [one.id for one in mine])
    return [Listed(one, short.get(str(one.id), ()), due.get(one.id)) for one in mine]


async def of_event(session: AsyncSession, staff: StaffIdentity, event_id: UUID) -> EventReport:
    """Raises NotFound for an event of somebody else."""
    event = await events.one(session, staff, event_id)
    scopes = await reports.strata(session, event=str(event.id))
    found = [await reports.report(session, scope) for scope in scopes]
    shown = await texts.shown(session, str(event.id))
    return EventReport(event, found, shown, await changes.of_series(session, str(event.series_id)))


async def of_series(session: AsyncSession, staff: StaffIdentity, series_id: UUID) -> SeriesReport:
    """Raises NotFound for a series of somebody else."""
    event = await events.latest_of(session, staff, series_id)
    found = await _by_quarter(session, str(series_id))
    return SeriesReport(event, found, await changes.of_series(session, str(series_id)))


async def of_talks(session: AsyncSession, staff: StaffIdentity) -> Sequence[Report]:
    """The caller's own talks, quarter by quarter, the latest first: five answers at least, as for anybody."""
    return await _by_quarter(session, str(staff.id))


async def table(
    session: AsyncSession, quarter: date, *, touchpoint: str | None = None, colour: str = ""
) -> Sequence[Table]:
    """Branch by touchpoint in a quarter, compulsory and voluntary contacts apart; of one touchpoint or all."""
    names = await _branch_names(session)
    found = []
    for scope in await _scopes(session, quarter, touchpoint, colour):
        fund = await reports.report(session, scope)
        branches = await reports.by_branch(session, scope)
        named = [(names.get(branch) if branch else None, report) for branch, report in branches.items()]
        found.append(Table(fund, sorted(named, key=lambda one: (one[0] is not None, one[0] or ""))))
    return found


async def people(session: AsyncSession, quarter: date, touchpoint: str) -> Sequence[Person]:
    """Talk by talk giver: an adviser's answers are shown from five on, and never one by one."""
    names = await _staff_names(session)
    found = []
    for scope in await _scopes(session, quarter, touchpoint, ""):
        for place, report in (await reports.by_series(session, scope)).items():
            if place[1] in names:
                found.append(Person(UUID(place[1]), names[place[1]], report))
    return sorted(found, key=lambda one: (one.name, one.report.scope.compulsory, one.report.scope.place))


async def across(
    session: AsyncSession, scope: Scope, *, quarters: int, branch_id: UUID | None = None, team: bool = False
) -> Sequence[Report]:
    """One touchpoint quarter by quarter, the oldest first: of the fund, a branch or the job team."""
    place: Place = (NO_BRANCH,) if team else (str(branch_id),) if branch_id else ()
    return await reports.across(session, replace(scope, place=place), quarters)


def current_quarter(now: datetime) -> date:
    return attendance.quarter(now)


async def _by_quarter(session: AsyncSession, series_key: str) -> list[Report]:
    scopes = await reports.strata(session, series=series_key)
    quarters = sorted({scope.quarter for scope in scopes}, reverse=True)[:QUARTERS]
    return [await reports.report(session, scope) for scope in scopes if scope.quarter in quarters]


async def _scopes(session: AsyncSession, quarter: date, touchpoint: str | None, colour: str) -> list[Scope]:
    """Where somebody was asked in the quarter. Raises NotFound for a touchpoint that there is none of."""
    rows = (await session.execute(_STRATA, {"quarter": quarter})).all()
    last = reports.next_quarter(quarter)
    known = (await catalogue.in_force(session, last)).forms
    if touchpoint is not None and touchpoint not in known:
        raise NotFound
    return [
        Scope(quarter=quarter, touchpoint=row.touchpoint, compulsory=row.compulsory, colour=colour)
        for row in rows
        if row.touchpoint in known and touchpoint in (None, row.touchpoint)
    ]


async def _branch_names(session: AsyncSession) -> dict[UUID, str]:
    return {row.id: row.name for row in await session.execute(text("SELECT id, name FROM branch"))}


async def _staff_names(session: AsyncSession) -> dict[str, str]:
    return {str(row.id): row.name for row in await session.execute(text("SELECT id, name FROM staff"))}


_STRATA = text("""
SELECT DISTINCT touchpoint, compulsory FROM survey_attendance
WHERE quarter = :quarter AND state = 'invited' ORDER BY touchpoint, compulsory DESC
""")
