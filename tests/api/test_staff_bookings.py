"""Staff book for members, move deadlines, and say when nobody could book."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import deadlines
from backend.booking.deadlines import NewDeadline
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
    post,
    talk,
    timeline,
)
from tests.api.conftest import NOW, Client, signed
from tests.api.staff_support import logged, someone
from tests.booking import factories as make

__all__ = ["client", "clock", "here"]
pytestmark = pytest.mark.db


@pytest.fixture
def desk(here: Scene) -> Scene:
    """The scene with the adviser at the keys."""
    return Scene(here.branch, here.adviser, here.member, signed(staff_no=here.adviser.staff_no))


def of(here: Scene, path: str) -> str:
    return f"/v1/staff/members/{here.member.id}/{path}"


async def test_staff_book_move_and_cancel_for_a_member_who_is_told(
    client: Client, session: AsyncSession, here: Scene, desk: Scene
) -> None:
    item = (await items(session, here.member.id))["cv_job"]
    times = await get(client, desk, of(here, f"bookable/{item}/times"))
    assert times["items"]
    booked = await post(client, desk, of(here, "bookings/talks"), talk(item))
    assert booked["byStaff"] is True
    one = of(here, f"bookings/{booked['id']}")
    wish = {"startsAt": at(FRIDAY, 13).isoformat(), "form": "personal"}
    await post(client, desk, f"{one}/move-talk", wish, status=200)
    assert [b["id"] for b in (await get(client, desk, of(here, "bookings")))["items"]] == [booked["id"]]
    gone = await post(client, desk, f"{one}/cancel", {"reason": "job_interview"}, status=200)
    assert gone["lawful"] is True
    assert await messages(session, here.member.id) == ["N06", "N06.cancelled", "N06.changed"]
    assert await logged(session, "bookTalkFor") == [("write", here.member.id)]
    event = await make.workshop(session, starts_at=at(FRIDAY, 9), closes_at=NOW - timedelta(hours=1))
    other = await make.workshop(session, starts_at=at(FRIDAY, 9))
    await session.commit()
    late = await client.post("/v1/me/bookings/seats", headers=here.headers, json={"sessionId": str(event)})
    assert late.json()["type"] == "/problems/booking-closed"
    seat = await post(client, desk, of(here, "bookings/seats"), {"sessionId": str(event)})
    path = of(here, f"bookings/{seat['id']}/move-seat")
    moved = await post(client, desk, path, {"sessionId": str(other)}, status=200)
    assert moved["sessionId"] == str(other)


async def test_a_pair_of_talks_that_the_regime_does_not_merge_is_refused(
    client: Client, session: AsyncSession, here: Scene, desk: Scene
) -> None:
    found = await items(session, here.member.id)
    wish: dict[str, Any] = talk(found["cv_job"]) | {"obligationIds": [found["cv_job"], found["avail_job"]]}
    refused = await post(client, desk, of(here, "bookings/talks"), wish, status=422)
    assert refused["type"] == "/problems/merge-not-allowed"
    asked = {one["activity"]: one for one in await get(client, desk, of(here, "bookable"))}
    assert asked["cv_job"]["mayMergeWith"] == []


async def test_after_the_last_day_staff_still_find_a_time(
    client: Client, session: AsyncSession, here: Scene, desk: Scene
) -> None:
    item = (await items(session, here.member.id))["cv_job"]
    await session.execute(
        text("UPDATE obligation SET window_from = '2026-11-01', due_on = '2026-11-17' WHERE id = :i"), {"i": item}
    )
    await session.commit()
    mine = await client.get(f"/v1/me/bookable/{item}/times", headers=here.headers)
    assert mine.json()["items"] == []
    assert (await get(client, desk, of(here, f"bookable/{item}/times")))["items"]
    refused = await client.post("/v1/me/bookings/talks", headers=here.headers, json=talk(item))
    assert refused.json()["type"] == "/problems/outside-window"
    await post(client, desk, of(here, "bookings/talks"), talk(item))


async def test_deadlines_are_paused_resumed_and_extended(
    client: Client, session: AsyncSession, here: Scene, desk: Scene, clock: Clock
) -> None:
    item = (await items(session, here.member.id))["cv_job"]
    path = of(here, f"deadlines/{item}")
    none = await client.post(f"{path}/resume", headers=desk.headers)
    assert none.status_code == 404
    await deadlines.set_many(session, [NewDeadline(UUID(item), here.member.id)], now=NOW)
    await session.commit()
    clock.forward(minutes=1)
    paused = await post(client, desk, f"{path}/pause", {"reason": "Ill"}, status=200)
    assert paused["pausedOn"] == "2026-11-18"
    assert ("paused", False) in await timeline(session, here.member.id, "course_item")
    clock.forward(minutes=10)
    assert (await post(client, desk, f"{path}/resume", status=200))["dueOn"] == "2026-11-26"
    clock.forward(minutes=1)
    body = {"dueOn": "2026-11-20", "reason": "No"}
    shorter = await post(client, desk, f"{path}/extend", body, status=422)
    assert shorter["type"] == "/problems/deadline-too-short"
    longer = await post(client, desk, f"{path}/extend", body | {"dueOn": "2026-11-30"}, status=200)
    assert [one["kind"] for one in longer["changes"]] == ["set", "paused", "resumed", "extended"]
    assert ("book", True) in await timeline(session, here.member.id, "course_item")
    somebody = await factories.member(session, branch_id=here.branch.id)
    await session.commit()
    wrong = f"/v1/staff/members/{somebody.id}/deadlines/{item}/pause"
    assert (await client.post(wrong, headers=desk.headers, json={"reason": "x"})).status_code == 404


async def test_an_outage_gives_the_days_back(client: Client, session: AsyncSession, here: Scene, clock: Clock) -> None:
    item = (await items(session, here.member.id))["cv_job"]
    await deadlines.set_many(session, [NewDeadline(UUID(item), here.member.id)], now=NOW)
    desk = Scene(here.branch, here.adviser, here.member, await someone(session, "coordinator"))
    future = {"fromAt": at(date(2026, 11, 19), 9).isoformat()}
    await post(client, desk, "/v1/staff/outages", future, status=422)
    begun = await post(client, desk, "/v1/staff/outages", {"note": "Down"})
    clock.forward(minutes=20)
    path = f"/v1/staff/outages/{begun['id']}/end"
    await post(client, desk, path, {"toAt": NOW.isoformat()}, status=422)
    ended = await post(client, desk, path, {}, status=200)
    assert (ended["extended"], ended["outage"]["toAt"] is None) == (1, False)
    assert (await post(client, desk, path, {}, status=200))["extended"] == 0
    [shown] = await get(client, desk, "/v1/staff/outages")
    assert shown["note"] == "Down"
    asked = {one["activity"]: one for one in await get(client, here, "/v1/me/bookable")}
    assert asked["cv_job"]["deadline"]["dueOn"] == "2026-11-27"
    none = await client.post(f"/v1/staff/outages/{here.member.id}/end", headers=desk.headers, json={})
    assert none.status_code == 404
