"""The pause for reading holds without scripts; what the API refuses is told on the page."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import history
from backend.db.types import new_id
from tests import factories
from tests.casework.factories import call, call_in
from tests.web.conftest import START, Pages

pytestmark = pytest.mark.db
SENT = {
    "reason": "Nothing is logged", "talk_day": "2026-11-11", "talk_time": "10:00", "form": "attendance",
    "talk_place": "Vejle, room 2", "purpose": "job_search",
}  # fmt: skip


async def signed_in(pages: Pages, session: AsyncSession, role: str, branch_id: UUID | None) -> dict[str, str]:
    """The form token of somebody of the staff, as a form sends it."""
    staff = await factories.staff(session, role=role, branch_id=branch_id)
    claims = {"sub": staff.staff_no, "staff_no": staff.staff_no, "jobvej.roles": [role]}
    await session.commit()
    pages.client.headers["accept-language"] = "en"
    return {"form_token": await pages.sign_in("staff", claims)}


async def test_an_approval_waits_for_the_reading(pages: Pages, session: AsyncSession) -> None:
    member = await factories.member(session, colour="red")
    path = f"/staff/call-ins/{await call_in(session, member.id)}"
    token = await signed_in(pages, session, "adviser", member.branch_id)
    assert "Open the evidence" in (await pages.client.get(path)).text
    assert (await pages.client.post(f"{path}/open", data=token)).status_code == 303
    shown = await pages.client.post(f"{path}/letter", data=token | SENT)
    assert (shown.status_code, 'data-wait="10"' in shown.text) == (200, True)
    assert "Wednesday 11 November 2026" in shown.text or "onsdag den 11. november 2026" in shown.text
    hurried = await pages.client.post(f"{path}/approve", data=token | SENT)
    assert (hurried.status_code, "Take your time" in hurried.text) == (422, True)
    assert "Approve and send the letter" in hurried.text, "the letter stays in view"
    pages.wait(timedelta(seconds=10))
    assert (await pages.client.post(f"{path}/approve", data=token | SENT)).status_code == 303
    decided = (await pages.client.get(path)).text
    assert "Nothing is logged" in decided
    assert "The talk was held" in decided


async def test_a_day_that_cannot_be_read_is_told_beside_its_field(pages: Pages, session: AsyncSession) -> None:
    member = await factories.member(session, colour="red")
    path = f"/staff/call-ins/{await call_in(session, member.id)}"
    token = await signed_in(pages, session, "adviser", member.branch_id)
    await pages.client.post(f"{path}/open", data=token)
    answer = await pages.client.post(f"{path}/letter", data=token | SENT | {"talk_day": ""})
    assert (answer.status_code, 'id="talk_day-error"' in answer.text) == (422, True)
    assert "Nothing is logged" in answer.text, "what was written stays"


async def test_an_adviser_excuses_in_the_call_and_the_agent_cannot(pages: Pages, session: AsyncSession) -> None:
    member = await factories.member(session, colour="yellow")
    path = f"/staff/calls/{await call(session, member.id, queue='contact_centre')}"
    agent = await signed_in(pages, session, "contact_centre", None)
    await pages.client.post(f"{path}/claim", data=agent)
    card = (await pages.client.get(path)).text
    assert ("outcome-needs_help" in card, "outcome-exempt" in card, "fill_by" in card) == (True, False, False)
    assert (await pages.client.post(f"{path}/release", data=agent | {"next_day": "2026-11-05"})).status_code == 303
    token = await signed_in(pages, session, "adviser", member.branch_id)
    await pages.client.post(f"{path}/claim", data=token)
    excuse = {"outcome": "exempt", "kind": "ferie", "from_on": "2026-11-04", "to_on": "2026-11-01"}
    wrong = await pages.client.post(f"{path}/outcome", data=token | excuse)
    assert (wrong.status_code, 'id="to_on-error"' in wrong.text) == (422, True)
    done = await pages.client.post(f"{path}/outcome", data=token | excuse | {"to_on": "2026-11-08"})
    assert done.status_code == 303
    assert "The member is exempt" in (await pages.client.get(path)).text


async def test_hasty_approvals_are_told_where_call_ins_are_decided(pages: Pages, session: AsyncSession) -> None:
    member = await factories.member(session)
    reader = await factories.staff(session)
    for _ in range(10):
        case_id = new_id()
        for event, at in (("opened", START - timedelta(seconds=12)), ("approved", START)):
            line = history.Entry("call_in", case_id, member.id, event, "proposed", "proposed", reader.id)
            await history.add(session, [line], now=at)
    await signed_in(pages, session, "adviser", member.branch_id)
    assert "10 of 10 call-ins were approved within half a minute" in (await pages.client.get("/staff/call-ins")).text
