"""What an adviser does about one member's plan, and an objection from the member's phone to the answer."""

import pytest
from sqlalchemy import text

from tests.browser.conftest import Visitor, Visits

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.xdist_group("browser")]
# Of the adviser's branch, with something ahead that the law does not ask for.
PLANNED = text("""
    SELECT o.member_id, o.id FROM obligation AS o JOIN member AS m ON m.id = o.member_id
    JOIN staff AS w ON w.branch_id = m.branch_id
    WHERE w.staff_no = :number AND o.state = 'planned' AND NOT o.statutory ORDER BY o.window_from, o.id LIMIT 1
""")
STATE = text("SELECT state FROM obligation WHERE id = :id")
VERDICT = text("SELECT verdict, comment FROM cv_decision WHERE member_id = :id ORDER BY decided_at DESC LIMIT 1")
AGREED = text("SELECT min_per_week FROM search_requirement WHERE member_id = :id AND source = 'staff'")
GOALS = text("SELECT job_goals FROM my_plan_version WHERE member_id = :id ORDER BY number DESC LIMIT 1")
# A talk of a member of the adviser's branch that nobody has booked.
UNBOOKED = text("""
    SELECT o.member_id, o.id FROM obligation AS o JOIN member AS m ON m.id = o.member_id
    JOIN staff AS w ON w.branch_id = m.branch_id
    WHERE w.staff_no = :number AND o.state = 'planned' AND o.kind = 'talk' AND o.provider = 'local'
    ORDER BY o.due_on DESC, o.id LIMIT 1
""")
BOOKED = text("""
    SELECT b.id, b.state, b.cancel_reason FROM booking AS b JOIN booking_obligation AS l ON l.booking_id = b.id
    WHERE l.obligation_id = :id
""")
COURSE = text("""
    SELECT p.plan FROM spell_plan AS p JOIN spell AS s ON s.id = p.spell_id
    WHERE s.member_id = :id AND p.ended_at IS NULL AND s.ended_on IS NULL
""")
OBJECTION = text("""
    SELECT d.id, d.member_id, d.state, d.answer FROM dispute AS d JOIN member AS m ON m.id = d.member_id
    WHERE m.member_no = :number ORDER BY d.opened_at DESC LIMIT 1
""")


async def _open(visitor: Visitor) -> str:
    number = visitor.site.people["an adviser"].removeprefix("staff:")
    async with visitor.site.sessions() as session:
        row = (await session.execute(PLANNED, {"number": number})).one()
    await visitor.go(f"/staff/members/{row.member_id}/plan")
    return f"{row.member_id} {row.id}"


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
async def test_an_adviser_does_what_a_plan_needs(visits: Visits, *, phone: bool) -> None:
    visitor = await visits.as_("an adviser", phone=phone)
    page = visitor.page
    member, item = (await _open(visitor)).split()
    await page.get_by_text("Ikke nødvendig?").first.click()
    await page.get_by_label("Hvorfor medlemmet ikke behøver den").first.fill("Underviser selv i det.")
    await page.get_by_role("button", name="Den er ikke nødvendig").first.click()
    await page.get_by_text("Underviser selv i det.").wait_for()
    async with visitor.site.sessions() as session:
        assert await session.scalar(STATE, {"id": item}) == "skipped"
    await page.get_by_role("button", name="Fortryd: bed om den igen").click()
    await page.get_by_text("Underviser selv i det.").wait_for(state="detached")
    # A CV goes back only with what is to be better.
    returning = page.get_by_role("button", name="Send det retur til medlemmet")
    if not await returning.is_visible():
        await page.get_by_text("Godkend det, eller skriv").click()
    await returning.click()
    await page.get_by_role("alert").wait_for()
    await page.get_by_label("Hvad der skal være bedre").fill("Skriv truckkortet ind.")
    await returning.click()
    await page.get_by_text(": Skriv truckkortet ind.").first.wait_for()
    await page.get_by_text("Skriv en ny version sammen med medlemmet").click()
    await page.get_by_label("Jobmål").fill("Smed\nSvejser")
    await page.get_by_role("button", name="Gem denne version").click()
    await page.get_by_text("Version ").first.wait_for()
    async with visitor.site.sessions() as session:
        assert (await session.execute(VERDICT, {"id": member})).one() == ("returned", "Skriv truckkortet ind.")
        assert await session.scalar(GOALS, {"id": member}) == ["Smed", "Svejser"]
        assert await session.scalar(STATE, {"id": item}) == "planned"


