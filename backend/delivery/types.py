"""What the rest of the house hands to a push channel, and what comes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol
from uuid import UUID

# FCM's client takes no more in one call.
MAX_BATCH = 500
# A batch is answered within this time whatever the network does; the lease of a claimed delivery must be longer.
LONGEST_SEND = timedelta(seconds=50)

MESSAGE_ID = "messageId"
CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class Push:
    """One notification to one installation of the app.

    `title` and `body` are the neutral lock-screen text, `data` holds the message's id and category and nothing else
    (what a locked phone shows must tell nothing about its owner). `ttl` is what remains of the message's validity.
    """

    delivery_id: UUID
    token: str = field(repr=False)
    token_kind: Literal["token", "fid"]
    title: str
    body: str
    data: Mapping[str, str]
    ttl: timedelta
    collapse_key: str | None
    platform: Literal["android", "ios", "web"]

    def __post_init__(self) -> None:
        if self.data.keys() != {MESSAGE_ID, CATEGORY}:
            raise ValueError("A push carries the id and the category of its message, and nothing else.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one push.

    sent: the provider took it (`provider_id` is its receipt). retry: it may be sent again, no earlier than
    `retry_after` from now where that is given. gone: the installation no longer exists. rejected: never send this one
    again; the device stays. `error_code` is FCM's own code, or one of ours (`backend.delivery.answers`); never a text.
    """

    delivery_id: UUID
    kind: Literal["sent", "retry", "gone", "rejected"]
    provider_id: str | None = None
    error_code: str | None = None
    retry_after: timedelta | None = None


class PushSender(Protocol):
    """A push channel. `send` answers every push once, in the order given, and does not raise for the world's faults."""

    async def send(self, batch: Sequence[Push], now: datetime) -> list[Outcome]: ...

    async def close(self) -> None: ...


def payload(message_id: UUID, category: str) -> dict[str, str]:
    """The data of a push, in the shape that `Push` demands."""
    return {MESSAGE_ID: str(message_id), CATEGORY: category}
