"""Answering: once, as much as one likes, with or without signing in; and who gets to see it."""

import asyncio
from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.engine import Sessions, transaction
from backend.errors import NotFound
from backend.surveys import answers, contact, links, texts
from backend.surveys.answers import Given
from backend.surveys.errors import AlreadyAnswered, NoSuchInvitation, NotAnAnswer, NothingAnswered
from tests import factories
from tests.surveys.builders import DAY, HOUR
from tests.surveys.factories import NOON, answer, invited, rows

pytestmark = pytest.mark.db


@pytest.fixture
async def asked(session: AsyncSession) -> answers.Open:
    [invitation_id] = await invited(session, 1, (await factories.branch(session)).id)
    return await answers.opened(session, invitation_id, now=NOON)


async def member_of(session: AsyncSession) -> dict[str, object]:
    [row] = await rows(session, "survey_invitation")
    return row


async def test_answers_are_rows(session: AsyncSession, asked: answers.Open) -> None:
    given = Given(codes={"Q9": ["5"], "Q2": ["0"]}, texts={"TEXT": "  Godt a\u030ar  "}, contact_wanted=True)
    response_id = await answers.submit(session, asked, given, now=NOON)
    by_key = {question.id: question.key for question in asked.questions}
    stored = {
        (by_key[row["question_id"]], row["code"], row["block_id"]) for row in await rows(session, "survey_answer")
    }
    assert stored == {("Q9", "5", None), ("Q2", "0", None)}
    [written] = await rows(session, "survey_text")
    assert (by_key[written["question_id"]], written["body"], written["redacted"]) == ("TEXT", "Godt år", None)
    [response] = await rows(session, "survey_response")
    assert (response["id"], response["contact_wanted"], response["submitted_at"]) == (response_id, True, NOON)


async def test_once_only(session: AsyncSession, asked: answers.Open) -> None:
    await answers.submit(session, asked, Given(codes={"Q9": ["5"]}), now=NOON)
    with pytest.raises(AlreadyAnswered):
        await answers.submit(session, asked, Given(codes={"Q9": ["1"]}), now=NOON)
    assert [row["code"] for row in await rows(session, "survey_answer")] == ["5"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (Given(codes={"Q9": ["6"]}), "answers.Q9"),
        (Given(codes={"Q9": ["5", "4"]}), "answers.Q9"),
        (Given(codes={"Q1": ["5"]}), "answers.Q1"),
        (Given(codes={"TEXT": ["5"]}), "answers.TEXT"),
        (Given(texts={"Q9": "fint"}), "answers.Q9"),
        (Given(texts={"TEXT": "x" * 2001}), "answers.TEXT"),
    ],
)
async def test_what_is_no_answer(session: AsyncSession, asked: answers.Open, given: Given, field: str) -> None:
    with pytest.raises(NotAnAnswer) as refused:
        await answers.submit(session, asked, given, now=NOON)
    assert refused.value.field == field
    assert await rows(session, "survey_response") == []


async def test_an_empty_answer_is_none_but_a_wish_alone_is_one(session: AsyncSession, asked: answers.Open) -> None:
    with pytest.raises(NothingAnswered):
        await answers.submit(session, asked, Given(codes={"Q9": []}, texts={"TEXT": " "}), now=NOON)
    await answers.submit(session, asked, Given(contact_wanted=True), now=NOON)
    [wish] = await contact.unhandled(session)
    assert await contact.said(session, wish.response_id, wish.member_id) == []


async def test_an_invitation_is_the_members_own_and_ends(session: AsyncSession, asked: answers.Open) -> None:
    member_id = (await member_of(session))["member_id"]
    other = await factories.member(session)
    assert [o.invitation_id for o in await answers.open_for(session, member_id, now=NOON)] == [asked.invitation_id]  # type: ignore[arg-type]
    with pytest.raises(NoSuchInvitation):
        await answers.opened(session, asked.invitation_id, now=NOON, member_id=other.id)
    with pytest.raises(NoSuchInvitation):
        await answers.opened(session, asked.invitation_id, now=NOON + 14 * DAY)
    assert await answers.open_for(session, other.id, now=NOON) == []


