"""What phones have shown while locked: only what was sent, each once, several things as one."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.demo import phones
from backend.notifications import pushes, rendering, shown
from backend.notifications.catalogue import BY_ID
from tests import factories
from tests.notifications.factories import NOON, device, send

pytestmark = pytest.mark.db
FUND = "Prøvekassen"


async def _latest(session: AsyncSession, member: UUID) -> Sequence[shown.Shown]:
    return await shown.latest(session, member, fund=FUND)


async def test_what_was_sent_to_two_phones_is_shown_once_in_the_words_of_the_lock_screen(session: AsyncSession) -> None:
    member, other = (await factories.member(session)).id, (await factories.member(session)).id
    for _ in range(2):
        await device(session, member)
    await send(session, member)
    assert await _latest(session, member) == []
    await phones.send(session, now=NOON)
    [push] = await _latest(session, member)
    assert (push.title, push.body) == rendering.lock_screen(BY_ID["N28"], "da", {}, fund=FUND)
    assert push.at == NOON
    assert await _latest(session, other) == []


async def test_a_push_that_told_of_several_things_says_how_many(session: AsyncSession) -> None:
    member = (await factories.member(session)).id
    await device(session, member)
    await send(session, member)
    await phones.send(session, now=NOON)
    await send(session, member, period="p2", now=NOON + timedelta(days=1))
    await session.execute(
        text("UPDATE message SET carrier_id = (SELECT id FROM message WHERE period = 'p1') WHERE period = 'p2'")
    )
    [push] = await _latest(session, member)
    assert (push.category, "2" in push.title) == (pushes.SEVERAL, True)
