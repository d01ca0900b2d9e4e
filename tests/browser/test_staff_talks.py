"""An adviser's week, a talk from its preparation to closed minutes, and an absence."""

import pytest
from sqlalchemy import text

from tests.browser.conftest import SIZES, Visits, on_both

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.xdist_group("browser")]

# The demo's adviser has talks ahead; the first of them was an hour ago.
BEGAN = text("""
    WITH first AS (
        SELECT s.id FROM activity_session AS s JOIN booking AS b ON b.session_id = s.id AND b.state = 'booked'
        JOIN staff AS w ON w.id = s.staff_id
        WHERE w.staff_no = :number AND s.kind = 'talk' AND s.starts_at > now() ORDER BY s.starts_at LIMIT 1)
    UPDATE activity_session AS s
    SET starts_at = now() - interval '1 hour', ends_at = now() - interval '15 minutes'
    FROM first, booking AS b, member AS m
    WHERE s.id = first.id AND b.session_id = s.id AND m.id = b.member_id
    RETURNING b.id AS booking_id, m.id AS member_id, m.name
""")
AWAY = text("""
    SELECT count(*) FROM staff_absence AS a JOIN staff AS w ON w.id = a.staff_id
    WHERE w.staff_no = :number AND a.cancelled_at IS NULL
""")
OWN_TALK = text("UPDATE talk SET held_on = CAST(now() AT TIME ZONE 'Europe/Copenhagen' AS date) WHERE booking_id = :id")
TALK = text("SELECT state, minutes FROM talk WHERE booking_id = :id")
AGREED = text("""
    SELECT a.what FROM agreement AS a JOIN talk AS t ON t.id = a.talk_id WHERE t.booking_id = :id
""")
NUMBERS = text("SELECT min_per_week FROM search_requirement WHERE member_id = :id AND source = 'staff'")


@on_both
async def test_an_absence_shows_what_it_hits_and_can_be_taken_back(visits: Visits, *, phone: bool) -> None:
    visitor = await visits.as_("an adviser", phone=phone)
    page = visitor.page
    await visitor.go("/staff/calendar")
    await page.get_by_role("link", name="Jeg er væk").click()
    await page.get_by_label("Sidste dag").fill("2020-01-01")
    await page.get_by_role("button", name="Gem, og se, hvad det rammer").click()
    await page.get_by_role("alert").wait_for()
    await visitor.accessible()
    await page.get_by_label("Sidste dag").fill(await page.get_by_label("Første dag").input_value())
    await page.get_by_role("button", name="Gem, og se, hvad det rammer").click()
    await page.wait_for_url("**/staff/calendar/absences/*")
    await visitor.accessible()
    await page.get_by_role("button", name="Tag fraværet tilbage").click()
    await page.wait_for_url("**/staff/calendar")
    async with visitor.site.sessions() as session:
        number = visitor.site.people["an adviser"].removeprefix("staff:")
        left = await session.scalar(AWAY, {"number": number})
    assert left == 0


async def test_a_talk_is_prepared_written_while_the_member_watches_and_closed(visits: Visits) -> None:
    visitor = await visits.as_("an adviser", phone=True)
    page, number = visitor.page, visitor.site.people["an adviser"].removeprefix("staff:")
    async with visitor.site.sessions.begin() as session:
        talk = (await session.execute(BEGAN, {"number": number})).one()
    await visitor.go("/staff/calendar?week=" + await page.evaluate("new Date().toISOString().slice(0, 10)"))
    await page.get_by_role("link", name=talk.name).click()
    await page.get_by_role("heading", name="Forslag til dagsorden").wait_for()
    await visitor.accessible()
    await page.get_by_role("button", name="Begynd referatet").click()
    await page.wait_for_url("**/staff/talks/*")
    # Closing at once says what is missing, beside its field.
    await page.get_by_role("button", name="Luk referatet").click()
    await page.get_by_role("alert").wait_for()
    assert await page.get_by_label("Referat", exact=True).get_attribute("aria-invalid") == "true"
    await visitor.accessible()
    # Begun on a phone, written at the desk where the member looks along.
    await page.set_viewport_size(SIZES["desktop"])
    await page.get_by_role("link", name="Vis medlemmet").click()
    await page.get_by_label("Referat", exact=True).press_sequentially("Vi så på cv'et sammen.")
    await page.get_by_label("Aftale 1").fill("Ringe til to værksteder")
    await page.get_by_label("Senest").first.fill("2030-01-15")
    async with page.expect_response(lambda answer: answer.request.method == "POST" and answer.ok):
        await page.get_by_label("Aftale 1").press("Tab")
    await visitor.accessible()
    async with visitor.site.sessions.begin() as session:
        kept = (await session.execute(TALK, {"id": talk.booking_id})).one()
        await session.execute(OWN_TALK, {"id": talk.booking_id})
    assert (kept.state, kept.minutes) == ("draft", "Vi så på cv'et sammen.")
    await page.get_by_role("link", name="Tilbage, og luk referatet").click()
    # Other numbers for the search, agreed at the talk, hold when it is closed.
    await page.get_by_text("Aftalte I andre tal").click()
    await page.get_by_label("Ja: de gælder").check()
    await page.get_by_label("Ansøgninger om ugen").fill("4")
    await page.get_by_role("button", name="Luk referatet").click()
    await page.get_by_text("Lukket af").wait_for()
    await visitor.accessible()
    async with visitor.site.sessions() as session:
        closed = (await session.execute(TALK, {"id": talk.booking_id})).one()
        agreed = list(await session.scalars(AGREED, {"id": talk.booking_id}))
        numbers = list(await session.scalars(NUMBERS, {"id": talk.member_id}))
    assert (closed.state, agreed, numbers) == ("closed", ["Ringe til to værksteder"], [4])
