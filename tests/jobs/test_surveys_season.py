"""A quarter of a year of activities on a real database, asked about by the surveys' jobs.

The checks are written from the published rules with plain arithmetic, on the rows that were stored.
"""

from datetime import datetime, time, timedelta
from itertools import pairwise
from random import Random
from typing import Any
from uuid import UUID

import pytest
from holidays import country_holidays
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import COPENHAGEN, local_date, local_time
from backend.jobs.schedule import BY_NAME
from backend.surveys import catalogue
from backend.surveys.rules import REASONS
from tests import factories
from tests.casework.factories import rating
from tests.feedback.factories import attended, held
from tests.jobs.helpers import run_through as run
from tests.surveys.builders import DAY, HOUR, TUESDAY
from tests.surveys.factories import rows

pytestmark = pytest.mark.db

CLOSED = country_holidays("DK", years=(2026, 2027))
FIRST = TUESDAY.replace(month=9, day=1)
DAYS = 91
# What members of a quarter take part in: the activity, its kind, how often.
KINDS = (
    ("ws_write", "workshop", 40),
    ("td_50plus", "theme_day", 12),
    ("cv_job", "talk", 25),
    ("avail_job", "talk", 25),
    ("my_way", "talk", 15),
    ("open café", "net_cafe", 5),
)


async def season(session: AsyncSession, random: Random) -> None:
    """Members' activities and hard moments over a quarter, each registered as it is over."""
    branch = await factories.branch(session)
    adviser = await factories.staff(session, branch_id=branch.id)
    members = [(await factories.member(session, branch_id=branch.id, digital_exempt=n == 0)).id for n in range(12)]
    for activity, kind, many in KINDS:
        for _ in range(many):
            ends_at = moment(random)
            values: dict[str, Any] = {"activity": activity, "kind": kind, "capacity": 3, "ends_at": ends_at}
            if kind == "talk":
                values |= {"staff_id": adviser.id, "branch_id": branch.id, "capacity": 1}
            event = await held(session, **values)
            at, state = ends_at + timedelta(minutes=20), random.choice(["attended"] * 5 + ["absent"])
            await attended(session, random.choice(members), event, at=at, state=state)
    for _ in range(6):
        await rating(session, random.choice(members), colour="red", previous="yellow", rated_at=moment(random))


def moment(random: Random) -> datetime:
    day = local_date(FIRST) + random.randrange(DAYS - 5) * DAY
    while not (day.weekday() < 5 and day not in CLOSED):
        day += DAY
    return local_time(day, time(random.randrange(9, 17), random.choice((0, 30))))


@pytest.fixture(scope="module")
async def year(engine: Any) -> Any:
    """The season, lived through by the jobs three times a working day; undone at the end."""
    async with engine.connect() as connection:
        outer = await connection.begin()
        async with AsyncSession(bind=connection, join_transaction_mode="create_savepoint") as session:
            await catalogue.load(session)
            await season(session, Random(11))
            for day in range(DAYS):
                for hour in (9, 13, 17):
                    at = local_time(local_date(FIRST) + day * DAY, time(hour, 15))
                    if hour == 9 or at.weekday() < 5:
                        await run(session, BY_NAME["survey-attendance"], at)
                    if at.weekday() < 5:
                        await run(session, BY_NAME["survey-invite"], at)
                if at.weekday() < 5:
                    await run(session, BY_NAME["survey-remind"], at + HOUR / 2)
            yield session
        await outer.rollback()


async def test_each_attended_touchpoint_is_asked_about_or_has_its_reason(year: AsyncSession) -> None:
    there = await rows(
        year,
        "booking b JOIN activity_session s ON s.id = b.session_id",
        "'booking:' || b.id AS occasion, b.state, s.activity",
    )
    noted = {row["occasion"]: row for row in await rows(year, "survey_attendance")}
    expected = {r["occasion"] for r in there if r["state"] == "attended" and r["activity"] != "open café"}
    assert noted.keys() == expected
    assert len(expected) > 80
    assert {row["state"] for row in noted.values()} == {"invited", "skipped"}
    assert {row["reason"] for row in noted.values() if row["state"] == "skipped"} <= set(REASONS)
    asked = await rows(year, "survey_invitation i JOIN survey_attendance a ON a.id = i.attendance_id", "a.occasion")
    assert sorted(row["occasion"] for row in asked) == sorted(
        name for name, row in noted.items() if row["state"] == "invited"
    )


async def test_nobody_is_asked_against_a_rule(year: AsyncSession) -> None:
    asked = await rows(
        year,
        "survey_invitation i JOIN survey_attendance a ON a.id = i.attendance_id",
        "i.member_id, i.touchpoint, i.invited_at, i.reminded_at, a.ended_at",
    )
    assert len(asked) > 15
    by_member: dict[UUID, list[dict[str, Any]]] = {}
    for one in sorted(asked, key=lambda row: row["invited_at"]):
        by_member.setdefault(one["member_id"], []).append(one)
        assert is_open(one["invited_at"])
        assert one["invited_at"] - one["ended_at"] >= 2 * HOUR
        if one["reminded_at"]:
            assert 4 * DAY <= one["reminded_at"] - one["invited_at"] < 10 * DAY
            assert is_open(one["reminded_at"])
    for mine in by_member.values():
        at = [one["invited_at"] for one in mine]
        assert all(b - a >= 14 * DAY for a, b in pairwise(at))
        assert all(d - a >= 90 * DAY for a, d in zip(at, at[3:], strict=False))
        for touchpoint in {one["touchpoint"] for one in mine}:
            same = [one["invited_at"] for one in mine if one["touchpoint"] == touchpoint]
            assert all(b - a >= 60 * DAY for a, b in pairwise(same))
    exempt = await rows(year, "member", "id, digital_exempt")
    assert not {row["id"] for row in exempt if row["digital_exempt"]} & by_member.keys()
    hard = [(row["member_id"], row["rated_at"]) for row in await rows(year, "rating", "member_id, rated_at")]
    told = [(m, when) for m, mine in by_member.items() for o in mine for when in (o["invited_at"], o["reminded_at"])]
    assert not [
        (m, when) for m, when in told for who, at in hard if when and who == m and timedelta(0) <= when - at < 2 * DAY
    ]


def is_open(when: datetime) -> bool:
    local = when.astimezone(COPENHAGEN)
    return local.weekday() < 5 and local.date() not in CLOSED and time(9) <= local.time() < time(19)


async def test_some_are_reminded_once_and_told_once(year: AsyncSession) -> None:
    messages = [row["period"] for row in await rows(year, "message") if row["key"] == "N26"]
    asked = await rows(year, "survey_invitation")
    reminded = [row for row in asked if row["reminded_at"]]
    assert len(messages) == len(set(messages)) == len(asked) + len(reminded)
    assert len(reminded) > 10
