"""The job that plans who is without a spell, and settles what an import changed."""

from datetime import date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import COPENHAGEN
from backend.jobs import plan_courses, ranges
from backend.jobs.job import Moment
from backend.settings import Settings
from tests import factories

pytestmark = pytest.mark.db
NOW = datetime(2026, 8, 5, 9, 0, tzinfo=COPENHAGEN)


async def run(session: AsyncSession) -> dict[str, int]:
    total = {"started": 0, "settled": 0}
    for payload in await ranges.unplanned(session):
        members = await ranges.unplanned_members(session, payload)
        counts = await plan_courses.work(session, members, moment=Moment(NOW, NOW), settings=Settings())
        total = {name: total[name] + counts[name] for name in total}
    return total


async def test_members_who_were_there_already_are_planned_once(session: AsyncSession) -> None:
    new = await factories.member(session)
    old = await factories.member(session, unemployed_from=date(2025, 1, 6))
    before_plans = await factories.member(session, unemployed_from=date(2010, 1, 4))
    assert await run(session) == {"started": 2, "settled": 2}
    rows = await session.execute(text("SELECT member_id, unsettled FROM spell ORDER BY started_on"))
    assert [tuple(row) for row in rows] == [(old.id, False), (new.id, False)]
    welcomed = list(await session.scalars(text("SELECT member_id FROM message WHERE key = 'N01'")))
    assert welcomed == [new.id]
    assert await run(session) == {"started": 0, "settled": 0}
    kinds = text("SELECT count(*) FROM timeline_item WHERE member_id = :m AND kind = 'course_item'")
    assert await session.scalar(kinds, {"m": new.id}) == 3
    assert await session.scalar(kinds, {"m": old.id}) == 0
    assert await session.scalar(kinds, {"m": before_plans.id}) == 0
