"""Where a sign-in may lead back to, and what does not count as one."""

import re

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.web.signin import own_path
from tests import factories
from tests.web.conftest import Pages


@pytest.mark.parametrize("back", ["/me", "/staff/members?q=1", "/"])
def test_paths_of_ours_are_returned_to(back: str) -> None:
    assert own_path(back) == back


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example", "me", "", "/a\nb"])
def test_nothing_else_is(back: str) -> None:
    assert own_path(back) == "/"


@pytest.mark.db
async def test_a_code_that_nobody_asked_for_signs_nobody_in(pages: Pages) -> None:
    answer = await pages.client.get("/signed-in?code=x&state=y")
    assert answer.status_code == 502
    assert "jobvej_session" not in pages.client.cookies


@pytest.mark.db
async def test_the_language_is_kept_by_the_browser(pages: Pages) -> None:
    answer = await pages.client.get("/language/en?back=/")
    assert answer.headers["location"] == "/"
    assert 'lang="en"' in (await pages.client.get("/", headers={"accept-language": "da"})).text
    assert (await pages.client.get("/language/xx")).status_code == 404


@pytest.mark.db
async def test_whoever_wanted_a_page_is_asked_who_they_want_to_be_and_comes_back_to_it(
    pages: Pages, session: AsyncSession
) -> None:
    member = await factories.member(session)
    await factories.staff(session, role="adviser", branch_id=member.branch_id)
    await session.commit()
    sent = await pages.client.get("/staff/tasks?show=mine", follow_redirects=True)
    assert sent.url.path == "/"
    ways = re.findall(r'href="(/sign-in[^"]*)"', sent.text)
    assert [("back=/staff/tasks%3Fshow%3Dmine" in way) for way in ways] == [("staff%3A" in way) for way in ways]
    assert any("staff%3A" in way for way in ways)
