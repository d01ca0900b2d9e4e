"""A broadcast from the first word to a stop in the middle, by two people, as coordinators see it."""

import pytest
from sqlalchemy import text

from backend.clock import now
from backend.db.engine import transaction
from backend.jobs import send_broadcasts
from backend.jobs.job import Moment
from backend.settings import Settings
from tests.browser.conftest import Site, Visitor, Visits
from tests.browser.test_policy_and_operations import coordinators

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.xdist_group("browser")]


async def numbers(site: Site) -> list[str]:
    """Two members: the fund of the run is everybody's."""
    async with transaction(site.sessions) as session:
        return list(await session.scalars(text("SELECT member_no FROM member ORDER BY member_no DESC LIMIT 2")))


async def write(writer: Visitor, title: str) -> None:
    page = writer.page
    await writer.go("/staff/broadcasts")
    await page.get_by_role("link", name="Skriv en udsendelse").click()
    await page.get_by_label("Titel på dansk").fill(title)
    await page.get_by_label("Tekst på dansk").fill("Kom og se det.")
    await page.get_by_label("Titel på engelsk").fill("Open house")
    await page.get_by_text("14 af 1000 tegn").wait_for()
    await page.get_by_label("Alle på én gang").check()
    await page.locator("summary", has_text="Kun enkelte medlemmer").click()
    await page.get_by_label("Medlemsnumre").fill("\n".join(await numbers(writer.site)))
    await page.get_by_role("button", name="Se, hvad den ville gøre").click()
    await page.get_by_role("alert").wait_for()
    assert await page.get_by_label("Tekst på engelsk").get_attribute("aria-invalid") == "true"
    await page.get_by_label("Tekst på engelsk").fill("Come and see.")
    await page.get_by_role("button", name="Se, hvad den ville gøre").click()
    await page.get_by_text("2 medlemmer ville få den.").wait_for()
    await page.get_by_role("button", name="Gem som udkast").first.click()
    await page.get_by_role("button", name="Bed en kollega om at godkende det").click()
    await page.get_by_text("Du har skrevet den").wait_for()


@pytest.mark.parametrize("phone", [False, True])
async def test_written_by_one_sent_by_another_and_stopped(visits: Visits, phone: bool) -> None:
    site = (await visits.as_(None)).site
    author, other, *_ = await coordinators(site)
    title, moment = f"Åbent hus {'på mobilen' if phone else ''}".strip(), now()
    writer, approver = await visits.as_(author, phone=phone), await visits.as_(other, phone=phone)
    await write(writer, title)
    page = approver.page
    await approver.go("/staff/broadcasts")
    await page.get_by_role("link", name=title, exact=True).first.click()
    await page.get_by_role("button", name="Godkend og send til 2 medlemmer").click()
    await page.get_by_role("heading", name="Den er ved at blive sendt").wait_for()
    done = await send_broadcasts.outside(site.sessions, moment=Moment(moment, moment, timely=True), settings=Settings())
    assert done["messages"] == 2
    await page.reload()
    await approver.accessible()
    await page.get_by_label("Hvorfor den sættes på pause").fill("Et tal er forkert.")
    await page.get_by_role("button", name="Sæt på pause").click()
    await page.get_by_role("button", name="Fortsæt").wait_for()
    await page.get_by_role("link", name="Stop den helt").click()
    await page.get_by_text("Får den ikke", exact=True).wait_for()
    await page.get_by_label("Hvorfor den stoppes").fill("Huset er lukket.")
    await page.get_by_role("button", name="Ja, stop den").click()
    await page.get_by_text("Stoppet", exact=True).first.wait_for()
    async with transaction(site.sessions) as session:
        sql = """SELECT b.state, a.staff_no AS author, p.staff_no AS approver FROM broadcast b
            JOIN staff a ON a.id = b.author_id JOIN staff p ON p.id = b.approved_by WHERE b.title_da = :title"""
        [row] = await session.execute(text(sql), {"title": title})
    assert (row.state, f"staff:{row.author}", f"staff:{row.approver}") == ("stopped", author, other)
