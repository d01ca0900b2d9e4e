"""The outside world of a simulation: phones, gateways, mailbox and print house that take what they are sent."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from backend.delivery.types import Announcement, Letter, Outcome, Push
from backend.notifications.sending import Channel

# One in a hundred times the provider is busy and says when to come again.
BUSY = 0.01


class Received(NamedTuple):
    """What arrived outside: on which channel, of which delivery, when."""

    channel: Channel
    delivery_id: UUID
    at: datetime


@dataclass(slots=True)
class World:
    """All that was received in the year, and the phones from which the app was taken off."""

    chance: random.Random
    received: list[Received] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Phones:
    """Push: a phone without the app is told as gone, and now and then the provider is busy."""

    world: World

    async def send(self, batch: Sequence[Push], now: datetime) -> list[Outcome]:
        return [self._one(push, now) for push in batch]

    async def close(self) -> None:
        return

    def _one(self, push: Push, now: datetime) -> Outcome:
        if push.token in self.world.gone:
            return Outcome(push.delivery_id, "gone", error_code="UNREGISTERED")
        if self.world.chance.random() < BUSY:
            return Outcome(push.delivery_id, "retry", error_code="UNAVAILABLE", retry_after=timedelta(minutes=1))
        self.world.received.append(Received("push", push.delivery_id, now))
        return Outcome(push.delivery_id, "sent", provider_id=str(push.delivery_id))


@dataclass(frozen=True, slots=True)
class Taken:
    """Any other channel: takes everything."""

    world: World
    channel: Channel

    async def send(self, batch: Sequence[Announcement | Letter], now: datetime) -> list[Outcome]:
        self.world.received += [Received(self.channel, one.delivery_id, now) for one in batch]
        return [Outcome(one.delivery_id, "sent", provider_id=str(one.delivery_id), at=now) for one in batch]

    async def close(self) -> None:
        return
