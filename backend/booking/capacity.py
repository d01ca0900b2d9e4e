"""Whether there are enough times and seats: what is still to be booked against what is free, by branch, week and type.

Seven statements for any number of members. Talks are counted in minutes of advisers' time, all else in seats.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.booking import calendars, lent, slots
from backend.clock import COPENHAGEN, local_date
from backend.course import plans

TALKS = "talks"
MINUTES = 45


class Assumptions(NamedTuple):
    """`again`: the share offered a second time, for no-shows. `by_need`: the share of those who may, that will come."""

    again: float = 0.1
    by_need: float = 0.5


ASSUMED = Assumptions()


class Key(NamedTuple):
    """The job team is no branch: None. `week` is a Monday; talks of all kinds are one activity, "talks"."""

    branch_id: UUID | None
    week: date
    activity: str


class Line(NamedTuple):
    """Need and what is free, in minutes for talks and in seats for all else. Less free than needed is a shortage.

    `shared` is what a branch lacks and the seats of no branch, which are for everybody, make up for.
    """

    key: Key
    unit: Literal["minutes", "seats"]
    need: float
    free: float
    shared: float = 0.0

    @property
    def shortage(self) -> float:
        return round(max(self.need - self.free - self.shared, 0.0), 2)


# An item is spread evenly over the weeks that are left of its window; one that is late falls on this week.
NEED = text("""
    SELECT branch_id, week, activity, requirement, kind, sum(share) AS members
    FROM (SELECT CASE WHEN o.provider = 'team' THEN NULL ELSE m.branch_id END AS branch_id, o.activity, o.requirement,
                 o.kind, w.week, 1.0 / count(*) OVER (PARTITION BY o.id) AS share
          FROM obligation AS o JOIN member AS m ON m.id = o.member_id
          JOIN spell AS s ON s.id = o.spell_id AND s.ended_on IS NULL,
          LATERAL (SELECT CAST(g AS date) AS week
                   FROM generate_series(date_trunc('week', CAST(greatest(o.window_from, :today) AS timestamp)),
                                        CAST(greatest(o.due_on, :today) AS timestamp), interval '7 days') AS g) AS w
          WHERE o.state IN ('planned', 'missed') AND o.kind <> 'task' AND o.window_from <= :last) AS spread
    WHERE week <= :last
    GROUP BY branch_id, week, activity, requirement, kind
""")
SEATS = text("""
    SELECT branch_id, CAST(date_trunc('week', local_start) AS date) AS week, activity,
        sum(capacity - taken - held - offered) AS seats
    FROM activity_session
    WHERE kind <> 'talk' AND state = 'open' AND closes_at > :now AND local_start < CAST(:end AS timestamp)
    GROUP BY 1, 2, 3
""")
STAFF = text("""
    SELECT id, CASE WHEN role = 'job_consultant' AND branch_id IS NULL THEN NULL ELSE branch_id END AS branch_id
    FROM staff WHERE role = 'adviser' AND branch_id IS NOT NULL OR role = 'job_consultant' AND branch_id IS NULL
""")


async def overview(
    session: AsyncSession, *, set_name: str, weeks: int, now: datetime, assumptions: Assumptions = ASSUMED,
    extra: Mapping[UUID, float] | None = None,
) -> list[Line]:  # fmt: skip
    """The coming weeks, this one first. `extra` is how many more talks a week each branch expects (yellow and red)."""
    # On a weekend nothing of this week is left to plan for.
    today = calendar.add_working_days(local_date(now) - calendar.DAY, 1)
    first = calendar.monday(today)
    last = first + weeks * calendar.WEEK - calendar.DAY
    need = await _need(session, set_name, today, last, assumptions)
    _add_extra(need, extra or {}, [first + n * calendar.WEEK for n in range(weeks)])
    free = await _seats(session, now, last) | await _minutes(session, today, last, now)
    keys = sorted(need.keys() | free.keys(), key=lambda key: (key.week, key.activity, str(key.branch_id)))
    lines = [Line(key, _unit(key), round(need.get(key, 0.0), 2), float(free.get(key, 0))) for key in keys]
    return _shared(lines)


def _shared(lines: Sequence[Line]) -> list[Line]:
    """What is held for everybody, less what the job team's own items need of it, goes to branches that lack seats."""
    left = {(one.key.week, one.key.activity): one.free - one.need for one in lines if one.key.branch_id is None}
    found = []
    for one in lines:
        where = (one.key.week, one.key.activity)
        theirs = one.unit == "seats" and one.key.branch_id is not None
        shared = min(one.shortage, max(left.get(where, 0.0), 0.0)) if theirs else 0.0
        left[where] = left.get(where, 0.0) - shared
        found.append(one._replace(shared=shared))
    return found


