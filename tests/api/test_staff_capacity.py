"""Capacity over HTTP: what is short, who could help, and a loan that a coordinator accepts and calls off."""

from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.alerts import queries as alerts
from backend.jobs import watch_capacity
from backend.jobs.job import Moment
from backend.settings import Settings
from tests import factories
from tests.api.conftest import NOW, Client
from tests.api.staff_support import someone
from tests.booking import factories as make

pytestmark = pytest.mark.db
CAPACITY = "/v1/staff/capacity"


async def test_from_the_shortage_to_the_loan(client: Client, session: AsyncSession) -> None:
    short, other = await factories.branch(session, name="Vejle"), await factories.branch(session, name="Odense")
    adviser = await make.adviser(session, other)
    for _ in range(6):
        await make.member(session, short)
    coordinator = await someone(session, "coordinator")
    await session.commit()
    lines = (await client.get(CAPACITY, headers=coordinator, params={"weeks": 3})).json()["lines"]
    talks = [one for one in lines if one["activity"] == "talks" and one["branch"] == "Vejle"]
    assert talks
    assert all(one["free"] == 0 and one["shortage"] == one["need"] and one["soon"] for one in talks)
    [found] = [
        one
        for one in (await client.get(f"{CAPACITY}/suggestions", headers=coordinator)).json()
        if one["week"] == talks[0]["week"]
    ]
    assert (found["staffId"], found["fromBranch"], found["branch"]) == (str(adviser.id), "Odense", "Vejle")
    loan = {name: found[name] for name in ("staffId", "branchId", "week", "minutes")}
    made = await client.post(f"{CAPACITY}/loans", headers=coordinator, json=loan)
    assert made.status_code == 201
    assert [one["id"] for one in (await client.get(f"{CAPACITY}/loans", headers=coordinator)).json()] == [
        made.json()["id"]
    ]
    again = await client.post(f"{CAPACITY}/loans", headers=coordinator, json=loan)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/already-lent")
    assert (await client.delete(f"{CAPACITY}/loans/{made.json()['id']}", headers=coordinator)).status_code == 204
    assert (await client.get(f"{CAPACITY}/loans", headers=coordinator)).json() == []


async def test_a_manager_sees_and_a_coordinator_decides(client: Client, session: AsyncSession) -> None:
    manager = await someone(session, "manager")
    await session.commit()
    assert (await client.get(CAPACITY, headers=manager)).status_code == 200
    assert (await client.get(f"{CAPACITY}/suggestions", headers=manager)).status_code == 403


async def test_what_is_short_two_weeks_ahead_is_an_alert_until_it_is_not(session: AsyncSession) -> None:
    branch = await factories.branch(session, branch_no="12")
    await make.member(session, branch)
    moment = Moment(NOW, NOW)

    async def open_() -> set[str]:
        found = await alerts.page(session, all_of_them=False, after=None, limit=100)
        return {one.key for one in found if one.kind == "capacity_shortage" and one.key.endswith(" 12")}

    counts = await watch_capacity.work(session, [], moment=moment, settings=Settings())
    assert counts["new"] == counts["short"] > 0
    week = f"{date(2026, 11, 16).isocalendar().week}"
    assert f"talks 2026-W{week} 12" in await open_()
    assert (await watch_capacity.work(session, [], moment=moment, settings=Settings()))["new"] == 0
    await make.adviser(session, branch)
    await watch_capacity.work(session, [], moment=moment, settings=Settings())
    assert await open_() == set()
