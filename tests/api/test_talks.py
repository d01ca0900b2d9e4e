"""A talk over HTTP: prepared, attended or missed, written up, closed once, and what was agreed kept."""

import io
from datetime import date, timedelta

import pypdf
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.followup import talk_reminders
from tests import factories
from tests.api.booking_support import FRIDAY, Clock, at, client, clock, messages, timeline
from tests.api.conftest import Client, signed
from tests.api.talk_support import BEGINS, LATER, MINUTES, Room, call, counted, drafted, item_state, room, rows
from tests.booking import factories as make

__all__ = ["client", "clock"]
pytestmark = pytest.mark.db


@pytest.fixture
async def here(client: Client, session: AsyncSession) -> Room:
    return await room(client, session)


async def test_a_talk_from_the_draft_to_what_the_member_reads(
    client: Client, session: AsyncSession, here: Room, clock: Clock
) -> None:
    clock.now = BEGINS + timedelta(minutes=50)
    opened = await call(client, here.staff, "POST", here.path("/talks"), {"bookingId": here.booking_id}, status=201)
    assert (opened["state"], opened["form"], opened["heldOn"]) == ("draft", "personal", "2026-11-20")
    assert [one["code"] for one in opened["types"]] == ["cv_talk", "job_talk"]
    assert opened["formsAllowed"] == ["personal"]
    again = await call(client, here.staff, "POST", here.path("/talks"), {"bookingId": here.booking_id}, status=201)
    assert again["id"] == opened["id"]
    path = f"/v1/staff/talks/{opened['id']}"
    empty = await call(client, here.staff, "POST", path + "/close", {}, status=422, match=1)
    assert empty["type"] == "/problems/minutes-needed"
    saved = await call(client, here.staff, "PUT", path + "/minutes", MINUTES, match=1)
    stale = await call(client, here.staff, "PUT", path + "/minutes", MINUTES, status=412, match=1)
    assert stale["type"] == "/problems/changed-meanwhile"
    closed = await call(client, here.staff, "POST", path + "/close", {}, match=saved["version"])
    assert (closed["state"], closed["attendance"], closed["closedBy"]) == ("closed", "attended", "Karen Kjær")
    over = await call(client, here.staff, "POST", path + "/close", {}, status=409, match=closed["version"])
    assert over["type"] == "/problems/talk-closed"
    assert await item_state(session, here.item_id) == ("done", FRIDAY)
    assert await messages(session, here.person.id) == ["N06", "N23"]
    assert await timeline(session, here.person.id, "minutes") == [(None, False)]
    assert await timeline(session, here.person.id, "booking") == [("attended", False)]
    tasks = await rows(session, "SELECT kind, due_on, staff_id FROM task")
    assert tasks == [("agreement", date(2026, 11, 23), here.adviser.id)]
    reports = await rows(
        session, "SELECT kind, payload ->> 'heldOn', payload -> 'talks' FROM registry_report ORDER BY seq"
    )
    assert reports == [("booked", None, ["cv_talk", "job_talk"]), ("talk_held", "2026-11-20", ["cv_talk", "job_talk"])]
    read = (await call(client, here.member, "GET", "/v1/me/talks"))["items"]
    assert [(one["title"], one["minutes"]) for one in read] == [("CV talk and job talk", MINUTES["minutes"])]
    await call(client, here.staff, "POST", path + "/corrections", {"correction": "Three employers."}, status=201)
    [one] = (await call(client, here.member, "GET", "/v1/me/talks"))["items"]
    assert [(c["correction"], c["staffName"]) for c in one["corrections"]] == [("Three employers.", "Karen Kjær")]
    assert (await messages(session, here.person.id))[-2:] == ["N23", "N23"]
    with pytest.raises(DBAPIError, match="do not change"):
        await session.execute(text("UPDATE talk SET minutes = 'other'"))


async def test_the_member_keeps_an_agreement_and_staff_drop_one(
    client: Client, session: AsyncSession, here: Room, clock: Clock
) -> None:
    clock.now = BEGINS + timedelta(hours=1)
    path, version = await drafted(client, here)
    closed = await call(client, here.staff, "POST", path + "/close", {}, match=version)
    own, theirs = closed["agreements"]
    assert (own["owner"], theirs["staffName"]) == ("member", "Karen Kjær")
    assert await timeline(session, here.person.id, "agreement") == [(None, True)]
    clock.now = at(date(2026, 11, 25), 8)
    for sent in (1, 0):
        assert await talk_reminders.agreements_due(session, now=clock.now) == sent
    assert (await messages(session, here.person.id))[-1] == "N24"
    refused = await call(client, here.member, "POST", f"/v1/me/agreements/{theirs['id']}/done", status=409)
    assert refused["type"] == "/problems/agreement-not-yours"
    for _ in range(2):
        done = await call(client, here.member, "POST", f"/v1/me/agreements/{own['id']}/done")
        assert done["state"] == "done"
    assert await timeline(session, here.person.id, "agreement") == [("done", True)]
    back = await call(client, here.member, "POST", f"/v1/me/agreements/{own['id']}/undone")
    assert back["state"] == "open"
    end = f"/v1/staff/agreements/{theirs['id']}/end"
    why = await call(client, here.staff, "POST", end, {"outcome": "dropped"}, status=422)
    assert why["type"] == "/problems/reason-needed"
    await call(client, here.staff, "POST", end, {"outcome": "dropped", "reason": "Found work"})
    assert await rows(session, "SELECT state, ended_reason FROM task") == [("cancelled", "dropped")]
    late = await call(client, here.staff, "POST", end, {"outcome": "done"}, status=409)
    assert late["type"] == "/problems/agreement-over"


