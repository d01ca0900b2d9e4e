"""The demo fund: one path with every fund's import, and a life that looks like one."""

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework.tables import ServiceCall
from backend.db.engine import Sessions
from backend.demo import fund, history, service
from backend.members.tables import Staff, StaffAccess
from backend.rating.tables import RatingCurrent

NOW = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 19)


def test_the_same_day_and_seed_make_the_same_fund(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        fund.write(tmp_path / name, today=TODAY, seed=4)
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (datetime(2026, 11, 18, 4, 59, tzinfo=UTC), date(2026, 11, 11)),  # Wednesday, a minute to six
        (datetime(2026, 11, 18, 5, 0, tzinfo=UTC), date(2026, 11, 18)),
        (datetime(2026, 11, 22, 12, 0, tzinfo=UTC), date(2026, 11, 18)),
    ],
)
def test_the_runs_are_the_last_six_wednesdays_at_six(now: datetime, last: date) -> None:
    found = history.runs(now)
    assert len(found) == 6
    assert found[-1].date() == last
    assert {(run.weekday(), run.hour) for run in found} == {(2, 6)}


@pytest.mark.db
@pytest.mark.slow
async def test_a_fund_is_loaded_once_and_looks_like_one(sessions: Sessions) -> None:
    told: list[str] = []
    await service.load(sessions, today=TODAY, now=NOW, progress=told.append)
    assert told[0] == "Making a demo fund …"
    async with sessions() as session:
        await _counts(session)
        await _colours(session)
        await _life(session)
        await _everybody_has_work(session)
        await _people(session)
        await _courses(session)
        assert not await service.wanted(session)
    await service.load(sessions, today=TODAY, now=NOW, progress=told.append)
    assert told.count("Making a demo fund …") == 1


async def _counts(session: AsyncSession) -> None:
    found = Counter(await session.scalars(text("SELECT role FROM staff")))
    assert (found["adviser"], found["job_consultant"], found["contact_centre"]) == (78, 7, 4)
    assert await session.scalar(text("SELECT count(*) FROM branch")) == 55
    assert await session.scalar(text("SELECT count(*) FROM member")) == 1_700
    first, last = (await session.execute(text("SELECT min(applied_on), max(applied_on) FROM job_log_entry"))).one()
    assert (TODAY - first).days > 12 * 7
    assert last < TODAY


async def _colours(session: AsyncSession) -> None:
    found = Counter(await session.scalars(select(RatingCurrent.colour)))
    share = {colour: count / found.total() for colour, count in found.items()}
    assert 0.65 < share["green"] < 0.85
    assert 0.08 < share["yellow"] < 0.22
    assert 0.02 < share["red"] < 0.10
    assert share["paused"] > 0.01
    assert share["none"] > 0.01


async def _everybody_has_work(session: AsyncSession) -> None:
    assigned = set(await session.scalars(select(StaffAccess.staff_id)))
    assert assigned == set(await session.scalars(select(Staff.id).where(Staff.role == "job_consultant")))
    central = select(ServiceCall.id).where(ServiceCall.queue == "contact_centre", ServiceCall.state == "open")
    assert (await session.scalars(central)).first() is not None


async def _count(session: AsyncSession, what: str) -> int:
    return int((await session.execute(text(f"SELECT count({what}"))).scalar_one())


async def _life(session: AsyncSession) -> None:
    weekly = await _count(session, "DISTINCT rated_on) FROM rating WHERE mode = 'weekly'")
    done = await _count(session, "DISTINCT outcome) FROM service_call WHERE state = 'done'")
    proposed = await _count(session, "*) FROM call_in WHERE state = 'proposed'")
    devices = await _count(session, "*) FROM device")
    placements = await _count(session, "*) FROM exemption WHERE type = 'virksomhedspraktik'")
    assert weekly == 6
    assert done == 3
    assert min(proposed, devices, placements) > 0


async def _people(session: AsyncSession) -> None:
    found = await service.people(session)
    assert len(found) == len(service.COLOURS) + len(service.ROLES)
    assert len({person.option for person in found}) == len(found)
    assert all(person.option.split()[0] in ("--member", "--staff") for person in found)


async def _courses(session: AsyncSession) -> None:
    """Everybody has a spell; those in their first weeks see on their timeline what there is to book, and can."""
    assert await _count(session, "*) FROM spell WHERE NOT unsettled") == 1_700
    shown = await _count(session, "DISTINCT member_id) FROM timeline_item WHERE kind = 'course_item'")
    planned = await _count(session, "DISTINCT member_id) FROM obligation WHERE requirement = 'mandatory'")
    assert shown == planned > 50
    events = set(await session.scalars(text("SELECT DISTINCT activity FROM activity_session WHERE state = 'open'")))
    booked = "SELECT DISTINCT activity FROM obligation WHERE kind NOT IN ('talk', 'talk_series', 'task')"
    wanted = set(await session.scalars(text(booked)))
    assert wanted <= events
    for_all = "activity = 'td_50plus' AND starts_at > '2026-11-20' AND audience ->> 'age_from' IS DISTINCT FROM '50'"
    assert await _count(session, f"*) FROM activity_session WHERE {for_all}") == 0
    assert await _count(session, "DISTINCT staff_id) FROM working_hours") == 78 + 7
