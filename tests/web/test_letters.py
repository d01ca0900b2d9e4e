"""A hearing and a decision as pages: written, read with a pause, sent; the answer noted before the decision."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from tests import factories
from tests.web.conftest import Pages
from tests.web.test_cases import signed_in

pytestmark = pytest.mark.db
HEARING = {"kind": "hearing", "matter": "The talk on 3 November", "grounds": "No word came", "answer_by": "2026-11-13"}
DECISION = {"kind": "decision", "matter": "The talk", "grounds": "No word came", "decision": "No benefit that day",
            "rules": "§ 62", "without_hearing": ""}  # fmt: skip


async def read_and_send(pages: Pages, one: str, token: dict[str, str]) -> int:
    """The letter opened, read for long enough, and sent; the answer's status."""
    assert (await pages.client.post(f"{one}/open", data=token)).status_code == 303
    assert 'data-wait="10"' in (await pages.client.get(one)).text
    hurried = await pages.client.post(f"{one}/send", data=token | {"version": "1"})
    assert (hurried.status_code, "Take your time" in hurried.text) == (422, True)
    pages.wait(timedelta(seconds=10))
    return (await pages.client.post(f"{one}/send", data=token | {"version": "1"})).status_code


async def test_a_hearing_then_a_decision(pages: Pages, session: AsyncSession) -> None:
    member = await factories.member(session)
    base = f"/staff/members/{member.id}"
    token = await signed_in(pages, session, "adviser", member.branch_id)
    wrong = await pages.client.post(f"{base}/messages/letters/new", data=token | HEARING | {"answer_by": "2026-11-06"})
    assert (wrong.status_code, 'id="answer_by-error"' in wrong.text, "No word came" in wrong.text) == (422, True, True)
    hearing = (await pages.client.post(f"{base}/messages/letters/new", data=token | HEARING)).headers["location"]
    assert await read_and_send(pages, hearing, token) == 303
    shown = (await pages.client.get(f"{base}/messages")).text
    assert hearing in shown
    notice = await session.scalar(text("SELECT id FROM notice"))
    answered = token | {"kind": "explanation", "note": "I was ill"}
    empty = await pages.client.post(f"{base}/notices/{notice}/notes", data=answered | {"note": ""})
    assert (empty.status_code, 'id="note-error"' in empty.text) == (422, True)
    assert (await pages.client.post(f"{base}/notices/{notice}/notes", data=answered)).status_code == 303
    assert "I was ill" in (await pages.client.get(f"{base}/notices/{notice}")).text
    heard = DECISION | {"hearing_id": hearing.rpartition("/")[2]}
    one = (await pages.client.post(f"{base}/messages/letters/new", data=token | heard)).headers["location"]
    await pages.client.post(f"{one}/open", data=token)
    assert "Send the letter" not in (await pages.client.get(one)).text, "its author does not send a decision"
    token = await signed_in(pages, session, "coordinator", None)
    task = await session.scalar(text("SELECT id FROM task WHERE kind = 'decision_letter' AND state = 'open'"))
    assert one in (await pages.client.get(f"/staff/tasks/{task}")).text, "who is asked to read it finds it"
    edited = await pages.client.get(f"{one}/edit")
    assert "No benefit that day" in edited.text
    assert await read_and_send(pages, one, token) == 303
    assert "Evidence (ZIP)" in (await pages.client.get(one)).text
    found = await session.scalars(text("SELECT template FROM notice ORDER BY id"))
    assert list(found) == ["hearing", "decision"]
