"""The triage board by keyboard alone, and a decision about a member from it, to its effect in the database."""

import pytest
from sqlalchemy import text

from tests.browser.conftest import Visitor, Visits

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.xdist_group("browser")]
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
    assert await _set_by_hand(visitor, member) == "yellow"


async def test_the_board_updates_itself_but_not_while_somebody_types(visits: Visits) -> None:
    visitor = await visits.as_("a coordinator")
    page = visitor.page
    await visitor.go("/staff/members?view=1&colour=green")
    row = page.locator("tbody tr").first
    member = (await row.get_attribute("id") or "").removeprefix("row-")
    asked: list[int] = []
    page.on("response", lambda one: asked.append(one.status) if one.request.headers.get("hx-request") else None)
    for _ in range(5):  # the browser may not have kept the first answer yet when it asks for the second
        async with page.expect_response(lambda one: "hx-request" in one.request.headers):
            await page.evaluate(POLL)
        if asked[-1] == 304:
            break
    assert (asked[0], asked[-1]) == (200, 304)
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
    assert asked[asked.index(304) :] == [304, 200], "while somebody types nothing is asked"
    assert await page.locator("#board-more").evaluate("one => one === document.activeElement"), "focus stays"


async def test_on_a_phone_a_member_is_found_and_a_colour_is_set(visits: Visits) -> None:
    visitor = await visits.as_("an adviser", phone=True, language="en")
    page = visitor.page
    await visitor.go("/staff/members?view=1")
    name = await page.locator(".board-link").nth(1).inner_text()
    await page.locator("#search").fill(name)
    await page.get_by_role("button", name="Find", exact=True).click()
    await page.wait_for_url("**/staff/members/search")
    await visitor.accessible()
    await page.get_by_role("link", name=name).first.click()
    member = page.url.rpartition("/")[2]
    await page.get_by_role("link", name="Exemptions and colour").click()
    await page.locator("#colour-yellow").check()
    await page.locator("#until").fill((await page.evaluate("new Date(Date.now() + 9e8).toISOString()"))[:10])
    await page.locator("#override_reason").fill("The practical training was not noted.")
    await page.get_by_role("button", name="Set the colour").click()
    await page.get_by_text("The practical training was not noted.").first.wait_for()
    await visitor.accessible()
    assert await _set_by_hand(visitor, member) == "yellow"


async def _set_by_hand(visitor: Visitor, member: str) -> str | None:
    statement = text("SELECT colour FROM rating_override WHERE member_id = :id AND ended_at IS NULL")
    async with visitor.site.sessions() as session:
        found: str | None = await session.scalar(statement, {"id": member})
    return found
