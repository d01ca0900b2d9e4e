"""Booking as the member meets it, from what the course asks for to giving a time back."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.booking import deadlines
from backend.booking.deadlines import NewDeadline
from backend.course import extensions
from tests import factories
from tests.api.booking_support import (
    FRIDAY,
    Clock,
    Scene,
    at,
    client,
    clock,
    get,
    here,
    items,
    messages,
    new_member,
    post,
    talk,
    timeline,
)
from tests.api.conftest import NOW, Client, signed
from tests.booking import factories as make

__all__ = ["client", "clock", "here"]
pytestmark = pytest.mark.db


async def test_from_what_is_to_book_to_the_booking_and_back(client: Client, session: AsyncSession, here: Scene) -> None:
    item = (await items(session, here.member.id))["cv_job"]
    await deadlines.set_many(session, [NewDeadline(UUID(item), here.member.id)], now=NOW)
    await session.commit()
    asked = {one["activity"]: one for one in await get(client, here, "/v1/me/bookable")}
    assert {name: one["how"] for name, one in asked.items()} == {
        "cv_job": "time", "follow_up": "none", "avail_job": "time", "joint_1": "seat",
    }  # fmt: skip
    assert asked["cv_job"]["title"] == "CV talk and job talk"
    assert asked["cv_job"]["deadline"]["dueOn"] == "2026-11-26"
    assert [one["kind"] for one in asked["cv_job"]["deadline"]["changes"]] == ["set"]

    booked = await post(client, here, "/v1/me/bookings/talks", talk(item))
    assert (booked["state"], booked["staffName"], booked["obligationIds"]) == ("booked", "Karen Kjær", [item])
    assert booked["calendar"]["google"].startswith("https://calendar.google.com/")
    assert await messages(session, here.member.id) == ["N06"]
    assert await timeline(session, here.member.id, "booking") == [("", False)]
    asked = {one["activity"]: one for one in await get(client, here, "/v1/me/bookable")}
    assert asked["cv_job"]["bookingId"] == booked["id"]
    assert asked["cv_job"]["deadline"]["state"] == "met"
    again = await post(client, here, "/v1/me/bookings/talks", talk(item, 11), status=409)
    assert again["type"] == "/problems/already-booked"

    path = f"/v1/me/bookings/{booked['id']}"
    to_move = await get(client, here, f"{path}/times", limit=100)
    assert at(FRIDAY, 11) in {instant(one["startsAt"]) for one in to_move["items"]}
    wish = {"startsAt": at(FRIDAY, 11).isoformat(), "form": "phone"}
    refused = await post(client, here, f"{path}/move-talk", wish, status=422)
    assert refused["type"] == "/problems/form-not-allowed"
    moved = await post(client, here, f"{path}/move-talk", wish | {"form": "personal"}, status=200)
    assert (moved["id"], instant(moved["startsAt"])) == (booked["id"], at(FRIDAY, 11))

    gone = await post(client, here, f"{path}/cancel", {"reason": "sick"}, status=200)
    assert (gone["state"], gone["lawful"], gone["reason"]) == ("cancelled", True, {"code": "sick", "text": "I am ill"})
    assert gone["calendar"] is None
    assert await messages(session, here.member.id) == ["N06", "N06.cancelled", "N06.changed"]
    assert await timeline(session, here.member.id, "booking") == [("cancelled", False)]
    assert ("book", True) in await timeline(session, here.member.id, "course_item")
    over = await post(client, here, f"{path}/cancel", {"reason": "sick"}, status=409)
    assert over["type"] == "/problems/booking-over"
    assert [one["id"] for one in (await get(client, here, "/v1/me/bookings", when="past"))["items"]] == [booked["id"]]
    assert (await get(client, here, "/v1/me/bookings"))["items"] == []
    await post(client, here, "/v1/me/bookings/talks", talk(item, 11))


def instant(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)


async def test_a_hold_is_confirmed_in_time_or_is_over(
    client: Client, session: AsyncSession, here: Scene, clock: Clock
) -> None:
    item = (await items(session, here.member.id))["cv_job"]
    held = await post(client, here, "/v1/me/bookings/talks", talk(item, hold=True))
    assert held["state"] == "held"
    assert held["heldUntil"] is not None
    assert await messages(session, here.member.id) == []
    clock.forward(minutes=11)
    over = await post(client, here, f"/v1/me/bookings/{held['id']}/confirm", status=409)
    assert over["type"] == "/problems/hold-over"
    held = await post(client, here, "/v1/me/bookings/talks", talk(item, hold=True))
    for _ in range(2):
        booked = await post(client, here, f"/v1/me/bookings/{held['id']}/confirm", status=200)
        assert (booked["state"], booked["heldUntil"]) == ("booked", None)
    assert await messages(session, here.member.id) == ["N06"]


async def test_a_phone_that_sends_twice_books_once(client: Client, session: AsyncSession, here: Scene) -> None:
    wish = talk((await items(session, here.member.id))["cv_job"])
    key = here.headers | {"Idempotency-Key": "one"}
    answers = [await client.post("/v1/me/bookings/talks", headers=key, json=wish) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert await session.scalar(text("SELECT count(*) FROM booking")) == 1
    assert await messages(session, here.member.id) == ["N06"]


async def test_free_times_come_by_time_each_once_and_known_advisers_are_marked(
    client: Client, session: AsyncSession, here: Scene
) -> None:
    other = await make.adviser(session, here.branch, 9, 12, name="Aage Bak")
    here.member.adviser_id = other.id
    await session.commit()
    item = (await items(session, here.member.id))["cv_job"]
    path = f"/v1/me/bookable/{item}/times"
    found = await get(client, here, path, **{"from": FRIDAY.isoformat(), "to": FRIDAY.isoformat()})
    assert [one["staffName"] for one in found["items"]] == ["Aage Bak"] * 3 + ["Karen Kjær"] * 3
    assert [one["known"] for one in found["items"]] == [True] * 3 + [False] * 3
    assert (found["minutes"], found["forms"], found["noneFree"]) == (60, ["personal"], False)
    assert (found["first"], found["last"]) == ("2026-11-18", "2026-11-29")
    same = await get(client, here, path, to=FRIDAY.isoformat(), sameAdviser="true", limit=4)
    assert {one["staffName"] for one in same["items"]} == {"Aage Bak"}
    rest = await get(client, here, path, to=FRIDAY.isoformat(), sameAdviser="true", cursor=same["next"])
    starts = [one["startsAt"] for one in same["items"] + rest["items"]]
    assert starts == sorted(set(starts))
    assert rest["next"] is None
    await post(client, here, "/v1/me/bookings/talks", talk(item))
    taken = await new_member(session, here.branch)
    await session.commit()
    wish = talk((await items(session, taken.id))["cv_job"], staffId=str(other.id))
    late = await client.post("/v1/me/bookings/talks", headers=signed(member_no=taken.member_no), json=wish)
    assert late.json()["type"] == "/problems/slot-taken"


async def test_that_no_time_was_free_is_noted_and_gives_longer(
    client: Client, session: AsyncSession, here: Scene, clock: Clock
) -> None:
    item = (await items(session, here.member.id))["cv_job"]
    await deadlines.set_many(session, [NewDeadline(UUID(item), here.member.id)], now=NOW)
    await session.execute(text("UPDATE working_hours SET valid_to = valid_from"))
    await session.commit()
    clock.forward(minutes=30)
    path = f"/v1/me/bookable/{item}/times"
    assert (await get(client, here, path, to="2026-11-18"))["noneFree"] is True
    asked = {one["activity"]: one for one in await get(client, here, "/v1/me/bookable")}
    changes = asked["cv_job"]["deadline"]["changes"]
    assert [(one["kind"], one["dueOn"]) for one in changes] == [("set", "2026-11-26"), ("no_slot", "2026-11-26")]
    assert changes[1]["text"] == "No time was free, so you were given longer"
    wrong = (await items(session, here.member.id))["joint_1"]
    refused = await client.get(f"/v1/me/bookable/{wrong}/times", headers=here.headers)
    assert refused.json()["type"] == "/problems/nothing-to-book"


async def test_sessions_say_what_they_are_to_me_and_a_full_one_has_a_line(
    client: Client, session: AsyncSession, here: Scene, clock: Clock
) -> None:
    friend = await new_member(session, here.branch)
    day = date(2026, 11, 25)
    full = await make.workshop(session, capacity=1, starts_at=at(day, 9))
    free = await make.workshop(session, capacity=5, starts_at=at(day, 14), branch_id=here.branch.id)
    await make.workshop(session, starts_at=at(day, 15), audience={"age_from": 60})
    await make.workshop(session, starts_at=at(day, 16), branch_id=(await factories.branch(session)).id, language="en")
    await session.commit()
    theirs = Scene(here.branch, here.adviser, friend, signed(member_no=friend.member_no))
    booked = await post(client, theirs, "/v1/me/bookings/seats", {"sessionId": str(full)})
    shown = (await get(client, here, "/v1/me/sessions"))["items"]
    assert [(one["id"], one["status"], one["free"], one["seats"]) for one in shown] == [
        (str(full), "full", 0, 1),
        (str(free), "free", 5, 5),
    ]
    assert len((await get(client, here, "/v1/me/sessions", everywhere=True))["items"]) == 3
    assert len((await get(client, here, "/v1/me/sessions", everywhere=True, language="en"))["items"]) == 1
    first = await get(client, here, "/v1/me/sessions", limit=1)
    second = await get(client, here, "/v1/me/sessions", limit=1, cursor=first["next"])
    assert [one["id"] for one in first["items"] + second["items"]] == [str(full), str(free)]

    refused = await post(client, here, "/v1/me/bookings/seats", {"sessionId": str(full)}, status=409)
    assert refused["type"] == "/problems/session-full"
    line = f"/v1/me/sessions/{full}/waiting"
    joined = await post(client, here, line)
    assert (joined["position"], joined["state"], joined["reason"]["code"]) == (1, "waiting", "full")
    assert joined["reason"]["text"] == "All seats are taken. We tell you when there is one for you."
    nothing = await post(client, here, f"{line}/accept", status=409)
    assert nothing["type"] == "/problems/offer-over"

    clock.forward(minutes=5)
    await post(client, theirs, f"/v1/me/bookings/{booked['id']}/cancel", {"reason": "at_work"}, status=200)
    [place] = await get(client, here, "/v1/me/waiting")
    assert (place["state"], place["reason"]["code"]) == ("offered", "offered")
    assert await messages(session, here.member.id) == ["N22"]
    assert await timeline(session, here.member.id, "waiting_list") == [("offered", True)]
    seat = await post(client, here, f"{line}/accept")
    assert (seat["state"], seat["sessionId"]) == ("booked", str(full))
    assert await timeline(session, here.member.id, "waiting_list") == [("accepted", False)]
    assert await get(client, here, "/v1/me/waiting") == []
    assert (await client.delete(line, headers=here.headers)).status_code == 404
    [mine, _] = (await get(client, here, "/v1/me/sessions"))["items"]
    assert (mine["status"], mine["bookingId"]) == ("booked", seat["id"])


async def test_leaving_the_line_and_moving_to_another_session(
    client: Client, session: AsyncSession, here: Scene
) -> None:
    friend = await new_member(session, here.branch)
    day = date(2026, 11, 25)
    events = [await make.workshop(session, capacity=1, starts_at=at(day, hour)) for hour in (9, 14)]
    await session.commit()
    theirs = Scene(here.branch, here.adviser, friend, signed(member_no=friend.member_no))
    booked = await post(client, theirs, "/v1/me/bookings/seats", {"sessionId": str(events[0])})
    await post(client, here, f"/v1/me/sessions/{events[0]}/waiting")
    body = {"sessionId": str(events[1])}
    moved = await post(client, theirs, f"/v1/me/bookings/{booked['id']}/move-seat", body, status=200)
    assert moved["sessionId"] == str(events[1])
    assert await messages(session, here.member.id) == ["N22"]
    left = await client.delete(f"/v1/me/sessions/{events[0]}/waiting", headers=here.headers)
    assert left.status_code == 204
    assert await timeline(session, here.member.id, "waiting_list") == [("ended", False)]
    assert await make.counters(session, events[0]) == (0, 0, 0)


async def test_reasons_for_giving_back_are_said_in_words(client: Client, here: Scene) -> None:
    english = await get(client, here, "/v1/me/cancel-reasons")
    assert [one["code"] for one in english if not one["lawful"]] == ["child_sick", "other"]
    danish = await client.get("/v1/me/cancel-reasons", headers=here.headers | {"Accept-Language": "da"})
    assert danish.json()[0]["text"] == "Jeg er på arbejde"


async def test_nobody_books_for_others(client: Client, session: AsyncSession, here: Scene) -> None:
    friend = await new_member(session, here.branch)
    await session.commit()
    item = (await items(session, here.member.id))["cv_job"]
    booked = await post(client, here, "/v1/me/bookings/talks", talk(item))
    others = signed(member_no=friend.member_no)
    path = f"/v1/me/bookings/{booked['id']}"
    assert (await client.get(path, headers=others)).status_code == 404
    assert (await client.get(f"{path}/calendar", headers=others)).status_code == 404
    assert (await client.post(f"{path}/cancel", headers=others, json={"reason": "sick"})).status_code == 404
    theirs = await client.post("/v1/me/bookings/talks", headers=others, json=talk(item, 11))
    assert theirs.json()["type"] == "/problems/nothing-to-book"


async def test_a_sick_week_moves_nothing_that_was_booked(client: Client, session: AsyncSession, here: Scene) -> None:
    item = (await items(session, here.member.id))["cv_job"]
    booked = await post(client, here, "/v1/me/bookings/talks", talk(item))
    await extensions.extend_many(session, [here.member.id], now=NOW)
    assert (await get(client, here, f"/v1/me/bookings/{booked['id']}"))["state"] == "booked"


async def test_lists_take_as_many_statements_for_many_as_for_one(
    client: Client, session: AsyncSession, here: Scene, engine: AsyncEngine
) -> None:
    async def statements(path: str) -> int:
        seen: list[str] = []
        event.listen(engine.sync_engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
        await get(client, here, path)
        return len(seen)

    paths = ("/v1/me/sessions", "/v1/me/bookings", "/v1/me/bookable", "/v1/me/waiting")
    before = [await statements(path) for path in paths]
    for n in range(6):
        event_id = await make.workshop(session, capacity=1, starts_at=at(date(2026, 11, 23) + timedelta(n), 9))
        await session.commit()
        if n % 2:
            await post(client, here, "/v1/me/bookings/seats", {"sessionId": str(event_id)})
    assert [await statements(path) for path in paths] == before
