"""What else the member reads and does: profile, rating, objections, timeline, inbox, devices."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.followup import service as followup
from backend.i18n import text
from backend.members.tables import Member
from backend.notifications import service as notifications
from backend.notifications.service import NewMessage
from backend.timeline import service as timeline
from backend.timeline.service import NewItem
from tests import factories
from tests.api.conftest import NOW, Client, signed

pytestmark = pytest.mark.db


@pytest.fixture
async def member(session: AsyncSession) -> Member:
    adviser = await factories.staff(session, name="Karen Kjær")
    made = await factories.member(session, adviser_id=adviser.id)
    await session.commit()
    return made


@pytest.fixture
def me(member: Member) -> dict[str, str]:
    return signed(member_no=member.member_no)


@pytest.fixture
async def rated(session: AsyncSession, member: Member) -> Member:
    """A member whom a weekly run rated two weeks ago and today: without entries, first yellow, then red."""
    for moment in (NOW - timedelta(days=14), NOW - timedelta(days=1)):
        await followup.rate_and_follow_up(session, [member.id], now=moment, mode="weekly", call_queue="branch")
    await session.commit()
    return member


async def test_the_profile_names_the_branch_and_the_adviser(client: Client, me: dict[str, str]) -> None:
    found = (await client.get("/v1/me", headers=me)).json()
    assert found["contact"] == {
        "branch": "Metal Vejle", "phone": "75000000", "email": "vejle@fund.example", "adviser": "Karen Kjær",
    }  # fmt: skip
    assert found["unemployedFrom"] == "2026-08-03"


async def test_the_chosen_language_is_that_of_answers(client: Client, me: dict[str, str]) -> None:
    changed = await client.patch("/v1/me", json={"language": "en"}, headers=me)
    assert changed.json()["language"] == "en"
    assert (await client.get("/v1/me/rating", headers=me)).json()["colour"]["word"] == "No colour yet"
    danish = await client.get("/v1/me/rating", headers=me | {"Accept-Language": "da"})
    assert danish.json()["colour"]["word"] == text("da", "No colour yet")
    unknown = await client.patch("/v1/me", json={"language": "fr"}, headers=me)
    assert (unknown.status_code, unknown.json()["field"]) == (422, "language")


async def test_the_rating_comes_with_word_shape_reasons_and_the_way_back(
    client: Client, me: dict[str, str], rated: Member
) -> None:
    found = (await client.get("/v1/me/rating", headers=me | {"Accept-Language": "en"})).json()
    assert found["colour"]["colour"] in ("yellow", "red")
    assert found["colour"]["word"]
    assert found["colour"]["shape"] in ("neutral", "frown")
    assert found["reasons"]
    assert all(sentence["text"] and "{" not in sentence["text"] for sentence in found["reasons"] + found["figures"])
    assert found["wayBack"]["entries"] >= 1
    assert found["wayBack"]["steps"]
    assert "no assessment of your availability" in found["notice"]


async def test_the_rating_of_another_day_is_the_one_in_force_then(
    client: Client, me: dict[str, str], rated: Member
) -> None:
    then = (await client.get("/v1/me/rating?on=2026-11-10", headers=me)).json()
    assert then["rating"]["ratedOn"] == "2026-11-04"
    assert then["wayBack"] is None
    before = (await client.get("/v1/me/rating?on=2026-10-01", headers=me)).json()
    assert (before["rating"], before["colour"]["colour"]) == (None, "none")


async def test_former_ratings_are_paged_newest_first(client: Client, me: dict[str, str], rated: Member) -> None:
    first = (await client.get("/v1/me/ratings?limit=1", headers=me)).json()
    second = (await client.get(f"/v1/me/ratings?limit=1&cursor={first['next']}", headers=me)).json()
    days = [first["items"][0]["ratedOn"], second["items"][0]["ratedOn"]]
    assert days == ["2026-11-17", "2026-11-04"]
    assert second["next"] is None


async def test_an_objection_is_made_once_and_can_be_taken_back(
    client: Client, me: dict[str, str], rated: Member
) -> None:
    rating = (await client.get("/v1/me/rating", headers=me)).json()["rating"]
    body = {"ratingId": rating["id"], "text": "I was ill in week 45."}
    made = await client.post("/v1/me/disputes", json=body, headers=me)
    assert made.status_code == 201
    assert made.json()["state"] == "open"
    second = await client.post("/v1/me/disputes", json=body, headers=me)
    assert (second.status_code, second.json()["type"]) == (409, "/problems/dispute-open")
    back = await client.post(f"/v1/me/disputes/{made.json()['id']}/withdraw", headers=me)
    assert back.json()["state"] == "withdrawn"
    assert [each["state"] for each in (await client.get("/v1/me/disputes", headers=me)).json()] == ["withdrawn"]


async def test_nobody_objects_to_anothers_rating(
    client: Client, me: dict[str, str], rated: Member, session: AsyncSession
) -> None:
    rating = (await client.get("/v1/me/rating", headers=me)).json()["rating"]
    them = signed(member_no=(await factories.member(session)).member_no)
    await session.commit()
    body = {"ratingId": rating["id"], "text": "x"}
    assert (await client.post("/v1/me/disputes", json=body, headers=them)).status_code == 404
    made = await client.post("/v1/me/disputes", json=body, headers=me)
    assert (await client.post(f"/v1/me/disputes/{made.json()['id']}/withdraw", headers=them)).status_code == 404
    assert (await client.get("/v1/me/disputes", headers=them)).json() == []


async def place(session: AsyncSession, member_id: UUID, days: float, key: str, **values: Any) -> None:
    item = NewItem(member_id, "welcome", key, NOW + timedelta(days=days), **values)
    await timeline.add(session, [item], now=NOW)
    await session.commit()


async def test_the_timeline_is_parted_by_day(
    client: Client, me: dict[str, str], member: Member, session: AsyncSession
) -> None:
    for days, key in ((-2, "a"), (0.1, "b"), (3, "c")):
        await place(session, member.id, days, key, needs_action=days == 3)
    found = (await client.get("/v1/me/timeline", headers=me)).json()
    parts = {name: [item["at"][:10] for item in found[name]] for name in ("past", "today", "coming", "actions")}
    assert parts == {
        "past": ["2026-11-16"], "today": ["2026-11-18"], "coming": ["2026-11-21"], "actions": ["2026-11-21"],
    }  # fmt: skip
    assert (found["earlier"], found["later"]) == (None, None)


async def test_an_item_names_what_it_is_about_where_that_is_one_thing(
    client: Client, me: dict[str, str], member: Member, session: AsyncSession
) -> None:
    await place(session, member.id, 1, str(member.id))
    await place(session, member.id, 2, "end:1")
    found = (await client.get("/v1/me/timeline", headers=me)).json()
    assert [item["subjectId"] for item in found["coming"]] == [str(member.id), None]


@pytest.mark.parametrize(("edge", "sign"), [("earlier", -1), ("later", 1)])
async def test_the_timeline_goes_on_in_both_directions_while_items_come(
    client: Client, me: dict[str, str], member: Member, session: AsyncSession, edge: str, sign: int
) -> None:
    for day in range(1, 12):
        await place(session, member.id, sign * day, f"d{day}")
    overview = (await client.get("/v1/me/timeline?limit=3", headers=me)).json()
    seen = [item["id"] for item in overview["past" if sign < 0 else "coming"]]
    cursor = overview[edge]
    while cursor:
        await place(session, member.id, sign * 0.5, f"new{len(seen)}")
        page = (await client.get(f"/v1/me/timeline/items?limit=3&cursor={cursor}", headers=me)).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
    assert len(seen) == len(set(seen)) == 11


@pytest.mark.parametrize("today", range(7))
async def test_the_timeline_goes_on_after_a_full_day(
    client: Client, me: dict[str, str], member: Member, session: AsyncSession, today: int
) -> None:
    """However many things today holds, each thing is shown exactly once."""
    for number in range(today):
        await place(session, member.id, number / 100, f"t{number}")
    for day in range(1, 8 - today):
        await place(session, member.id, day, f"d{day}")
    found = (await client.get("/v1/me/timeline?limit=2", headers=me)).json()
    seen = [item["id"] for item in found["today"] + found["coming"]]
    cursor = found["later"]
    while cursor:
        page = (await client.get(f"/v1/me/timeline/items?limit=2&cursor={cursor}", headers=me)).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
    assert len(seen) == len(set(seen)) == 7


async def test_what_is_polled_is_not_sent_again_until_it_changes(
    client: Client, me: dict[str, str], member: Member, session: AsyncSession
) -> None:
    for path in ("/v1/me/timeline", "/v1/me/inbox", "/v1/me/inbox/summary", "/v1/me/rating", "/v1/me/job-log"):
        first = await client.get(path, headers=me)
        held = me | {"If-None-Match": first.headers["etag"]}
        again = await client.get(path, headers=held)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    held = me | {"If-None-Match": (await client.get("/v1/me/timeline", headers=me)).headers["etag"]}
    await place(session, member.id, 1, "new")
    assert (await client.get("/v1/me/timeline", headers=held)).status_code == 200


async def send(session: AsyncSession, member: Member, count: int) -> None:
    messages = [NewMessage(member.id, "N28", str(number)) for number in range(count)]
    await notifications.send(session, messages, now=NOW)
    await session.commit()


async def test_messages_are_paged_and_marked(
    client: Client, me: dict[str, str], member: Member, session: AsyncSession
) -> None:
    await send(session, member, 5)
    assert (await client.get("/v1/me/inbox/summary", headers=me)).json() == {"unread": 5}
    first = (await client.get("/v1/me/inbox?limit=3", headers=me)).json()
    second = (await client.get(f"/v1/me/inbox?limit=3&cursor={first['next']}", headers=me)).json()
    ids = [item["id"] for item in first["items"] + second["items"]]
    assert len(set(ids)) == 5
    assert second["next"] is None
    read = await client.patch(f"/v1/me/inbox/{ids[0]}", json={"read": True}, headers=me)
    assert read.json()["readAt"] == "2026-11-18T09:00:00Z"
    assert (await client.get("/v1/me/inbox/summary", headers=me)).json() == {"unread": 4}
    unread = await client.patch(f"/v1/me/inbox/{ids[0]}", json={"read": False}, headers=me)
    assert unread.json()["readAt"] is None
    assert (await client.post("/v1/me/inbox/read-all", headers=me)).json() == {"unread": 0}
    them = signed(member_no=(await factories.member(session)).member_no)
    await session.commit()
    assert (await client.patch(f"/v1/me/inbox/{ids[0]}", json={"read": True}, headers=them)).status_code == 404
    assert (await client.get("/v1/me/inbox", headers=them)).json()["items"] == []


PHONE = {"token": "token-of-a-phone", "platform": "android", "name": "Pixel 9", "appVersion": "1.0"}


async def test_a_phone_is_registered_rotated_and_signed_out(client: Client, me: dict[str, str]) -> None:
    first = await client.post("/v1/me/devices", json=PHONE, headers=me)
    again = await client.post("/v1/me/devices", json=PHONE, headers=me)
    assert again.json()["id"] == first.json()["id"]
    assert PHONE["token"] not in first.text
    path = f"/v1/me/devices/{first.json()['id']}"
    rotated = await client.put(f"{path}/token", json={"token": "another-token"}, headers=me)
    assert rotated.json()["id"] == first.json()["id"]
    assert [each["name"] for each in (await client.get("/v1/me/devices", headers=me)).json()] == ["Pixel 9"]
    gone = await client.delete(path, headers=me)
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await client.get("/v1/me/devices", headers=me)).json() == []
    assert (await client.delete(path, headers=me)).status_code == 404


async def test_a_phone_that_changed_hands_leaves_its_former_owner(
    client: Client, me: dict[str, str], session: AsyncSession
) -> None:
    device = (await client.post("/v1/me/devices", json=PHONE, headers=me)).json()
    them = signed(member_no=(await factories.member(session)).member_no)
    await session.commit()
    assert (await client.delete(f"/v1/me/devices/{device['id']}", headers=them)).status_code == 404
    await client.post("/v1/me/devices", json=PHONE, headers=them)
    assert (await client.get("/v1/me/devices", headers=me)).json() == []


async def statements(engine: AsyncEngine, client: Client, path: str, me: dict[str, str]) -> int:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            seen.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        assert (await client.get(path, headers=me)).status_code == 200
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)
    return len(seen)


async def test_statements_do_not_grow_with_rows(
    client: Client, me: dict[str, str], member: Member, session: AsyncSession, engine: AsyncEngine
) -> None:
    paths = ("/v1/me/job-log", "/v1/me/timeline", "/v1/me/inbox", "/v1/me/ratings", "/v1/me/devices", "/v1/me/disputes")
    few = [await statements(engine, client, path, me) for path in paths]
    await send(session, member, 20)
    for number in range(20):
        await place(session, member.id, number - 10, str(number))
        body = {"appliedOn": "2026-11-17", "status": "applied", "channel": "posted", "employer": f"Firma {number}"}
        await client.post("/v1/me/job-log", json=body, headers=me)
        await client.post("/v1/me/devices", json=PHONE | {"token": f"token-{number}"}, headers=me)
    many = [await statements(engine, client, path, me) for path in paths]
    assert many == few
    assert max(many) <= 5
