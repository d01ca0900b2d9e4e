"""The triage board and the member's pages, without a browser."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from backend.casework import tasks
from backend.members.tables import Member
from backend.notifications import service as messages
from backend.notifications.service import NewMessage
from tests import factories
from tests.casework.factories import call, call_in, rating
from tests.web.conftest import START, Pages

pytestmark = pytest.mark.db
BOARD = "/staff/members"


async def _adviser(pages: Pages, role: str = "adviser", **values: Any) -> tuple[Member, str]:
    """A member, and the form token of somebody of their branch who signed in."""
    async with pages.sessions() as session:
        member = await factories.member(session, **({"colour": "red"} | values))
        staff = await factories.staff(session, role=role, branch_id=member.branch_id)
        if role == "job_consultant":
            member.adviser_id = staff.id
        await session.commit()
        claims = {"sub": staff.staff_no, "staff_no": staff.staff_no, "jobvej.roles": [role]}
        return member, await pages.sign_in("staff", claims)


async def _another(pages: Pages, member: Member, **values: Any) -> Member:
    async with pages.sessions() as session:
        other = await factories.member(session, **({"branch_id": member.branch_id} | values))
        await session.commit()
        return other


async def test_the_board_tells_colour_by_word_and_shape_and_what_is_owed(pages: Pages) -> None:
    member, _ = await _adviser(pages)
    async with pages.sessions() as session:
        await call(session, member.id)
        await tasks.open_many(session, [tasks.NewTask(member.id, "contact_me", "1", START.date())], now=START)
        await session.execute(text("UPDATE rating_current SET ratios = '{100,50,0}', trend = -0.5"))
        await session.commit()
    shown = (await pages.client.get(BOARD, headers={"accept-language": "en"})).text
    row = shown[shown.index(f"row-{member.id}") :]
    for part in ("Yellow", '<rect x="3"', "A call", "100 %, 50 %, 0 %", "Falling", "first by 4 November"):
        assert part in row, part


async def test_the_rows_come_again_only_when_something_changed(pages: Pages) -> None:
    member, _ = await _adviser(pages)
    first = await pages.client.get(BOARD, headers={"hx-request": "true"})
    assert "<html" not in first.text
    held = {"hx-request": "true", "if-none-match": first.headers["etag"]}
    assert (await pages.client.get(BOARD, headers=held)).status_code == 304
    async with pages.sessions() as session:
        await call(session, member.id)
        await session.commit()
    again = await pages.client.get(BOARD, headers=held)
    assert (again.status_code, again.headers["etag"] == first.headers["etag"]) == (200, False)


async def test_the_view_is_kept_for_the_person_who_chose_it(pages: Pages) -> None:
    red, _ = await _adviser(pages)
    green = await _another(pages, red, colour="green")
    chosen = await pages.client.get(f"{BOARD}?view=1&colour=green&colour=made-up")
    assert str(red.id) not in chosen.text
    kept = await pages.client.get(BOARD)
    assert (str(green.id) in kept.text, str(red.id) in kept.text) == (True, False)
    assert str(red.id) in (await pages.client.get(f"{BOARD}?view=1")).text
    await pages.client.get(f"{BOARD}?view=1&colour=green")
    theirs, _ = await _adviser(pages)
    assert str(theirs.id) in (await pages.client.get(BOARD)).text, "a colleague at the same computer sees everybody"


async def test_a_name_is_searched_for_without_standing_in_an_address(pages: Pages) -> None:
    member, token = await _adviser(pages, search_key="bo lund")
    other = await _another(pages, member, colour="red", search_key="åse kjær")
    answer = await pages.client.post(f"{BOARD}/search", data={"search": "Åse", "form_token": token})
    assert (answer.status_code, str(other.id) in answer.text, str(member.id) in answer.text) == (200, True, False)
    assert "search=" not in answer.text
    empty = await pages.client.post(f"{BOARD}/search", data={"search": "", "colour": "red", "form_token": token})
    assert (empty.status_code, empty.headers["location"]) == (303, f"{BOARD}?view=1&colour=red")


async def test_the_pages_of_the_list_meet_everybody_once(pages: Pages) -> None:
    member, _ = await _adviser(pages)
    everybody = {str(member.id)} | {str((await _another(pages, member, colour="red")).id) for _ in range(26)}
    first = (await pages.client.get(BOARD)).text
    following = first.split('id="board-more" href="')[1].split('"')[0].replace("&amp;", "&")
    second = (await pages.client.get(following)).text
    seen = [one.split('"')[0] for part in (first, second) for one in part.split('id="row-')[1:]]
    assert (len(seen), set(seen)) == (27, everybody)


async def test_more_members_on_the_board_cost_no_more_queries(pages: Pages) -> None:
    member, _ = await _adviser(pages)
    counts = []
    for _ in range(2):
        seen: list[object] = []

        def note(*_arguments: object, seen: list[object] = seen) -> None:
            seen.append(1)

        event.listen(Engine, "before_cursor_execute", note)
        await pages.client.get(BOARD)
        event.remove(Engine, "before_cursor_execute", note)
        counts.append(len(seen))
        for _ in range(3):
            await _another(pages, member, colour="red")
    assert counts[0] == counts[1]


@pytest.mark.parametrize("role", ["adviser", "job_consultant"])
async def test_every_page_about_a_member_opens(pages: Pages, role: str) -> None:
    member, _ = await _adviser(pages, role)
    async with pages.sessions() as session:
        await rating(session, member.id, counted=3)
        await call(session, member.id)
        await call_in(session, member.id)
        await session.commit()
    for path in ("", "/timeline", "/log?status=applied&from=2026-01-01&to=", "/ratings?on=2026-12-01", "/plan",
                 "/talks", "/messages", "/decisions"):  # fmt: skip
        answer = await pages.client.get(f"{BOARD}/{member.id}{path}", headers={"accept-language": "en"})
        assert answer.status_code == 200, path
        assert ("Set the colour by hand" in answer.text) == (path == "/decisions" and role == "adviser")


async def test_the_way_of_a_message_is_put_below_it(pages: Pages) -> None:
    member, _ = await _adviser(pages)
    async with pages.sessions() as session:
        await messages.send(session, [NewMessage(member.id, "N10", "1", {"n": 2}, {"colour": "red"})], now=START)
        message_id: UUID = (await session.execute(text("SELECT id FROM message"))).scalar_one()
        await session.commit()
    url = f"{BOARD}/{member.id}/messages"
    assert f"{url}/{message_id}" in (await pages.client.get(url)).text
    part = await pages.client.get(f"{url}/{message_id}", headers={"hx-request": "true", "accept-language": "en"})
    assert ("<html" in part.text, "Written" in part.text) == (False, True)
    assert "<html" in (await pages.client.get(f"{url}/{message_id}")).text


async def test_a_colour_is_set_by_hand_and_ended(pages: Pages) -> None:
    member, token = await _adviser(pages)
    url = f"{BOARD}/{member.id}/decisions"
    form = {"form_token": token, "colour": "green", "until": "2026-11-10", "override_reason": "The employer confirmed."}
    missing = await pages.client.post(f"{url}/override", data=form | {"override_reason": ""})
    assert (missing.status_code, 'aria-describedby="override_reason-error' in missing.text) == (422, True)
    assert (await pages.client.post(f"{url}/override", data=form)).status_code == 303
    assert "The employer confirmed." in (await pages.client.get(url)).text
    assert (await pages.client.post(f"{url}/override/end", data={"form_token": token})).status_code == 303
    async with pages.sessions() as session:
        ended = await session.scalar(text("SELECT ended_at IS NOT NULL FROM rating_override"))
    assert ended


async def test_an_exemption_is_given_shortened_and_taken_back(pages: Pages) -> None:
    member, token = await _adviser(pages)
    url = f"{BOARD}/{member.id}/decisions"
    form = {"form_token": token, "type": "ferie", "from_on": "2026-11-04", "to_on": "2026-11-01"}
    wrong = await pages.client.post(f"{url}/exemptions", data=form)
    assert (wrong.status_code, 'id="to_on-error"' in wrong.text) == (422, True)
    assert (await pages.client.post(f"{url}/exemptions", data=form | {"to_on": "2026-11-20"})).status_code == 303
    async with pages.sessions() as session:
        exemption = await session.scalar(text("SELECT id FROM exemption"))
    ends = (START + timedelta(days=2)).date().isoformat()
    one = f"{url}/exemptions/{exemption}"
    field = f"end-{exemption}"
    late = await pages.client.post(f"{one}/end", data={"form_token": token, field: "2027-01-01"})
    assert (late.status_code, f'id="{field}-error"' in late.text) == (422, True)
    assert (await pages.client.post(f"{one}/end", data={"form_token": token, field: ends})).status_code == 303
    assert (await pages.client.post(f"{one}/cancel", data={"form_token": token})).status_code == 303
    async with pages.sessions() as session:
        row = (await session.execute(text("SELECT to_on, cancelled_at FROM exemption"))).one()
    assert (row.to_on.isoformat(), row.cancelled_at is not None) == (ends, True)


async def test_a_member_of_another_branch_is_not_found(pages: Pages) -> None:
    await _adviser(pages)
    async with pages.sessions() as session:
        stranger = await factories.member(session, colour="red", branch_id=(await factories.branch(session)).id)
        await session.commit()
    assert (await pages.client.get(f"{BOARD}/{stranger.id}")).status_code == 404
    assert str(stranger.id) not in (await pages.client.get(BOARD)).text
