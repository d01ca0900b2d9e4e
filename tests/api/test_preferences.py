"""A member's preferences over HTTP: what can be chosen, what is refused, and why a message came."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.notifications import service
from backend.notifications.service import NewMessage
from tests import factories
from tests.api.conftest import NOW, Client, signed

pytestmark = pytest.mark.db
URL = "/v1/me/preferences"


@pytest.fixture
async def me(session: AsyncSession) -> dict[str, str]:
    member = await factories.member(session)
    await service.send(session, [NewMessage(member.id, "N31", "p", {"name": "Karen"})], now=NOW)
    await session.commit()
    return signed(member_no=member.member_no)


async def test_what_is_chosen_is_there_next_time(client: Client, me: dict[str, str]) -> None:
    before = (await client.get(URL, headers=me)).json()
    assert (before["language"], before["announceBy"]) == ("da", "push")
    assert before["hours"] == {
        "quietFrom": None,
        "quietFromEarliest": "16:00",
        "quietFromLatest": "20:00",
        "quietUntil": None,
        "quietUntilEarliest": "08:00",
        "quietUntilLatest": "12:00",
    }
    change = {
        "language": "en",
        "announceBy": "email",
        "quietFrom": "17:30",
        "wishes": [{"category": "jobs", "channel": "push", "wanted": False}],
    }
    answer = await client.patch(URL, json=change, headers=me)
    assert answer.status_code == 200
    after = (await client.get(URL, headers=me)).json()
    assert after["hours"]["quietFrom"] == "17:30"
    assert (after["language"], after["announceBy"]) == ("en", "email")
    [jobs] = [one for one in after["categories"] if one["category"] == "jobs"]
    assert [way["wanted"] for way in jobs["channels"]] == [False]
    assert (await client.patch(URL, json={"quietFrom": None}, headers=me)).json()["hours"]["quietFrom"] is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quietFrom": "21:00"}, "quietFrom"),
        ({"quietUntil": "13:00"}, "quietUntil"),
        ({"wishes": [{"category": "important", "channel": "push", "wanted": False}]}, "wishes[0].category"),
        ({"wishes": [{"category": "weather", "channel": "push", "wanted": False}]}, "wishes[0].category"),
        ({"wishes": [{"category": "jobs", "channel": "sms", "wanted": False}]}, "wishes[0].channel"),
    ],
)
async def test_what_cannot_be_chosen_is_named(
    client: Client, me: dict[str, str], change: dict[str, object], field: str
) -> None:
    answer = await client.patch(URL, json=change, headers=me)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_why_did_i_get_this(client: Client, me: dict[str, str], session: AsyncSession) -> None:
    [message] = (await client.get("/v1/me/inbox", headers=me)).json()["items"]
    path = f"/v1/me/inbox/{message['id']}/reason"
    found = (await client.get(path, headers=me | {"Accept-Language": "en"})).json()
    assert (found["klass"], found["steps"]) == ("S", [])
    assert found["trigger"]
    assert "turned on for your phone" in found["preference"]
    other = await factories.member(session)
    await session.commit()
    assert (await client.get(path, headers=signed(member_no=other.member_no))).status_code == 404
