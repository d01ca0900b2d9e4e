"""Colours, exemptions, agreements and answers over HTTP."""

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.followup import disputes
from tests import factories
from tests.api.conftest import NOW, Client, signed
from tests.api.staff_support import logged, pair, someone
from tests.casework.factories import rating

pytestmark = pytest.mark.db
OVERRIDE = {"colour": "green", "until": "2026-12-01", "reason": "Starts in a new job"}
HOLIDAY = {"type": "ferie", "fromOn": "2026-11-16", "toOn": "2026-11-27"}
AGREED = {"validFrom": "2026-11-18", "minPerWeek": 1, "minPostedPerWeek": 0, "uploadsPerMonth": 1}


async def _colour(client: Client, path: str, adviser: dict[str, str]) -> str:
    found: str = (await client.get(path, headers=adviser)).json()["rating"]["colour"]["colour"]
    return found


async def test_a_colour_by_hand_and_its_end(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    path = f"/v1/staff/members/{member.id}"
    made = await client.put(f"{path}/override", headers=adviser, json=OVERRIDE)
    assert (made.status_code, made.json()["colour"], made.json()["until"]) == (200, "green", "2026-12-01")
    assert await _colour(client, path, adviser) == "green"
    card = (await client.get(path, headers=adviser)).json()
    assert [(o["setBy"], o["reason"]) for o in card["overrides"]] == [("Karen Kjær", OVERRIDE["reason"])]
    assert (await client.delete(f"{path}/override", headers=adviser)).status_code == 204
    assert (await client.delete(f"{path}/override", headers=adviser)).status_code == 404
    assert await logged(session, "setOverride") == [("write", member.id)]


async def test_an_exemption_is_given_shortened_and_cancelled(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    path = f"/v1/staff/members/{member.id}"
    made = await client.post(f"{path}/exemptions", headers=adviser, json=HOLIDAY)
    assert (made.status_code, made.json()["type"]) == (201, "ferie")
    assert await _colour(client, path, adviser) == "paused"
    one = f"{path}/exemptions/{made.json()['id']}"
    ended = await client.patch(one, headers=adviser, json={"toOn": "2026-11-17"})
    assert ended.json()["toOn"] == "2026-11-17"
    assert (await client.patch(one, headers=adviser, json={"toOn": "2026-12-24"})).status_code == 422
    assert (await client.delete(one, headers=adviser)).status_code == 204
    assert (await client.delete(one, headers=adviser)).json()["type"] == "/problems/exemption-over"
    other, other_adviser = await pair(session)
    elsewhere = f"/v1/staff/members/{other.id}/exemptions/{made.json()['id']}"
    assert (await client.delete(elsewhere, headers=other_adviser)).status_code == 404


async def test_a_new_agreement(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    path = f"/v1/staff/members/{member.id}"
    made = await client.post(f"{path}/requirements", headers=adviser, json=AGREED)
    assert (made.status_code, made.json()["minPerWeek"], made.json()["source"]) == (201, 1, "staff")
    again = await client.post(f"{path}/requirements", headers=adviser, json=AGREED)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/version-exists")
    card = (await client.get(path, headers=adviser)).json()
    assert [each["minPerWeek"] for each in card["requirements"]] == [1, 2]


@pytest.mark.parametrize(("method", "path", "body"), [
    ("PUT", "override", OVERRIDE | {"until": "2027-12-01"}),
    ("PUT", "override", OVERRIDE | {"colour": "paused"}),
    ("PUT", "override", OVERRIDE | {"reason": ""}),
    ("POST", "exemptions", HOLIDAY | {"type": "trip"}),
    ("POST", "exemptions", HOLIDAY | {"toOn": "2026-11-01"}),
    ("POST", "exemptions", HOLIDAY | {"reason": "a\u0000b"}),
    ("POST", "requirements", AGREED | {"minPerWeek": 21}),
    ("POST", "requirements", AGREED | {"minPostedPerWeek": 2}),
    ("POST", "requirements", AGREED | {"validFrom": "2026-11-17"}),
])  # fmt: skip
async def test_decisions_that_cannot_be(
    client: Client, session: AsyncSession, method: str, path: str, body: dict[str, Any]
) -> None:
    member, adviser = await pair(session)
    answer = await client.request(method, f"/v1/staff/members/{member.id}/{path}", headers=adviser, json=body)
    assert answer.status_code == 422, answer.text


@pytest.mark.parametrize(("method", "path", "body"), [
    ("PUT", "override", OVERRIDE), ("POST", "exemptions", HOLIDAY), ("POST", "requirements", AGREED),
])  # fmt: skip
async def test_who_decides(client: Client, session: AsyncSession, method: str, path: str, body: dict[str, Any]) -> None:
    member, _ = await pair(session)
    url = f"/v1/staff/members/{member.id}/{path}"
    stranger = await someone(session, "adviser", branch_id=(await factories.branch(session)).id)
    assert (await client.request(method, url, headers=stranger, json=body)).status_code == 404
    for role in ("job_consultant", "manager", "contact_centre", "organiser"):
        refused = await client.request(method, url, headers=await someone(session, role), json=body)
        assert refused.status_code == 403
    allowed = await client.request(method, url, headers=await someone(session, "coordinator"), json=body)
    assert allowed.status_code in (200, 201)


async def test_an_objection_is_answered(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    made = await rating(session, member.id)
    dispute = await disputes.open_one(session, member.id, made.id, "I did search", now=NOW)
    await session.commit()
    (row,) = (await client.get("/v1/staff/disputes", headers=adviser)).json()["items"]
    assert (row["id"], row["text"], row["dueOn"]) == (str(dispute.id), "I did search", "2026-11-25")
    url = f"/v1/staff/disputes/{dispute.id}/answer"
    wrong = {"verdict": "dismissed", "answer": "No", "override": OVERRIDE}
    assert (await client.post(url, headers=adviser, json=wrong)).status_code == 422
    right = {"verdict": "upheld", "answer": "You are right.", "override": OVERRIDE}
    stranger = await someone(session, "adviser", branch_id=(await factories.branch(session)).id)
    assert (await client.post(url, headers=stranger, json=right)).status_code == 404
    answered = await client.post(url, headers=adviser, json=right)
    me = (await client.get("/v1/staff/me", headers=adviser)).json()["name"]
    assert (answered.status_code, answered.json()["state"], answered.json()["answeredBy"]) == (200, "upheld", me)
    assert (await client.post(url, headers=adviser, json=right)).json()["type"] == "/problems/dispute-answered"
    (mine,) = (await client.get("/v1/me/disputes", headers=signed(member_no=member.member_no))).json()
    assert (mine["state"], mine["answer"]) == ("upheld", "You are right.")
    assert await _colour(client, f"/v1/staff/members/{member.id}", adviser) == "green"
    assert (await client.get("/v1/staff/disputes", headers=adviser)).json()["items"] == []
