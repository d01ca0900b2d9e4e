"""From the start page to the member's front page and one application in the job log."""

import time

import pytest
from sqlalchemy import text

from tests.browser.conftest import Visits, on_both

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.xdist_group("browser")]


async def test_a_visitor_becomes_a_member_by_one_click(visits: Visits) -> None:
    visitor = await visits.as_(None, phone=True)
    await visitor.go("/")
    await visitor.accessible()
    await visitor.page.get_by_role("link", name="Et medlem med en rød smiley").click()
    await visitor.page.wait_for_url("**/me")
    await visitor.page.get_by_text("Rød", exact=True).wait_for()
    await visitor.accessible()


@on_both
async def test_an_application_is_logged_in_less_than_20_seconds(visits: Visits, *, phone: bool) -> None:
    visitor = await visits.as_("a member with a red smiley", phone=phone)
    page, begun, employer = visitor.page, time.monotonic(), "Værftet i Odense" if phone else "Værftet i Frederikshavn"
    await visitor.go("/me")
    await page.get_by_role("link", name="Notér en ansøgning").click()
    await page.get_by_label("Arbejdsgiver").fill(employer)
    await page.get_by_label("Stilling").fill("Svejser")
    await page.get_by_role("button", name="Gem").click()
    await page.wait_for_url("**/me/log?logged=*")
    assert time.monotonic() - begun < 20
    await page.get_by_text("Svejser").first.wait_for()
    async with visitor.site.sessions() as session:
        found = await session.scalar(text("SELECT count(*) FROM job_log_entry WHERE employer = :e"), {"e": employer})
    assert found == 1


async def test_a_form_that_is_not_complete_says_so_beside_the_field(visits: Visits) -> None:
    visitor = await visits.as_("a member with a green smiley", phone=True)
    await visitor.go("/me/log/new")
    await visitor.page.get_by_role("button", name="Gem").click()
    await visitor.page.get_by_role("alert").wait_for()
    assert await visitor.page.get_by_label("Arbejdsgiver").get_attribute("aria-invalid") == "true"
    await visitor.accessible()


async def test_every_message_can_be_looked_at_without_signing_in(visits: Visits) -> None:
    visitor = await visits.as_(None)
    await visitor.go("/messages")
    assert await visitor.page.locator(".kind").count() >= 32
