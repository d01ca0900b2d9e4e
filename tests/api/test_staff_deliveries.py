"""Dead letters, channels and the way of a message, over HTTP."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.delivery.types import Outcome
from backend.notifications import channels
from tests import factories
from tests.api.conftest import NOW, Client, signed
from tests.notifications.factories import device, rows, send
from tests.notifications.test_outbox import claim, record

pytestmark = pytest.mark.db


async def coordinator(session: AsyncSession) -> dict[str, str]:
    person = await factories.staff(session, role="coordinator")
    await session.commit()
    return signed(staff_no=person.staff_no)


async def rejected(session: AsyncSession, code: str = "INVALID_ARGUMENT") -> str:
    member = await factories.member(session)
    await device(session, member.id, last_seen_at=NOW)
    await send(session, member.id, now=NOW)
    await record(session, await claim(session, NOW), "rejected", now=NOW, error_code=code)
    await session.commit()
    return member.member_no


async def test_a_coordinator_sees_what_was_given_up_and_tries_it_again(client: Client, session: AsyncSession) -> None:
    await rejected(session)
    me = await coordinator(session)
    [letter] = (await client.get("/v1/staff/dead-letters", headers=me)).json()["items"]
    assert (letter["reason"], letter["replayable"], letter["channel"]) == ("INVALID_ARGUMENT", True, "push")
    assert "token" not in str(letter)
    again = f"/v1/staff/dead-letters/{letter['id']}/replay"
    assert (await client.post(again, headers=me)).json() == {"replayed": 1}
    assert (await client.post(again, headers=me)).status_code == 404
    assert (await client.get("/v1/staff/dead-letters", headers=me)).json()["items"] == []
    [noted] = [row for row in await rows(session, "access_log") if row["operation"] == "replayDeadLetter"]
    assert str(noted["member_id"]) == letter["memberId"]


async def test_all_of_one_reason_at_once(client: Client, session: AsyncSession) -> None:
    for code in ("INVALID_ARGUMENT", "INVALID_ARGUMENT", "SENDER_ID_MISMATCH"):
        await rejected(session, code)
    me = await coordinator(session)
    body = {"reason": "INVALID_ARGUMENT", "channel": "push"}
    answer = await client.post("/v1/staff/dead-letters/replay", headers=me, json=body)
    assert (answer.status_code, answer.json()) == (200, {"replayed": 2})
    left = await client.get("/v1/staff/dead-letters?limit=1", headers=me)
    assert [one["reason"] for one in left.json()["items"]] == ["SENDER_ID_MISMATCH"]


async def test_pages_follow_one_another(client: Client, session: AsyncSession) -> None:
    for _ in range(3):
        await rejected(session)
    me = await coordinator(session)
    first = (await client.get("/v1/staff/dead-letters?limit=2", headers=me)).json()
    second = (await client.get(f"/v1/staff/dead-letters?limit=2&cursor={first['next']}", headers=me)).json()
    assert (len(first["items"]), len(second["items"]), second["next"]) == (2, 1, None)


async def test_a_channel_that_is_down_is_told(client: Client, session: AsyncSession) -> None:
    failed = [Outcome(row, "retry", error_code="UNAVAILABLE") for row in [(await factories.member(session)).id] * 10]
    await channels.learn(session, "push", failed, now=NOW)
    me = await coordinator(session)
    found = {one["name"]: one["state"] for one in (await client.get("/v1/staff/channels", headers=me)).json()}
    assert found == {"email": "closed", "mailbox": "closed", "paper": "closed", "push": "open", "sms": "closed"}


async def test_the_member_and_who_sees_the_member_are_told_the_way_of_a_message(
    client: Client, session: AsyncSession
) -> None:
    number = await rejected(session)
    me, stranger = await coordinator(session), await factories.member(session)
    adviser = await factories.staff(session, role="adviser")
    await session.commit()
    [message] = await rows(session, "message")
    steps = (await client.get(f"/v1/staff/messages/{message['id']}/steps", headers=me)).json()
    assert [(one["what"], one["channel"], one["state"]) for one in steps] == [
        ("created", None, None),
        ("ended", "push", "rejected"),
    ]
    own = await client.get(f"/v1/me/inbox/{message['id']}/steps", headers=signed(member_no=number))
    assert own.json() == steps
    for url, who in (
        (f"/v1/me/inbox/{message['id']}/steps", signed(member_no=stranger.member_no)),
        (f"/v1/staff/messages/{message['id']}/steps", signed(staff_no=adviser.staff_no)),
    ):
        assert (await client.get(url, headers=who)).status_code == 404


async def test_past_its_time_nothing_is_tried_again(client: Client, session: AsyncSession) -> None:
    await rejected(session)
    me = await coordinator(session)
    [done] = await rows(session, "delivery_done")
    past = text("UPDATE message SET created_at = created_at - interval '9 days', valid_until = :now")
    await session.execute(past, {"now": NOW})
    await session.commit()
    answer = await client.post(f"/v1/staff/dead-letters/{done['id']}/replay", headers=me)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/not-replayable")
