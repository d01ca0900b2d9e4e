"""What a day's work needs is done without scripts: signing in, logging, booking, ringing, noting who was there."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.browser.conftest import Site, Visits

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.xdist_group("browser")]

# A talk that a member can book now, of somebody whom no other test is about.
BOOKABLE = """
    SELECT o.id, m.member_no FROM obligation AS o JOIN member AS m ON m.id = o.member_id
    WHERE o.kind = 'talk' AND o.state = 'planned' AND o.window_from <= CURRENT_DATE AND o.due_on > CURRENT_DATE
    ORDER BY m.member_no DESC LIMIT 1
"""
BEGUN = """
    SELECT s.id, w.staff_no FROM activity_session AS s JOIN staff AS w ON w.id = s.staff_id
    WHERE s.kind <> 'talk' AND s.starts_at < now() AND s.taken > 2 ORDER BY s.starts_at DESC LIMIT 1
"""
LOGGED = "SELECT count(*) FROM job_log_entry WHERE employer = 'Tømrer Holm'"
BOOKED = "SELECT state FROM booking WHERE id = :id"
ENDED = "SELECT outcome FROM service_call WHERE id = :id"
NOTED = "SELECT count(*) FROM booking WHERE session_id = :id AND state = 'attended'"


async def _row(site: Site, statement: str, **values: Any) -> Any:
    async with site.sessions() as session:
        return (await session.execute(text(statement), values)).one()


async def test_a_member_logs_and_books(visits: Visits) -> None:
    visitor = await visits.as_(None, phone=True, scripts=False)
    page, site = visitor.page, visitor.site
    await visitor.go("/")
    await page.get_by_role("link", name="Et medlem med en gul smiley").click()
    await page.get_by_role("link", name="Notér en ansøgning").click()
    await page.get_by_label("Arbejdsgiver").fill("Tømrer Holm")
    await page.get_by_label("Stilling").fill("Tømrer")
    await page.get_by_role("button", name="Gem").click()
    await page.wait_for_url("**/me/log?logged=*")
    assert (await _row(site, LOGGED)).count == 1
    talk = await _row(site, BOOKABLE)
    await visitor.go(f"/sign-in?who=member:{talk.member_no}")
    await visitor.go(f"/me/book/{talk.id}")
    await page.locator(".ways button").first.click()
    await page.get_by_role("button", name="Bekræft bookingen").click()
    await page.wait_for_url("**?done=booked")
    booking = page.url.rpartition("/")[2].partition("?")[0]
    assert (await _row(site, BOOKED, id=booking)).state == "booked"


async def test_staff_ring_and_note_who_was_there(visits: Visits) -> None:
    visitor = await visits.as_("a contact centre agent", scripts=False)
    page, site = visitor.page, visitor.site
    await visitor.go("/staff/calls")
    await page.get_by_role("button", name="Næste opkald").click()
    await page.get_by_role("button", name="Fik fat i medlemmet").click()
    await page.get_by_label("Medlemmet har brug for hjælp").check()
    await page.get_by_role("button", name="Afslut opkaldet").click()
    await page.get_by_role("button", name="Fortryd").wait_for()
    assert (await _row(site, ENDED, id=page.url.rpartition("/")[2])).outcome == "needs_help"
    event = await _row(site, BEGUN)
    await visitor.go(f"/sign-in?who=staff:{event.staff_no}")
    await visitor.go(f"/staff/events/{event.id}/attendance")
    await page.locator(".roster-row").first.get_by_role("button", name="Var der").click()
    await page.locator(".roster-attended").first.wait_for()
    assert (await _row(site, NOTED, id=event.id)).count >= 1
