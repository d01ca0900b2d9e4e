"""Pages both ways from an instant, without gap or repeat, and what is still to be done."""

from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.timeline import queries, service
from backend.timeline.queries import Place
from backend.timeline.service import NewItem
from tests import factories

pytestmark = pytest.mark.db
NOW = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def walk(session: AsyncSession, member: UUID, towards: Literal["past", "coming"]) -> list[str]:
    keys: list[str] = []
    start: datetime | Place = NOW
    while found := await queries.page(session, member, towards=towards, start=start, limit=2):
        keys += [item.key for item in found]
        start = Place(found[-1].at, found[-1].id)
    return keys


async def test_pages_both_ways_cover_everything_once_in_order(session: AsyncSession) -> None:
    member, other = await factories.member(session), await factories.member(session)
    hours = [-3, -2, -2, -2, -1, 0, 0, 1, 2]
    items = [
        NewItem(who.id, "welcome", f"{number} {hour}", NOW + hour * HOUR)
        for who in (member, other)
        for number, hour in enumerate(hours)
    ]
    await service.add(session, items, now=NOW)
    past, coming = await walk(session, member.id, "past"), await walk(session, member.id, "coming")
    assert sorted(past + coming) == sorted(f"{number} {hour}" for number, hour in enumerate(hours))
    assert [int(key.split()[1]) for key in past] == [-1, -2, -2, -2, -3]
    assert [int(key.split()[1]) for key in coming] == [0, 0, 1, 2]


async def test_open_actions_by_deadline(session: AsyncSession) -> None:
    member = await factories.member(session)
    await service.add(
        session,
        [
            NewItem(member.id, "service_call", "no deadline", NOW, None, {}, True),
            NewItem(member.id, "service_call", "late", NOW, NOW + 2 * HOUR, {}, True),
            NewItem(member.id, "call_in_talk", "soon", NOW, NOW + HOUR, {}, True),
            NewItem(member.id, "call_in_talk", "done", NOW, NOW, {}, True),
            NewItem(member.id, "welcome", "nothing to do", NOW),
        ],
        now=NOW,
    )
    await service.done(session, member.id, "call_in_talk", "done", now=NOW + HOUR)
    assert [item.key for item in await queries.open_actions(session, member.id)] == ["soon", "late", "no deadline"]
    assert await queries.last_change(session, member.id) == NOW + HOUR


async def test_an_empty_timeline(session: AsyncSession) -> None:
    member = await factories.member(session)
    assert await walk(session, member.id, "past") == []
    assert await queries.open_actions(session, member.id) == []
    assert await queries.last_change(session, member.id) is None
