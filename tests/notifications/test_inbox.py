"""The inbox: newest first, page by page, in the reader's language, with a read state of its own."""

from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.db.types import new_id
from backend.errors import NotFound
from backend.notifications import inbox
from tests import factories
from tests.notifications.factories import NOON, send

pytestmark = pytest.mark.db
FUND = "Metal A-kasse"
LATER = NOON + timedelta(hours=1)


async def test_pages_follow_each_other_without_gap_or_repeat(session: AsyncSession) -> None:
    member, other = await factories.member(session), await factories.member(session)
    for number in range(7):
        await send(session, member.id, other.id, period=f"p{number}", now=NOON + timedelta(minutes=number))
    seen, before = [], None
    while page := await inbox.page(session, member.id, language="da", fund=FUND, before=before, limit=3):
        seen += [letter.at for letter in page]
        before = page[-1].id
    assert seen == [NOON + timedelta(minutes=number) for number in reversed(range(7))]


async def test_it_is_written_in_the_language_asked_for_with_the_branch_phone(session: AsyncSession) -> None:
    branch = await factories.branch(session, phone="75 11 22 33")
    member = await factories.member(session, branch_id=branch.id)
    await send(session, member.id, key="N11", cause={"colour": "yellow"})
    [letter] = await inbox.page(session, member.id, language="en", fund=FUND)
    assert (letter.key, letter.category, letter.title) == ("N11", "rating", "Let's have a chat")
    assert "75 11 22 33" in letter.body
    assert letter.valid_until == NOON + timedelta(days=14)


async def test_reading_and_unreading(session: AsyncSession) -> None:
    member = await factories.member(session)
    await send(session, member.id, period="a")
    await send(session, member.id, period="b")
    assert await inbox.unread(session, member.id) == 2
    letter = (await inbox.page(session, member.id, language="da", fund=FUND))[0]
    await inbox.mark(session, member.id, letter.id, read=True, now=NOON)
    await inbox.mark(session, member.id, letter.id, read=True, now=LATER)
    got = await inbox.get(session, member.id, letter.id, language="da", fund=FUND)
    assert got.read_at == NOON
    assert await inbox.unread(session, member.id) == 1
    await inbox.mark(session, member.id, letter.id, read=False, now=LATER)
    assert await inbox.unread(session, member.id) == 2
    assert await inbox.mark_all_read(session, member.id, now=LATER) == 2
    assert await inbox.unread(session, member.id) == 0


async def test_a_legal_notice_is_read_by_opening_its_letter_and_by_nothing_else(session: AsyncSession) -> None:
    member = await factories.member(session)
    await send(session, member.id, key="N30")
    [letter] = await inbox.page(session, member.id, language="da", fund=FUND)
    await inbox.mark(session, member.id, letter.id, read=True, now=NOON)
    assert await inbox.mark_all_read(session, member.id, now=NOON) == 0
    assert await inbox.unread(session, member.id) == 1
    await inbox.open_letter(session, member.id, letter.id, now=NOON)
    await inbox.open_letter(session, member.id, letter.id, now=LATER)
    await inbox.mark(session, member.id, letter.id, read=False, now=LATER)
    assert (await inbox.get(session, member.id, letter.id, language="da", fund=FUND)).read_at == NOON


async def test_anothers_message_is_not_there(session: AsyncSession) -> None:
    member, other = await factories.member(session), await factories.member(session)
    await send(session, member.id)
    [letter] = await inbox.page(session, member.id, language="da", fund=FUND)
    for message in (letter.id, new_id()):
        with pytest.raises(NotFound):
            await inbox.get(session, other.id, message, language="da", fund=FUND)
        with pytest.raises(NotFound):
            await inbox.mark(session, other.id, message, read=True, now=NOON)
    assert await inbox.unread(session, member.id) == 1


async def test_a_page_is_one_statement_whatever_its_size(session: AsyncSession, engine: AsyncEngine) -> None:
    member = await factories.member(session)
    statements = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    counts = []
    for number in range(2):
        await send(session, *[member.id], period=f"{number}")
        statements.clear()
        await inbox.page(session, member.id, language="da", fund=FUND)
        counts.append(len(statements))
    assert counts == [1, 1]
