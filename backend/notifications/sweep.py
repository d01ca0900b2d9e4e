"""The sweep: whatever should have gone and did not, by whatever cause, is found, counted and put right where it can be.

Nothing of this is needed while all goes well: a message, its inbox entry and its deliveries are stored together. It is
for what was put in by hand, came back from a backup in part, or was lost by an error nobody has found yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.types import new_id
from backend.notifications import ladder, preferences, sending, slots
from backend.notifications.catalogue import BY_ID
from backend.notifications.preferences import Choice

# What is due for so long and has not been sent is late.
LATE = timedelta(minutes=5)
# How far back messages are looked through; a sweep that was away for longer leaves older ones to their readers.
LOOKS_BACK = timedelta(hours=1)
MOST = 5000


@dataclass(frozen=True, slots=True)
class Swept:
    """What was found: `late` by channel, still unsent. The rest was put right: `expired` closed, `released` taken from
    workers that never came back, and `inbox`, `pushes`, `ladders` that messages lacked.
    """

    late: Mapping[str, int]
    expired: int
    released: int
    inbox: int
    pushes: int
    ladders: int


async def sweep(session: AsyncSession, *, now: datetime) -> Swept:
    """One sweep. Ten statements at most, whatever it finds; a second one at once finds nothing more to put right."""
    expired = await expire(session, now=now)
    released = (await session.execute(_RELEASE, {"before": now - LATE, "now": now})).all()
    window = {"since": now - LOOKS_BACK, "until": now - LATE, "now": now, "most": MOST}
    inbox = (await session.execute(_INBOX, window)).all()
    bare = (await session.execute(_BARE, window)).mappings().all()
    pushes = await _push(session, bare, now)
    ladders = await _climb(session, bare, now)
    late = await late_deliveries(session, now=now)
    return Swept(late, expired, len(released), len(inbox), pushes, ladders)


async def expire(session: AsyncSession, *, now: datetime) -> int:
    """Close what is stale without sending it, also on a channel that is down; how much it was."""
    ended = (await session.execute(_EXPIRE, {"now": now, "most": MOST})).all()
    await slots.give_back(session, sorted({row.message_id for row in ended if row.channel == "push"}), now=now)
    return len(ended)


async def late_deliveries(session: AsyncSession, *, now: datetime) -> dict[str, int]:
    """How many deliveries are due for longer than LATE, by channel; channels without are left out."""
    found = await session.execute(_LATE, {"before": now - LATE})
    return {row.channel: row.n for row in found}


async def _push(session: AsyncSession, bare: Sequence[RowMapping], now: datetime) -> int:
    chosen = await preferences.choices(session, {row["member_id"] for row in bare}) if bare else {}
    pairs = [(row, device) for row in bare if _is_pushed(row, chosen) for device in row["devices"] or ()]
    if not pairs:
        return 0
    values: dict[str, Any] = {
        "ids": [new_id() for _ in pairs],
        "messages": [row["id"] for row, _ in pairs],
        "devices": [device for _, device in pairs],
        "due": [sending.due_at(now, row["member_id"], burst=True) for row, _ in pairs],
        "now": now,
    }
    return len((await session.execute(_ADD, values)).all())


def _is_pushed(row: RowMapping, chosen: Mapping[UUID, Choice]) -> bool:
    kind, choice = BY_ID.get(row["key"]), chosen.get(row["member_id"], preferences.STANDARD)
    return kind is not None and choice.first_channel(kind) == "push" and choice.wants(kind, "push")


async def _climb(session: AsyncSession, bare: Sequence[RowMapping], now: datetime) -> int:
    """Look at the ladder of those that have one, were never on it, and would find a step: not all can be reached."""
    bare_of_steps = [row["id"] for row in bare if row["off_ladder"] and _has_ladder(row["key"])]
    lost = await ladder.with_a_turn(session, bare_of_steps, now=now)
    if lost:
        await session.execute(_LOOK, {"messages": lost, "now": now})
    return len(lost)


def _has_ladder(key: str) -> bool:
    return key in BY_ID and (BY_ID[key].klass == "L" or bool(BY_ID[key].ladder))


_EXPIRE = text("""
WITH stale AS (
    SELECT id FROM delivery WHERE state = 'due' AND valid_until <= :now ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED
), ended AS (
    DELETE FROM delivery d USING stale WHERE d.id = stale.id RETURNING d.*
)
INSERT INTO delivery_done (id, message_id, member_id, device_id, channel, state, attempts, provider_id, last_error,
    due_at, created_at, finished_at)
SELECT id, message_id, member_id, device_id, channel, 'expired', attempts, NULL, last_error, due_at, created_at, :now
FROM ended
RETURNING message_id, channel
""")

_RELEASE = text("""
UPDATE delivery SET state = 'due', lease_until = NULL, claim_id = NULL, lapses = lapses + 1, due_at = :now
WHERE id IN (
    SELECT id FROM delivery WHERE state = 'sending' AND lease_until < :before ORDER BY id FOR UPDATE SKIP LOCKED)
RETURNING id
""")

_INBOX = text("""
INSERT INTO inbox_entry (message_id, member_id, at)
SELECT id, member_id, created_at FROM message m
WHERE created_at BETWEEN :since AND :until AND NOT EXISTS (SELECT FROM inbox_entry e WHERE e.message_id = m.id)
ON CONFLICT DO NOTHING
RETURNING message_id
""")

# Messages of which nothing was ever on its way. The phones are those that the member had when it was made: a newer one
# was signed in on by somebody who saw the inbox.
_BARE = text("""
SELECT m.id, m.member_id, m.key,
    m.next_rung_at IS NULL AND NOT EXISTS (SELECT FROM message_step t WHERE t.message_id = m.id) AS off_ladder,
    (SELECT array_agg(v.id ORDER BY v.id) FROM device v
     WHERE v.member_id = m.member_id AND v.revoked_at IS NULL AND v.registered_at < m.created_at
        AND NOT member.digital_exempt) AS devices
FROM message m
JOIN member ON member.id = m.member_id
JOIN inbox_entry e ON e.message_id = m.id AND e.read_at IS NULL
WHERE m.created_at BETWEEN :since AND :until AND m.valid_until > :now AND m.carrier_id IS NULL
    AND NOT EXISTS (SELECT FROM delivery d WHERE d.message_id = m.id)
    AND NOT EXISTS (SELECT FROM delivery_done f WHERE f.message_id = m.id)
ORDER BY m.id LIMIT :most
""")

_ADD = text("""
INSERT INTO delivery (id, message_id, member_id, device_id, due_at, valid_until, created_at)
SELECT n.id, m.id, m.member_id, n.device_id, n.due_at, m.valid_until, :now
FROM unnest(
    CAST(:ids AS uuid[]), CAST(:messages AS uuid[]), CAST(:devices AS uuid[]), CAST(:due AS timestamptz[])
) AS n (id, message_id, device_id, due_at)
JOIN message m ON m.id = n.message_id
ON CONFLICT DO NOTHING
RETURNING id
""")

_LOOK = text("UPDATE message SET next_rung_at = :now WHERE id = ANY(:messages) AND next_rung_at IS NULL")

_LATE = text("""
SELECT channel, count(*) AS n FROM delivery
WHERE due_at < :before AND (state = 'due' OR lease_until < :before) GROUP BY channel
""")
