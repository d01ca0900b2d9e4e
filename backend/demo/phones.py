"""Phones of the demo fund: some members have the app, and what was due went to them, so that there is a lock screen."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.types import new_id
from backend.delivery.types import Outcome
from backend.notifications import devices, outbox
from backend.notifications.claimed import Claimed
from backend.notifications.sending import Channel
from backend.notifications.tables import Device

PHONES = 120
CHANNELS: tuple[Channel, ...] = ("mailbox", "push", "sms", "email")
KINDS = (("ios", "iPhone"), ("android", "Android"))


async def hand_out(session: AsyncSession, members: Sequence[UUID], *, now: datetime) -> None:
    """Some members have the app. The tokens are made up and lead nowhere."""
    for n, member_id in enumerate(members[:PHONES]):
        platform, name = KINDS[n % 2]
        phone = devices.NewDevice(f"demo-{new_id()}", platform, name, "1.0.0", "token")  # type: ignore[arg-type]
        await devices.register(session, member_id, phone, now=now)


async def send(session: AsyncSession, *, now: datetime) -> None:
    """What is due is taken to have been sent, as a worker would have had it sent then."""
    for channel in CHANNELS:
        while True:
            taken = await outbox.claim(session, now=now, quiet="on", untrue=_nothing, channel=channel)
            answers = [Outcome(row.id, "sent", provider_id="demo") for row in taken.rows]
            await outbox.record(session, taken, answers, now=now, quiet="on")
            if not taken.rows:
                break


async def seen(session: AsyncSession, *, now: datetime) -> None:
    """Everybody has opened the app lately."""
    await session.execute(update(Device).values(last_seen_at=now))


async def _nothing(_session: AsyncSession, _rows: Sequence[Claimed]) -> AbstractSet[UUID]:
    """What was just decided still holds."""
    return frozenset()