async def test_a_link_works_once_without_signing_in(session: AsyncSession, asked: answers.Open) -> None:
    old = await links.issue(session, asked.invitation_id, now=NOON)
    token = await links.issue(session, asked.invitation_id, now=NOON)
    row = await member_of(session)
    assert len(token) >= 40
    assert token not in str(row)
    assert row["token_hash"] == links.digest(token)
    for wrong in (old, "", "x" * 43, str(asked.invitation_id)):
        with pytest.raises(NoSuchInvitation):
            await links.invitation_of(session, wrong, now=NOON)
    assert await links.invitation_of(session, token, now=NOON) == asked.invitation_id
    with pytest.raises(NoSuchInvitation):
        await links.invitation_of(session, token, now=NOON + 14 * DAY)
    await answer(session, asked.invitation_id, "5")
    with pytest.raises(NoSuchInvitation):
        await links.invitation_of(session, token, now=NOON)
    with pytest.raises(NoSuchInvitation):
        await links.issue(session, asked.invitation_id, now=NOON)


async def test_single_answers_are_seen_only_by_wish(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    wants, not_ = await invited(session, 2, branch.id)
    wished = await answer(session, wants, {"Q9": ["2"]}, texts={"TEXT": "Ring til mig"}, contact_wanted=True)
    silent = await answer(session, not_, "1", texts={"TEXT": "Helst ikke"})
    [wish] = await contact.unhandled(session)
    assert (wish.response_id, wish.branch_id, wish.due_on) == (wished, branch.id, date(2026, 9, 16))
    said = await contact.said(session, wished, wish.member_id)
    assert [(one.question, one.codes, one.body) for one in said] == [("Q9", ("2",), None), ("TEXT", (), "Ring til mig")]
    owner = {row["id"]: row["member_id"] for row in await rows(session, "survey_invitation")}
    for response_id, member_id in ((silent, owner[not_]), (wished, owner[not_])):
        with pytest.raises(NotFound):
            await contact.said(session, response_id, member_id)


async def test_a_wish_is_followed_once(session: AsyncSession, asked: answers.Open) -> None:
    adviser = await factories.staff(session)
    response_id = await answers.submit(session, asked, Given(contact_wanted=True), now=NOON)
    assert await contact.handled(session, response_id, adviser.id, now=NOON + HOUR)
    assert not await contact.handled(session, response_id, adviser.id, now=NOON + DAY)
    assert await contact.unhandled(session) == []


async def test_texts_are_read_when_a_person_confirmed_them(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    karen = await factories.staff(session, branch_id=branch.id)
    for number, invitation in enumerate(await invited(session, 2, branch.id)):
        body = ["Karen fra 20304050", "Sørens tekst"][number]
        await answer(session, invitation, "5", texts={"TEXT": body}, now=NOON + number * HOUR)
    waiting = await texts.to_confirm(session, "E1")
    assert [[span.why for span in one.proposed] for one in waiting] == [["name", "phone"], ["name"]]
    first, second = waiting
    assert await texts.confirm(session, first.response_id, first.question_id, "Hun var god", karen.id, now=NOON)
    assert not await texts.confirm(session, first.response_id, first.question_id, "Igen", karen.id, now=NOON)
    assert [one.response_id for one in await texts.to_confirm(session, "E1")] == [second.response_id]
    assert await texts.shown(session, "E1") == [], "fewer than five answers are counted"


async def test_answers_at_the_same_moment_are_stored_once(fresh_sessions: Sessions) -> None:
    async with transaction(fresh_sessions) as session:
        [invitation_id] = await invited(session, 1, (await factories.branch(session)).id)

    async def attempt(code: str) -> bool:
        async with transaction(fresh_sessions) as session:
            try:
                await answer(session, invitation_id, code)
            except AlreadyAnswered:
                return False
            return True

    assert sum(await asyncio.gather(*(attempt(code) for code in "54321"))) == 1
