"""Sending a message: the message, its inbox entry and one delivery per device, in the transaction of what caused it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.types import new_id
from backend.notifications import catalogue, sending


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


async def send(session: AsyncSession, messages: Sequence[NewMessage], *, now: datetime) -> int:
    """Store what is new of the messages and schedule their deliveries; how many were new. Two statements for any size.

    A message that comes too late to be of use (the talk has begun) is left out.
    Raises ValueError for a key that the catalogue lacks, and for params that are not the key's.
    """
    found = [_row(message, now) for message in sorted(messages, key=lambda m: (m.member_id, m.key, m.period))]
    rows = [row for row in found if row.valid_until > now]
    if not rows:
        return 0
    devices = await _devices(session, rows)
    stored = await session.execute(_INSERT, _message_columns(rows, now) | _delivery_columns(rows, devices, now))
    return int(stored.scalar_one())


def _row(message: NewMessage, now: datetime) -> _Row:
    kind = catalogue.BY_ID.get(message.key)
    if kind is None:
        raise ValueError(f"The catalogue has no message {message.key}.")
    # Found out now, not by a worker at night.
    kind.check_cause(message.period, message.cause)
    params = json.dumps(catalogue.encode(kind, message.params))
    until = kind.valid_until(message.params, now)
    return _Row(new_id(), message, kind, params, json.dumps(dict(message.cause)), until)


async def _devices(session: AsyncSession, rows: Sequence[_Row]) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = {}
    members = list({row.message.member_id for row in rows})
    for device_id, member_id in await session.execute(_DEVICES, {"members": members}):
        found.setdefault(member_id, []).append(device_id)
    return found


def _message_columns(rows: Sequence[_Row], now: datetime) -> dict[str, object]:
    return {
        "ids": [row.id for row in rows],
        "members": [row.message.member_id for row in rows],
        "keys": [row.message.key for row in rows],
        "periods": [row.message.period for row in rows],
        "klasses": [row.kind.klass for row in rows],
        "params": [row.params for row in rows],
        "causes": [row.cause for row in rows],
        "until": [row.valid_until for row in rows],
        "now": now,
    }


def _delivery_columns(rows: Sequence[_Row], devices: Mapping[UUID, list[UUID]], now: datetime) -> dict[str, object]:
    """Ids are made here, before anything is stored: a statement that is repeated meets the same ones."""
    burst = len(rows) > sending.BURST
    pairs = [
        (row, device)
        for row in rows
        for device in devices.get(row.message.member_id, ())
        if device != row.message.not_to
    ]
    return {
        "delivery_ids": [new_id() for _ in pairs],
        "message_ids": [row.id for row, _ in pairs],
        "device_ids": [device for _, device in pairs],
        "due": [sending.due_at(now, row.message.member_id, burst=burst) for row, _ in pairs],
    }


_DEVICES = text("SELECT id, member_id FROM device WHERE member_id = ANY(:members) AND revoked_at IS NULL ORDER BY id")

_INSERT = text("""
WITH new AS (
    INSERT INTO message (id, member_id, key, period, klass, params, cause, created_at, valid_until)
    SELECT m.id, m.member_id, m.key, m.period, m.klass, CAST(m.params AS jsonb), CAST(m.cause AS jsonb), :now, m.until
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:members AS uuid[]), CAST(:keys AS text[]), CAST(:periods AS text[]),
        CAST(:klasses AS text[]), CAST(:params AS text[]), CAST(:causes AS text[]), CAST(:until AS timestamptz[])
    ) AS m (id, member_id, key, period, klass, params, cause, until)
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
SELECT count(*) FROM new
""")
