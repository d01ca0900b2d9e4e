"""Events with seats, series, the attendance list on a tablet, and capacity."""

import pytest
from sqlalchemy import text

from tests.browser.conftest import SIZES, Visits, on_both

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.xdist_group("browser")]

# The demo's event that has begun.
BEGUN = text("""
    SELECT s.id, w.staff_no FROM activity_session AS s JOIN staff AS w ON w.id = s.staff_id
    WHERE s.kind <> 'talk' AND s.starts_at < now() AND s.taken > 2 ORDER BY s.starts_at DESC LIMIT 1
""")
LOANS = text("SELECT count(*) FILTER (WHERE ended_at IS NULL), count(ended_at) FROM capacity_loan")
STATES = text("SELECT state, count(*) AS n FROM booking WHERE session_id = :id GROUP BY state")


@on_both
async def test_an_organiser_publishes_a_workshop_and_cancels_it(visits: Visits, *, phone: bool) -> None:
    visitor = await visits.as_("an organiser", phone=phone)
    page, place = visitor.page, "Prøvelokalet på 1. sal" if phone else "Prøvelokalet"
    await visitor.go("/staff/events/new")
    await page.get_by_label("Hvad der holdes").select_option(index=1)
    await page.get_by_role("button", name="Slå det op").click()
    await page.get_by_role("alert").wait_for()
    await visitor.accessible()
    await page.get_by_label("Dag", exact=True).fill(await page.evaluate(_IN_DAYS, 40))
    await page.get_by_label("Hvad der holdes").select_option("ws_write")
    await page.get_by_label("Sted").fill(place)
    await page.get_by_role("button", name="Slå det op").click()
    await page.get_by_text("Det er slået op: medlemmer kan booke nu.").wait_for()
    await visitor.accessible()
    await page.get_by_label("Hvorfor, til kolleger").fill("Lokalet er lukket")
    await (
        page.get_by_role("button", name="Aflys det med besked")
        .or_(page.get_by_role("button", name="Aflys med besked"))
        .click()
    )
    await page.get_by_text("Det er aflyst").wait_for()
    async with visitor.site.sessions() as session:
        state = await session.scalar(text("SELECT state FROM activity_session WHERE place = :p"), {"p": place})
    assert state == "cancelled"


async def test_one_tap_notes_who_was_there_and_another_puts_it_right(visits: Visits) -> None:
    visitor = await visits.as_("an organiser")
    page = visitor.page
    async with visitor.site.sessions() as session:
        event = (await session.execute(BEGUN)).one()
    await page.set_viewport_size(SIZES["tablet"])
    await visitor.go(f"/sign-in?who=staff:{event.staff_no}")
    await visitor.go(f"/staff/events/{event.id}/attendance")
    await visitor.accessible()
    rows = page.locator(".roster-row")
    everybody = await rows.count()
    box = await rows.first.get_by_role("button", name="Var der").bounding_box()
    assert box is not None
    assert box["height"] >= 48
    await rows.first.get_by_role("button", name="Var der").click()
    await page.get_by_text(f"Noteret: 1 af {everybody}").wait_for()
    await rows.first.get_by_text("Fraværende, fordi").click()
    await rows.first.get_by_role("button", name="Ingen har hørt hvorfor").click()
    await rows.first.get_by_text("Var fraværende").wait_for()
    await page.get_by_role("button", name="Alle de andre var der").click()
    await page.get_by_text(f"Noteret: {everybody} af {everybody}").wait_for()
    await visitor.accessible()
    async with visitor.site.sessions() as session:
        found = {row.state: row.n for row in await session.execute(STATES, {"id": event.id})}
    assert found == {"attended": everybody - 1, "absent": 1}


@on_both
async def test_a_coordinator_lends_an_adviser_and_calls_it_off(visits: Visits, *, phone: bool) -> None:
    visitor = await visits.as_("a coordinator", phone=phone)
    page = visitor.page
    async with visitor.site.sessions() as session:
        [(_, ended)] = await session.execute(LOANS)
    await visitor.go("/staff/capacity")
    await page.get_by_role("button", name="Udlån").first.click()
    await page.get_by_text("Jobvejlederen er udlånt").wait_for()
    await visitor.accessible()
    await page.get_by_role("button", name="Afblæs det").first.click()
    await page.get_by_text("Udlånet er afblæst").wait_for()
    async with visitor.site.sessions() as session:
        [after] = await session.execute(LOANS)
    assert tuple(after) == (0, ended + 1)


_IN_DAYS = (
    "n => { const d = new Date(Date.now() + n * 864e5); d.setDate(d.getDate() + (8 - d.getDay()) % 7);"
    " return d.toISOString().slice(0, 10); }"
)
