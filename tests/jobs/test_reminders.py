"""Reminders as jobs: on their day or never, and looked at again before they are sent."""

from datetime import date, time, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.benefit import service as cards
from backend.benefit.service import Sent
from backend.clock import local_time
from backend.course import cv
from backend.db.types import new_id
from backend.jobs import still_true
from backend.jobs.job import Moment
from backend.jobs.schedule import BY_NAME
from tests import factories
from tests.jobs.helpers import SETTINGS
from tests.rating.rows import entry

THURSDAY = local_time(date(2026, 11, 19), time(10))


def days(name: str, first: date, last: date) -> list[date]:
    found = BY_NAME[name].occurrences(local_time(first, time()), local_time(last, time(23)))
    return [at.date() for at in found]


def test_reminders_are_on_their_days() -> None:
    november = (date(2026, 11, 1), date(2026, 11, 30))
    assert [day.day for day in days("remind-this-week", *november)] == [5, 12, 19, 26]
    assert [day.day for day in days("remind-this-month", *november)] == [20]
    assert [day.day for day in days("remind-uploads", *november)] == [24, 30]
    assert [day.day for day in days("remind-card-open", *november)] == [24]
    assert [day.day for day in days("remind-card-missing", *november)] == [26, 30]
    assert [day.day for day in days("task-card-last-day", *november)] == [10]
    # Maundy Thursday, Ascension Day: phones are quiet, and Friday is not Thursday.
    assert days("remind-this-week", date(2026, 4, 1), date(2026, 4, 9)) == [date(2026, 4, 9)]
    assert date(2026, 5, 14) not in days("remind-this-week", date(2026, 5, 1), date(2026, 5, 31))


def test_a_thursday_reminder_is_never_made_up_for_on_friday() -> None:
    job = BY_NAME["remind-this-week"]
    assert job.due(THURSDAY + timedelta(hours=9)) == THURSDAY
    assert job.due(THURSDAY + timedelta(hours=10)) is None


def test_a_job_that_is_due_once_a_month_has_a_next_run() -> None:
    assert BY_NAME["remind-card-open"].following(THURSDAY) == local_time(date(2026, 11, 24), time(9))


@pytest.mark.db
async def test_a_batch_that_is_done_on_another_day_says_nothing(session: AsyncSession) -> None:
    member = await factories.member(session)
    job = BY_NAME["remind-this-week"]
    late = Moment(THURSDAY, THURSDAY + timedelta(days=1))
    assert await job.work(session, [member.id], moment=late, settings=SETTINGS) == {"too_late": 1}
    timely = Moment(THURSDAY, THURSDAY + timedelta(hours=3))
    done = await job.work(session, [member.id], moment=timely, settings=SETTINGS)
    assert done == {"members": 1, "messages": 1}
    assert await BY_NAME["remind-cvs"].work(session, [], moment=late, settings=SETTINGS) == {"too_late": 1}


def claimed(member_id: UUID, key: str, **cause: Any) -> Any:
    return SimpleNamespace(id=new_id(), member_id=member_id, key=key, period="2026-11", cause=cause)


@pytest.mark.db
async def test_what_came_meanwhile_is_not_asked_for(session: AsyncSession) -> None:
    wrote, silent = await factories.member(session), await factories.member(session)
    await entry(session, wrote.id, date(2026, 11, 17))
    await entry(session, silent.id, date(2026, 11, 10))
    await entry(session, silent.id, date(2026, 11, 17), status="planned")
    staff = await factories.staff(session)
    await cv.decide(session, wrote.id, staff.id, "approved", None, now=THURSDAY)
    await cv.decide(session, silent.id, staff.id, "returned", "More", now=THURSDAY)
    await cards.record_many(session, [Sent(wrote.id, date(2026, 11, 1), date(2026, 11, 19))], source="import")
    needless: list[Any] = []
    needed: list[Any] = []
    for member, rows in ((wrote, needless), (silent, needed)):
        rows += [
            claimed(member.id, "N08", from_on="2026-11-16", to_on="2026-11-22", needed=1),
            claimed(member.id, "N18"),
            claimed(member.id, "N19", month="2026-11-01"),
        ]
    # One upload is there for each; the month asks for one, or for two.
    needless.append(claimed(wrote.id, "N17", month="2026-11-01", needed=1))
    needed.append(claimed(silent.id, "N17", month="2026-11-01", needed=2))
    assert await still_true.untrue(session, [*needless, *needed]) == {row.id for row in needless}
