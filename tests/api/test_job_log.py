"""The member's job log over HTTP: what is written changes the colour in the same transaction."""

from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.course.tables import SearchRequirement
from backend.db.types import new_id
from tests import factories
from tests.api.conftest import Client, signed

pytestmark = pytest.mark.db

ENTRY = {"appliedOn": "2026-11-17", "status": "applied", "channel": "posted", "employer": "Aros Stål", "title": "Smed"}


@pytest.fixture
async def me(session: AsyncSession) -> dict[str, str]:
    member = await factories.member(session, colour="yellow")
    await session.execute(update(SearchRequirement).values(uploads_per_month=0))
    await session.commit()
    return signed(member_no=member.member_no)


async def created(client: Client, me: dict[str, str], **changes: Any) -> dict[str, Any]:
    answer = await client.post("/v1/me/job-log", json=ENTRY | changes, headers=me)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_an_entry_is_logged_now_and_rates_its_member(client: Client, me: dict[str, str]) -> None:
    written = await created(client, me)
    entry = written["entry"]
    assert entry["loggedAt"] == "2026-11-18T09:00:00Z"
    assert entry["version"] == 1
    assert entry["source"] == "app"
    assert written["rating"]["counted"] == 1
    assert written["rating"]["colour"]["word"]
    assert written["notCounted"] is None
    answer = await client.get(f"/v1/me/job-log/{entry['id']}", headers=me)
    assert answer.json() == entry
    assert answer.headers["etag"] == '"1"'


async def test_enough_entries_turn_the_colour_in_the_answer_itself(client: Client, me: dict[str, str]) -> None:
    colours = []
    for number in range(8):
        written = await created(client, me, employer=f"Firma {number}", appliedOn=f"2026-11-{9 + number:02}")
        colours.append(written["rating"]["colour"]["colour"])
    assert colours[0] == "yellow"
    assert colours[-1] == "green"


async def test_an_entry_that_does_not_count_says_why(client: Client, me: dict[str, str]) -> None:
    await created(client, me)
    again = await created(client, me)
    assert again["notCounted"]["code"] == "duplicate"
    assert again["notCounted"]["entries"] == [again["entry"]["id"]]
    assert again["rating"]["counted"] == 1


@pytest.mark.parametrize(
    ("changes", "kind", "field"),
    [
        ({"appliedOn": "2026-11-19"}, "date-in-future", "appliedOn"),
        ({"appliedOn": "2024-11-10"}, "date-too-old", "appliedOn"),
        ({"appliedOn": "2028-11-19", "status": "planned"}, "date-too-far", "appliedOn"),
        ({"employer": "  ", "title": ""}, "nothing-named", "employer"),
        ({"status": "dreamt"}, "invalid", "status"),
        ({"employer": "x" * 201}, "invalid", "employer"),
        ({"employer": "a\x00b"}, "invalid", "employer"),
        ({"loggedAt": "2026-01-01T00:00:00Z"}, "invalid", "loggedAt"),
        ({"appliedOn": "yesterday"}, "invalid", "appliedOn"),
    ],
)
async def test_what_cannot_be_is_refused_with_the_field(
    client: Client, me: dict[str, str], changes: dict[str, Any], kind: str, field: str
) -> None:
    answer = await client.post("/v1/me/job-log", json=ENTRY | changes, headers=me)
    problem = answer.json()
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert (problem["type"], problem["field"]) == (f"/problems/{kind}", field)


async def test_a_plan_may_lie_ahead_and_counts_when_it_is_carried_out(client: Client, me: dict[str, str]) -> None:
    plan = await created(client, me, appliedOn="2026-11-25", status="planned")
    path = f"/v1/me/job-log/{plan['entry']['id']}"
    early = await client.patch(path, json={"status": "applied"}, headers=me)
    assert early.json()["type"] == "/problems/date-in-future"
    done = await client.patch(path, json={"status": "applied", "appliedOn": "2026-11-18"}, headers=me)
    assert done.json()["rating"]["counted"] == 1


