"""The triage board by keyboard alone, and a decision about a member from it, to its effect in the database."""

import pytest
from sqlalchemy import text

from tests.browser.conftest import Visitor, Visits

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.xdist_group("browser")]
TABS = ("", "/timeline", "/log", "/ratings", "/plan", "/talks", "/messages", "/decisions")
POLL = "htmx.trigger(document.getElementById('board'), 'every')"


async def _press(visitor: Visitor, *keys: str) -> None:
    for key in keys:
        await visitor.page.keyboard.press(key)


async def _tab_to(visitor: Visitor, selector: str) -> None:
    """Forward by Tab alone, as somebody without a mouse."""
    for _ in range(80):
        if await visitor.page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
        await visitor.page.keyboard.press("Tab")
    raise AssertionError(f"Tab never came to {selector}")


async def test_from_the_board_to_a_decision_by_keyboard_alone(visits: Visits) -> None:
    visitor = await visits.as_("an adviser")
    page = visitor.page
    await visitor.go("/staff/members?view=1")
    await _tab_to(visitor, "#colour-red")
    await _press(visitor, "Space", "Enter")
    await page.wait_for_url("**colour=red*")
    await _press(visitor, "j", "j", "k")
    first = page.locator(".board-link").first
    assert await first.evaluate("one => one === document.activeElement")
    await page.keyboard.press("ArrowUp")
    member = (await first.get_attribute("href") or "").rsplit("/", 1)[1]
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/staff/members/{member}")
    await _tab_to(visitor, "a[href$='/decisions']")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/decisions")
    await _tab_to(visitor, "#colour-green")
    await _press(visitor, "Space", "ArrowDown")
    await _tab_to(visitor, "#until")
    await page.locator("#until").fill((await page.evaluate("new Date(Date.now() + 9e8).toISOString()"))[:10])
    await _tab_to(visitor, "#override_reason")
    await page.keyboard.type("Praktikken blev ikke noteret.")
    await _press(visitor, "Tab", "Enter")
    await page.get_by_text("Praktikken blev ikke noteret.").first.wait_for()
    async with visitor.site.sessions() as session:
        colour = await session.scalar(
            text("SELECT colour FROM rating_override WHERE member_id = :id AND ended_at IS NULL"), {"id": member}
        )
    assert colour == "yellow"


async def test_the_board_updates_itself_but_not_while_somebody_types(visits: Visits) -> None:
    visitor = await visits.as_("a coordinator")
    page = visitor.page
    await visitor.go("/staff/members?view=1&colour=green")
    row = page.locator("tbody tr").first
    member = (await row.get_attribute("id") or "").removeprefix("row-")
    asked: list[int] = []
    page.on("response", lambda one: asked.append(one.status) if one.request.headers.get("hx-request") else None)
    for expected in ([200], [200, 304]):
        async with page.expect_response(lambda one: "hx-request" in one.request.headers):
            await page.evaluate(POLL)
        assert asked == expected
    await page.keyboard.press("/")
    await page.evaluate(POLL)
    await page.locator("#board-more").focus()
    async with visitor.site.sessions() as session:
        await session.execute(
            text("INSERT INTO task (id, member_id, kind, key, due_on, state, params, opened_at)"
                 " VALUES (gen_random_uuid(), :id, 'contact_me', 'shown', '2020-01-01', 'open', '{}', now())"),
            {"id": member},
        )  # fmt: skip
        await session.commit()
    async with page.expect_response(lambda one: "hx-request" in one.request.headers):
        await page.evaluate(POLL)
    await page.get_by_text("den første senest 1. januar").wait_for()
    assert asked == [200, 304, 200], "while somebody types nothing is asked"
    assert await page.locator("#board-more").evaluate("one => one === document.activeElement"), "focus stays"


@pytest.mark.parametrize("language", ["da", "en"])
async def test_the_board_and_the_member_pages_are_accessible(visits: Visits, language: str) -> None:
    visitor = await visits.as_("an adviser", language=language, phone=language == "en")
    await visitor.go("/staff/members?view=1")
    await visitor.accessible()
    await visitor.page.locator("#search").fill("a")
    await visitor.page.locator("#search").press("Enter")
    await visitor.page.wait_for_url("**/staff/members/search")
    await visitor.accessible()
    member = await visitor.page.locator(".board-link").first.get_attribute("href")
    for tab in TABS:
        await visitor.go(f"{member}{tab}")
        await visitor.accessible()