def shortages(lines: Iterable[Line], *, by: date) -> list[Line]:
    """What is short in the weeks up to that of `by`, the worst first."""
    return sorted((one for one in lines if one.shortage and one.key.week <= by), key=lambda one: -one.shortage)


def _unit(key: Key) -> Literal["minutes", "seats"]:
    return "minutes" if key.activity == TALKS else "seats"


async def _need(
    session: AsyncSession, set_name: str, today: date, last: date, assumptions: Assumptions
) -> defaultdict[Key, float]:
    catalogue = plans.versions(set_name)[-1].catalogue
    found: defaultdict[Key, float] = defaultdict(float)
    for row in await session.execute(NEED, {"today": today, "last": last}):
        people = float(row.members) * (1 + assumptions.again)
        people *= assumptions.by_need if row.requirement == "by_need" else 1
        if row.kind in ("talk", "talk_series"):
            known = catalogue.get(row.activity)
            minutes = known.minutes if known and known.minutes else MINUTES
            found[Key(row.branch_id, row.week, TALKS)] += people * minutes
        else:
            found[Key(row.branch_id, row.week, row.activity)] += people
    return found


def _add_extra(need: defaultdict[Key, float], extra: Mapping[UUID, float], weeks: Sequence[date]) -> None:
    for branch_id, talks in extra.items():
        for week in weeks:
            need[Key(branch_id, week, TALKS)] += talks * MINUTES


async def _seats(session: AsyncSession, now: datetime, last: date) -> dict[Key, float]:
    rows = await session.execute(SEATS, {"now": now, "end": last + calendar.DAY})
    return {Key(row.branch_id, row.week, row.activity): float(row.seats) for row in rows}


async def _minutes(session: AsyncSession, today: date, last: date, now: datetime) -> dict[Key, float]:
    """What is left of advisers' hours, with those lent counted where they are lent to."""
    loans = await lent.by_week(session, calendar.monday(today), last)
    found: defaultdict[Key, float] = defaultdict(float)
    for staff_id, branch_id, week, minutes in await spare(session, today=today, last=last, now=now):
        to, most = loans.get((staff_id, week), (branch_id, 0.0))
        away = min(minutes, most)
        found[Key(to, week, TALKS)] += away
        found[Key(branch_id, week, TALKS)] += minutes - away
    return found


class SpareTime(NamedTuple):
    """What an adviser has left of a week (its Monday), in minutes. The job team is no branch: None."""

    staff_id: UUID
    branch_id: UUID | None
    week: date
    minutes: float


async def spare(session: AsyncSession, *, today: date, last: date, now: datetime) -> list[SpareTime]:
    """What is left of each adviser's hours after absences, talks and sessions, in gaps that hold a talk.

    Four statements.
    """
    branches: dict[UUID, UUID | None] = {row.id: row.branch_id for row in await session.execute(STAFF)}
    staff = list(branches)
    hours = await calendars.hours(session, staff, today, last)
    busy = await calendars.busy(session, staff, today, last, now)
    found: defaultdict[tuple[UUID, date], float] = defaultdict(float)
    for one in staff:
        for span in slots.remaining(hours[one], busy[one], today, last, not_before=now):
            minutes = (span.end - span.start).total_seconds() / 60
            if minutes >= MINUTES:
                found[one, calendar.monday(span.start.astimezone(COPENHAGEN).date())] += minutes
    return [SpareTime(one, branches[one], week, minutes) for (one, week), minutes in found.items()]
