"""Min Plan: versions that staff write and the member acknowledges, and the numbers that the rating goes by."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from tests.api.conftest import Client, signed
from tests.api.staff_support import Headers, pair

pytestmark = pytest.mark.db
STRATEGY = (
    "Opslåede job som smed og svejser inden for 40 km, uopfordret til værfterne, netværk gennem klubben hver uge."
)
VERSION = {
    "validFrom": "2026-11-18", "jobGoals": ["Smed", "Svejser"], "effortAreas": ["Certifikat i TIG"],
    "searchStrategy": STRATEGY, "planA": "Smed", "planB": "Lager",
}  # fmt: skip
NUMBERS = {"minPerWeek": 3, "minPostedPerWeek": 1, "uploadsPerMonth": 2}


async def written(client: Client, path: str, adviser: Headers, **changes: Any) -> Any:
    answer = await client.post(f"{path}/my-plan/versions", headers=adviser, json=VERSION | changes)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_version_is_written_and_acknowledged(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session)
    path, mine = f"/v1/staff/members/{member.id}", signed(member_no=member.member_no)
    empty = (await client.get(f"{path}/my-plan", headers=adviser)).json()
    assert empty == {"current": None, "missing": ["plan"], "versions": []}
    made = await written(client, path, adviser)
    assert made["missing"] == ["acknowledgement"]
    asked = (await client.get("/v1/me/timeline", headers=mine)).json()["actions"]
    assert [item["title"] for item in asked] == ["Din plan har fået en ny version"]
    plan = (await client.get("/v1/me/plan", headers=mine)).json()
    version = plan["versions"][0]
    assert (plan["course"], plan["current"], plan["toAcknowledge"]) == (None, version["id"], version["id"])
    assert (version["jobGoals"], version["planB"], version["planC"]) == (["Smed", "Svejser"], "Lager", None)
    url = f"/v1/me/plan/versions/{version['id']}/acknowledge"
    first = await client.post(url, headers=mine)
    assert (first.status_code, (await client.post(url, headers=mine)).json()) == (200, first.json())
    assert (await client.get("/v1/me/timeline", headers=mine)).json()["actions"] == []
    assert (await client.get(f"{path}/my-plan", headers=adviser)).json()["missing"] == []
    other, _ = await pair(session)
    stranger = await client.post(url, headers=signed(member_no=other.member_no))
    assert stranger.status_code == 404


async def test_the_numbers_of_a_version_are_those_of_the_rating(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session)
    path = f"/v1/staff/members/{member.id}"
    same = await written(client, path, adviser)
    assert same["versions"][0]["requirement"]["minPerWeek"] == 2
    other = await written(client, path, adviser, validFrom="2026-12-01", requirement=NUMBERS)
    assert other["versions"][0]["requirement"] == NUMBERS | {"validFrom": "2026-12-01"}
    assert [v["number"] for v in other["versions"]] == [2, 1]
    # The one that starts in December does not hold yet.
    assert other["current"] == other["versions"][1]["id"]
    rows = await session.execute(
        text("SELECT valid_from::text, min_per_week, source FROM search_requirement WHERE member_id = :m ORDER BY 1"),
        {"m": member.id},
    )
    assert [tuple(row) for row in rows] == [("2026-08-03", 2, "import"), ("2026-12-01", 3, "staff")]
    again = await written(client, path, adviser, validFrom="2026-12-02", requirement=NUMBERS)
    assert again["versions"][0]["requirement"]["validFrom"] == "2026-12-01"


@pytest.mark.parametrize(("changes", "missing"), [
    ({"jobGoals": []}, "job_goals"),
    ({"jobGoals": [" "]}, "job_goals"),
    ({"effortAreas": []}, "effort_areas"),
    ({"searchStrategy": "Søger bredt"}, "search_strategy"),
])  # fmt: skip
async def test_what_a_hand_over_would_lack(
    client: Client, session: AsyncSession, changes: dict[str, Any], missing: str
) -> None:
    member, adviser = await pair(session)
    made = await written(client, f"/v1/staff/members/{member.id}", adviser, **changes)
    assert made["missing"] == [missing, "acknowledgement"]


@pytest.mark.parametrize("changes", [
    {"validFrom": "2026-11-17"}, {"validFrom": "2028-01-01"}, {"jobGoals": ["x" * 301]}, {"jobGoals": ["x"] * 11},
    {"requirement": NUMBERS | {"minPostedPerWeek": 4}},
])  # fmt: skip
async def test_versions_that_cannot_be(client: Client, session: AsyncSession, changes: dict[str, Any]) -> None:
    member, adviser = await pair(session)
    path = f"/v1/staff/members/{member.id}/my-plan/versions"
    assert (await client.post(path, headers=adviser, json=VERSION | changes)).status_code == 422
