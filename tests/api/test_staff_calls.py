"""The queue of service calls over HTTP, for the branch and for the contact centre, and the member's own say."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests import factories
from tests.api.conftest import Client, signed
from tests.api.staff_support import logged, pair, someone
from tests.casework.factories import call

pytestmark = pytest.mark.db
CALLS = "/v1/staff/service-calls"


async def test_from_the_queue_to_the_outcome_and_back(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    call_id = await call(session, member.id)
    await session.commit()
    (row,) = (await client.get(CALLS, headers=adviser)).json()["items"]
    assert (row["name"], row["phone"], row["dueOn"], row["mine"]) == (member.name, member.phone, "2026-11-23", False)
    taken = (await client.post(f"{CALLS}/next", headers=adviser)).json()["card"]
    assert (taken["call"]["id"], taken["call"]["mine"]) == (str(call_id), True)
    tried = await client.post(f"{CALLS}/{call_id}/attempts", headers=adviser, json={"result": "reached"})
    assert tried.status_code == 201
    assert tried.json()["call"]["attempts"] == 1
    done = await client.post(
        f"{CALLS}/{call_id}/outcome", headers=adviser, json={"outcome": "agreed_plan", "note": "Two a week"}
    )
    assert done.json()["call"]["state"] == "done"
    assert done.json()["call"]["lastContactOn"] == "2026-11-18"
    assert (await client.get(CALLS, headers=adviser)).json()["items"] == []
    undone = await client.post(f"{CALLS}/{call_id}/undo", headers=adviser)
    assert undone.json()["call"]["state"] == "claimed"
    assert await logged(session, "takeNextServiceCall") == [("write", member.id)]
    assert await logged(session, "completeServiceCall") == [("write", member.id)]
    assert await logged(session, "listServiceCalls") == [("read", None), ("read", None)]


async def test_a_double_click_with_one_key_rings_once(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    call_id = await call(session, member.id)
    await session.commit()
    await client.post(f"{CALLS}/{call_id}/claim", headers=adviser)
    keyed = adviser | {"Idempotency-Key": "one-click"}
    for _ in range(2):
        answer = await client.post(f"{CALLS}/{call_id}/attempts", headers=keyed, json={"result": "no_answer"})
        assert answer.status_code == 201
        assert answer.json()["call"]["attempts"] == 1
    card = await client.get(f"{CALLS}/{call_id}", headers=adviser)
    assert (card.json()["call"]["attempts"], card.json()["call"]["state"]) == (1, "open")


async def test_the_reasons_are_in_words(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    call_id = await call(session, member.id)
    await session.commit()
    english = await client.get(f"{CALLS}/{call_id}", headers=adviser | {"Accept-Language": "en"})
    (reason,) = english.json()["reasons"]
    assert reason["code"] == "zero_week"
    assert reason["text"].startswith("In week 46 I see nothing in the job log.")


async def test_the_contact_centre_sees_the_card_only(client: Client, session: AsyncSession) -> None:
    member = await factories.member(session, colour="yellow")
    central = await call(session, member.id, queue="contact_centre")
    other = await factories.member(session, colour="yellow")
    of_branch = await call(session, other.id)
    centre = await someone(session, "contact_centre")
    (row,) = (await client.get(CALLS, headers=centre)).json()["items"]
    assert (row["id"], row["memberId"], row["name"]) == (str(central), None, member.name)
    assert (await client.get(f"{CALLS}/{of_branch}", headers=centre)).status_code == 404
    assert (await client.get(f"/v1/staff/members/{member.id}", headers=centre)).status_code == 403
    await client.post(f"{CALLS}/{central}/claim", headers=centre)
    excuse = {"type": "ferie", "fromOn": "2026-11-18"}
    refused = await client.post(
        f"{CALLS}/{central}/outcome", headers=centre, json={"outcome": "exempt", "exemption": excuse}
    )
    assert refused.status_code == 403
    last_day = {"outcome": "agreed_plan", "fillBy": "2026-11-25"}
    assert (await client.post(f"{CALLS}/{central}/outcome", headers=centre, json=last_day)).status_code == 403
    helped = await client.post(f"{CALLS}/{central}/outcome", headers=centre, json={"outcome": "needs_help"})
    assert helped.status_code == 200


async def test_exempt_over_http_pauses(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    call_id = await call(session, member.id)
    await session.commit()
    await client.post(f"{CALLS}/{call_id}/claim", headers=adviser)
    excuse = {"type": "sygdom", "fromOn": "2026-11-16", "toOn": "2026-11-30", "reason": "Flu"}
    done = await client.post(
        f"{CALLS}/{call_id}/outcome", headers=adviser, json={"outcome": "exempt", "exemption": excuse}
    )
    assert done.json()["call"]["colour"]["colour"] == "paused"


@pytest.mark.parametrize(("path", "body", "status", "kind"), [
    ("outcome", {"outcome": "agreed_plan"}, 409, "call-not-yours"),
    ("outcome", {"outcome": "won"}, 422, "invalid"),
    ("attempts", {"result": "no_answer"}, 409, "call-not-yours"),
    ("attempts", {"result": "no_answer", "extra": 1}, 422, "invalid"),
    ("undo", None, 409, "undo-too-late"),
    ("release", {}, 409, "call-not-yours"),
    ("release", {"nextTry": "2026-11-18T09:00:00Z"}, 422, "invalid"),
    ("release", {"nextTry": "0001-01-01T00:00:00+14:00"}, 422, "invalid"),
])  # fmt: skip
async def test_what_cannot_be_done(
    client: Client, session: AsyncSession, path: str, body: dict[str, object] | None, status: int, kind: str
) -> None:
    member, adviser = await pair(session, colour="yellow")
    call_id = await call(session, member.id)
    await session.commit()
    answer = await client.post(f"{CALLS}/{call_id}/{path}", headers=adviser, json=body)
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[-1]) == (status, kind)


async def test_roles_and_branches_that_do_not_ring(client: Client, session: AsyncSession) -> None:
    member, _ = await pair(session, colour="yellow")
    call_id = await call(session, member.id)
    stranger = await someone(session, "adviser", branch_id=(await factories.branch(session)).id)
    assert (await client.post(f"{CALLS}/{call_id}/claim", headers=stranger)).status_code == 404
    assert (await client.get(CALLS, headers=stranger)).json()["items"] == []
    assert (await client.post(f"{CALLS}/next", headers=stranger)).json() == {"card": None}
    for role in ("manager", "organiser"):
        assert (await client.get(CALLS, headers=await someone(session, role))).status_code == 403
    assert (await client.get(CALLS, headers=signed(member_no=member.member_no))).status_code in (401, 403)


async def test_pages_of_the_queue(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    ids = {str(await call(session, member.id))}
    for _ in range(4):
        other = await factories.member(session, colour="yellow", branch_id=member.branch_id)
        ids.add(str(await call(session, other.id)))
    await session.commit()
    seen: set[str] = set()
    cursor: str | None = ""
    while cursor is not None:
        page = (await client.get(f"{CALLS}?limit=2{cursor and '&cursor=' + cursor}", headers=adviser)).json()
        seen |= {row["id"] for row in page["items"]}
        cursor = page["next"]
    assert seen == ids


async def test_the_member_says_when(client: Client, session: AsyncSession) -> None:
    member, _ = await pair(session, colour="yellow")
    me = signed(member_no=member.member_no)
    assert (await client.get("/v1/me/service-call", headers=me)).json() == {"call": None}
    missing = await client.put("/v1/me/service-call/time", headers=me, json={"at": "2026-11-19T14:00:00+01:00"})
    assert missing.status_code == 404
    await call(session, member.id)
    await session.commit()
    mine = (await client.get("/v1/me/service-call", headers=me)).json()["call"]
    assert mine == {"state": "waiting", "dueOn": "2026-11-23", "callAt": None, "tried": 0}
    chosen = await client.put("/v1/me/service-call/time", headers=me, json={"at": "2026-11-19T14:00:00+01:00"})
    assert chosen.json()["callAt"] == "2026-11-19T13:00:00Z"
    for wrong in ("2026-11-22T14:00:00+01:00", "9999-12-31T23:59:59-14:00", "2026-11-19T14:00:00"):
        answer = await client.put("/v1/me/service-call/time", headers=me, json={"at": wrong})
        assert answer.status_code == 422
    assert (await client.delete("/v1/me/service-call/time", headers=me)).json()["callAt"] is None


async def test_the_card_tells_figures_tries_and_contacts(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    before = await call(session, member.id)
    await client.post(f"{CALLS}/{before}/claim", headers=adviser)
    await client.post(f"{CALLS}/{before}/attempts", headers=adviser, json={"result": "reached"})
    body = {"outcome": "agreed_plan", "note": "Two a week", "fillBy": "2026-11-25"}
    done = (await client.post(f"{CALLS}/{before}/outcome", headers=adviser, json=body)).json()
    assert (done["outcome"], done["note"], done["fillBy"]) == ("agreed_plan", "Two a week", "2026-11-25")
    assert done["undoUntil"] == "2026-11-18T09:10:00Z"
    call_id = await call(session, member.id)
    await session.commit()
    await client.post(f"{CALLS}/{call_id}/claim", headers=adviser)
    tried = await client.post(f"{CALLS}/{call_id}/attempts", headers=adviser, json={"result": "busy"})
    card = tried.json()
    assert [one["result"] for one in card["tries"]] == ["busy"]
    assert card["tries"][0]["by"]
    assert (card["mayGiveUp"], card["undoUntil"]) == (False, None)
    assert card["contacts"] == [{"on": "2026-11-18", "kind": "call", "outcome": "agreed_plan"}]
    assert [one["code"] for one in card["figures"]][:2] == ["window", "counted"]
    colleague = await someone(session, "adviser", branch_id=member.branch_id)
    theirs = (await client.get(f"{CALLS}/{before}", headers=colleague)).json()
    assert theirs["undoUntil"] is None, "only the one who wrote the outcome takes it back"
