"""What members say, from the question to the organiser's page: asked, answered, read, followed up, aimed at."""

from typing import Any
from uuid import UUID

import pytest
from playwright.async_api import Browser
from sqlalchemy import text

from backend.clock import now
from backend.db.engine import transaction
from backend.surveys import links
from tests.browser.conftest import Site, Visitor, Visits, on_both

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.xdist_group("browser")]

OPEN = """SELECT i.id, m.member_no FROM survey_invitation i JOIN member m ON m.id = i.member_id
    WHERE i.answered_at IS NULL AND i.declined_at IS NULL AND i.expires_at > now() ORDER BY m.member_no DESC"""
MINE = """SELECT s.id, s.template_id FROM activity_session s JOIN staff h ON h.id = s.staff_id
    WHERE h.staff_no = :no AND EXISTS (SELECT FROM survey_block b WHERE b.event_key = s.id::text)
    ORDER BY s.starts_at DESC"""


async def rows(site: Site, statement: str, **values: Any) -> list[Any]:
    async with site.sessions() as session:
        return list((await session.execute(text(statement), values)).all())


async def answered(site: Site, invitation_id: UUID) -> list[Any]:
    found = "SELECT r.contact_wanted FROM survey_response r WHERE r.invitation_id = :id"
    return [row.contact_wanted for row in await rows(site, found, id=invitation_id)]


async def test_an_organiser_reads_an_event_and_tells_members_what_is_different_now(visits: Visits, site: Site) -> None:
    visitor = await visits.as_("an organiser")
    page = visitor.page
    number = site.people["an organiser"].removeprefix("staff:")
    event = (await rows(site, MINE, no=number))[0]
    await visitor.go("/staff/feedback")
    await page.locator(f'a[href="/staff/feedback/events/{event.id}"]').first.click()
    await page.get_by_role("img").first.wait_for()
    assert await page.get_by_role("table").count() >= 1
    async with page.expect_download() as found:
        await page.get_by_role("link", name="PDF på én side").click()
    assert (await found.value).suggested_filename == "survey.pdf"
    await page.get_by_role("link", name="Hele rækken, kvartal for kvartal").click()
    await page.get_by_label("På dansk").fill("Vi holder flere pauser.")
    await page.get_by_role("button", name="Fortæl det til medlemmerne").click()
    await page.get_by_role("alert").wait_for()
    await page.get_by_label("På engelsk").fill("There are more breaks.")
    await page.get_by_role("button", name="Fortæl det til medlemmerne").click()
    await page.get_by_role("status").wait_for()
    said = await rows(site, "SELECT id FROM survey_change WHERE series_key = :key", key=str(event.template_id))
    assert len(said) == 1
    told = await rows(site, "SELECT 1 FROM message WHERE key = 'N26.changed' AND period = :id", id=str(said[0].id))
    assert len(told) > 5


@on_both
async def test_a_text_is_confirmed_without_what_tells_of_its_writer(visits: Visits, site: Site, *, phone: bool) -> None:
    organisers = await rows(site, "SELECT staff_no FROM staff WHERE role = 'organiser' ORDER BY staff_no DESC LIMIT 1")
    visitor = await visits.as_(f"staff:{organisers[0].staff_no}", phone=phone)
    page = visitor.page
    await visitor.go("/staff/feedback/texts")
    before = len(await rows(site, "SELECT 1 FROM survey_text WHERE redacted <> ''"))
    first = page.locator("section.card-plain", has=page.locator("mark")).first
    assert "20 12 34 56" in await first.locator(".original").inner_text()
    proposal = await first.get_by_label("Sådan må andre læse det").input_value()
    assert "20 12 34 56" not in proposal
    await first.get_by_role("button", name="Bekræft").click()
    await page.wait_for_url("**/staff/feedback/texts")
    confirmed = [row.redacted for row in await rows(site, "SELECT redacted FROM survey_text WHERE redacted <> ''")]
    assert len(confirmed) == before + 1
    assert proposal in confirmed


async def test_an_organiser_makes_a_survey_looks_at_it_and_chooses_it(visits: Visits, site: Site) -> None:
    visitor = await visits.as_("an organiser")
    page = visitor.page
    await visitor.go("/staff/feedback/surveys/new")
    await page.get_by_label("Hvad det handler om, på dansk").fill("dit kursus i svejsning")
    await page.get_by_label("Hvad det handler om, på engelsk").fill("your welding course")
    question = page.get_by_role("group", name="Spørgsmål 1")
    await question.get_by_label("Besvares med").select_option("single")
    await question.get_by_label("Spørgsmål på dansk").fill("Var holdet stort nok?")
    await question.get_by_label("Spørgsmål på engelsk").fill("Was the group large enough?")
    await question.get_by_label("Valg, til spørgsmål med valg").fill("Ja | Yes\nNej | No")
    await page.get_by_role("button", name="Vis først").click()
    await page.get_by_text("Yes · No").wait_for()
    await page.get_by_role("button", name="Gem").click()
    await page.wait_for_url("**/staff/feedback/surveys")
    [made] = await rows(site, "SELECT key FROM survey WHERE name_en = 'your welding course'")
    event = (await rows(site, MINE, no=site.people["an organiser"].removeprefix("staff:")))[0]
    await visitor.go(f"/staff/feedback/events/{event.id}")
    await page.get_by_label("Undersøgelse", exact=True).select_option(made.key)
    await page.get_by_role("button", name="Gem").click()
    await page.wait_for_url(f"**/events/{event.id}")
    chosen = await rows(site, "SELECT touchpoint FROM survey_choice WHERE place_key = :k", k=str(event.template_id))
    assert [row.touchpoint for row in chosen] == [made.key]


