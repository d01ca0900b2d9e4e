"""Broadcasts over HTTP: written, tried, submitted, approved by another, paused and stopped; coordinators alone."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from tests.api.conftest import NOW, Client
from tests.api.staff_support import someone
from tests.broadcasts.factories import members, minute

pytestmark = pytest.mark.db
PATH = "/v1/staff/broadcasts"
TEXT = {
    "klass": "S",
    "category": "news",
    "titleDa": "Vi flytter",
    "bodyDa": "Fra mandag finder du os på havnen.",
    "titleEn": "We are moving",
    "bodyEn": "From Monday you find us at the harbour.",
}


async def test_from_the_first_word_to_the_last_push(client: Client, session: AsyncSession) -> None:
    await members(session, 3)
    author, approver = await someone(session, "coordinator"), await someone(session, "coordinator")
    made = (await client.post(PATH, headers=author, json=TEXT)).json()
    assert (made["state"], [stage["share"] for stage in made["stages"]]) == ("draft", [1, 10, 100])
    one = f"{PATH}/{made['id']}"
    edited = await client.put(one, headers=author, json=TEXT | {"titleDa": "Vi flytter!", "stages": [{"share": 100}]})
    assert (edited.json()["version"], edited.json()["titleDa"]) == (2, "Vi flytter!")
    asked = (await client.post(f"{PATH}/dry-run", headers=author, json=TEXT | {"stages": [{"share": 100}]})).json()
    tried = (await client.get(f"{one}/dry-run", headers=author)).json()
    assert (tried["members"], tried["pushed"], tried["danish"]) == (3, 3, 3)
    assert asked["stages"] == tried["stages"], "what is asked before anything is kept is what holds afterwards"
    [stage] = tried["stages"]
    assert (stage["members"], stage["lastAt"] > stage["firstAt"]) == (3, True)
    looks = {look["language"]: look for look in tried["looks"]}
    assert looks["da"]["title"] == "Vi flytter!"
    assert looks["en"]["title"] == "We are moving"
    for look in looks.values():
        assert "flytter" not in look["lockTitle"] + look["lockBody"], "a locked phone tells nothing"
        assert "Metal A-kasse" in look["lockBody"]
    assert (await client.post(f"{one}/submit", headers=author)).json()["state"] == "waiting"
    own = await client.post(f"{one}/approve", headers=author, json={"version": 2})
    assert (own.status_code, own.json()["type"]) == (403, "/problems/own-broadcast")
    stale = await client.post(f"{one}/approve", headers=approver, json={"version": 1})
    assert (stale.status_code, stale.json()["type"]) == (409, "/problems/another-version")
    assert (await client.post(f"{one}/approve", headers=approver, json={"version": 2})).json()["state"] == "sending"
    twice = await client.post(f"{one}/approve", headers=approver, json={"version": 2})
    assert (twice.status_code, twice.json()["type"]) == (409, "/problems/not-waiting")
    await minute(session, NOW)
    await session.commit()
    seen = (await client.get(one, headers=author)).json()
    assert (seen["messages"], seen["read"], seen["pushes"]) == (3, 0, {"due": 3})
    assert (seen["planned"], seen["told"], seen["settled"], seen["mine"]) == (3, 0, 0, True)
    assert seen["stages"][0]["stored"] == 3
    await reads(session, made["id"])
    seen = (await client.get(one, headers=approver)).json()
    assert (seen["read"], seen["told"], seen["settled"], seen["mine"]) == (1, 1, 0, False)
    why = {"reason": "A number is wrong"}
    assert (await client.post(f"{one}/pause", headers=author, json=why)).json()["state"] == "paused"
    assert (await client.post(f"{one}/resume", headers=author)).json()["state"] == "sending"
    assert (await client.post(f"{one}/stop", headers=approver, json=why)).json()["state"] == "stopped"
    steps = [step["kind"] for step in (await client.get(one, headers=author)).json()["steps"]]
    assert steps == [
        "written", "edited", "submitted", "approved", "stage_begun", "stage_done", "paused", "resumed", "stopped",
    ]  # fmt: skip
    (listed,) = (await client.get(PATH, headers=author)).json()["items"]
    assert (listed["id"], listed["state"]) == (made["id"], "stopped")
    assert (listed["planned"], listed["stored"], listed["mine"]) == (3, 3, True)


async def reads(session: AsyncSession, broadcast_id: str) -> None:
    """One of the members opens the message."""
    first = "SELECT id FROM message WHERE params ->> 'broadcast' = :broadcast ORDER BY id LIMIT 1"
    await session.execute(
        text(f"UPDATE inbox_entry SET read_at = :now WHERE message_id = ({first})"),
        {"broadcast": broadcast_id, "now": NOW},
    )
    await session.commit()


async def test_a_dry_run_keeps_nothing(client: Client, session: AsyncSession) -> None:
    author = await someone(session, "coordinator")
    assert (await client.post(f"{PATH}/dry-run", headers=author, json=TEXT)).json()["members"] == 0
    wrong = await client.post(f"{PATH}/dry-run", headers=author, json=TEXT | {"stages": [{"share": 50}]})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "stages")
    assert (await client.get(PATH, headers=author)).json()["items"] == []


async def test_handed_back_and_withdrawn(client: Client, session: AsyncSession) -> None:
    await members(session, 1)
    author, other = await someone(session, "coordinator"), await someone(session, "coordinator")
    one = f"{PATH}/{(await client.post(PATH, headers=author, json=TEXT)).json()['id']}"
    await client.post(f"{one}/submit", headers=author)
    back = (await client.post(f"{one}/return", headers=other, json={"reason": "Too long"})).json()
    assert (back["state"], back["steps"][-1]["detail"]) == ("draft", {"reason": "Too long"})
    assert (await client.post(f"{one}/withdraw", headers=author)).json()["state"] == "withdrawn"
    assert (await client.post(f"{one}/submit", headers=author)).json()["type"] == "/problems/not-draft"


@pytest.mark.parametrize("change", [
    {"klass": "L"},
    {"category": "rating"},
    {"titleDa": ""},
    {"titleDa": "x" * 61},
    {"stages": [{"share": 50}]},
    {"audience": {"colour": "red"}},
    {"audience": {"memberNos": ["nobody"]}},
    {"spreadMinutes": 481},
])  # fmt: skip
async def test_what_cannot_be_written(client: Client, session: AsyncSession, change: dict[str, Any]) -> None:
    author = await someone(session, "coordinator")
    assert (await client.post(PATH, headers=author, json=TEXT | change)).status_code == 422


async def test_coordinators_alone(client: Client, session: AsyncSession) -> None:
    for role in ("adviser", "manager", "organiser", "contact_centre"):
        who = await someone(session, role)
        assert (await client.post(PATH, headers=who, json=TEXT)).status_code == 403
        assert (await client.get(PATH, headers=who)).status_code == 403
