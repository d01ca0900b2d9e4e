"""Somebody is told when deliveries do not go as they should, and when they do again."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import metrics
from backend.delivery.types import Outcome
from backend.jobs import watch
from backend.notifications import channels, health, sending
from tests import factories
from tests.notifications.factories import NOON, device, rows, send
from tests.notifications.test_outbox import claim, record

pytestmark = pytest.mark.db
MINUTE = timedelta(minutes=1)


async def pushed(session: AsyncSession, number: int = 1) -> None:
    for _ in range(number):
        member = await factories.member(session)
        await device(session, member.id)
        await send(session, member.id)


async def alerts(session: AsyncSession) -> dict[str, dict[str, object]]:
    """The open ones: their params by kind and key."""
    return {f"{row['kind']} {row['key']}": row["params"] for row in await rows(session, "alert") if not row["ended_at"]}


async def test_what_has_been_due_for_over_ten_minutes_is_an_alert_until_it_is_sent(session: AsyncSession) -> None:
    await pushed(session)
    await watch.late_deliveries(session, NOON + 10 * MINUTE)
    assert await alerts(session) == {}
    await watch.late_deliveries(session, NOON + 12 * MINUTE)
    assert await alerts(session) == {"deliveries_late all": {"minutes": 12}}
    await record(session, await claim(session, NOON + 12 * MINUTE), provider_id="p")
    await watch.late_deliveries(session, NOON + 13 * MINUTE)
    assert await alerts(session) == {}


async def test_more_than_one_refusal_in_a_hundred_is_an_alert(
    session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "FEWEST_ANSWERS", 4)
    await pushed(session, 3)
    await record(session, await claim(session), provider_id="p")
    await watch.refused_pushes(session, NOON)
    assert await alerts(session) == {}
    await pushed(session)
    await record(session, await claim(session), "rejected", error_code="INVALID_ARGUMENT")
    await watch.refused_pushes(session, NOON)
    assert await alerts(session) == {"client_errors push": {"percent": 25.0}}
    await watch.refused_pushes(session, NOON + 16 * MINUTE)
    assert await alerts(session) == {}


async def test_a_channel_that_is_down_is_an_alert_and_a_metric(session: AsyncSession) -> None:
    await channels.learn(session, "sms", [Outcome(uuid4(), "retry", error_code="TIMEOUT")] * 10, now=NOON)
    await watch.channels_down(session, NOON)
    assert await alerts(session) == {"channel_down sms": {}}
    await pushed(session)
    page = (await metrics.page(session, NOON + 6 * MINUTE)).decode()
    assert 'jobvej_channel_down{channel="sms"} 1.0' in page
    assert 'jobvej_channel_down{channel="push"} 0.0' in page
    assert 'jobvej_late_deliveries{channel="push"} 1.0' in page
    await channels.learn(session, "sms", [Outcome(uuid4(), "sent")], now=NOON)
    await watch.channels_down(session, NOON)
    assert await alerts(session) == {}


async def test_many_that_were_given_up_are_an_alert_while_they_can_be_sent(
    session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "MANY_DEAD", 2)
    await pushed(session, 2)
    await record(session, await claim(session), "rejected", error_code="INVALID_ARGUMENT")
    await watch.dead_letters(session, NOON)
    assert await alerts(session) == {"dead_letters all": {"n": 2}}
    await session.execute(
        text("UPDATE message SET created_at = created_at - interval '30 days', valid_until = :now"), {"now": NOON}
    )
    await watch.dead_letters(session, NOON)
    assert await alerts(session) == {}


async def test_a_fuse_that_blows_is_an_alert(session: AsyncSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "DAILY_FUSE", 1)
    await pushed(session)
    await watch.blown_fuses(session, NOON)
    assert await alerts(session) == {}
    member = (await rows(session, "member"))[0]["id"]
    await send(session, member, key="N06.cancelled", period="x", params={"at": NOON + 48 * 60 * MINUTE})
    await claim(session)
    await watch.blown_fuses(session, NOON)
    assert await alerts(session) == {"fuse_blown all": {"n": 1}}
    await watch.blown_fuses(session, NOON + 25 * 60 * MINUTE)
    assert await alerts(session) == {}
