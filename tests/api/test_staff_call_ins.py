"""Call-ins over HTTP: read, decided by a named person with a reason, held or missed."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from tests import factories
from tests.api.conftest import Client, signed
from tests.api.staff_support import logged, pair, someone
from tests.casework.factories import call_in
from tests.rating.rows import entry

pytestmark = pytest.mark.db
CALL_INS = "/v1/staff/call-ins"
APPROVAL = {
    "reason": "Nothing logged since October",
    "talkAt": "2026-11-23T09:00:00+01:00",
    "talkPlace": "Vejle, room 2",
}


# Somebody who opened the evidence opened it a minute earlier: time to read has passed.
EARLIER = text("""
    INSERT INTO case_history (id, subject, subject_id, member_id, at, staff_id, event, from_state, to_state, detail)
    SELECT gen_random_uuid(), subject, subject_id, member_id, at - interval '1 minute', staff_id, event, from_state,
           to_state, detail
    FROM case_history WHERE subject_id = :case AND event = 'opened'
""")


async def test_from_the_proposal_to_the_talk(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="red")
    case_id = await call_in(session, member.id)
    await session.commit()
    (row,) = (await client.get(CALL_INS, headers=adviser)).json()["items"]
    assert (row["id"], row["memberNo"], row["state"], row["flaggedAt"]) == (
        str(case_id), member.member_no, "proposed", None,
    )  # fmt: skip
    unread = await client.post(f"{CALL_INS}/{case_id}/approve", headers=adviser, json=APPROVAL)
    assert (unread.status_code, unread.json()["type"]) == (409, "/problems/evidence-unread")
    sheet = (await client.post(f"{CALL_INS}/{case_id}/open", headers=adviser)).json()
    assert sheet["evidence"]["rating"] == {"counted": 3}
    assert {"entries", "exemptions", "requirements", "calls", "disputes"} <= sheet["evidence"].keys()
    assert sheet["approveFrom"] == "2026-11-18T09:00:10Z"
    hurried = await client.post(f"{CALL_INS}/{case_id}/approve", headers=adviser, json=APPROVAL)
    assert (hurried.status_code, hurried.json()["type"]) == (409, "/problems/read-first")
    await session.execute(EARLIER, {"case": case_id})
    approved = await client.post(f"{CALL_INS}/{case_id}/approve", headers=adviser, json=APPROVAL)
    assert (approved.json()["state"], approved.json()["talkAt"]) == ("approved", "2026-11-23T08:00:00Z")
    me = (await client.get("/v1/staff/me", headers=adviser)).json()["name"]
    assert approved.json()["decidedBy"] == me, "a named person decides"
    early = await client.post(f"{CALL_INS}/{case_id}/no-show", headers=adviser)
    assert early.json()["type"] == "/problems/talk-not-over"
    held = await client.post(f"{CALL_INS}/{case_id}/held", headers=adviser, json={"heldOn": "2026-11-18"})
    assert held.json()["state"] == "held"
    assert (await client.get(CALL_INS, headers=adviser)).json()["items"] == []
    assert await logged(session, "openCallIn") == [("write", member.id)]
    assert await logged(session, "approveCallIn") == [("write", member.id)]


@pytest.mark.parametrize(("path", "state"), [("reject", "rejected"), ("cancel", "cancelled")])
async def test_no_call_in_with_a_reason(client: Client, session: AsyncSession, path: str, state: str) -> None:
    member, adviser = await pair(session, colour="red")
    case_id = await call_in(session, member.id)
    await session.commit()
    for body in ({}, {"reason": ""}, {"reason": "  "}):
        assert (await client.post(f"{CALL_INS}/{case_id}/{path}", headers=adviser, json=body)).status_code == 422
    done = await client.post(f"{CALL_INS}/{case_id}/{path}", headers=adviser, json={"reason": "Was in hospital"})
    assert (done.json()["state"], done.json()["decisionReason"]) == (state, "Was in hospital")
    again = await client.post(f"{CALL_INS}/{case_id}/{path}", headers=adviser, json={"reason": "Again"})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/call-in-decided")


@pytest.mark.parametrize(("changes", "kind", "field"), [
    ({"reason": " "}, "reason-needed", "reason"),
    ({"talkPlace": " "}, "place-needed", "talkPlace"),
    ({"talkAt": "2026-11-20T09:00:00+01:00"}, "short-notice", "shortNoticeReason"),
    ({"talkAt": "2026-11-22T09:00:00+01:00"}, "talk-time-not-possible", "talkAt"),
    ({"talkAt": "2026-11-17T09:00:00+01:00"}, "talk-time-not-possible", "talkAt"),
    ({"talkAt": "9999-12-31T23:59:59-14:00"}, "invalid", "talkAt"),
    ({"talkAt": "2026-11-23T09:00:00"}, "invalid", "talkAt"),
])  # fmt: skip
async def test_approvals_that_lack_something(
    client: Client, session: AsyncSession, changes: dict[str, Any], kind: str, field: str
) -> None:
    member, adviser = await pair(session, colour="red")
    case_id = await call_in(session, member.id)
    await session.commit()
    await client.post(f"{CALL_INS}/{case_id}/open", headers=adviser)
    answer = await client.post(f"{CALL_INS}/{case_id}/approve", headers=adviser, json=APPROVAL | changes)
    assert (answer.status_code, answer.json()["type"], answer.json()["field"]) == (422, f"/problems/{kind}", field)


async def test_who_decides(client: Client, session: AsyncSession) -> None:
    member, _ = await pair(session, colour="red")
    case_id = await call_in(session, member.id)
    stranger = await someone(session, "adviser", branch_id=(await factories.branch(session)).id)
    assert (await client.post(f"{CALL_INS}/{case_id}/open", headers=stranger)).status_code == 404
    consultant = await factories.staff(session, role="job_consultant")
    member.adviser_id = consultant.id
    await session.commit()
    reader = signed(staff_no=consultant.staff_no)
    assert len((await client.get(CALL_INS, headers=reader)).json()["items"]) == 1
    for path, body in (
        ("open", {}),
        ("approve", APPROVAL),
        ("reject", {"reason": "x"}),
        ("held", {"heldOn": "2026-11-18"}),
    ):
        assert (await client.post(f"{CALL_INS}/{case_id}/{path}", headers=reader, json=body)).status_code == 403
    for role in ("manager", "contact_centre", "organiser"):
        assert (await client.get(CALL_INS, headers=await someone(session, role))).status_code == 403
    coordinator = await someone(session, "coordinator")
    assert (await client.post(f"{CALL_INS}/{case_id}/open", headers=coordinator)).status_code == 200


async def test_the_list_narrows_to_a_state(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="red")
    await call_in(session, member.id)
    await session.commit()
    assert (await client.get(f"{CALL_INS}?state=approved", headers=adviser)).json()["items"] == []
    assert len((await client.get(f"{CALL_INS}?state=proposed", headers=adviser)).json()["items"]) == 1
    assert (await client.get(f"{CALL_INS}?state=held", headers=adviser)).status_code == 422


async def test_the_sheet_is_in_words_for_those_who_opened_it(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="red")
    await entry(session, member.id, date(2026, 10, 28), title="Svejser", employer="Værftet")
    case_id = await call_in(session, member.id)
    await session.commit()
    english = adviser | {"Accept-Language": "en"}
    closed = (await client.get(f"{CALL_INS}/{case_id}", headers=english)).json()
    assert (closed["name"], closed["read"], closed["noticeId"]) == (member.name, None, None)
    sheet = (await client.post(f"{CALL_INS}/{case_id}/open", headers=english)).json()["sheet"]
    assert [part["code"] for part in sheet][:3] == ["member", "why", "figures"]
    told = {part["code"]: [line["text"] for line in part["lines"]] for part in sheet}
    assert "Nobody has rung the member about it." in told["member"]
    assert told["entries"][0].startswith("28 October: Svejser, Værftet.")
    assert told["disputes"] == []
    again = (await client.get(f"{CALL_INS}/{case_id}", headers=english)).json()
    assert again["read"]["sheet"] == sheet
    danish = (await client.post(f"{CALL_INS}/{case_id}/open", headers=adviser)).json()["sheet"]
    assert danish[0]["heading"] == "Det taler for medlemmet"
    colleague = await someone(session, "coordinator")
    assert (await client.get(f"{CALL_INS}/{case_id}", headers=colleague)).json()["read"] is None


async def test_the_letter_can_be_read_before_it_is_sent(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="red", language="en")
    case_id = await call_in(session, member.id)
    await session.commit()
    path = f"{CALL_INS}/{case_id}/letter-preview"
    letter = (await client.post(path, headers=adviser, json=APPROVAL)).json()
    assert (letter["language"], letter["recipient"]["name"]) == ("en", member.name)
    facts = {fact["name"]: fact["value"] for fact in letter["facts"]}
    assert (facts["date"], facts["time"]) == ("Monday 23 November 2026", "09:00")
    assert "consequence" in {part["about"] for part in letter["sections"]}
    assert await session.scalar(text("SELECT count(*) FROM notice")) == 0
    wrong = await client.post(path, headers=adviser, json=APPROVAL | {"talkPlace": " "})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "talkPlace")
    await client.post(f"{CALL_INS}/{case_id}/open", headers=adviser)
    await session.execute(EARLIER, {"case": case_id})
    await client.post(f"{CALL_INS}/{case_id}/approve", headers=adviser, json=APPROVAL)
    sent = (await client.get(f"{CALL_INS}/{case_id}", headers=adviser)).json()["noticeId"]
    assert sent == str(await session.scalar(text("SELECT id FROM notice")))
    late = await client.post(path, headers=adviser, json=APPROVAL)
    assert (late.status_code, late.json()["type"]) == (409, "/problems/call-in-decided")
