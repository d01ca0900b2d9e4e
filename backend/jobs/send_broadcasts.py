"""Sending broadcasts on: stages that are due begin, open ranges are stored, what was stopped is taken back."""

from collections import Counter
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from backend.broadcasts import sending
from backend.db.engine import Sessions, transaction
from backend.jobs.job import Counts, Moment, Payload
from backend.settings import Settings

# Ranges of one stage are stored side by side by as many workers as there are, up to this.
HANDS = 4


async def plan(session: AsyncSession) -> list[Payload]:
    """Nothing at all to do, for most minutes; else some hands, which share what there is."""
    return [{}] * HANDS if await sending.under_way(session) else []


async def outside(sessions: Sessions, *, moment: Moment, settings: Settings) -> Counts:
    """How many messages were stored, stages begun and rows taken back. Each step is a transaction of its own."""
    del settings
    total: Counter[str] = Counter(stages=0, messages=0, cleared=0)
    while await _step(sessions, total, moment.as_of):
        continue
    return dict(total)


async def _step(sessions: Sessions, total: Counter[str], now: datetime) -> bool:
    async with transaction(sessions) as session:
        begun = await sending.advance(session, now=now)
    async with transaction(sessions) as session:
        done = await sending.store_range(session, now=now)
    async with transaction(sessions) as session:
        cleared = await sending.clear(session, now=now)
    total.update(stages=begun, messages=done.stored if done else 0, cleared=cleared or 0)
    return bool(begun) or done is not None or cleared is not None
