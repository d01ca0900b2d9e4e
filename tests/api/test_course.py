"""From an export to the member's plan over HTTP: the course as planned, clarified, changed and ended."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import COPENHAGEN
from backend.intake import service as intake
from backend.jobs import plan_courses
from backend.jobs.job import Moment
from backend.members.tables import Member
from backend.settings import Settings
from tests import factories
from tests.api.conftest import Client, signed
from tests.api.staff_support import Headers, logged, pair, someone
from tests.booking import factories as booked
from tests.intake.exports import member as exported
from tests.intake.exports import rows, write

pytestmark = pytest.mark.db
AUGUST = datetime(2026, 8, 3, 4, 0, tzinfo=COPENHAGEN)
MONDAY = {"startedOn": "2026-11-16"}
ASKED = {"jobGoal": "Smed", "strengths": "Svejser", "searchSoFar": "To job", "obstacles": "Ingen", "helpWanted": "Cv"}
FORM = ASKED | {
    "risk": "high", "reason": "Har ikke søgt længe.", "complexChallenges": False, "noEducation": False,
    "noDependentChildren": False, "basicIt": True,
}  # fmt: skip


async def spell(client: Client, session: AsyncSession, **values: Any) -> tuple[Member, Headers, str]:
    """A member whose spell began this Monday, an adviser, and the path of the member."""
    member, adviser = await pair(session, **values)
    path = f"/v1/staff/members/{member.id}"
    begun = await client.post(f"{path}/spells", headers=adviser, json=MONDAY)
    assert begun.status_code == 201, begun.text
    return member, adviser, path


async def items(client: Client, path: str, adviser: Headers) -> dict[str, Any]:
    found = (await client.get(f"{path}/plan", headers=adviser)).json()
    return {item["activity"]: item for item in found["items"] if item["state"] != "cancelled"}


async def told(session: AsyncSession, member: Member) -> list[str]:
    return list(
        await session.scalars(text("SELECT key FROM message WHERE member_id = :m ORDER BY id"), {"m": member.id})
    )


async def test_from_the_export_to_the_members_plan(
    client: Client, session: AsyncSession, tmp_path: Path, settings: Settings
) -> None:
    """The example of the plan for newly qualified IT members at high risk, whose spell begins on 3 August 2026."""
    new = exported("700001", risiko="høj", nyuddannet="ja", it_medlem="ja")
    others = [exported(f"7{n:05d}") for n in range(2, 41)]
    await intake.import_folder(session, write(tmp_path, rows(medlemmer=[new, *others], joblog=[])), now=AUGUST)
    everybody = list(await session.scalars(text("SELECT id FROM member")))
    counts = await plan_courses.work(session, everybody, moment=Moment(AUGUST, AUGUST), settings=settings)
    assert counts == {"started": 0, "settled": 40}
    await session.commit()
    headers = signed(member_no="700001")
    found = (await client.get("/v1/me/plan", headers=headers)).json()["course"]
    assert (found["startedOn"], found["plan"]) == (
        "2026-08-03", "Styrket indsats for nyuddannet it-medlem i risiko for langtidsledighed",
    )  # fmt: skip
    windows = {item["activity"]: (item["windowFrom"], item["windowTo"], item["dueOn"]) for item in found["items"]}
    assert windows.pop("cv_job")[2] == "2026-08-16"
    assert {name: window[:2] for name, window in windows.items()} == {
        "netcafe": ("2026-08-17", "2026-08-23"),
        "ws_write": ("2026-08-24", "2026-08-30"),
        "follow_up": ("2026-08-24", "2026-11-01"),
        "ws_talk": ("2026-08-31", "2026-09-06"),
        "ws_linkedin": ("2026-08-31", "2026-10-18"),
        "my_way": ("2026-09-14", "2026-09-27"),
        "avail_job": ("2026-09-28", "2026-10-11"),
        "td_it": ("2026-10-05", "2026-10-11"),
        "joint_1": ("2026-10-12", "2026-10-25"),
    }
    (talk,) = [item for item in found["items"] if item["activity"] == "cv_job"]
    assert (talk["title"], talk["forms"], talk["statutory"]) == ("CV-samtale og jobsamtale", ["personal"], True)
    shown = (await client.get("/v1/me/timeline", headers=headers)).json()
    titles = [item["title"] for part in ("past", "today", "coming") for item in shown[part]]
    assert "Dit forløb er planlagt" in titles
    assert any("CV-samtale" in item["title"] + item["body"] for item in shown["past"])


async def test_a_spell_that_staff_begin_is_planned_and_the_member_welcomed(
    client: Client, session: AsyncSession
) -> None:
    member, adviser, path = await spell(client, session, risk="high")
    again = await client.post(f"{path}/spells", headers=adviser, json=MONDAY)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/spell-exists")
    far = await client.post(f"{path}/spells", headers=adviser, json={"startedOn": "2024-01-01"})
    assert (far.status_code, far.json()["type"]) == (422, "/problems/start-out-of-reach")
    found = (await client.get(f"{path}/plan", headers=adviser)).json()
    assert (found["regime"], found["planSet"], found["source"]) == ("flexible_2026", "metal", "staff")
    assert ["cv_talk", "job_talk"] in found["merges"]
    assert [(p["plan"], p["risk"], p["setBy"]) for p in found["plans"]] == [("bilag_8", "high", None)]
    assert len(found["items"]) == 9
    assert await told(session, member) == ["N01"]
    assert await logged(session, "startSpell") == [("write", member.id)]


async def test_a_preview_says_what_the_plan_then_does(client: Client, session: AsyncSession) -> None:
    _, adviser, path = await spell(client, session)
    before = await items(client, path, adviser)
    preview = (await client.post(f"{path}/plan/preview", headers=adviser, json={"plan": "bilag_8"})).json()
    assert [one["item"]["activity"] for one in preview["moved"]] == list(before)
    assert {one["activity"] for one in preview["added"]} == {"netcafe", "ws_write", "ws_talk", "ws_linkedin", "my_way"}
    assert (preview["kept"], preview["ended"]) == ([], [])
    assert await items(client, path, adviser) == before
    chosen = await client.post(f"{path}/plan", headers=adviser, json={"plan": "bilag_8", "reason": "Vil gerne mere."})
    assert chosen.json() == {"plan": "bilag_8", "added": 5, "moved": 4, "ended": 0, "bookingsEnded": 0}
    assert len(await items(client, path, adviser)) == 9
    unknown = await client.post(f"{path}/plan/preview", headers=adviser, json={"plan": "bilag_99"})
    assert (unknown.status_code, unknown.json()["type"]) == (422, "/problems/plan-unknown")


async def test_the_member_reads_why_the_course_changed(client: Client, session: AsyncSession) -> None:
    member, adviser, path = await spell(client, session)
    preview = (await client.post(f"{path}/clarification/preview", headers=adviser, json=FORM)).json()
    assert (preview["plan"], len(preview["added"])) == ("bilag_8", 5)
    done = (await client.post(f"{path}/clarification", headers=adviser, json=FORM)).json()
    assert (done["plan"], done["added"]) == ("bilag_8", 5)
    mine = signed(member_no=member.member_no)
    assert (await client.get("/v1/me/plan", headers=mine)).json()["course"]["reason"] == FORM["reason"]
    shown = (await client.get("/v1/me/timeline", headers=mine)).json()
    bodies = [item["body"] for item in shown["today"] if item["title"] == "Dit forløb er ændret"]
    assert len(bodies) == 1
    assert str(FORM["reason"]) in bodies[0]
    assert await told(session, member) == ["N01", "N01.changed"]
    again = (await client.post(f"{path}/clarification", headers=adviser, json=FORM)).json()
    assert again["plan"] is None
    found = (await client.get(f"{path}/plan", headers=adviser)).json()
    assert [(f["risk"], f["modelRisk"], f["answers"]["job_goal"], f["filledBy"]) for f in found["forms"]] == [
        ("high", "low", "Smed", "Karen Kjær")
    ] * 2  # fmt: skip


@pytest.mark.parametrize("left_out", sorted(FORM))
async def test_every_question_of_the_form_is_mandatory(client: Client, session: AsyncSession, left_out: str) -> None:
    _, adviser, path = await spell(client, session)
    form = {name: value for name, value in FORM.items() if name != left_out}
    assert (await client.post(f"{path}/clarification", headers=adviser, json=form)).status_code == 422
    if isinstance(FORM[left_out], str) and left_out != "risk":
        blank = await client.post(f"{path}/clarification", headers=adviser, json=FORM | {left_out: "  "})
        assert (blank.status_code, blank.json()["field"]) == (422, left_out)


async def test_a_plan_that_lacks_a_booked_talk_cancels_it_with_notice(client: Client, session: AsyncSession) -> None:
    member, adviser, path = await spell(client, session, risk="high")
    workshop = (await items(client, path, adviser))["ws_write"]
    seat = await booked.workshop(
        session, activity="ws_write", starts_at=booked.at(datetime(2026, 12, 8).date(), 10), capacity=5
    )
    await session.execute(
        text("""
            WITH b AS (INSERT INTO booking (id, member_id, session_id, state, created_at, booked_at, changed_at)
                       VALUES (gen_random_uuid(), :m, :s, 'booked', now(), now(), now()) RETURNING id, member_id),
            l AS (INSERT INTO booking_obligation SELECT id, CAST(:o AS uuid), member_id FROM b),
            t AS (UPDATE activity_session SET taken = 1 WHERE id = :s)
            UPDATE obligation SET state = 'booked' WHERE id = CAST(:o AS uuid)"""),
        {"m": member.id, "s": seat, "o": workshop["id"]},
    )
    await session.commit()
    body = {"plan": "bilag_9", "reason": "Har et job på vej."}
    ended = (await client.post(f"{path}/plan/preview", headers=adviser, json={"plan": "bilag_9"})).json()["ended"]
    assert ("ws_write", "booked") in [(one["activity"], one["state"]) for one in ended]
    done = (await client.post(f"{path}/plan", headers=adviser, json=body)).json()
    assert (done["ended"], done["bookingsEnded"]) == (5, 1)
    assert await booked.counters(session, seat) == (0, 0, 0)
    assert await told(session, member) == ["N01", "N06.cancelled", "N01.changed"]


async def test_illness_moves_last_days_and_an_adviser_decides_for_statutory_talks(
    client: Client, session: AsyncSession
) -> None:
    _, adviser, path = await spell(client, session, risk="high")
    ill = {"type": "sygdom", "fromOn": "2026-11-23", "toOn": "2026-12-11"}
    made = await client.post(f"{path}/exemptions", headers=adviser, json=ill)
    held = await items(client, path, adviser)
    assert (held["netcafe"]["plannedDueOn"], held["netcafe"]["dueOn"]) == ("2026-12-06", "2026-12-18")
    talk = held["cv_job"]
    assert (talk["dueOn"], talk["proposedDueOn"]) == ("2026-11-29", "2026-12-18")
    decide = f"{path}/items/{talk['id']}/extension"
    assert (await client.post(decide, headers=adviser, json={"granted": True})).json() == {"dueOn": "2026-12-18"}
    again = await client.post(decide, headers=adviser, json={"granted": True})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/nothing-proposed")
    await client.delete(f"{path}/exemptions/{made.json()['id']}", headers=adviser)
    back = await items(client, path, adviser)
    assert (back["netcafe"]["dueOn"], back["cv_job"]["dueOn"]) == ("2026-12-06", "2026-12-18")


async def test_the_end_of_a_spell_cancels_what_lay_ahead(client: Client, session: AsyncSession) -> None:
    member, adviser, path = await spell(client, session)
    early = await client.post(f"{path}/spell/end", headers=adviser, json={"endedOn": "2026-11-15"})
    assert (early.status_code, early.json()["type"]) == (422, "/problems/spell-end-not-possible")
    assert (await client.post(f"{path}/spell/end", headers=adviser, json={"endedOn": "2026-11-18"})).status_code == 204
    found = (await client.get(f"{path}/plan", headers=adviser)).json()
    assert found["endedOn"] == "2026-11-18"
    assert {item["state"] for item in found["items"]} == {"cancelled"}
    again = await client.post(f"{path}/spell/end", headers=adviser, json={"endedOn": "2026-11-18"})
    assert (again.status_code, again.json()["type"]) == (404, "/problems/no-spell")
    shown = (await client.get("/v1/me/timeline", headers=signed(member_no=member.member_no))).json()
    assert "Dit forløb er slut" in [item["title"] for item in shown["today"]]


async def test_how_often_adviser_and_model_agree(client: Client, session: AsyncSession) -> None:
    branch = await factories.branch(session)
    adviser = await someone(session, "adviser", branch_id=branch.id)
    for n in range(12):
        member = await factories.member(session, branch_id=branch.id, risk="high" if n < 5 else "low")
        await session.commit()
        path = f"/v1/staff/members/{member.id}"
        await client.post(f"{path}/spells", headers=adviser, json=MONDAY)
        await client.post(f"{path}/clarification", headers=adviser, json=FORM)
    manager = await someone(session, "manager")
    found = (await client.get("/v1/staff/figures/clarifications", headers=manager)).json()
    assert (found["forms"], found["agreedHigh"], found["lowToHigh"], found["agreedLow"]) == (12, 5, 7, 0)
    assert found["agreement"] == pytest.approx(5 / 12)


async def test_the_plans_to_choose_from(client: Client, session: AsyncSession) -> None:
    adviser = await someone(session, "adviser")
    found = (await client.get("/v1/staff/course-plans", headers=adviser | {"Accept-Language": "en"})).json()
    assert {"plan": "bilag_9", "title": "Course for a member not at risk of long-term unemployment"} in found
    assert len(found) == 8
