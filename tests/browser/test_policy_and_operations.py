"""A change of the rule from draft to published version, and the running of the house, as coordinators see them."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from backend.clock import local_date, now
from backend.db.engine import transaction
from backend.jobs import try_policies
from backend.jobs.job import Moment
from backend.settings import Settings
from tests.browser.conftest import Site, Visits, on_both

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.xdist_group("browser")]


async def coordinators(site: Site) -> list[str]:
    async with transaction(site.sessions) as session:
        found = await session.scalars(text("SELECT staff_no FROM staff WHERE role = 'coordinator' ORDER BY staff_no"))
        return [f"staff:{number}" for number in found]


async def test_a_change_of_the_rule_is_tried_and_published_by_two_people(visits: Visits) -> None:
    first = await visits.as_("a coordinator")
    author, other, *_ = await coordinators(first.site)
    # One writes at the desk; the other is on the way, and reads it on the phone.
    writer, moment = await visits.as_(author), now()
    page = writer.page
    await writer.go("/staff/policy")
    await page.get_by_role("link", name="Lav udkast til en ny version").click()
    await page.get_by_label("Hvorfor reglen ændres").fill("Vi vil ringe tidligere.")
    await page.get_by_label("Rød under").fill("0.9")
    await page.get_by_label("For at forblive grøn").fill("0.8")
    await page.get_by_role("button", name="Gem udkastet").click()
    await page.get_by_role("alert").wait_for()
    assert await page.get_by_label("Rød under").get_attribute("aria-invalid") == "true"
    await writer.accessible()
    await page.get_by_label("Rød under").fill("0.7")
    await page.get_by_role("button", name="Gem udkastet").click()
    await page.wait_for_url("**/staff/policy/drafts/*")
    await page.get_by_role("button", name="Prøv det på dagens medlemmer").click()
    await page.get_by_role("status").wait_for()
    await writer.accessible()
    counts = await try_policies.outside(
        writer.site.sessions, moment=Moment(moment, moment, timely=True), settings=Settings()
    )
    assert counts["members"] > 0
    await page.get_by_role("link", name="Hvem og hvorfor").wait_for()
    await writer.accessible()
    await page.get_by_role("link", name="Hvem og hvorfor").click()
    await page.get_by_role("heading", name="Hvem der ville skifte farve").wait_for()
    await writer.accessible()
    await page.go_back()
    await page.get_by_role("button", name="Bed en kollega om at godkende det").click()
    await page.get_by_text("Du har skrevet det").wait_for()
    approver = await visits.as_(other, phone=True)
    await approver.go(page.url.removeprefix(approver.site.url))
    await approver.page.get_by_role("button", name="Godkend: den gælder fra").click()
    await approver.page.get_by_text("Den er udgivet og gælder fra").wait_for()
    await approver.accessible()
    async with transaction(approver.site.sessions) as session:
        [row] = await session.execute(text("SELECT valid_from, numbers, note FROM rating_policy WHERE version = 2"))
    assert row.valid_from == local_date(moment) + timedelta(days=7)
    assert (row.numbers["red_ratio"], row.note) == (0.7, "Vi vil ringe tidligere.")
    # The fund of the run is everybody's: the version is taken back, as one would after a slip.
    await approver.page.locator("summary", has_text="Tag den tilbage").click()
    await approver.page.get_by_label("Hvorfor den tages tilbage").fill("En prøve.")
    await approver.page.get_by_role("button", name="Tag den tilbage").click()
    await approver.page.get_by_text("Taget tilbage").first.wait_for()
    async with transaction(approver.site.sessions) as session:
        assert await session.scalar(text("SELECT count(*) FROM rating_policy")) == 1


@on_both
async def test_the_access_log_answers_who_saw_a_member(visits: Visits, *, phone: bool) -> None:
    visitor = await visits.as_("a coordinator", phone=phone)
    async with transaction(visitor.site.sessions) as session:
        member = (await session.execute(text("SELECT id, member_no FROM member ORDER BY member_no LIMIT 1"))).one()
    await visitor.go(f"/staff/members/{member.id}")
    await visitor.go("/staff/operations/access")
    await visitor.page.get_by_label("Medlemsnummer").fill(member.member_no)
    await visitor.page.get_by_role("button", name="Søg", exact=True).click()
    await visitor.page.get_by_role("cell", name="Læste: Et medlems side").first.wait_for()
    assert member.member_no not in visitor.page.url
    await visitor.accessible()
