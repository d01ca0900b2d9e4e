"""Loans and assignments, and the figures for those who lead."""

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework.rules_call_ins import READING_PAUSE, Approval
from backend.followup import call_ins
from tests import factories
from tests.api.conftest import NOW, Client, signed
from tests.api.staff_support import logged, pair, someone
from tests.casework.factories import call, call_in
from tests.followup.factories import colleague
from tests.followup.test_call_ins import MONDAY

pytestmark = pytest.mark.db
GRANTS = "/v1/staff/grants"


def _loan(staff_id: object, member_id: object, **changes: Any) -> dict[str, Any]:
    return {
        "staffId": str(staff_id), "memberId": str(member_id), "kind": "loaned", "fromOn": "2026-11-18",
        "toOn": "2026-12-18", "reason": "Leave of the adviser",
    } | changes  # fmt: skip


async def test_a_loan_opens_a_member_and_its_end_closes_it(client: Client, session: AsyncSession) -> None:
    member, _ = await pair(session)
    helper = await factories.staff(session, branch_id=(await factories.branch(session)).id)
    coordinator = await someone(session, "coordinator")
    theirs, card = signed(staff_no=helper.staff_no), f"/v1/staff/members/{member.id}"
    assert (await client.get(card, headers=theirs)).status_code == 404
    made = await client.post(GRANTS, headers=coordinator, json=_loan(helper.id, member.id))
    assert made.status_code == 201
    assert (await client.get(card, headers=theirs)).status_code == 200
    (row,) = (await client.get(GRANTS, headers=coordinator)).json()["items"]
    assert (row["memberId"], row["reason"]) == (str(member.id), "Leave of the adviser")
    one = f"{GRANTS}/{made.json()['id']}"
    assert (await client.delete(one, headers=coordinator)).status_code == 204
    assert (await client.delete(one, headers=coordinator)).status_code == 409
    assert (await client.get(card, headers=theirs)).status_code == 404
    assert await logged(session, "addGrant") == [("write", member.id)]


@pytest.mark.parametrize(("changes", "field"), [
    ({"memberId": None}, "memberId"),
    ({"branchId": "00000000-0000-7000-8000-000000000000"}, "memberId"),
    ({"memberId": "00000000-0000-7000-8000-000000000000"}, "memberId"),
    ({"staffId": "00000000-0000-7000-8000-000000000000"}, "staffId"),
    ({"toOn": None}, "toOn"),
    ({"toOn": "2027-11-18"}, "toOn"),
    ({"kind": "assigned", "toOn": "2026-11-17"}, "toOn"),
    ({"fromOn": "2026-11-17"}, "fromOn"),
])  # fmt: skip
async def test_grants_that_cannot_be(
    client: Client, session: AsyncSession, changes: dict[str, Any], field: str
) -> None:
    member, _ = await pair(session)
    helper = await factories.staff(session)
    coordinator = await someone(session, "coordinator")
    answer = await client.post(GRANTS, headers=coordinator, json=_loan(helper.id, member.id, **changes))
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_only_a_coordinator_lends(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session)
    for headers in (adviser, await someone(session, "manager"), await someone(session, "contact_centre")):
        assert (await client.get(GRANTS, headers=headers)).status_code == 403
        body = _loan(member.id, member.id)
        assert (await client.post(GRANTS, headers=headers, json=body)).status_code == 403
    unknown = f"{GRANTS}/00000000-0000-7000-8000-000000000000"
    assert (await client.delete(unknown, headers=await someone(session, "coordinator"))).status_code == 404


async def test_colours_by_branch_hide_the_few(client: Client, session: AsyncSession) -> None:
    branch = await factories.branch(session, branch_no="B-few")
    for colour, count in (("green", 9), ("yellow", 6), ("red", 2)):
        for _ in range(count):
            await factories.member(session, colour=colour, branch_id=branch.id)
    manager = await someone(session, "manager")
    counts = (await client.get("/v1/staff/figures/colours", headers=manager)).json()
    (row,) = [each for each in counts["branches"] if each["branchNo"] == "B-few"]
    assert (row["green"], row["red"], row["paused"]) == (9, None, 0)
    assert row["yellow"] is None, "it would tell the red ones by subtraction"
    assert counts["all"]["total"] == 17


async def test_queues_and_decisions(client: Client, session: AsyncSession) -> None:
    branch_id = (await factories.branch(session)).id
    for _ in range(6):
        await call(session, (await factories.member(session, colour="yellow", branch_id=branch_id)).id)
    decider = await colleague(session, branch_id=branch_id)
    cases = [await call_in(session, (await factories.member(session, colour="red")).id) for _ in range(2)]
    for case_id in cases:
        await call_ins.open_sheet(session, case_id, decider, now=NOW - READING_PAUSE)
    await call_ins.approve(session, cases[0], decider, Approval("Why", MONDAY, "Vejle"), now=NOW)
    await call_ins.reject(session, cases[1], decider, "Was ill", now=NOW)
    manager = await someone(session, "manager")
    (queue,) = (await client.get("/v1/staff/figures/queues", headers=manager)).json()
    assert queue == {"queue": "branch", "waiting": 6, "overdue": 0, "oldestDueOn": "2026-11-23"}
    found = (await client.get("/v1/staff/figures/decisions?days=7", headers=manager)).json()
    assert (found["approved"], found["rejected"], found["rejectedShare"], found["hasty"]) == (1, 1, 0.5, 1)


@pytest.mark.parametrize("path", ["colours", "queues", "decisions"])
async def test_figures_are_for_those_who_lead(client: Client, session: AsyncSession, path: str) -> None:
    # Whoever decides on call-ins sees how everybody decides: approving without looking shows there.
    deciders = {"adviser"} if path == "decisions" else set()
    for role in {"adviser", "job_consultant", "organiser", "contact_centre"} - deciders:
        headers = await someone(session, role)
        assert (await client.get(f"/v1/staff/figures/{path}", headers=headers)).status_code == 403