@on_both
async def test_a_manager_sets_a_target(visits: Visits, site: Site, *, phone: bool) -> None:
    visitor = await visits.as_("a manager", phone=phone)
    page = visitor.page
    await visitor.go("/staff/feedback/figures")
    await page.get_by_role("table").first.wait_for()
    form = page.locator('form[action="/staff/feedback/targets"]')
    await form.get_by_label("Undersøgelse").select_option("T5")
    await form.get_by_label("Positiv andel i procent").fill("170")
    await form.get_by_role("button", name="Gem").click()
    await page.get_by_role("alert").wait_for()
    await form.get_by_label("Positiv andel i procent").fill("70")
    await form.get_by_role("button", name="Gem").click()
    await page.wait_for_url("**/figures?touchpoint=T5*")
    stored = await rows(site, "SELECT share FROM survey_target WHERE touchpoint = 'T5'")
    assert [row.share for row in stored] == [0.7]


async def test_a_member_answers_on_a_phone_and_another_time_would_rather_not(visits: Visits, site: Site) -> None:
    (one, other) = (await rows(site, OPEN))[:2]
    visitor = await visits.as_(f"member:{one.member_no}", phone=True)
    page = visitor.page
    await visitor.go("/me/surveys")
    await visitor.accessible()
    await page.locator(f'a[href="/me/surveys/{one.id}"]').click()
    await visitor.accessible()
    await page.get_by_role("button", name="Send mine svar").click()
    await page.get_by_role("alert").wait_for()
    await page.get_by_role("radio").first.check()
    await page.get_by_role("button", name="Send mine svar").click()
    await page.get_by_role("status").wait_for()
    assert await answered(site, one.id) == [False]
    await page.get_by_role("button", name="Spørg mig ikke i et år").click()
    await page.get_by_role("button", name="Spørg mig igen").click()
    await page.get_by_role("button", name="Spørg mig ikke i et år").wait_for()
    assert await rows(site, "SELECT 1 FROM survey_opt_out") == []
    silent = await visits.as_(f"member:{other.member_no}", phone=True, language="en")
    await silent.go(f"/me/surveys/{other.id}")
    await silent.page.get_by_role("button", name="I would rather not answer").click()
    await silent.page.get_by_role("link", name="Answer after all").wait_for()
    await silent.accessible()
    assert (await rows(site, "SELECT declined_at FROM survey_invitation WHERE id = :id", id=other.id))[0].declined_at


@pytest.mark.parametrize("language", ["da", "en"])
async def test_the_one_time_link_works_once_without_signing_in_or_scripts(
    browser: Browser, visits: Visits, site: Site, language: str
) -> None:
    del visits  # closes the windows
    invitation = (await rows(site, OPEN))[-1 if language == "da" else -2]
    async with transaction(site.sessions) as session:
        token = await links.issue(session, invitation.id, now=now())
    locale = "da-DK" if language == "da" else "en-GB"
    window = await browser.new_context(
        viewport={"width": 390, "height": 844}, locale=locale, java_script_enabled=language == "en"
    )
    visitor = Visitor(await window.new_page(), site)
    page = visitor.page
    await visitor.go(f"/s/{token}")
    shown = await page.content()
    assert invitation.member_no not in shown
    assert str(invitation.id) not in shown
    if language == "en":
        await visitor.accessible()
    await page.get_by_role("radio").first.check()
    await page.get_by_role("checkbox").check()
    await page.locator("main button[type=submit]").click()
    await page.get_by_role("heading", level=1, name="Tak" if language == "da" else "Thank you").wait_for()
    if language == "en":
        await visitor.accessible()
    assert await answered(site, invitation.id) == [True]
    task = "SELECT 1 FROM task t JOIN survey_response r ON t.key = r.id::text WHERE r.invitation_id = :id"
    assert len(await rows(site, task, id=invitation.id)) == 1
    for path in (f"/s/{token}", "/s/" + "x" * 43):
        await visitor.go(path, status=404)
        words = "Linket virker ikke" if language == "da" else "This link does not work any more"
        assert words in await page.locator("h1").inner_text()
    if language == "en":
        await visitor.accessible()
