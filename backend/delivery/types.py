"""What the rest of the house hands to a channel, and what comes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol, TypeVar
from uuid import UUID

# One SMS, one e-mail, one letter a row: these channels take their time, and a smaller batch is answered in time.
SMALL_BATCH = 100

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
class Announcement:
    """One SMS or e-mail that says there is something to read, and nothing of what it is. An SMS has no title."""

    delivery_id: UUID
    address: str = field(repr=False)
    title: str
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """One message with its full text, for the secure mailbox or for paper; `pdf` is the letter itself, if there is one.

    `name` is whom it is to. No civil registration number and no street address come here: whoever runs the mailbox or
    prints the letter has both, by `member_no`.
    """

    delivery_id: UUID
    message_id: UUID
    member_no: str
    name: str = field(repr=False)
    language: str
    title: str = field(repr=False)
    body: str = field(repr=False)
    pdf: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one push, announcement or letter.

    sent: the provider took it (`provider_id` is its receipt). retry: it may be sent again, no earlier than
    `retry_after` from now where that is given. gone: the installation no longer exists. rejected: never send this one
    again; the device stays. `error_code` is FCM's own code, or one of ours (`backend.delivery.answers`); never a text.
    `at`: when it was taken, where the provider's receipt tells it.
    """

    delivery_id: UUID
    kind: Literal["sent", "retry", "gone", "rejected"]
    provider_id: str | None = None
    error_code: str | None = None
    retry_after: timedelta | None = None
    at: datetime | None = None


Item_contra = TypeVar("Item_contra", contravariant=True)


class Sender(Protocol[Item_contra]):
    """A channel. `send` answers every item once, in the order given, and does not raise for the world's faults."""

    async def send(self, batch: Sequence[Item_contra], now: datetime) -> list[Outcome]: ...

    async def close(self) -> None: ...


PushSender = Sender[Push]
AnnouncementSender = Sender[Announcement]
LetterSender = Sender[Letter]


def payload(message_id: UUID, category: str) -> dict[str, str]:
    """The data of a push, in the shape that `Push` demands."""
    return {MESSAGE_ID: str(message_id), CATEGORY: category}
