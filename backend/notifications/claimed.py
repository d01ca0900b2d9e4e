"""A delivery that a worker holds for a while, and what of it says whether its message still holds."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.notifications.sending import Channel, Window


class Told(Protocol):
    """What is to be known of a message to see whether it still holds; `id` is that of whatever is asked about."""

    @property
    def id(self) -> UUID: ...
    @property
    def member_id(self) -> UUID: ...
    @property
    def key(self) -> str: ...
    @property
    def period(self) -> str: ...
    @property
    def params(self) -> Mapping[str, Any]: ...
    @property
    def cause(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Claimed:
    """All that is needed to judge and to send a delivery.

    `address` is the member's phone number or e-mail address where the channel is sms or email; the fields of a phone
    are filled in where it is push, else empty. `things`: how many messages a push tells of; `carrier_id`: the message
    whose push has told of this one. `exempt`: the member is exempt from digital communication, so that nothing may be
    announced on this channel. `stale`: the phone was not seen for a month, so that nobody may look at it.
    `window`: when the delivery may go out (None: at any time).
    """

    id: UUID
    message_id: UUID
    member_id: UUID
    channel: Channel
    device_id: UUID | None
    attempts: int
    lapses: int
    valid_until: datetime
    last_error: str | None
    key: str
    period: str
    params: Mapping[str, Any]
    cause: Mapping[str, Any]
    carrier_id: UUID | None
    things: int
    revoked: bool
    exempt: bool
    stale: bool
    token: str = field(repr=False)
    token_kind: Literal["token", "fid"]
    platform: Literal["android", "ios", "web"]
    language: str
    address: str = field(repr=False)
    window: Window | None


# Which of the rows (ids of deliveries) no longer hold, by what their messages' `holds_while` names; or which rest.
Untrue = Callable[[AsyncSession, Sequence[Claimed]], Awaitable[AbstractSet[UUID]]]
