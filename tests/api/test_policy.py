"""The rule's versions and drafts over HTTP: written by one coordinator, tried, published by another."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.rating import service, trials
from backend.rating.policy_values import Policy
from tests.api.conftest import NOW, Client
from tests.api.staff_support import Headers, logged, someone
from tests.rating.rows import searcher

pytestmark = pytest.mark.db
DRAFTS = "/v1/staff/policy/drafts"
STRICT = Policy().to_mapping() | {"green_enter_ratio": 2.0, "green_stay_ratio": 2.0}
BODY = {"numbers": STRICT, "note": "we ask for more", "validFrom": "2026-12-02"}


async def run(session: AsyncSession) -> None:
    while await trials.step(session, now=NOW) is not None:
        continue
    await session.commit()


async def drafted(client: Client, me: Headers) -> str:
    answer = await client.post(DRAFTS, headers=me, json=BODY)
    assert answer.status_code == 201, answer.text
    return f"{DRAFTS}/{answer.json()['id']}"


async def do(client: Client, me: Headers, path: str, body: Any = None) -> tuple[int, str]:
    answer = await client.post(path, headers=me, json=body)
    return answer.status_code, answer.json()["type"] if answer.content else ""


async def test_a_draft_is_tried_and_published_by_a_second_person(client: Client, session: AsyncSession) -> None:
    member = await searcher(session, weekly=2)
    await service.rate(session, [member.id], now=NOW, mode="weekly")
    me, other = await someone(session, "coordinator"), await someone(session, "coordinator")
    path = await drafted(client, me)
    assert await do(client, me, f"{path}/submit") == (409, "/problems/not-tried")
    assert (await do(client, me, f"{path}/dry-run"))[0] == 204
    await run(session)
    trial = (await client.get(path, headers=me)).json()["trial"]
    assert (trial["state"], trial["members"], trial["changed"], trial["outdated"]) == ("done", 1, 1, False)
    [move] = trial["moves"]
    assert (move["before"]["colour"], move["after"]["colour"], move["members"]) == ("green", "yellow", 1)
    assert (await do(client, me, f"{path}/submit"))[0] == 204
    assert await do(client, me, f"{path}/approve", {"edition": 1}) == (403, "/problems/own-draft")
    assert (await do(client, other, f"{path}/approve", {"edition": 1}))[0] == 204
    policy = (await client.get("/v1/staff/policy", headers=me)).json()
    versions = [(one["version"], one["inForce"], one["validTo"]) for one in policy["versions"]]
    assert versions == [(2, False, None), (1, True, "2026-12-01")]
    assert policy["drafts"][0]["state"] == "published"
    assert (await do(client, other, f"{path}/take-back", {"reason": "a slip"}))[0] == 204
    assert len((await client.get("/v1/staff/policy", headers=me)).json()["versions"]) == 1


async def test_who_would_change_is_listed_by_name_and_that_is_logged(client: Client, session: AsyncSession) -> None:
    found = [await searcher(session, weekly=2) for _ in range(3)]
    ids = [one.id for one in found]
    await service.rate(session, ids, now=NOW, mode="weekly")
    me = await someone(session, "coordinator")
    path = await drafted(client, me)
    await do(client, me, f"{path}/dry-run")
    await run(session)
    first = (await client.get(f"{path}/changes?after=yellow&limit=2", headers=me)).json()
    rest = (await client.get(f"{path}/changes?after=yellow&cursor={first['next']}", headers=me)).json()
    listed = [*first["items"], *rest["items"]]
    assert sorted(one["memberId"] for one in listed) == sorted(map(str, ids))
    assert {one["reasons"][0]["code"] for one in listed} == {"below_agreement"}
    assert rest["next"] is None
    assert (await client.get(f"{path}/changes?after=red", headers=me)).json()["items"] == []
    assert await logged(session, "listPolicyChanges") == [("read", None)] * 3


async def test_a_value_out_of_its_limits_is_refused_by_its_name(client: Client, session: AsyncSession) -> None:
    me = await someone(session, "coordinator")
    body = BODY | {"numbers": STRICT | {"window_weeks": 99}}
    answer = await client.post(DRAFTS, headers=me, json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, "window_weeks")


async def test_an_edit_by_a_colleague_makes_it_theirs(client: Client, session: AsyncSession) -> None:
    me, other = await someone(session, "coordinator"), await someone(session, "coordinator")
    path = await drafted(client, me)
    assert (await client.put(path, headers=other, json=BODY | {"note": "more still"})).status_code == 204
    seen = (await client.get(path, headers=other)).json()
    assert (seen["mine"], seen["edition"], seen["note"]) == (True, 2, "more still")
    assert seen["changed"] == ["green_enter_ratio", "green_stay_ratio"]
    assert [one["kind"] for one in seen["events"]] == ["written", "edited"]


async def test_it_is_handed_back_with_a_reason_or_withdrawn(client: Client, session: AsyncSession) -> None:
    me, other = await someone(session, "coordinator"), await someone(session, "coordinator")
    path = await drafted(client, me)
    await do(client, me, f"{path}/dry-run")
    await run(session)
    await do(client, me, f"{path}/submit")
    assert (await do(client, other, f"{path}/return", {"reason": "too hard"}))[0] == 204
    seen = (await client.get(path, headers=me)).json()
    assert (seen["state"], seen["events"][-1]["reason"]) == ("draft", "too hard")
    assert (await do(client, me, f"{path}/withdraw"))[0] == 204
    assert await do(client, me, f"{path}/dry-run") == (409, "/problems/not-draft")


async def test_the_policy_tells_what_values_mean_and_how_it_is_sent(client: Client, session: AsyncSession) -> None:
    me = await someone(session, "coordinator") | {"Accept-Language": "en"}
    policy = (await client.get("/v1/staff/policy", headers=me)).json()
    assert {one["name"] for one in policy["values"]} == set(policy["versions"][0]["numbers"])
    window = policy["values"][0]
    assert (window["label"], window["low"], window["high"]) == ("Weeks looked at", 1, 52)
    assert (policy["sending"]["quietFrom"], policy["sending"]["pushesADay"]) == ("20:00", 2)
    assert await session.scalar(text("SELECT count(*) FROM access_log WHERE operation = 'getPolicy'")) == 0
