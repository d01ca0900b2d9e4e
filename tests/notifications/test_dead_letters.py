"""What was given up can be looked at and tried again, once, while it is worth sending."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.engine import Sessions, transaction
from backend.db.types import new_id
from backend.errors import NotFound
from backend.notifications import dead_letters, devices, trail
from backend.notifications.dead_letters import Filters
from backend.notifications.errors import NotReplayable
from tests import factories
from tests.notifications.factories import NOON, device, rows, send
from tests.notifications.test_outbox import claim, record

pytestmark = pytest.mark.db
ALL = Filters()
HOUR = timedelta(hours=1)


async def rejected(session: AsyncSession, code: str = "INVALID_ARGUMENT", **values: Any) -> UUID:
    """A push that was refused; the member it was for."""
    member = await factories.member(session, **values)
    await device(session, member.id)
    await send(session, member.id)
    await record(session, await claim(session), "rejected", error_code=code)
    return member.id


async def test_what_was_refused_is_listed_with_its_reason_and_without_a_token(session: AsyncSession) -> None:
    member = await rejected(session)
    [found] = await dead_letters.page(session, ALL, now=NOON)
    assert (found.member_id, found.key, found.channel, found.state) == (member, "N28", "push", "rejected")
    assert (found.reason, found.attempts, found.replays, found.replayable) == ("INVALID_ARGUMENT", 1, 0, True)
    [phone] = await rows(session, "device")
    assert phone["token"] not in str(found)


async def test_what_was_meant_to_end_is_no_dead_letter(session: AsyncSession) -> None:
    member = await factories.member(session)
    await device(session, member.id)
    await send(session, member.id)
    await record(session, await claim(session), provider_id="p")
    assert await dead_letters.page(session, ALL, now=NOON) == []


async def test_replayed_it_is_tried_again_under_its_own_id_and_how_it_ended_is_kept(session: AsyncSession) -> None:
    member, staff = await rejected(session), await factories.staff(session, role="coordinator")
    [found] = await dead_letters.page(session, ALL, now=NOON)
    assert await dead_letters.replay_one(session, found.id, staff_id=staff.id, now=NOON + HOUR) == member
    with pytest.raises(NotFound):
        await dead_letters.replay_one(session, found.id, staff_id=staff.id, now=NOON + HOUR)
    again = await claim(session, NOON + HOUR)
    assert [(row.id, row.attempts) for row in again.rows] == [(found.id, 2)]
    await record(session, again, provider_id="p", now=NOON + HOUR)
    [kept] = await rows(session, "delivery_replay")
    assert (kept["state"], kept["last_error"], kept["staff_id"], kept["at"]) == (
        "rejected",
        "INVALID_ARGUMENT",
        staff.id,
        NOON + HOUR,
    )
    assert [row["state"] for row in await rows(session, "delivery_done")] == ["sent"]


async def test_what_is_out_of_date_or_has_no_phone_any_more_stays_where_it_is(session: AsyncSession) -> None:
    member = await rejected(session)
    [found] = await dead_letters.page(session, ALL, now=NOON)
    with pytest.raises(NotReplayable):
        await dead_letters.replay_one(session, found.id, staff_id=None, now=found.valid_until)
    await devices.sign_out(session, member, (await rows(session, "device"))[0]["id"], now=NOON)
    with pytest.raises(NotReplayable):
        await dead_letters.replay_one(session, found.id, staff_id=None, now=NOON)
    assert await dead_letters.replay(session, ALL, staff_id=None, now=NOON) == 0
    assert [one.replayable for one in await dead_letters.page(session, ALL, now=NOON)] == [False]
    with pytest.raises(NotFound):
        await dead_letters.replay_one(session, new_id(), staff_id=None, now=NOON)


async def test_all_of_one_reason_are_tried_again_and_no_others(session: AsyncSession) -> None:
    for code in ("INVALID_ARGUMENT", "INVALID_ARGUMENT", "SENDER_ID_MISMATCH"):
        await rejected(session, code)
    only = Filters(reason="INVALID_ARGUMENT")
    assert await dead_letters.replay(session, only, staff_id=None, now=NOON) == 2
    assert await dead_letters.replay(session, only, staff_id=None, now=NOON) == 0
    assert [one.reason for one in await dead_letters.page(session, ALL, now=NOON)] == ["SENDER_ID_MISMATCH"]
    assert await dead_letters.page(session, Filters(channel="sms"), now=NOON) == []
    assert await dead_letters.page(session, Filters(state="expired"), now=NOON) == []


async def test_pages_are_whole_and_hold_nothing_twice(session: AsyncSession) -> None:
    for _ in range(5):
        await rejected(session)
    seen, after = [], None
    while found := await dead_letters.page(session, ALL, now=NOON, after=after, limit=2):
        seen += [one.id for one in found]
        after = found[-1].position
    assert len(seen) == len(set(seen)) == 5


async def test_two_who_replay_at_once_send_it_once(fresh_sessions: Sessions) -> None:
    async with transaction(fresh_sessions) as session:
        for _ in range(10):
            await rejected(session)

    async def replay() -> int:
        async with transaction(fresh_sessions) as session:
            return await dead_letters.replay(session, ALL, staff_id=None, now=NOON)

    assert sum(await asyncio.gather(*(replay() for _ in range(4)))) == 10
    async with fresh_sessions() as session:
        assert len(await rows(session, "delivery")) == len(await rows(session, "delivery_replay")) == 10


async def test_the_way_of_a_message_tells_all_of_it_in_order(session: AsyncSession) -> None:
    member = await rejected(session)
    [found] = await dead_letters.page(session, ALL, now=NOON)
    await dead_letters.replay_one(session, found.id, staff_id=None, now=NOON + HOUR)
    events = await trail.of_message(session, found.message_id)
    assert [(one.at, one.what, one.channel, one.reason) for one in events] == [
        (NOON, "created", None, None),
        (NOON, "ended", "push", "INVALID_ARGUMENT"),
        (NOON + HOUR, "replayed", "push", None),
        (NOON + HOUR, "waiting", "push", "INVALID_ARGUMENT"),
    ]
    assert await trail.of_message(session, found.message_id, member_id=member) == events
    with pytest.raises(NotFound):
        await trail.of_message(session, found.message_id, member_id=new_id())
