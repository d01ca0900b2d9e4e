"""Where a sign-in may lead back to, and what does not count as one."""

import pytest

from backend.web.signin import _own_path
from tests.web.conftest import Pages


@pytest.mark.parametrize("back", ["/me", "/staff/members?q=1", "/"])
def test_paths_of_ours_are_returned_to(back: str) -> None:
    assert _own_path(back) == back


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example", "me", "", "/a\nb"])
def test_nothing_else_is(back: str) -> None:
    assert _own_path(back) == "/"


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