async def test_who_stays_away_is_told_and_rung_today_until_it_is_put_right(
    client: Client, session: AsyncSession, here: Room, clock: Clock
) -> None:
    path = here.path(f"/bookings/{here.booking_id}/attendance")
    early = await call(client, here.staff, "PUT", path, {"attended": True}, status=409)
    assert early["type"] == "/problems/not-begun"
    clock.now = BEGINS + timedelta(minutes=20)
    why = await call(client, here.staff, "PUT", path, {"attended": False}, status=422)
    assert why["type"] == "/problems/absence-reason-needed"
    noted = await call(client, here.staff, "PUT", path, {"attended": False, "reason": "unknown"})
    assert (noted["state"], noted["changes"][-1]["lawful"]) == ("absent", False)
    await call(client, here.staff, "PUT", path, {"attended": False, "reason": "unknown"})
    assert await messages(session, here.person.id) == ["N06", "N07"]
    assert await rows(session, "SELECT kind, state, due_on FROM task") == [("no_show", "open", FRIDAY)]
    assert await item_state(session, here.item_id) == ("planned", None)
    assert await timeline(session, here.person.id, "booking") == [("absent", False)]

    right = await call(client, here.staff, "PUT", path, {"attended": True})
    assert [(one["event"], one["reason"] and one["reason"]["code"]) for one in right["changes"]] == [
        ("absent", "unknown"), ("attended", None),
    ]  # fmt: skip
    assert await rows(session, "SELECT state, ended_reason FROM task") == [("cancelled", "corrected")]
    assert await rows(session, "SELECT kind FROM notice_event WHERE kind = 'cancelled'") == [("cancelled",)]
    assert await item_state(session, here.item_id) == ("booked", None)
    talk, version = await drafted(client, here)
    await call(client, here.staff, "POST", talk + "/close", {}, match=version)
    stands = await call(client, here.staff, "PUT", path, {"attended": False, "reason": "sick"}, status=409)
    assert stands["type"] == "/problems/minutes-stand"


async def test_a_lawful_absence_costs_nothing_and_one_noted_later_is_told_by_a_person(
    client: Client, session: AsyncSession, here: Room, clock: Clock
) -> None:
    path = here.path(f"/bookings/{here.booking_id}/attendance")
    clock.now = BEGINS + timedelta(minutes=20)
    await call(client, here.staff, "PUT", path, {"attended": False, "reason": "sick"})
    assert await messages(session, here.person.id) == ["N06"]
    assert await rows(session, "SELECT kind FROM task") == []
    clock.now = at(date(2026, 11, 23), 9)
    await call(client, here.staff, "PUT", path, {"attended": False, "reason": "unknown"})
    assert await messages(session, here.person.id) == ["N06"]
    assert await rows(session, "SELECT kind, due_on FROM task") == [("no_show", date(2026, 11, 23))]


async def test_closing_is_held_against_the_law_and_the_calendar(client: Client, here: Room, clock: Clock) -> None:
    clock.now = BEGINS + timedelta(hours=1)
    wrong: dict[str, dict[str, object]] = {
        "held-on-not-possible": {"heldOn": "2026-11-21"},
        "talk-type-needed": {"types": []},
        "talk-merge-not-allowed": {"types": ["cv_talk", "availability_talk"]},
        "talk-form-needed": {"form": None},
        "talk-form-not-allowed": {"form": "phone"},
        "agreement-incomplete": {"agreements": [{"owner": "member", "what": "Ring", "dueOn": "2026-11-01"}]},
    }
    for problem, change in wrong.items():
        path, version = await drafted_again(client, here, change)
        answer = await call(client, here.staff, "POST", path + "/close", {}, status=422, match=version)
        assert answer["type"] == f"/problems/{problem}"
    path, version = await drafted_again(client, here, {"form": "phone", "types": ["follow_up"]})
    await call(client, here.staff, "POST", path + "/close", {}, match=version)


