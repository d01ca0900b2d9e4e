"""Calls, call-ins and tasks in the browser: from sign-in to the row in the database."""

from datetime import date

import pytest
from sqlalchemy import text

from backend.calendar import add_working_days
from backend.clock import local_date, now
from tests.browser.conftest import Site, Visits, on_both

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.xdist_group("browser")]
AGENT = "a contact centre agent"


async def one(site: Site, statement: str, **params: object) -> object:
    async with site.sessions() as session:
        return await session.scalar(text(statement), params)


@on_both
async def test_an_agent_takes_the_next_call_and_ends_it(visits: Visits, *, phone: bool) -> None:
    visitor = await visits.as_(AGENT, phone=phone)
    page = visitor.page
    await visitor.go("/staff/calls")
    await page.get_by_role("button", name="Næste opkald").click()
    await page.get_by_role("heading", name="Derfor ringer vi, med ord du kan sige").wait_for()
    await visitor.accessible()
    call_id = page.url.rpartition("/")[2]
    assert (await page.locator("a[href^='tel:']").get_attribute("href") or "").startswith("tel:+45")
    assert await page.get_by_role("link", name="Medlemmets side").count() == 0, "the agent sees the card only"
    await page.get_by_role("button", name="Fik fat i medlemmet").click()
    await page.get_by_label("Medlemmet har brug for hjælp").check()
    assert await page.get_by_label("Medlemmet er fritaget").count() == 0
    await page.get_by_role("button", name="Afslut opkaldet").click()
    await page.get_by_role("button", name="Fortryd").wait_for()
    assert await one(visitor.site, "SELECT outcome FROM service_call WHERE id = :id", id=call_id) == "needs_help"
    await page.get_by_role("button", name="Fortryd").click()
    await page.get_by_role("button", name="Intet svar").click()
    await page.get_by_text("Det deles ud igen").wait_for()
    await visitor.accessible()
    assert await one(visitor.site, "SELECT state FROM service_call WHERE id = :id", id=call_id) == "open"


@on_both
async def test_an_adviser_reads_the_evidence_then_the_letter_and_approves(visits: Visits, *, phone: bool) -> None:
    visitor = await visits.as_("a coordinator", language="en", phone=phone)
    page = visitor.page
    await visitor.go("/staff/call-ins")
    await page.get_by_role("table").get_by_role("link").last.click()
    await page.get_by_role("button", name="Open the evidence").click()
    await page.get_by_role("heading", name="What speaks for the member").wait_for()
    await visitor.accessible()
    case_id = page.url.rpartition("/")[2]
    await page.get_by_label("Why", exact=True).fill("Nothing is logged, and we would like to help.")
    await page.get_by_label("Day of the talk").fill(_soon().isoformat())
    await page.get_by_role("button", name="See the letter first").click()
    await page.get_by_text("Nothing is sent yet").wait_for()
    await visitor.accessible()
    await page.get_by_role("button", name="Approve and send the letter", disabled=False).click(timeout=20_000)
    await page.get_by_role("link", name="The letter (PDF)").wait_for()
    await visitor.accessible()
    assert await one(visitor.site, "SELECT state FROM call_in WHERE id = :id", id=case_id) == "approved"
    async with page.expect_download() as bundle:
        await page.get_by_role("link", name="Everything for the complaints board").click()
    assert (await bundle.value).suggested_filename.endswith(".zip")


def _soon() -> date:
    return add_working_days(local_date(now()), 4)


@on_both
async def test_a_proposal_is_rejected_only_with_a_reason(visits: Visits, *, phone: bool) -> None:
    visitor = await visits.as_("a coordinator", phone=phone)
    page = visitor.page
    await visitor.go("/staff/call-ins")
    await page.get_by_role("table").get_by_role("link").first.click()
    case_id = page.url.rpartition("/")[2]
    await page.get_by_role("button", name="Åbn sagens oplysninger").click()
    await page.get_by_role("button", name="Afvis forslaget").click()
    await page.get_by_role("alert").wait_for()
    assert await page.get_by_label("Hvorfor ikke").get_attribute("aria-invalid") == "true"
    await page.get_by_label("Hvorfor ikke").fill("Har været til jobsamtaler.")
    await page.get_by_role("button", name="Afvis forslaget").click()
    await page.get_by_text("Har været til jobsamtaler.").wait_for()
    assert await one(visitor.site, "SELECT state FROM call_in WHERE id = :id", id=case_id) == "rejected"


@pytest.mark.parametrize("language", ["da", "en"])
async def test_a_task_is_taken_done_and_undone(visits: Visits, language: str) -> None:
    visitor = await visits.as_("an adviser", language=language, phone=language == "en")
    page, words = visitor.page, ("Tag denne opgave", "Afslut opgaven", "Fortryd")
    take, finish, undo = words if language == "da" else ("Take this task", "Finish the task", "Undo")
    await visitor.go("/staff/tasks?show=escalated")
    await page.get_by_role("table").get_by_role("link").nth(0 if language == "da" else 1).click()
    task_id = page.url.rpartition("/")[2]
    await page.get_by_role("button", name=take).click()
    await visitor.accessible()
    await page.locator("#outcome-done").check()
    await page.get_by_role("button", name=finish).click()
    await page.get_by_role("button", name=undo).wait_for()
    await visitor.accessible()
    assert await one(visitor.site, "SELECT outcome FROM task WHERE id = :id", id=task_id) == "done"
    await page.get_by_role("button", name=undo).click()
    await page.get_by_role("button", name=finish).wait_for()
    assert await one(visitor.site, "SELECT state FROM task WHERE id = :id", id=task_id) == "claimed"
