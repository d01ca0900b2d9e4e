"""Sending a message: the message, its inbox entry and one delivery per device, in the transaction of what caused it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date
from backend.db.types import new_id
from backend.notifications import catalogue, ladder, ladder_rules, policy, preferences, sending
from backend.notifications.policy import Policy
from backend.notifications.preferences import Choice

Choices = Mapping[UUID, Choice]


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to one member: `key` is its id in the catalogue, `period` the business period it belongs to.

    (member_id, key, period) is sent once. `cause` says what brought it: {"colour": …} is needed for messages that hold
    only while the colour does, and so for each kind what its subject needs (`message_type.ROWS`, `CAUSES`). No delivery
    goes to `not_to`.
    """

    member_id: UUID
    key: str
    period: str
    params: Mapping[str, object] = field(default_factory=dict)
    cause: Mapping[str, Any] = field(default_factory=dict)
    not_to: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    message: NewMessage
    kind: catalogue.MessageType
    params: str
    cause: str
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class _Delivery:
    """A push to be stored. Ids are made before anything is: a statement that is repeated meets the same ones.

    `in_use`: its phone was seen within a month.
    """

    id: UUID
    message_id: UUID
    device_id: UUID
    in_use: bool
    due_at: datetime


async def send(session: AsyncSession, messages: Sequence[NewMessage], *, now: datetime) -> int:
    """Store what is new of the messages and schedule their deliveries; how many were new. Six statements for any size.

    A message that comes too late to be of use (the talk has begun) is left out. Legal notices, and what
    has another way where there is no phone, take the first steps of their ladder at once.
    Raises ValueError for a key that the catalogue lacks, and for params that are not the key's.
    """
    found = [_row(message, now) for message in sorted(messages, key=lambda m: (m.member_id, m.key, m.period))]
    rows = [row for row in found if row.valid_until > now]
    if not rows:
        return 0
    chosen = await preferences.choices(session, {row.message.member_id for row in rows})
    deliveries = await _deliveries(session, rows, chosen, now)
    columns = _message_columns(rows, deliveries, chosen, now) | _delivery_columns(deliveries)
    stored = await session.execute(_INSERT, columns)
    new = set(stored.scalars())
    first = [row.id for row in rows if row.id in new and (row.kind.klass == "L" or row.kind.instead)]
    if first:
        await ladder.climb(session, now=now, only=first)
    return len(new)


def _row(message: NewMessage, now: datetime) -> _Row:
    kind = catalogue.BY_ID.get(message.key)
    if kind is None:
        raise ValueError(f"The catalogue has no message {message.key}.")
    # Found out now, not by a worker at night.
    kind.check_cause(message.period, message.cause)
    params = json.dumps(catalogue.encode(kind, message.params))
    until = kind.valid_until(message.params, now)
    return _Row(new_id(), message, kind, params, json.dumps(dict(message.cause)), until)


async def _deliveries(session: AsyncSession, rows: Sequence[_Row], chosen: Choices, now: datetime) -> list[_Delivery]:
    """A push for each phone, where the member wants pushes."""
    members = list({row.message.member_id for row in rows})
    phones = await _phones(session, members, now)
    rules = await policy.in_force(session, local_date(now))
    burst = len(rows) > sending.BURST
    made = []
    for row in rows:
        choice = chosen.get(row.message.member_id, preferences.STANDARD)
        if choice.first_channel(row.kind) == "push" and choice.wants(row.kind, "push"):
            due = _due_at(row, choice, rules, now, burst=burst)
            own = phones.get(row.message.member_id, ())
            made += [_Delivery(new_id(), row.id, *phone, due) for phone in own if phone[0] != row.message.not_to]
    return made


def _due_at(row: _Row, choice: Choice, rules: Policy, now: datetime, *, burst: bool) -> datetime:
    about = sending.days(row.message.params.values(), row.message.cause)
    hours = sending.window(rules, row.kind.hours, "push", choice.own, today=local_date(now), about=about)
    return sending.due_at(now, row.message.member_id, burst=burst, hours=hours, until=row.valid_until)


