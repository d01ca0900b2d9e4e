"""A delivery that a worker holds for a while."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from backend.notifications.sending import Channel, Window


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
