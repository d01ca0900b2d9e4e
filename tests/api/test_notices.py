"""Legal notices over HTTP: read by the member after signing in, followed and proven by staff."""

import hashlib
import io
import json
import zipfile

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.members.tables import Member
from backend.notices.tables import Notice
from tests import factories
from tests.api.conftest import Client, signed
from tests.api.staff_support import Headers, logged, pair, someone
from tests.notices.factories import called_in, finished, steps_of
from tests.notifications.factories import rows, send

pytestmark = pytest.mark.db
ME, STAFF = "/v1/me/notices", "/v1/staff/notices"


async def noticed(session: AsyncSession) -> tuple[Member, Notice, Headers, Headers]:
    """A member who is called in, the notice, and the headers of the member and of their adviser."""
    member, adviser = await pair(session)
    notice = await called_in(session, member)
    await session.commit()
    return member, notice, signed(member_no=member.member_no), adviser


async def test_the_inbox_leads_to_the_whole_text(client: Client, session: AsyncSession) -> None:
    member, notice, me, _ = await noticed(session)
    await send(session, member.id, key="N28")
    await session.commit()
    inbox = (await client.get("/v1/me/inbox", headers=me)).json()["items"]
    assert {one["key"]: one["noticeId"] for one in inbox} == {"N04": str(notice.id), "N28": None}
    assert "Vejle" not in json.dumps(inbox), "the place is told in the notice alone"
    opened = (await client.post(f"{ME}/{notice.id}/open", headers=me)).json()
    assert {fact["name"]: fact["value"] for fact in opened["facts"]}["where"] == "Du møder op hos os: Vejle, room 2"
    assert "lawful_absence" in {part["about"] for part in opened["sections"]}
    assert {kind for kind, _ in await steps_of(session, notice.id)} == {"created", "opened"}
    (listed,) = (await client.get(ME, headers=me)).json()["items"]
    assert (listed["heading"], bool(listed["openedAt"])) == ("Du er indkaldt til en samtale", True)
    read = (await client.get("/v1/me/inbox", headers=me)).json()["items"]
    assert {one["key"]: bool(one["readAt"]) for one in read} == {"N04": True, "N28": False}


async def test_the_letter_is_made_when_it_is_first_asked_for(client: Client, session: AsyncSession) -> None:
    _, notice, me, adviser = await noticed(session)
    first = await client.get(f"{ME}/{notice.id}/letter", headers=me)
    assert (first.status_code, first.headers["content-type"]) == (200, "application/pdf")
    assert first.headers["cache-control"] == "private, no-store"
    assert first.headers["content-disposition"] == f'attachment; filename="{notice.id}.pdf"'
    again = await client.get(f"{STAFF}/{notice.id}/letter", headers=adviser)
    assert again.content == first.content
    assert len(await rows(session, "notice_letter")) == 1
    kinds = sorted(kind for kind, _ in await steps_of(session, notice.id))
    assert kinds == ["created", "downloaded", "opened", "rendered"], "that staff look is no opening"


async def test_another_s_notice_does_not_exist(client: Client, session: AsyncSession) -> None:
    _, notice, _, _ = await noticed(session)
    other = signed(member_no=(await factories.member(session)).member_no)
    stranger = await someone(session, "adviser", branch_id=(await factories.branch(session)).id)
    await session.commit()
    assert (await client.post(f"{ME}/{notice.id}/open", headers=other)).status_code == 404
    assert (await client.get(f"{ME}/{notice.id}/letter", headers=other)).status_code == 404
    for path in ("", "/letter", "/evidence"):
        assert (await client.get(f"{STAFF}/{notice.id}{path}", headers=stranger)).status_code == 404
    assert (await client.get(f"{STAFF}/{notice.id}", headers=await someone(session, "manager"))).status_code == 403
    assert await rows(session, "notice_letter") == []


async def test_staff_see_every_step_and_add_to_the_file(client: Client, session: AsyncSession) -> None:
    member, notice, _, adviser = await noticed(session)
    await finished(session, notice, "mailbox")
    await session.commit()
    note = {"kind": "explanation", "note": "I was at a job interview.", "on": "2026-11-23"}
    seen = (await client.post(f"{STAFF}/{notice.id}/notes", headers=adviser, json=note)).json()
    told = {step["kind"]: step["detail"] for step in seen["steps"]}
    assert told.keys() == {"created", "available", "explanation"}
    assert told["explanation"] == {"note": note["note"], "on": "2026-11-23"}
    assert (seen["approver"]["name"], seen["author"], seen["templateVersion"]) == ("Bo Birk", None, 1)
    empty = await client.post(f"{STAFF}/{notice.id}/notes", headers=adviser, json=note | {"note": " "})
    assert (empty.status_code, empty.json()["type"]) == (422, "/problems/note-needed")
    (listed,) = (await client.get(f"/v1/staff/members/{member.id}/notices", headers=adviser)).json()["items"]
    assert listed["availableAt"]


async def test_the_bundle_of_evidence(client: Client, session: AsyncSession) -> None:
    member, notice, _, adviser = await noticed(session)
    guided = await client.post(
        f"/v1/staff/members/{member.id}/digital-guidance", headers=adviser, json={"how": "phone"}
    )
    assert guided.status_code == 204
    answer = await client.get(f"{STAFF}/{notice.id}/evidence", headers=adviser)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert member.member_no not in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        data = json.loads(archive.read("bevis.json"))
        letter = archive.read("brev.pdf")
    assert data["letter"]["sha256"] == hashlib.sha256(letter).hexdigest()
    assert data["digitalGuidance"][0]["how"] == "phone"
    assert await logged(session, "getNoticeEvidence") == [("read", member.id)]
    assert (await client.get(f"{STAFF}/{notice.id}/evidence", headers=adviser)).content == answer.content
