"""An item of the course that staff decide is not needed: by a reason, told to the member, undone, never by law."""

from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from tests.api.conftest import Client, signed
from tests.api.test_course import items, spell, told
from tests.booking import factories as booked

pytestmark = pytest.mark.db
WHY = {"reason": "Underviser selv i it."}


async def titles(client: Client, member_no: str) -> dict[str, str]:
    shown = (await client.get("/v1/me/timeline", headers=signed(member_no=member_no))).json()
    return {item["title"]: item["body"] for part in ("past", "today", "coming") for item in shown[part]}


async def test_a_member_reads_why_an_item_is_not_needed(client: Client, session: AsyncSession) -> None:
    member, adviser, path = await spell(client, session, risk="high")
    cafe = (await items(client, path, adviser))["netcafe"]
    skip = f"{path}/items/{cafe['id']}/skip"
    assert (await client.post(skip, headers=adviser, json={"reason": "  "})).status_code == 422
    assert (await client.post(skip, headers=adviser, json=WHY)).status_code == 204
    found = (await items(client, path, adviser))["netcafe"]
    assert (found["state"], found["skipped"]["reason"], found["skipped"]["by"]) == (
        "skipped", WHY["reason"], "Karen Kjær",
    )  # fmt: skip
    mine = (await client.get("/v1/me/plan", headers=signed(member_no=member.member_no))).json()["course"]["items"]
    assert [one["skipped"]["reason"] for one in mine if one["skipped"]] == [WHY["reason"]]
    assert WHY["reason"] in (await titles(client, member.member_no))["Det behøver du ikke"]
    assert await told(session, member) == ["N01", "N01.changed"]
    again = await client.post(skip, headers=adviser, json=WHY)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/item-over")


async def test_undone_it_is_asked_for_again_and_stays_in_the_history(client: Client, session: AsyncSession) -> None:
    member, adviser, path = await spell(client, session, risk="high")
    cafe = (await items(client, path, adviser))["netcafe"]
    skip = f"{path}/items/{cafe['id']}/skip"
    early = await client.delete(skip, headers=adviser)
    assert (early.status_code, early.json()["type"]) == (409, "/problems/item-not-skipped")
    await client.post(skip, headers=adviser, json=WHY)
    assert (await client.delete(skip, headers=adviser)).status_code == 204
    found = (await items(client, path, adviser))["netcafe"]
    assert (found["state"], found["skipped"]) == ("planned", None)
    assert "Det behøver du ikke" not in await titles(client, member.member_no)
    assert await told(session, member) == ["N01", "N01.changed", "N01.changed"]
    assert (await client.post(skip, headers=adviser, json=WHY)).status_code == 204
    kept = await session.execute(text("SELECT count(*), count(undone_at) FROM obligation_skip"))
    assert kept.one() == (2, 1)


async def test_another_plan_does_not_bring_it_back(client: Client, session: AsyncSession) -> None:
    _, adviser, path = await spell(client, session, risk="high")
    cafe = (await items(client, path, adviser))["netcafe"]
    await client.post(f"{path}/items/{cafe['id']}/skip", headers=adviser, json=WHY)
    for plan in ("bilag_9", "bilag_8"):
        body = {"plan": plan, "reason": "Har et job på vej."}
        assert (await client.post(f"{path}/plan", headers=adviser, json=body)).status_code == 200
    assert (await items(client, path, adviser))["netcafe"]["state"] == "skipped"


async def test_a_booking_for_it_is_given_back_and_its_deadline_runs_anew_when_undone(
    client: Client, session: AsyncSession
) -> None:
    member, adviser, path = await spell(client, session, risk="high")
    cafe = (await items(client, path, adviser))["netcafe"]
    day = datetime(2026, 12, 1).date()
    seat = await booked.workshop(session, activity="netcafe", starts_at=booked.at(day, 10), capacity=4)
    await session.execute(
        text("""
            WITH b AS (INSERT INTO booking (id, member_id, session_id, state, created_at, booked_at, changed_at)
                       VALUES (gen_random_uuid(), :m, :s, 'booked', now(), now(), now()) RETURNING id, member_id),
            l AS (INSERT INTO booking_obligation SELECT id, CAST(:o AS uuid), member_id FROM b),
            t AS (UPDATE activity_session SET taken = 1 WHERE id = :s),
            d AS (INSERT INTO booking_deadline (id, obligation_id, member_id, told_on, due_on, state, ended_at)
                  VALUES (gen_random_uuid(), CAST(:o AS uuid), :m, '2026-11-16', '2026-11-30', 'met', now()))
            UPDATE obligation SET state = 'booked' WHERE id = CAST(:o AS uuid)"""),
        {"m": member.id, "s": seat, "o": cafe["id"]},
    )
    await session.commit()
    skip = f"{path}/items/{cafe['id']}/skip"
    assert (await client.post(skip, headers=adviser, json=WHY)).status_code == 204
    ended = text("SELECT state, cancel_reason, lawful FROM booking WHERE member_id = :m")
    assert (await session.execute(ended, {"m": member.id})).one() == ("cancelled", "skipped", True)
    await client.delete(skip, headers=adviser)
    found = (await items(client, path, adviser))["netcafe"]
    assert found["state"] == "planned"
    assert found["bookBy"] is not None


async def test_what_the_law_asks_for_is_not_skipped(client: Client, session: AsyncSession) -> None:
    _, adviser, path = await spell(client, session)
    talk = (await items(client, path, adviser))["cv_job"]
    refused = await client.post(f"{path}/items/{talk['id']}/skip", headers=adviser, json=WHY)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/item-by-law")
