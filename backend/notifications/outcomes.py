"""What a delivery comes to: before it is sent, and after the provider's answer. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from backend.delivery.retry import next_attempt
from backend.delivery.types import Outcome
from backend.notifications import catalogue, ladder_rules, sending
from backend.notifications.sending import Channel, Quiet, Window

# The member was exempted from digital communication after the message was made: a legal notice goes on paper instead.
EXEMPT = "EXEMPT"


class Row(Protocol):
    """What is to be known of a claimed delivery to judge it."""

    @property
    def id(self) -> UUID: ...
    @property
    def member_id(self) -> UUID: ...
    @property
    def message_id(self) -> UUID: ...
    @property
    def channel(self) -> Channel: ...
    @property
    def attempts(self) -> int: ...
    @property
    def lapses(self) -> int: ...
    @property
    def valid_until(self) -> datetime: ...
    @property
    def key(self) -> str: ...
    @property
    def revoked(self) -> bool: ...
    @property
    def exempt(self) -> bool: ...
    @property
    def window(self) -> Window | None: ...


@dataclass(frozen=True, slots=True)
class Final:
    """The delivery has ended: sent, gone, rejected, expired, cancelled, failed or bundled.

    `at`: when it did, where the provider's receipt tells it.
    """

    id: UUID
    state: str
    error: str | None = None
    provider_id: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """The delivery is tried again at `due_at`. `unused`: the claim does not count as an attempt."""

    id: UUID
    due_at: datetime
    error: str | None = None
    unused: bool = False


def unsent(
    rows: Sequence[Row],
    moved_on: AbstractSet[UUID],
    unwanted: AbstractSet[UUID],
    sent_today: Mapping[UUID, AbstractSet[UUID]],
    now: datetime,
) -> list[Final]:
    """Those of the claimed rows that must not be sent (any more), with the reason.

    `moved_on` are deliveries whose message no longer holds, `unwanted` those that their member has opted out of,
    `sent_today` the messages that each member was told of in the last 24 hours, on whatever phone and channel.
    """
    ended = []
    told = defaultdict(set, {member: set(messages) for member, messages in sent_today.items()})
    for row in rows:
        load = told[row.member_id] - {row.message_id} if row.channel not in sending.SILENT else set()
        why = "NO_LONGER_TRUE" if row.id in moved_on else "NOT_WANTED" if row.id in unwanted else None
        found = _before(row, why, len(load), now)
        if found:
            ended.append(found)
        elif row.channel not in sending.SILENT:
            told[row.member_id].add(row.message_id)
    return ended


def _before(row: Row, needless: str | None, sent_today: int, now: datetime) -> Final | None:
    reasons = (
        (row.revoked, "cancelled", "DEVICE_REVOKED"),
        (row.valid_until <= now, "expired", None),
        (row.key not in catalogue.BY_ID, "failed", "UNKNOWN_MESSAGE"),
        (needless is not None, "cancelled", needless),
        (row.exempt, "cancelled", EXEMPT),
        (row.lapses > sending.MOST_LAPSES, "failed", "WORKERS_LOST"),
        (sent_today >= sending.DAILY_FUSE, "cancelled", "DAILY_FUSE"),
    )
    return next((Final(row.id, state, error) for holds, state, error in reasons if holds), None)


def result(row: Row, answer: Outcome | None, now: datetime, quiet: Quiet) -> Final | Again:
    """What the provider's answer makes of a row that was sent; no answer at all counts as a passing failure."""
    if answer is None:
        return _again(row, Outcome(row.id, "retry", error_code="NO_ANSWER"), now, quiet)
    match answer.kind:
        case "sent":
            return Final(row.id, "sent", provider_id=answer.provider_id, at=answer.at)
        case "gone" | "rejected":
            return Final(row.id, answer.kind, answer.error_code)
        case "retry":
            return _again(row, answer, now, quiet)


def _again(row: Row, answer: Outcome, now: datetime, quiet: Quiet) -> Final | Again:
    draw = sending.jitter(row.id, row.attempts)
    at = next_attempt(row.attempts, now, row.valid_until, answer.retry_after, draw)
    if at is not None and quiet == "on":
        at = sending.held(at, row.window)
    if at is None or at >= row.valid_until:
        return Final(row.id, "expired", answer.error_code)
    return Again(row.id, at, answer.error_code)


def is_lost(row: Row, state: str, now: datetime) -> bool:
    """Whether it will not arrive this way and is of no use for long, so that its next step need not wait."""
    lost = row.revoked or state in ("gone", "rejected", "failed")
    return lost and row.channel not in sending.SILENT and ladder_rules.is_soon_stale(now, row.valid_until)


def held_back(rows: Sequence[Row], now: datetime) -> list[Again]:
    """Rows that came to be claimed at night, by a backlog or a late retry, wait for the morning."""
    return [
        Again(row.id, sending.due_at(now, row.member_id, burst=True, hours=row.window), unused=True)
        for row in rows
        if sending.held(now, row.window) != now
    ]
