"""A message is stored once, with its inbox entry and a delivery for each device, in the caller's transaction."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.notifications import service
from backend.notifications.service import NewMessage
from tests import factories
from tests.notifications.factories import NOON, device, rows, send

pytestmark = pytest.mark.db


async def test_a_message_reaches_the_inbox_and_every_device(session: AsyncSession) -> None:
    member = await factories.member(session)
    phones = {(await device(session, member.id)).id for _ in range(2)}
    await device(session, member.id, revoked_at=NOON, revoked_reason="signed_out")

    assert await send(session, member.id, key="N31", params={"name": "Karen"}, cause={"dispute_id": "d1"}) == 1

    [message] = await rows(session, "message")
    assert (message["member_id"], message["key"], message["klass"]) == (member.id, "N31", "S")
    assert (message["params"], message["cause"]) == ({"name": "Karen"}, {"dispute_id": "d1"})
    assert message["valid_until"] == NOON + timedelta(days=14)
    [entry] = await rows(session, "inbox_entry")
    assert (entry["message_id"], entry["member_id"], entry["at"]) == (message["id"], member.id, NOON)
    deliveries = await rows(session, "delivery")
    assert {row["device_id"] for row in deliveries} == phones
    assert {(row["state"], row["due_at"], row["attempts"]) for row in deliveries} == {("due", NOON, 0)}


async def test_the_same_message_again_adds_nothing(session: AsyncSession) -> None:
    member = await factories.member(session)
    await device(session, member.id)
    assert await send(session, member.id, member.id) == 1
    await device(session, member.id)
    assert await send(session, member.id, now=NOON + timedelta(hours=1)) == 0
    assert len(await rows(session, "message")) == len(await rows(session, "inbox_entry")) == 1
    assert len(await rows(session, "delivery")) == 1


async def test_another_period_is_another_message(session: AsyncSession) -> None:
    member = await factories.member(session)
    assert await send(session, member.id, period="week 46") == 1
    assert await send(session, member.id, period="week 47") == 1


async def test_a_device_can_be_left_out(session: AsyncSession) -> None:
    member = await factories.member(session)
    old, new = await device(session, member.id), await device(session, member.id)
    await send(session, member.id, key="N32", params={"device": "Pixel 9"}, not_to=new.id)
    assert [row["device_id"] for row in await rows(session, "delivery")] == [old.id]


async def test_what_is_sent_at_night_is_due_in_the_morning(session: AsyncSession) -> None:
    member = await factories.member(session)
    await device(session, member.id)
    await send(session, member.id, now=datetime(2026, 11, 18, 21, 0, tzinfo=UTC))
    [row] = await rows(session, "delivery")
    opens = datetime(2026, 11, 19, 7, 30, tzinfo=UTC)
    assert opens <= row["due_at"] < opens + timedelta(minutes=10)


async def test_a_faulty_message_is_refused_before_anything_is_stored(session: AsyncSession) -> None:
    member = await factories.member(session)
    good = NewMessage(member.id, "N28", "p")
    for bad in (
        NewMessage(member.id, "N99", "p"),
        NewMessage(member.id, "N10", "p", params={"n": "two"}, cause={"colour": "green"}),
        NewMessage(member.id, "N10", "p", params={}, cause={"colour": "green"}),
        NewMessage(member.id, "N28", "p", params={"more": 1}),
        NewMessage(member.id, "N11", "p"),
        NewMessage(member.id, "N12", "no id of a call", {"day": date(2026, 11, 19)}),
    ):
        with pytest.raises(ValueError, match=r"N|badly formed"):
            await service.send(session, [good, bad], now=NOON)
    assert await rows(session, "message") == []


async def test_nothing_to_send_asks_the_database_nothing(session: AsyncSession) -> None:
    assert await service.send(session, [], now=NOON) == 0
    assert not session.in_transaction()
