"""The course plans of another fund, by setting alone."""

from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.settings import Settings, load
from tests.api.conftest import ISSUER, Client
from tests.api.staff_support import pair

pytestmark = pytest.mark.db


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    env = {"JOBVEJ_DATA": str(tmp_path), "JOBVEJ_OIDC_ISSUER": ISSUER, "JOBVEJ_COURSE_PLAN_SET": "bupl"}
    return load(env)


async def test_members_at_risk_talk_at_least_every_other_week(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session, risk="high")
    path = f"/v1/staff/members/{member.id}"
    begun = await client.post(f"{path}/spells", headers=adviser, json={"startedOn": "2026-11-16"})
    assert begun.json()["plan"] == "bupl_at_risk"
    found = (await client.get(f"{path}/plan", headers=adviser)).json()
    assert found["planSet"] == "bupl"
    assert [(item["title"], item["occurrence"], item["dueOn"]) for item in found["items"]] == [
        ("CV-samtale og kontaktsamtale", 1, "2026-11-29"),
        ("Sparringssamtale", 1, "2026-12-13"),
        ("Sparringssamtale", 2, "2026-12-27"),
        ("Rådighedssamtale og kontaktsamtale", 1, "2027-01-10"),
        ("Sparringssamtale", 3, "2027-01-24"),
        ("Fællessamtale", 1, "2027-02-07"),
    ]
    moved = await client.post(f"{path}/plan", headers=adviser, json={"plan": "bupl_not_at_risk", "reason": "I gang"})
    assert moved.json()["ended"] == 3
    plans = (await client.get("/v1/staff/course-plans", headers=adviser)).json()
    assert [one["plan"] for one in plans] == ["bupl_not_at_risk", "bupl_at_risk"]
