"""Who is signed in, what another site may not send, and what a browser is told."""

from datetime import timedelta

import pytest

from tests import factories
from tests.web.conftest import Pages

pytestmark = pytest.mark.db
ENTRY = {"employer": "Værftet", "title": "Svejser", "applied_on": "2026-11-03", "channel": "posted"}


async def _member(pages: Pages) -> str:
    async with pages.sessions() as session:
        member = await factories.member(session)
        await session.commit()
        return await pages.sign_in("member", {"sub": "m", "member_no": member.member_no})


async def test_a_form_with_the_sessions_token_is_taken(pages: Pages) -> None:
    token = await _member(pages)
    answer = await pages.client.post("/me/log/new", data=ENTRY | {"form_token": token})
    assert (answer.status_code, answer.headers["location"].split("=")[0]) == (303, "/me/log?logged")


@pytest.mark.parametrize("token", ["", "another"])
async def test_a_form_without_it_is_refused_and_does_nothing(pages: Pages, token: str) -> None:
    await _member(pages)
    answer = await pages.client.post("/me/log/new", data=ENTRY | {"form_token": token})
    assert answer.status_code == 403
    assert "Værftet" not in (await pages.client.get("/me/log")).text


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}])
async def test_what_another_site_sends_is_refused_even_with_a_token(pages: Pages, headers: dict[str, str]) -> None:
    token = await _member(pages)
    answer = await pages.client.post("/me/log/new", data=ENTRY | {"form_token": token}, headers=headers)
    assert answer.status_code == 403


async def test_who_is_not_signed_in_is_sent_to_sign_in_and_comes_back(pages: Pages) -> None:
    answer = await pages.client.get("/me/log?cursor=x")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?back=/me/log%3Fcursor%3Dx")


async def test_a_session_left_idle_or_too_old_has_ended(pages: Pages) -> None:
    await _member(pages)
    for _ in range(2):
        pages.wait(timedelta(minutes=29))
        assert (await pages.client.get("/me")).status_code == 200
    pages.wait(timedelta(minutes=29))
    assert (await pages.client.get("/me")).status_code == 303


async def test_signing_out_ends_the_session_on_the_server(pages: Pages) -> None:
    token = await _member(pages)
    cookie = pages.client.cookies["jobvej_session"]
    assert (await pages.client.post("/sign-out", data={"form_token": token})).status_code == 303
    pages.client.cookies.set("jobvej_session", cookie)
    assert (await pages.client.get("/me")).status_code == 303


async def test_a_member_finds_no_staff_pages(pages: Pages) -> None:
    await _member(pages)
    assert (await pages.client.get("/staff")).status_code == 404


async def test_no_page_runs_a_script_or_style_of_anybody_else(pages: Pages) -> None:
    answer = await pages.client.get("/")
    policy = answer.headers["content-security-policy"]
    assert "unsafe-inline" not in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"


async def test_claims_in_a_header_mean_nothing(pages: Pages) -> None:
    answer = await pages.client.get("/v1/me", headers={"jobvej.claims": '{"sub": "x", "member_no": "1"}'})
    assert answer.status_code == 401
