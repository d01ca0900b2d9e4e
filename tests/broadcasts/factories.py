"""Broadcasts, the two people who send one, and the minutes of their sending."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.broadcasts import sending, service
from backend.broadcasts.audience import Audience
from backend.broadcasts.rules import Stage
from backend.broadcasts.service import Draft
from backend.broadcasts.tables import Broadcast
from tests import factories
from tests.notifications.factories import device

# A Wednesday, 12:00 in Denmark.
NOON = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)
ALL_AT_ONCE = (Stage(Decimal(100)),)


def draft(**values: Any) -> Draft:
    standard: dict[str, Any] = {
        "klass": "S",
        "category": "news",
        "title_da": "Vi flytter",
        "body_da": "Fra mandag finder du os på havnen. {Ring} endelig.",
        "title_en": "We are moving",
        "body_en": "From Monday you find us at the harbour.",
        "audience": Audience(),
        "stages": ALL_AT_ONCE,
    }
    return Draft(**standard | values)


async def people(session: AsyncSession) -> tuple[UUID, UUID]:
    """Who writes and who approves."""
    made = [await factories.staff(session, role="coordinator") for _ in range(2)]
    return made[0].id, made[1].id


async def approved(session: AsyncSession, *, now: datetime = NOON, **values: Any) -> Broadcast:
    """A broadcast that a second person has let go."""
    author, approver = await people(session)
    made = await service.write(session, draft(**values), author, now=now)
    await service.submit(session, made.id, author, now=now)
    return await service.approve(session, made.id, approver, version=1, now=now)


async def members(session: AsyncSession, count: int, **values: Any) -> list[UUID]:
    """Members with a phone each, of one branch."""
    branch_id = values.pop("branch_id", None) or (await factories.branch(session)).id
    made = [await factories.member(session, branch_id=branch_id, **values) for _ in range(count)]
    for one in made:
        await device(session, one.id)
    return [one.id for one in made]


async def minute(session: AsyncSession, now: datetime) -> int:
    """What one run of the job does; how many messages were stored."""
    stored = 0
    await sending.advance(session, now=now)
    while done := await sending.store_range(session, now=now):
        stored += done.stored
    await sending.advance(session, now=now)
    while await sending.clear(session, now=now) is not None:
        continue
    return stored


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)
