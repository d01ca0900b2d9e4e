"""Hearings and decisions over HTTP: written, read, sent once as legal notices, by those who may."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.members.tables import Member
from tests import factories
from tests.api.conftest import Client, signed
from tests.api.staff_support import Headers, logged, pair, someone
from tests.notifications.factories import rows

pytestmark = pytest.mark.db
LETTERS = "/v1/staff/letters"
HEARING = {
    "kind": "hearing",
    "matter": "Du kom ikke til samtalen den 3. november.",
    "grounds": "Du har ikke meldt afbud.",
    "answerBy": "2026-12-11",
}
DECISION = {
    "kind": "decision",
    "matter": "Du kom ikke til samtalen den 3. november.",
    "grounds": "Du har ikke meldt afbud.",
    "decision": "Du får ikke dagpenge for den 3. november.",
    "rules": "Lov om arbejdsløshedsforsikring § 62.",
    "withoutHearing": "Medlemmet har selv oplyst det.",
}


async def case(session: AsyncSession) -> tuple[Member, Headers, Headers]:
    """A member, their adviser, and a coordinator."""
    member, adviser = await pair(session)
    return member, adviser, await someone(session, "coordinator")


async def write(client: Client, who: Headers, member: Member, body: dict[str, Any]) -> Any:
    answer = await client.post(f"/v1/staff/members/{member.id}/letters", headers=who, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def read(client: Client, session: AsyncSession, who: Headers, letter_id: str) -> Any:
    """The letter opened by somebody, who then took their time."""
    answer = await client.post(f"{LETTERS}/{letter_id}/open", headers=who)
    assert answer.status_code == 200, answer.text
    # Lines of the history cannot be changed: what was opened now was opened before, too.
    await session.execute(
        text("""INSERT INTO case_history (id, subject, subject_id, member_id, at, staff_id, event, from_state, to_state,
                    detail)
                SELECT gen_random_uuid(), subject, subject_id, member_id, at - CAST(:earlier AS interval), staff_id,
                    event, from_state, to_state, detail
                FROM case_history WHERE subject_id = :letter AND event = 'opened'"""),
        {"letter": letter_id, "earlier": timedelta(seconds=15)},
    )
    await session.commit()
    return answer.json()


async def send(client: Client, who: Headers, letter: Any) -> Any:
    return await client.post(f"{LETTERS}/{letter['id']}/send", headers=who, json={"version": letter["version"]})


async def open_tasks(session: AsyncSession, member: Member) -> list[str]:
    found = await session.execute(
        text("SELECT kind FROM task WHERE member_id = :member AND state = 'open' ORDER BY kind"), {"member": member.id}
    )
    return [row.kind for row in found]


async def test_a_hearing_is_read_and_sent_once(client: Client, session: AsyncSession) -> None:
    member, adviser, _ = await case(session)
    letter = await write(client, adviser, member, HEARING)
    assert (letter["state"], letter["read"], letter["maySend"], letter["mine"]) == ("draft", None, True, True)
    unread = await send(client, adviser, letter)
    assert (unread.status_code, unread.json()["type"]) == (409, "/problems/letter-unread")
    opened = (await client.post(f"{LETTERS}/{letter['id']}/open", headers=adviser)).json()
    about = {part["about"]: part["paragraphs"] for part in opened["read"]["sections"]}
    assert about["grounds"] == ["Du har ikke meldt afbud."]
    assert "11. december 2026" in about["right_to_answer"][0]
    hurried = await send(client, adviser, letter)
    assert (hurried.status_code, hurried.json()["type"]) == (409, "/problems/read-letter-first")
    assert await rows(session, "message") == []
    await read(client, session, adviser, letter["id"])
    sent = (await send(client, adviser, letter)).json()
    assert (sent["state"], bool(sent["noticeId"])) == ("sent", True)
    again = await send(client, adviser, letter)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/letter-ended")
    [notice] = await rows(session, "notice")
    assert (notice["template"], notice["origin"], str(notice["id"])) == ("hearing", "decision", sent["noticeId"])
    [message] = await rows(session, "message")
    assert (message["key"], message["klass"], message["period"]) == ("N30", "L", letter["id"])
    assert await open_tasks(session, member) == ["hearing_over"]
    shown = await client.get("/v1/me/timeline", headers=signed(member_no=member.member_no))
    assert "Vi vil høre dig, før vi afgør noget" in shown.text
    [listed] = (await client.get(f"/v1/staff/members/{member.id}/letters", headers=adviser)).json()
    assert (listed["id"], listed["state"]) == (letter["id"], "sent")
    assert [step["kind"] for step in sent["steps"]].count("sent") == 1


async def test_a_decision_is_sent_by_a_coordinator_who_did_not_write_it(client: Client, session: AsyncSession) -> None:
    member, adviser, coordinator = await case(session)
    letter = await write(client, adviser, member, DECISION)
    assert (letter["maySend"], await open_tasks(session, member)) == (False, ["decision_letter"])
    await read(client, session, adviser, letter["id"])
    own = await send(client, adviser, letter)
    assert (own.status_code, own.json()["type"]) == (403, "/problems/second-person-needed")
    back = await client.post(f"{LETTERS}/{letter['id']}/return", headers=coordinator, json={"reason": "Which day?"})
    assert (back.json()["returnedReason"], await open_tasks(session, member)) == ("Which day?", [])
    await read(client, session, coordinator, letter["id"])
    edited = await client.put(f"{LETTERS}/{letter['id']}", headers=adviser, json=DECISION | {"grounds": "Begge dage."})
    letter = edited.json()
    assert (letter["version"], letter["returnedReason"], await open_tasks(session, member)) == (
        2, None, ["decision_letter"],
    )  # fmt: skip
    stale = await client.post(f"{LETTERS}/{letter['id']}/send", headers=coordinator, json={"version": 1})
    assert stale.json()["type"] == "/problems/letter-changed"
    unread = await send(client, coordinator, letter)
    assert unread.json()["type"] == "/problems/letter-unread", "what was read was another version"
    await read(client, session, coordinator, letter["id"])
    sent = await send(client, coordinator, letter)
    assert (sent.json()["state"], await open_tasks(session, member)) == ("sent", [])
    assert ("write", member.id) in await logged(session, "sendLetter")
    file = (await client.get(f"/v1/staff/notices/{sent.json()['noticeId']}", headers=adviser)).json()
    assert file["author"]["role"] == "adviser"
    assert file["approver"]["role"] == "coordinator"
    assert {"decision", "grounds", "rules", "complaint"} <= {part["about"] for part in file["notice"]["sections"]}
    bundle = await client.get(f"/v1/staff/notices/{sent.json()['noticeId']}/evidence", headers=adviser)
    with zipfile.ZipFile(io.BytesIO(bundle.content)) as packed:
        [data] = [json.loads(packed.read(name)) for name in packed.namelist() if name.endswith(".json")]
    found = {item["item"]: item["found"] for item in data["checklist"]}
    assert (found["author"], found["approver"], found["complaint"]) == ("yes", "yes", "yes")


async def test_a_decision_waits_for_the_hearing(client: Client, session: AsyncSession) -> None:
    member, adviser, coordinator = await case(session)
    hearing = await write(client, adviser, member, HEARING)
    after = {**DECISION, "hearingId": hearing["id"], "withoutHearing": ""}
    path = f"/v1/staff/members/{member.id}/letters"
    unsent = await client.post(path, headers=adviser, json=after)
    assert (unsent.status_code, unsent.json()["field"]) == (422, "hearingId")
    await read(client, session, adviser, hearing["id"])
    notice_id = (await send(client, adviser, hearing)).json()["noticeId"]
    early = await client.post(path, headers=adviser, json=after)
    assert (early.status_code, early.json()["type"]) == (409, "/problems/hearing-runs")
    note = {"kind": "explanation", "note": "I was ill."}
    assert (await client.post(f"/v1/staff/notices/{notice_id}/notes", headers=adviser, json=note)).status_code == 201
    decision = await write(client, adviser, member, after)
    await read(client, session, coordinator, decision["id"])
    assert (await send(client, coordinator, decision)).status_code == 200
    assert await open_tasks(session, member) == [], "the case went on: nobody need look at the hearing"
    stranger = await factories.member(session, branch_id=member.branch_id)
    await session.commit()
    other = await client.post(f"/v1/staff/members/{stranger.id}/letters", headers=adviser, json=after)
    assert other.json()["type"] == "/problems/hearing-needed", "another member's hearing is none"


async def test_withdrawn_and_out_of_sight(client: Client, session: AsyncSession) -> None:
    member, adviser, _ = await case(session)
    letter = await write(client, adviser, member, DECISION)
    for role in ("job_consultant", "manager", "contact_centre", "organiser"):
        who = await someone(session, role, branch_id=member.branch_id)
        assert (await client.get(f"{LETTERS}/{letter['id']}", headers=who)).status_code == 403
    stranger = await someone(session, "adviser", branch_id=(await factories.branch(session)).id)
    assert (await client.post(f"{LETTERS}/{letter['id']}/open", headers=stranger)).status_code == 404
    gone = await client.post(f"{LETTERS}/{letter['id']}/withdraw", headers=adviser)
    assert (gone.json()["state"], await open_tasks(session, member)) == ("withdrawn", [])
    assert (await client.post(f"{LETTERS}/{letter['id']}/open", headers=adviser)).status_code == 409