async def drafted_again(client: Client, here: Room, change: dict[str, object]) -> tuple[str, int]:
    path, version = await drafted(client, here, **change)
    return str(path), int(version)


async def test_a_talk_that_was_not_what_it_was_booked_for_leaves_the_item_to_book(
    client: Client, session: AsyncSession, here: Room, clock: Clock
) -> None:
    clock.now = BEGINS + timedelta(hours=1)
    path, version = await drafted(client, here, types=["follow_up"])
    await call(client, here.staff, "POST", path + "/close", {}, match=version)
    assert await item_state(session, here.item_id) == ("planned", None)
    assert await rows(session, "SELECT kind FROM registry_report ORDER BY seq") == [("booked",)]


async def test_a_colleague_who_closes_later_is_told_and_new_numbers_hold(
    client: Client, session: AsyncSession, here: Room, clock: Clock
) -> None:
    clock.now = BEGINS + timedelta(hours=1)
    path, version = await drafted(client, here)
    requirement = {"validFrom": "2026-11-20", "numbers": {"minPerWeek": 3, "minPostedPerWeek": 1, "uploadsPerMonth": 2}}
    body = {"requirement": requirement}
    await call(client, here.staff, "POST", path + "/close", body, match=version)
    agreed = await rows(session, "SELECT min_per_week FROM search_requirement WHERE source = 'staff'")
    assert agreed == [(3,)]
    other = await factories.staff(session, role="coordinator")
    await session.commit()
    who = signed(staff_no=other.staff_no, exp=LATER)
    late = await call(client, who, "POST", path + "/close", body, status=409, match=version)
    assert late["type"] == "/problems/talk-closed"
    assert len(await rows(session, "SELECT id FROM agreement")) == 2


async def test_a_workshop_list_is_noted_at_once_by_whoever_holds_it(
    client: Client, session: AsyncSession, here: Room, clock: Clock, engine: AsyncEngine
) -> None:
    organiser = await factories.staff(session, role="organiser")
    stranger = await factories.staff(session, role="job_consultant")
    starts = at(date(2026, 11, 30), 10)
    workshop = await make.workshop(session, starts_at=starts, staff_id=organiser.id, activity="job_cafe")
    members = await make.crowd(session, here.branch, 12)
    await session.execute(
        text("""INSERT INTO booking (id, member_id, session_id, state, created_at, booked_at, changed_at)
                SELECT gen_random_uuid(), m, :s, 'booked', now(), now(), now() FROM unnest(CAST(:m AS uuid[])) AS m"""),
        {"s": workshop, "m": members},
    )
    await session.commit()
    who = signed(staff_no=organiser.staff_no, exp=LATER)
    path = f"/v1/staff/sessions/{workshop}"
    await call(client, signed(staff_no=stranger.staff_no, exp=LATER), "GET", path + "/roster", status=404)
    roster = (await call(client, who, "GET", path + "/roster"))["rows"]
    assert len(roster) == 12
    clock.now = starts + timedelta(hours=3)
    marks = [{"bookingId": one["bookingId"], "attended": True} for one in roster]
    marks[0] |= {"attended": False, "reason": "other"}
    foreign = [*marks, {"bookingId": here.booking_id, "attended": True}]
    await call(client, who, "PUT", path + "/attendance", {"marks": foreign}, status=404)
    counts = []
    for some in (marks[:3], marks[3:]):
        with counted(engine) as sent:
            noted = (await call(client, who, "PUT", path + "/attendance", {"marks": some}))["rows"]
        counts.append(len(sent))
    assert counts[0] == counts[1] > 10
    states = [one["state"] for one in noted]
    assert (states.count("attended"), states.count("absent")) == (11, 1)
    assert await rows(session, "SELECT kind FROM task") == []
    assert await rows(session, "SELECT count(*) FROM booking_history WHERE event = 'attended'") == [(11,)]


async def test_getting_ready_for_the_first_talk(
    client: Client, session: AsyncSession, here: Room, clock: Clock
) -> None:
    found = await call(client, here.member, "GET", "/v1/me/preparation")
    assert [(one["code"], one["ready"]) for one in found["points"]] == [
        ("cv", False), ("plan_draft", False), ("form", False),
    ]  # fmt: skip
    assert [one["id"] for one in found["coming"]] == [here.booking_id]
    for told in ({"messages": 1, "tasks": 1}, {"messages": 0, "tasks": 0}):
        assert await talk_reminders.prepare(session, now=clock.now) == told
    assert await timeline(session, here.person.id, "preparation") == [(None, True)]
    wish = f"/v1/me/talks/booking/{here.booking_id}/wish"
    await call(client, here.member, "PUT", wish, {"wish": "Six weeks of education", "shared": True}, status=204)
    for point in ("cv", "plan_draft"):
        await call(client, here.member, "PUT", f"/v1/me/preparation/points/{point}", {"ready": True}, status=204)
    await call(client, here.member, "PUT", "/v1/me/preparation/form", {"wantedJobs": "Welder"}, status=204)
    found = await call(client, here.member, "GET", "/v1/me/preparation")
    assert (found["ready"], found["answers"]["wanted_jobs"]) == (True, "Welder")
    assert found["coming"][0]["wish"] == "Six weeks of education"
    assert await rows(session, "SELECT kind, ended_reason FROM task") == [("not_ready", "ready")]
    assert await timeline(session, here.person.id, "preparation") == [("ready", True)]
    clock.now = BEGINS
    begun = await call(client, here.member, "PUT", wish, {"wish": "x"}, status=409)
    assert begun["type"] == "/problems/talk-has-begun"


