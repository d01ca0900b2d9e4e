"""Deliveries that were given up, how the channels stand, and the way of a single message."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api import door, wire
from backend.api.given import Colleague, Me, Now, Session
from backend.api.wire import Cursor, Input, Limit, Page, Wire
from backend.notifications import channels, dead_letters, trail
from backend.notifications.dead_letters import DeadLetter, Filters, Position

Channel = Literal["push", "sms", "email", "mailbox", "paper"]
Dead = Literal["failed", "rejected", "expired"]
Code = Annotated[str, msgspec.Meta(max_length=60, pattern=r"^[A-Z][A-Z0-9_]*$")]
OfChannel = Annotated[Channel | None, QueryParameter(name="channel")]
OfState = Annotated[Dead | None, QueryParameter(name="state")]
OfReason = Annotated[
    str | None, QueryParameter(name="reason", max_length=60, pattern=r"^[A-Z][A-Z0-9_]*$", description="Its code.")
]


class DeadLetterView(Wire):
    """A delivery that was given up. It can be tried again while its message is worth sending (`replayable`)."""

    id: UUID
    message_id: UUID
    member_id: UUID
    key: str
    channel: str
    state: str
    reason: str | None
    attempts: int
    due_at: datetime
    finished_at: datetime
    valid_until: datetime
    replays: int
    replayable: bool


class ReplayInput(Input):
    """Which to try again: all that were given up for this reason, on one channel or all."""

    reason: Code
    channel: Channel | None = None
    state: Dead | None = None


class Replayed(Wire):
    """How many are on their way again."""

    replayed: int


class ChannelView(Wire):
    """A channel: `open` while its provider is down, until it is tried again at `probeAt`."""

    name: str
    state: str
    since: datetime | None
    probe_at: datetime | None


class StepView(Wire):
    """Something that happened to a message, or is to happen: `waiting` is a delivery that is due then.

    `reason` says why a step was taken; of a delivery that failed it is the code.
    """

    at: datetime
    what: str
    channel: str | None
    state: str | None
    reason: str | None


@get("/v1/staff/dead-letters", operation_id="listDeadLetters", tags=["messages"])
async def list_dead_letters(
    session: Session,
    now: Now,
    channel: OfChannel = None,
    ended: OfState = None,
    reason: OfReason = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[DeadLetterView]:
    """Deliveries that were given up, newest first."""
    after = Position(*wire.position(cursor, tuple[datetime, UUID])) if cursor else None
    found = await dead_letters.page(session, Filters(channel, ended, reason), now=now, after=after, limit=limit + 1)
    more = wire.cursor(*found[limit - 1].position) if len(found) > limit else None
    return Page(items=[_view(letter) for letter in found[:limit]], next=more)


@post(
    "/v1/staff/dead-letters/{delivery_id:uuid}/replay",
    operation_id="replayDeadLetter",
    tags=["messages"],
    status_code=200,
)
async def replay_dead_letter(
    request: Request[Any, Any, Any], session: Session, staff: Colleague, now: Now, delivery_id: FromPath[UUID]
) -> Replayed:
    """Try one again."""
    member_id = await dead_letters.replay_one(session, delivery_id, staff_id=staff.id, now=now)
    door.concerns(request.scope, member_id)
    return Replayed(replayed=1)


@post("/v1/staff/dead-letters/replay", operation_id="replayDeadLetters", tags=["messages"], status_code=200)
async def replay_dead_letters(session: Session, staff: Colleague, now: Now, data: JSONBody[ReplayInput]) -> Replayed:
    """Try all of one reason again."""
    filters = Filters(data.channel, data.state, data.reason)
    return Replayed(replayed=await dead_letters.replay(session, filters, staff_id=staff.id, now=now))


@get("/v1/staff/channels", operation_id="listChannels", tags=["messages"])
async def list_channels(session: Session) -> list[ChannelView]:
    """The channels out of the house, and which of them are down."""
    return [
        ChannelView(name=one.name, state=one.state, since=one.since, probe_at=one.probe_at)
        for one in await channels.states(session)
    ]


@get("/v1/staff/messages/{message_id:uuid}/steps", operation_id="getMessageSteps", tags=["messages"])
async def message_steps(session: Session, message_id: FromPath[UUID]) -> list[StepView]:
    """The way of a message: on which channels it went, why, and what came of it."""
    return [_step(event) for event in await trail.of_message(session, message_id)]


@get("/v1/me/inbox/{message_id:uuid}/steps", operation_id="getMyMessageSteps", tags=["inbox"])
async def my_message_steps(session: Session, member: Me, message_id: FromPath[UUID]) -> list[StepView]:
    """The way of one of my messages."""
    return [_step(event) for event in await trail.of_message(session, message_id, member_id=member.id)]


def _view(letter: DeadLetter) -> DeadLetterView:
    return DeadLetterView(**{name: getattr(letter, name) for name in DeadLetterView.__struct_fields__})


def _step(event: trail.Event) -> StepView:
    return StepView(at=event.at, what=event.what, channel=event.channel, state=event.state, reason=event.reason)


HANDLERS = (
    list_dead_letters,
    replay_dead_letter,
    replay_dead_letters,
    list_channels,
    message_steps,
    my_message_steps,
)