async def _phones(session: AsyncSession, members: Sequence[UUID], now: datetime) -> dict[UUID, list[tuple[UUID, bool]]]:
    """Of each member the phones, and whether each is in use."""
    found: dict[UUID, list[tuple[UUID, bool]]] = {}
    values = {"members": members, "seen": now - sending.STALE_AFTER}
    for device_id, member_id, in_use in await session.execute(_DEVICES, values):
        found.setdefault(member_id, []).append((device_id, in_use))
    return found


def _message_columns(
    rows: Sequence[_Row], deliveries: Sequence[_Delivery], chosen: Choices, now: datetime
) -> dict[str, object]:
    due = {one.message_id: one.due_at for one in deliveries}
    awaited = {one.message_id for one in deliveries if one.in_use}
    return {
        "ids": [row.id for row in rows],
        "members": [row.message.member_id for row in rows],
        "keys": [row.message.key for row in rows],
        "periods": [row.message.period for row in rows],
        "klasses": [row.kind.klass for row in rows],
        "params": [row.params for row in rows],
        "causes": [row.cause for row in rows],
        "until": [row.valid_until for row in rows],
        "rungs": [_begins(row, due.get(row.id), chosen, now, awaited=row.id in awaited) for row in rows],
        "now": now,
    }


def _begins(row: _Row, due_at: datetime | None, chosen: Choices, now: datetime, *, awaited: bool) -> datetime | None:
    """When the ladder is looked at first: at once for who wants an SMS or e-mail in place of the push."""
    choice = chosen.get(row.message.member_id, preferences.STANDARD)
    if row.kind.klass != "L" and ladder_rules.in_place_of_push(row.kind, choice.of_category(row.kind.category)):
        return now
    return ladder_rules.begins(row.kind, due_at or now, row.valid_until, awaited=awaited)


def _delivery_columns(deliveries: Sequence[_Delivery]) -> dict[str, object]:
    return {
        "delivery_ids": [one.id for one in deliveries],
        "message_ids": [one.message_id for one in deliveries],
        "device_ids": [one.device_id for one in deliveries],
        "due": [one.due_at for one in deliveries],
    }


# Who is exempt from digital communication is pushed nothing.
_DEVICES = text("""
SELECT v.id, v.member_id, v.last_seen_at >= :seen
FROM device v JOIN member m ON m.id = v.member_id AND NOT m.digital_exempt
WHERE v.member_id = ANY(:members) AND v.revoked_at IS NULL ORDER BY v.id
""")

_INSERT = text("""
WITH new AS (
    INSERT INTO message (id, member_id, key, period, klass, params, cause, created_at, valid_until, next_rung_at)
    SELECT m.id, m.member_id, m.key, m.period, m.klass, CAST(m.params AS jsonb), CAST(m.cause AS jsonb), :now, m.until,
        m.rung_at
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:members AS uuid[]), CAST(:keys AS text[]), CAST(:periods AS text[]),
        CAST(:klasses AS text[]), CAST(:params AS text[]), CAST(:causes AS text[]), CAST(:until AS timestamptz[]),
        CAST(:rungs AS timestamptz[])
    ) AS m (id, member_id, key, period, klass, params, cause, until, rung_at)
    ON CONFLICT (member_id, key, period) DO NOTHING
    RETURNING id, member_id, created_at, valid_until
), inbox AS (
    INSERT INTO inbox_entry (message_id, member_id, at) SELECT id, member_id, created_at FROM new
), deliveries AS (
    INSERT INTO delivery (id, message_id, member_id, device_id, due_at, valid_until, created_at)
    SELECT d.id, new.id, new.member_id, d.device_id, d.due_at, new.valid_until, new.created_at
    FROM unnest(
        CAST(:delivery_ids AS uuid[]), CAST(:message_ids AS uuid[]), CAST(:device_ids AS uuid[]),
        CAST(:due AS timestamptz[])
    ) AS d (id, message_id, device_id, due_at)
    JOIN new ON new.id = d.message_id
)
SELECT id FROM new
""")
