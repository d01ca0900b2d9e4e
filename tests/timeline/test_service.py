"""Items are named by member, kind and key: a repeated run adds nothing, a change is taken over, done is done."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.timeline import service
from backend.timeline.service import NewItem
from tests import factories

pytestmark = pytest.mark.db
NOW = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


async def stored(session: AsyncSession) -> list[dict[str, Any]]:
    found = await session.execute(text("SELECT * FROM timeline_item ORDER BY id"))
    return [dict(row) for row in found.mappings()]


async def test_adding_the_same_again_changes_nothing(session: AsyncSession) -> None:
    member = await factories.member(session)
    item = NewItem(member.id, "exemption", "e1", NOW, None, {"from_on": date(2026, 11, 2), "to_on": date(2026, 11, 8)})
    assert await service.add(session, [item, item], now=NOW) == 1
    first = await stored(session)
    assert first[0]["params"] == {"from_on": "2026-11-02", "to_on": "2026-11-08"}
    assert await service.add(session, [item], now=LATER) == 0
    assert await stored(session) == first


async def test_a_change_is_taken_over(session: AsyncSession) -> None:
    member = await factories.member(session)
    await service.add(session, [NewItem(member.id, "call_in_talk", "c1", NOW, None, {}, True)], now=NOW)
    moved = NewItem(member.id, "call_in_talk", "c1", LATER, LATER, {"place": "Vejle"}, True)
    assert await service.add(session, [moved], now=LATER) == 1
    [row] = await stored(session)
    assert (row["at"], row["due_at"], row["params"], row["updated_at"]) == (LATER, LATER, {"place": "Vejle"}, LATER)


async def test_done_stays_done_when_the_run_is_repeated_and_opens_with_new_content(session: AsyncSession) -> None:
    member = await factories.member(session)
    call = NewItem(member.id, "service_call", "r1", NOW, LATER, {}, True)
    await service.add(session, [call], now=NOW)
    assert await service.done(session, member.id, "service_call", "r1", now=LATER)
    assert not await service.done(session, member.id, "service_call", "r1", now=LATER)
    await service.add(session, [call], now=LATER)
    assert (await stored(session))[0]["done_at"] == LATER
    await service.add(session, [NewItem(member.id, "service_call", "r1", NOW, NOW + timedelta(9), {}, True)], now=LATER)
    assert (await stored(session))[0]["done_at"] is None


async def test_done_many_ticks_off_open_items_of_the_kind_only(session: AsyncSession) -> None:
    one, two = await factories.member(session), await factories.member(session)
    items = [
        NewItem(one.id, "service_call", "r1", NOW, needs_action=True),
        NewItem(one.id, "call_in_talk", "c1", NOW, needs_action=True),
        NewItem(two.id, "service_call", "r2", NOW, needs_action=True),
        NewItem(two.id, "service_call", "r3", LATER, needs_action=False),
        NewItem(two.id, "service_call", "r0", NOW, needs_action=True),
    ]
    await service.add(session, items, now=NOW)
    await service.done(session, two.id, "service_call", "r0", now=NOW, params={"state": "not_reached"})
    assert await service.done_many(session, [one.id], "service_call", now=LATER) == 1
    how = {"state": "improved"}
    assert await service.done_many(session, [one.id, two.id], "service_call", now=LATER, params=how) == 2
    assert await service.done_many(session, [], "service_call", now=LATER) == 0
    done = {row["key"]: (row["done_at"], row["params"]) for row in await stored(session) if row["done_at"]}
    assert done == {"r1": (LATER, {}), "r2": (LATER, how), "r3": (LATER, how), "r0": (NOW, {"state": "not_reached"})}


async def test_a_kind_without_texts_is_refused(session: AsyncSession) -> None:
    member = await factories.member(session)
    with pytest.raises(ValueError, match="no kind"):
        await service.add(session, [NewItem(member.id, "something", "x", NOW)], now=NOW)
