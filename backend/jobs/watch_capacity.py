"""Alerts of what is short within two weeks after this one: talks in minutes, all else in seats."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import ceil
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.alerts import service as alerts
from backend.alerts.service import NewAlert
from backend.booking import capacity
from backend.booking.capacity import Line
from backend.clock import local_date
from backend.followup import load
from backend.jobs.job import Counts, Moment
from backend.members.tables import Branch
from backend.settings import Settings

KIND = "capacity_shortage"
WEEKS = 3


async def work(session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings) -> Counts:
    """Raise an alert for each branch, week and type that is short, and end those of what is not any more."""
    del member_ids
    now = moment.now
    extra = await load.expected_talks(session, now=now)
    lines = await capacity.overview(session, set_name=settings.course_plan_set, weeks=WEEKS, now=now, extra=extra)
    short = capacity.shortages(lines, by=calendar.monday(local_date(now)) + 2 * calendar.WEEK)
    numbers: dict[UUID | None, str] = dict((await session.execute(select(Branch.id, Branch.branch_no))).all())
    found = [NewAlert(KIND, key, {"n": ceil(places)}) for key, places in _places(short, numbers).items()]
    raised = await alerts.raise_many(session, found, now=now)
    await alerts.end_missing(session, KIND, [one.key for one in found], now=now)
    return {"short": len(found), "new": len(raised)}


def _key(one: Line, branch_no: str | None) -> str:
    """Such as `cv_job 2026-W48 12`, the branch by its number; the job team has none."""
    year, week, _ = one.key.week.isocalendar()
    return f"{one.key.activity} {year}-W{week:02} {branch_no or 'team'}"


def _places(short: Sequence[Line], numbers: Mapping[UUID | None, str]) -> dict[str, float]:
    """Talks and seats that are lacking, by alert. Of seats what is less than a whole one in a branch is lacking in what
    is held for everybody: nobody holds a workshop for a third of a member.
    """
    found: defaultdict[str, float] = defaultdict(float)
    for one in short:
        places = one.shortage / (capacity.MINUTES if one.unit == "minutes" else 1)
        whole = one.unit == "minutes" or places >= 1
        found[_key(one, numbers.get(one.key.branch_id) if whole else None)] += places
    return {key: round(places, 2) for key, places in found.items()}