async def test_all_that_is_known_before_a_talk_comes_in_one_answer(
    client: Client, session: AsyncSession, here: Room, clock: Clock, engine: AsyncEngine
) -> None:
    wish = f"/v1/me/talks/booking/{here.booking_id}/wish"
    await call(client, here.member, "PUT", wish, {"wish": "Education"}, status=204)
    clock.now = at(FRIDAY, 8)
    with counted(engine) as sent:
        found = await call(client, here.staff, "GET", here.path("/brief"))
    assert len([one for one in sent if "talk_wish" in one or "my_plan_version" in one]) == 2
    assert (found["name"], found["cv"], found["colour"]["colour"]) == (here.person.name, "missing", "none")
    assert found["nextTalk"]["bookingId"] == here.booking_id
    assert found["nextTalk"]["wish"] == "Education"
    assert [one["ready"] for one in found["preparation"]] == [False] * 3
    assert [one["code"] for one in found["agenda"]] == ["wish", "cv_missing", "prepare", "plan", "jobs"]
    assert found["agenda"][0]["text"] == "Det, medlemmet gerne vil tale om"
    clock.now = BEGINS + timedelta(hours=1)
    path, version = await drafted(client, here)
    await call(client, here.staff, "POST", path + "/close", {}, match=version)
    found = await call(client, here.staff, "GET", here.path("/brief"))
    assert found["lastTalk"]["minutes"] == MINUTES["minutes"]
    assert [one["what"] for one in found["agreements"]] == ["Send the list of employers", "Ring two employers"]
    assert found["agenda"][0]["code"] == "agreements"
    assert (found["nextTalk"], found["preparation"]) == (None, [])


async def test_hours_lead_to_the_handover_and_the_plan_must_be_whole(
    client: Client, session: AsyncSession, here: Room, clock: Clock
) -> None:
    mine = await call(client, here.member, "GET", "/v1/me/handover")
    assert (mine["limit"], mine["handoverOn"]) == (410, "2027-02-28")
    for month, paid in (("2026-11-30", 80), ("2026-10-01", 160.33), ("2026-09-01", 160.33), ("2026-08-01", 20)):
        body = {"month": month, "hours": paid}
        await call(client, here.staff, "PUT", here.path("/benefit-hours"), body, status=204)
    found = await call(client, here.staff, "GET", here.path("/handover"))
    assert (found["hours"], found["certain"], found["handoverOn"]) == (420.66, True, "2026-11-30")
    assert found["missing"] == ["plan"]
    refused = await call(client, here.staff, "POST", here.path("/handover"), status=409)
    assert refused["type"] == "/problems/plan-incomplete"
    for sent in (1, 0):
        assert await talk_reminders.handovers(session, [here.person.id], now=clock.now) == sent
    assert (await messages(session, here.person.id))[-1] == "N27"
    plan = {
        "validFrom": "2026-11-18", "jobGoals": ["Welder"], "effortAreas": ["Certificates"],
        "searchStrategy": "Ring the welding shops of the area, one a day, and write to each after a week. " * 2,
    }  # fmt: skip
    await call(client, here.staff, "POST", here.path("/my-plan/versions"), plan, status=201)
    [version] = (await call(client, here.member, "GET", "/v1/me/plan"))["versions"]
    await call(client, here.member, "POST", f"/v1/me/plan/versions/{version['id']}/acknowledge")
    done = await call(client, here.staff, "POST", here.path("/handover"), status=201)
    assert done["handedOn"] == "2026-11-18"
    again = await call(client, here.staff, "POST", here.path("/handover"), status=409)
    assert again["type"] == "/problems/handed-over"
    kept = await call(client, here.staff, "GET", here.path("/handover"))
    assert kept["packet"]["plan"]["jobGoals"] == ["Welder"]
    answer = await client.get(here.path("/handover/packet"), headers=here.staff)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    said = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages)
    assert "Jobmål" in said
    assert "Welder" in said