async def test_every_change_is_kept(client: Client, me: dict[str, str]) -> None:
    entry = (await created(client, me))["entry"]
    path = f"/v1/me/job-log/{entry['id']}"
    await client.patch(path, json={"status": "interview"}, headers=me)
    await client.patch(path, json={"status": "applied"}, headers=me)
    await client.patch(path, json={"title": "Svejser"}, headers=me)
    await client.patch(path, json={"title": "Svejser"}, headers=me)
    await client.delete(path, headers=me)
    await client.post(f"{path}/restore", headers=me)
    events = (await client.get(f"{path}/history", headers=me)).json()
    assert [event["event"] for event in events] == [
        "created", "status_changed", "status_corrected", "edited", "deleted", "restored",
    ]  # fmt: skip
    assert events[1]["before"] == {"status": "applied"}
    assert events[1]["after"] == {"status": "interview"}
    assert (await client.get(path, headers=me)).json()["version"] == 6


async def test_a_deleted_entry_counts_no_longer_and_can_come_back(client: Client, me: dict[str, str]) -> None:
    entry = (await created(client, me))["entry"]
    path = f"/v1/me/job-log/{entry['id']}"
    gone = (await client.delete(path, headers=me)).json()
    assert gone["rating"]["counted"] == 0
    assert (await client.get("/v1/me/job-log", headers=me)).json()["items"] == []
    listed = (await client.get("/v1/me/job-log?withdrawn=true", headers=me)).json()["items"]
    assert [item["id"] for item in listed] == [entry["id"]]
    refused = await client.patch(path, json={"title": "x"}, headers=me)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/entry-withdrawn")
    back = (await client.post(f"{path}/restore", headers=me)).json()
    assert back["rating"]["counted"] == 1
    assert (await client.post(f"{path}/restore", headers=me)).json()["type"] == "/problems/entry-not-withdrawn"


async def test_a_change_from_an_old_version_is_refused(client: Client, me: dict[str, str]) -> None:
    entry = (await created(client, me))["entry"]
    path = f"/v1/me/job-log/{entry['id']}"
    first = await client.patch(path, json={"title": "Svejser"}, headers=me | {"If-Match": '"1"'})
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    late = await client.patch(path, json={"title": "Maler"}, headers=me | {"If-Match": '"1"'})
    assert (late.status_code, late.json()["type"]) == (412, "/problems/changed-meanwhile")
    odd = await client.patch(path, json={"title": "Maler"}, headers=me | {"If-Match": "x"})
    assert odd.status_code == 422
    assert (await client.get(path, headers=me)).json()["title"] == "Svejser"


async def test_pages_hold_every_entry_once_while_others_are_added(client: Client, me: dict[str, str]) -> None:
    ids = {
        (await created(client, me, employer=f"Firma {n}", appliedOn=f"2026-11-{1 + n % 5:02}"))["entry"]["id"]
        for n in range(12)
    }
    seen: list[str] = []
    cursor = None
    while True:
        query = {"limit": "5"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/v1/me/job-log", params=query, headers=me)).json()
        seen += [item["id"] for item in page["items"]]
        await created(client, me, employer=f"Ny {len(seen)}", appliedOn="2026-11-10")
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen))
    assert ids <= set(seen)


async def test_entries_are_filtered(client: Client, me: dict[str, str]) -> None:
    await created(client, me, employer="A", appliedOn="2026-11-02", status="rejected")
    await created(client, me, employer="B", appliedOn="2026-11-09")
    listed = await client.get("/v1/me/job-log?status=rejected&status=hired", headers=me)
    assert [item["employer"] for item in listed.json()["items"]] == ["A"]
    listed = await client.get("/v1/me/job-log?from=2026-11-03&to=2026-11-30", headers=me)
    assert [item["employer"] for item in listed.json()["items"]] == ["B"]


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJhIl0", "%F0%9F", "bnVsbA"])
async def test_a_cursor_of_ones_own_making_is_refused(client: Client, me: dict[str, str], cursor: str) -> None:
    answer = await client.get(f"/v1/me/job-log?cursor={cursor}", headers=me)
    assert (answer.status_code, answer.json()["field"]) == (422, "cursor")


async def test_another_members_entry_does_not_exist(client: Client, me: dict[str, str], session: AsyncSession) -> None:
    entry = (await created(client, me))["entry"]
    other = await factories.member(session)
    await session.commit()
    them = signed(member_no=other.member_no)
    path = f"/v1/me/job-log/{entry['id']}"
    for answer in (
        await client.get(path, headers=them),
        await client.patch(path, json={"title": "x"}, headers=them),
        await client.delete(path, headers=them),
        await client.post(f"{path}/restore", headers=them),
        await client.get(f"{path}/history", headers=them),
        await client.get(f"/v1/me/job-log/{new_id()}", headers=them),
    ):
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