async def test_other_numbers_hold_from_the_day_they_are_agreed(visits: Visits) -> None:
    visitor = await visits.as_("an adviser")
    page = visitor.page
    member, _ = (await _open(visitor)).split()
    await page.get_by_text("Aftal andre tal").click()
    await page.get_by_label("Ansøgninger om ugen").fill("3")
    await page.get_by_label("Heraf til opslåede job").fill("4")
    await page.get_by_role("button", name="Gem tallene").click()
    await page.get_by_role("alert").wait_for()
    await page.get_by_label("Heraf til opslåede job").fill("2")
    await page.get_by_role("button", name="Gem tallene").click()
    await page.wait_for_url("**/plan")
    async with visitor.site.sessions() as session:
        assert list(await session.scalars(AGREED, {"id": member})) == [3]


async def test_a_member_objects_on_the_phone_and_an_adviser_answers(visits: Visits) -> None:
    mine = await visits.as_("a member with a red smiley", phone=True)
    await mine.go("/me/smiley/wrong")
    await mine.page.get_by_label("Hvad er forkert?").fill("Jeg var på kursus i uge 44.")
    await mine.page.get_by_role("button", name="Send").click()
    await mine.page.get_by_text("Jeg var på kursus i uge 44.").wait_for()
    number = {"number": mine.site.people["a member with a red smiley"].removeprefix("member:")}
    async with mine.site.sessions() as session:
        asked = (await session.execute(OBJECTION, number)).one()
    adviser = await visits.as_("an adviser")
    await adviser.go(f"/staff/members/{asked.member_id}")
    await adviser.page.get_by_role("link", name="En indsigelse").click()
    await adviser.page.get_by_label("Vurderingen står fast").check()
    await adviser.page.get_by_role("button", name="Send svaret").click()
    await adviser.page.get_by_role("alert").wait_for()
    await adviser.page.get_by_label("Det skriver du til medlemmet").fill(
        "Tak. Send os kursusbeviset, så retter vi det."
    )
    await adviser.page.get_by_role("button", name="Send svaret").click()
    await adviser.page.get_by_role("heading", name="Svaret", exact=True).wait_for()
    async with mine.site.sessions() as session:
        answered = (await session.execute(OBJECTION, number)).one()
    assert (answered.state, answered.answer) == ("dismissed", "Tak. Send os kursusbeviset, så retter vi det.")
    await mine.go("/me/smiley")
    await mine.page.get_by_text("Send os kursusbeviset").wait_for()


async def test_a_talk_is_booked_for_a_member_who_rings_and_given_back(visits: Visits) -> None:
    visitor = await visits.as_("an adviser")
    page, number = visitor.page, visitor.site.people["an adviser"].removeprefix("staff:")
    async with visitor.site.sessions() as session:
        talk = (await session.execute(UNBOOKED, {"number": number})).one()
    await visitor.go(f"/staff/members/{talk.member_id}/talks")
    await page.locator(f"a[href$='/book/{talk.id}']").click()
    await page.locator(".book-times button").first.click()
    await page.wait_for_url("**/talks")
    async with visitor.site.sessions() as session:
        booked = (await session.execute(BOOKED, {"id": talk.id})).one()
    assert booked.state == "booked"
    await page.locator(f"a[href$='/bookings/{booked.id}']").click()
    await page.get_by_role("button", name="Giv den tilbage").click()
    await page.get_by_role("alert").wait_for()
    await page.locator("#reason-job_interview").check()
    await page.get_by_role("button", name="Giv den tilbage").click()
    await page.wait_for_url("**/talks")
    async with visitor.site.sessions() as session:
        assert (await session.execute(BOOKED, {"id": talk.id})).one() == (booked.id, "cancelled", "job_interview")


async def test_another_course_is_looked_at_before_it_is_given(visits: Visits) -> None:
    visitor = await visits.as_("an adviser")
    page = visitor.page
    member, _ = (await _open(visitor)).split()
    await page.get_by_role("link", name="Afklaringsskema").click()
    other = await page.locator("#plan option:not([selected])").first.get_attribute("value")
    await page.locator("#plan").select_option(other)
    await page.get_by_role("button", name="Se, hvad det ændrer").last.click()
    await page.get_by_role("status").wait_for()
    await visitor.accessible()
    await page.get_by_label("Hvorfor", exact=True).fill("Vil gerne have mere hjælp.")
    await page.get_by_role("button", name="Giv dette forløb").click()
    await page.wait_for_url("**/plan")
    async with visitor.site.sessions() as session:
        assert await session.scalar(COURSE, {"id": member}) == other
