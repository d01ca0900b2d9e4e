"""How channels stand, shared by all workers."""

import asyncio
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.engine import Sessions, transaction
from backend.delivery.types import Outcome
from backend.notifications import channels
from backend.notifications.channels import Permit
from tests import factories
from tests.notifications.factories import NOON, device, send

pytestmark = pytest.mark.db
SECOND = timedelta(seconds=1)
DOWN = [Outcome(uuid4(), "retry", error_code="UNAVAILABLE")] * 10
UP = [Outcome(uuid4(), "sent")]


async def pushed(session: AsyncSession) -> None:
    member = await factories.member(session)
    await device(session, member.id)
    await send(session, member.id)


async def permit(session: AsyncSession, now: datetime) -> Permit:
    return await channels.permit(session, "push", most=500, now=now)


async def test_what_one_worker_finds_out_all_of_them_know(session: AsyncSession) -> None:
    await pushed(session)
    assert await permit(session, NOON) == Permit(500)
    await channels.learn(session, "push", DOWN, now=NOON)
    assert await permit(session, NOON + 9 * SECOND) == Permit(0)
    assert await channels.permit(session, "sms", most=100, now=NOON) == Permit(100)
    states = {one.name: (one.state, one.since) for one in await channels.states(session)}
    assert states["push"] == ("open", NOON)
    assert states["sms"] == ("closed", None)


async def test_a_probe_that_is_answered_lets_everything_through(session: AsyncSession) -> None:
    await pushed(session)
    await channels.learn(session, "push", DOWN, now=NOON)
    assert await permit(session, NOON + 10 * SECOND) == Permit(3, probe=True)
    assert await permit(session, NOON + 10 * SECOND) == Permit(0)
    await channels.learn(session, "push", UP, now=NOON + 11 * SECOND)
    assert await permit(session, NOON + 11 * SECOND) == Permit(500)


async def test_without_anything_due_nobody_asks(session: AsyncSession) -> None:
    await channels.learn(session, "push", DOWN, now=NOON)
    assert await permit(session, NOON + 60 * SECOND) == Permit(0)
    await pushed(session)
    assert await permit(session, NOON + 60 * SECOND) == Permit(3, probe=True)


async def test_of_many_workers_one_asks(fresh_sessions: Sessions) -> None:
    async with transaction(fresh_sessions) as session:
        await pushed(session)
        await channels.learn(session, "push", DOWN, now=NOON)

    async def ask() -> bool:
        async with transaction(fresh_sessions) as session:
            return (await permit(session, NOON + 10 * SECOND)).probe

    assert sorted(await asyncio.gather(*(ask() for _ in range(6)))) == [False] * 5 + [True]
