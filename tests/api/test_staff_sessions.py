"""Sessions, series and calendars over HTTP, and what those who have a seat hear of them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.followup import bookings, course
from backend.members.tables import Branch, Member
from tests import factories
from tests.api.conftest import NOW, Client, signed
from tests.api.staff_support import Headers, someone
from tests.booking import factories as booked

pytestmark = pytest.mark.db
WORKSHOP = {
    "activity": "ws_write", "form": "personal", "place": "Vejle", "capacity": 12, "minutes": 180,
    "startsAt": "2026-12-09T09:00",
}  # fmt: skip
JOINT = {
    "activity": "joint_1", "form": "personal", "place": "Jobcenter Vejle", "capacity": 4, "minutes": 90,
    "leadMinutes": 30, "ownMinutes": 15, "startsAt": "2026-12-09T09:00",
}  # fmt: skip
SERIES = {name: value for name, value in WORKSHOP.items() if name != "startsAt"} | {
    "firstOn": "2026-11-26", "at": "09:00", "everyWeeks": 2,
}  # fmt: skip


@pytest.fixture
async def organiser(session: AsyncSession) -> Headers:
    return await someone(session, "organiser")


async def create(client: Client, who: Headers, **changes: Any) -> Any:
    answer = await client.post("/v1/staff/sessions", headers=who, json=WORKSHOP | changes)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def seated(session: AsyncSession, session_id: str, **values: Any) -> Member:
    """A member with a seat."""
    member = await factories.member(session, **values)
    await bookings.book_seat(session, member.id, UUID(session_id), hold=False, by=None, set_name="metal", now=NOW)
    await session.commit()
    return member


async def told(session: AsyncSession, member: Member) -> list[str]:
    statement = text("SELECT key FROM message WHERE member_id = :m ORDER BY id")
    return list(await session.scalars(statement, {"m": member.id}))


async def test_event_types_have_titles_and_ways(client: Client, organiser: Headers) -> None:
    found = {one["activity"]: one for one in (await client.get("/v1/staff/event-types", headers=organiser)).json()}
    assert (found["ws_write"]["titleEn"], found["ws_write"]["published"]) == (
        "Write yourself into a job (workshop)", True,
    )  # fmt: skip
    assert (found["cv_job"]["forms"], found["cv_job"]["published"]) == (["personal"], False)
    assert (found["netcafe"]["seatsFrom"], found["netcafe"]["seatsTo"]) == (2, 4)
    assert (found["job_cafe"]["titleDa"], found["job_cafe"]["open"]) == ("Åben jobcafé", True)


async def test_a_session_is_published_at_its_time_on_the_wall(client: Client, organiser: Headers) -> None:
    winter = await create(client, organiser, audience={"ageFrom": 50})
    assert (winter["startsAt"], winter["localStart"]) == ("2026-12-09T08:00:00Z", "2026-12-09T09:00:00")
    assert (winter["title"], winter["audience"]["ageFrom"]) == ("Skriv dig i job (workshop)", 50)
    assert winter["closesAt"] == "2026-12-08T08:00:00Z"
    summer = await create(client, organiser, startsAt="2027-03-29T09:00")
    assert summer["startsAt"] == "2027-03-29T07:00:00Z"
    nuuk = await create(client, organiser, zone="America/Nuuk")
    assert nuuk["startsAt"] == "2026-12-09T11:00:00Z"
    page = (await client.get("/v1/staff/sessions?from=2026-12-01&days=31&limit=1", headers=organiser)).json()
    assert [one["id"] for one in page["items"]] == [winter["id"]]
    rest = await client.get(
        "/v1/staff/sessions", headers=organiser, params={"from": "2026-12-01", "days": 31, "cursor": page["next"]}
    )
    assert [one["id"] for one in rest.json()["items"]] == [nuuk["id"]]


@pytest.mark.parametrize(("body", "problem"), [
    (WORKSHOP | {"activity": "cv_job"}, "activity-unknown"),
    (WORKSHOP | {"activity": "nothing"}, "activity-unknown"),
    (WORKSHOP | {"place": None}, "place-needed"),
    (WORKSHOP | {"startsAt": "2026-11-18T09:00"}, "not-ahead"),
    (WORKSHOP | {"startsAt": "2027-03-28T02:30"}, "no-such-time"),
    (WORKSHOP | {"activity": "netcafe", "capacity": 5}, "seats-not-possible"),
    (WORKSHOP | {"staffId": "01980000-0000-7000-8000-000000000000"}, "person-unknown"),
    (JOINT | {"capacity": 3, "ownMinutes": 30}, "wait-too-long"),
    (JOINT | {"capacity": 5, "ownMinutes": 10}, "wait-too-long"),
    (JOINT | {"ownMinutes": None}, "own-time-needed"),
    (JOINT | {"minutes": 80}, "length-not-possible"),
    (JOINT | {"form": "phone"}, "form-not-allowed"),
])  # fmt: skip
async def test_sessions_that_cannot_be(client: Client, organiser: Headers, body: dict[str, Any], problem: str) -> None:
    answer = await client.post("/v1/staff/sessions", headers=organiser, json=body)
    assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{problem}")


async def test_a_consultant_of_the_jobcentre_is_in_one_joint_talk_at_a_time(client: Client, organiser: Headers) -> None:
    made = await client.post("/v1/staff/partners", headers=organiser, json={"jobcentre": "Vejle", "name": "Pia"})
    partner = {"partnerId": made.json()["id"]}
    first = await client.post("/v1/staff/sessions", headers=organiser, json=JOINT | partner)
    assert (first.status_code, first.json()["jobcentre"]) == (201, "Vejle")
    late = JOINT | partner | {"startsAt": "2026-12-09T10:29"}
    refused = await client.post("/v1/staff/sessions", headers=organiser, json=late)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/partner-busy")
    after = JOINT | partner | {"startsAt": "2026-12-09T10:30"}
    second = await client.post("/v1/staff/sessions", headers=organiser, json=after)
    assert second.status_code == 201
    back = await client.put(f"/v1/staff/sessions/{second.json()['id']}", headers=organiser, json=late)
    assert (back.status_code, back.json()["type"]) == (409, "/problems/partner-busy")


async def test_an_adviser_holds_one_thing_at_a_time(client: Client, session: AsyncSession, organiser: Headers) -> None:
    adviser = {"staffId": str((await factories.staff(session)).id)}
    await session.commit()
    await create(client, organiser, **adviser)
    answer = await client.post("/v1/staff/sessions", headers=organiser, json=WORKSHOP | adviser)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/adviser-busy")


async def test_who_has_a_seat_is_told_of_another_time_and_place(
    client: Client, session: AsyncSession, organiser: Headers
) -> None:
    made = await create(client, organiser)
    member = await seated(session, made["id"])
    path = f"/v1/staff/sessions/{made['id']}"
    more = await client.put(path, headers=organiser, json=WORKSHOP | {"capacity": 15})
    assert (more.json()["told"], more.json()["session"]["capacity"]) == (0, 15)
    assert await told(session, member) == ["N06"]
    moved = await client.put(path, headers=organiser, json=WORKSHOP | {"startsAt": "2026-12-10T13:00", "place": "Give"})
    assert (moved.json()["told"], moved.json()["session"]["startsAt"]) == (1, "2026-12-10T12:00:00Z")
    assert await told(session, member) == ["N06", "N06.changed"]
    mine = (await client.get("/v1/me/bookings", headers=signed(member_no=member.member_no))).json()["items"]
    assert [(one["startsAt"], one["place"]) for one in mine] == [("2026-12-10T12:00:00Z", "Give")]
    # The member's own time has moved along: something else fits where the session was.
    other = await create(client, organiser, activity="job_cafe")
    await bookings.book_seat(session, member.id, UUID(other["id"]), hold=False, by=None, set_name="metal", now=NOW)
    await session.commit()
    clash = await client.put(path, headers=organiser, json=WORKSHOP | {"startsAt": "2026-12-09T10:00"})
    assert (clash.status_code, clash.json()["type"]) == (409, "/problems/members-busy")
    few = await client.put(path, headers=organiser, json=WORKSHOP | {"capacity": 1, "startsAt": "2026-12-10T13:00"})
    assert few.status_code == 200
    events = text("SELECT event FROM session_history WHERE session_id = :s ORDER BY id")
    assert list(await session.scalars(events, {"s": UUID(made["id"])})) == ["created", "changed", "changed", "changed"]


async def test_a_session_that_is_cancelled_is_told(client: Client, session: AsyncSession, organiser: Headers) -> None:
    made = await create(client, organiser)
    member = await seated(session, made["id"])
    url = f"/v1/staff/sessions/{made['id']}/cancel"
    done = await client.post(url, headers=organiser, json={"reason": "Underviseren er syg"})
    assert (done.status_code, done.json()) == (200, {"told": 1})
    assert await told(session, member) == ["N06", "N06.cancelled"]
    again = await client.post(url, headers=organiser, json={"reason": "x"})
    assert again.status_code == 409
    found = (await client.get(f"/v1/staff/sessions/{made['id']}", headers=organiser)).json()
    assert (found["state"], found["taken"], found["cancelReason"]) == ("cancelled", 0, "Underviseren er syg")


async def test_advisers_publish_for_their_own_branch(client: Client, session: AsyncSession) -> None:
    branch, other = await factories.branch(session), await factories.branch(session)
    adviser = await someone(session, "adviser", branch_id=branch.id)
    made = await create(client, adviser, branchId=str(branch.id))
    for elsewhere in ({}, {"branchId": str(other.id)}):
        answer = await client.post("/v1/staff/sessions", headers=adviser, json=WORKSHOP | elsewhere)
        assert answer.status_code == 403
    stranger = await someone(session, "adviser", branch_id=other.id)
    url = f"/v1/staff/sessions/{made['id']}/cancel"
    assert (await client.post(url, headers=stranger, json={"reason": "x"})).status_code == 403


async def test_a_series_with_days_that_are_skipped_and_moved(
    client: Client, session: AsyncSession, organiser: Headers
) -> None:
    made = (await client.post("/v1/staff/series", headers=organiser, json=SERIES)).json()
    # Every other Thursday for sixteen weeks, but for 24 December.
    assert (made["sessions"], made["conflicts"]) == (7, [])
    path = f"/v1/staff/series/{made['id']}"

    async def held() -> list[str]:
        url = "/v1/staff/sessions?days=120"
        return [one["localStart"] for one in (await client.get(url, headers=organiser)).json()["items"]]

    before = await held()
    assert before[:3] == ["2026-11-26T09:00:00", "2026-12-10T09:00:00", "2027-01-07T09:00:00"]
    sessions = (await client.get("/v1/staff/sessions?days=120", headers=organiser)).json()["items"]
    member = await seated(session, sessions[1]["id"])
    skipped = await client.post(f"{path}/exceptions", headers=organiser, json={"on": "2026-11-26"})
    moved = await client.post(
        f"{path}/exceptions", headers=organiser, json={"on": "2026-12-10", "movedTo": "2026-12-11T10:00"}
    )
    assert (skipped.json(), moved.json()) == ({"told": 0}, {"told": 1})
    assert await told(session, member) == ["N06", "N06.changed"]
    assert (await held())[:2] == ["2026-12-11T10:00:00", "2027-01-07T09:00:00"]
    [series] = (await client.get("/v1/staff/series", headers=organiser)).json()
    assert [(one["on"], one["movedTo"]) for one in series["exceptions"]] == [
        ("2026-11-26", None), ("2026-12-10", "2026-12-11T10:00"),
    ]  # fmt: skip
    none = await client.post(f"{path}/exceptions", headers=organiser, json={"on": "2026-12-09"})
    assert (none.status_code, none.json()["type"]) == (422, "/problems/no-occurrence")
    ended = await client.post(f"{path}/end", headers=organiser, json={"lastOn": "2026-12-01"})
    assert [one["taken"] for one in ended.json()["booked"]] == [1]
    assert await held() == ["2026-12-11T10:00:00"]


async def test_a_series_is_held_otherwise_from_a_day_on(client: Client, organiser: Headers) -> None:
    made = (await client.post("/v1/staff/series", headers=organiser, json=SERIES | {"everyWeeks": 1})).json()
    later = SERIES | {"firstOn": "2026-12-07", "at": "13:00", "place": "Give", "everyWeeks": 1}
    changed = await client.put(f"/v1/staff/series/{made['id']}", headers=organiser, json=later)
    assert changed.status_code == 200, changed.text
    items = (await client.get("/v1/staff/sessions?days=30", headers=organiser)).json()["items"]
    assert [(one["localStart"], one["place"]) for one in items] == [
        ("2026-11-26T09:00:00", "Vejle"), ("2026-12-03T09:00:00", "Vejle"), ("2026-12-07T13:00:00", "Give"),
        ("2026-12-14T13:00:00", "Give"),
    ]  # fmt: skip
    running = (await client.get("/v1/staff/series", headers=organiser)).json()
    assert [(one["firstOn"], one["lastOn"], one["at"]) for one in running] == [
        ("2026-11-26", "2026-12-06", "09:00"), ("2026-12-07", None, "13:00"),
    ]  # fmt: skip


HOURS = [
    {"weekday": day, "fromTime": "09:00", "toTime": "15:00", "forms": ["personal", "phone"]} for day in range(1, 6)
]


async def talk(session: AsyncSession, branch: Branch, at: datetime, adviser: UUID | None = None) -> tuple[Member, UUID]:
    """A member in their first week, with a talk at that time."""
    member = await factories.member(session, branch_id=branch.id, unemployed_from=date(2026, 11, 16))
    await course.start_spell(session, member.id, started_on=date(2026, 11, 16), set_name="metal", now=NOW)
    items = await booked.items(session, member.id)
    wish = bookings.Talk([items["cv_job"]], at, "personal", adviser)
    made = await bookings.book_talk(session, member.id, wish, hold=False, by=None, set_name="metal", now=NOW)
    await session.commit()
    return member, made


async def test_hours_hold_from_a_day_on_and_say_what_they_leave_outside(client: Client, session: AsyncSession) -> None:
    branch = await factories.branch(session)
    adviser = await factories.staff(session, branch_id=branch.id)
    await session.commit()
    me, path = signed(staff_no=adviser.staff_no), f"/v1/staff/calendars/{adviser.id}"
    set_ = await client.put(f"{path}/hours", headers=me, json={"validFrom": "2026-11-18", "hours": HOURS})
    assert (set_.status_code, set_.json()) == (200, {"outside": []})
    member, booking = await talk(session, branch, datetime(2026, 11, 26, 13, tzinfo=UTC))
    mornings = [one | {"toTime": "12:00"} for one in HOURS]
    changed = await client.put(f"{path}/hours", headers=me, json={"validFrom": "2026-11-23", "hours": mornings})
    assert [(one["bookingId"], one["memberNo"]) for one in changed.json()["outside"]] == [
        (str(booking), member.member_no)
    ]
    found = (await client.get(path, headers=me)).json()
    assert [(h["validFrom"], h["validTo"], h["toTime"]) for h in found["hours"] if h["weekday"] == 4] == [
        ("2026-11-18", "2026-11-22", "15:00"), ("2026-11-23", None, "12:00"),
    ]  # fmt: skip
    assert [one["name"] for one in found["sessions"]] == [member.name]
    overlapping = {"validFrom": "2026-11-23", "hours": [*HOURS, HOURS[0] | {"fromTime": "14:00"}]}
    assert (await client.put(f"{path}/hours", headers=me, json=overlapping)).status_code == 422
    colleague = await someone(session, "adviser", branch_id=branch.id)
    assert (await client.get(path, headers=colleague)).status_code == 404
    assert (await client.get(path, headers=await someone(session, "coordinator"))).status_code == 200
    events = text("SELECT event FROM calendar_history WHERE staff_id = :s ORDER BY id")
    assert list(await session.scalars(events, {"s": adviser.id})) == ["hours", "hours"]


async def test_an_absence_lists_what_it_hits_and_gives_it_to_a_colleague(client: Client, session: AsyncSession) -> None:
    branch = await factories.branch(session)
    away, free = await booked.adviser(session, branch), await booked.adviser(session, branch, name="Bo Bak")
    at = datetime(2026, 11, 26, 9, tzinfo=UTC)
    first, booking = await talk(session, branch, at, away.id)
    second, other = await talk(session, branch, at + timedelta(hours=1), away.id)
    await talk(session, branch, at + timedelta(hours=1), free.id)
    me = signed(staff_no=away.staff_no)
    day = {"fromAt": "2026-11-26T00:00:00+01:00", "toAt": "2026-11-27T00:00:00+01:00"}
    made = (await client.post(f"/v1/staff/calendars/{away.id}/absences", headers=me, json=day)).json()
    assert [one["bookingId"] for one in made["hit"]] == [str(booking), str(other)]
    ids, url = [one["sessionId"] for one in made["hit"]], f"/v1/staff/absences/{made['absence']['id']}"
    resolve = {"action": "reassign", "sessionIds": ids}
    done = (await client.post(f"{url}/resolve", headers=me, json=resolve)).json()
    assert done == {"moved": ids[:1], "cancelled": [], "left": ids[1:]}
    assert (await told(session, first))[-1] == "N06.changed"
    held = await session.scalar(
        text("SELECT s.staff_id FROM booking b JOIN activity_session s ON s.id = b.session_id WHERE b.id = :b"),
        {"b": booking},
    )
    assert held == free.id
    left = await client.post(f"{url}/resolve", headers=me, json={"action": "cancel", "sessionIds": ids})
    assert left.json() == {"moved": [], "cancelled": ids[1:], "left": []}
    assert (await told(session, second))[-1] == "N06.cancelled"
    assert (await client.get(url, headers=me)).json()["hit"] == []
    assert (await client.delete(url, headers=me)).status_code == 204
    assert (await client.delete(url, headers=me)).json()["type"] == "/problems/absence-over"


@pytest.mark.parametrize("day", [
    {"fromAt": "2026-11-27T00:00:00+01:00", "toAt": "2026-11-26T00:00:00+01:00"},
    {"fromAt": "2026-11-10T00:00:00+01:00", "toAt": "2026-11-11T00:00:00+01:00"},
    {"fromAt": "2026-11-26T00:00:00+01:00", "toAt": "2029-11-26T00:00:00+01:00"},
])  # fmt: skip
async def test_absences_that_cannot_be(client: Client, session: AsyncSession, day: dict[str, str]) -> None:
    adviser = await factories.staff(session)
    await session.commit()
    path = f"/v1/staff/calendars/{adviser.id}/absences"
    answer = await client.post(path, headers=signed(staff_no=adviser.staff_no), json=day)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/absence-not-possible")
