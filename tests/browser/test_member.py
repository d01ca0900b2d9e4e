"""The member's pages on a phone: a talk booked and given back, an app without a connection."""

import pytest
from sqlalchemy import text

from tests.browser.conftest import Visitor, Visits, on_both

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.xdist_group("browser")]

NEW = "a member who is new"
# What the service worker has put aside.
KEPT = """caches.keys().then((names) => caches.open(names[0])).then((cache) => cache.keys())
    .then((all) => all.map((one) => new URL(one.url).pathname))"""


@on_both
async def test_what_is_to_do_leads_to_a_booked_talk_and_it_can_be_given_back(visits: Visits, *, phone: bool) -> None:
    visitor = await visits.as_(NEW, phone=phone)
    page = visitor.page
    await page.get_by_role("region", name="Det skal du gøre").get_by_role("link", name="Book en tid").first.click()
    await page.wait_for_url("**/me/book/*")
    await visitor.accessible()
    await page.locator(".ways button").first.click()
    await page.wait_for_url("**/me/bookings/*")
    await visitor.accessible()
    await page.get_by_role("button", name="Bekræft bookingen").click()
    await page.wait_for_url("**?done=booked")
    booking = page.url.rpartition("/")[2].partition("?")[0]
    assert await _state(visitor, booking) == "booked"
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Kalenderfil (ICS)").click()
    assert (await download.value).suggested_filename == "booking.ics"
    await page.get_by_role("link", name="Aflys den").click()
    await page.get_by_label("Jeg er syg").check()
    await visitor.accessible()
    await page.get_by_role("button", name="Aflys bookingen").click()
    await page.wait_for_url("**/me/bookings?done=cancelled")
    assert await _state(visitor, booking) == "cancelled"


async def _state(visitor: Visitor, booking: str) -> str:
    async with visitor.site.sessions() as session:
        return str(await session.scalar(text("SELECT state FROM booking WHERE id = :id"), {"id": booking}))


async def test_without_a_connection_the_app_says_so_and_shows_nothing_of_anybody(visits: Visits) -> None:
    visitor = await visits.as_("a member with a yellow smiley", phone=True)
    await visitor.go("/me/profile")
    await visitor.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    kept = await visitor.page.evaluate(KEPT)
    assert kept == ["/offline", "/static/vendor/css/dkfds.min.css", "/static/app.css", "/static/icon.svg"]
    await visitor.page.context.set_offline(True)
    await visitor.page.goto(visitor.site.url + "/me")
    assert await visitor.page.get_by_role("heading", level=1).inner_text() == "Ingen forbindelse"
    assert await visitor.page.get_by_role("button", name="Log ud").count() == 0
