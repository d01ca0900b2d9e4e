"""Sending a broadcast: stage by stage, range by range, each range in one transaction that can be repeated.

Ids are made of the broadcast, the member and the phone, so that whatever is done again meets the rows that are there:
a worker that is killed in the middle of a range leaves nothing of it, and none is done twice.
"""

import json
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.broadcasts import audience as audiences
from backend.broadcasts import rules
from backend.broadcasts.audience import FITS, WANTS_PUSH
from backend.broadcasts.service import note
from backend.clock import local_date
from backend.notifications import catalogue_broadcasts, policy, sending
from backend.notifications.catalogue_broadcasts import TEXT

RANGE = 5000
CLEARED_AT_ONCE = 5000
STOPPED = "BROADCAST_STOPPED"


class Done(NamedTuple):
    """A range that was stored: how many messages were new."""

    broadcast_id: UUID
    stage: int
    stored: int


async def under_way(session: AsyncSession) -> int:
    """How many broadcasts have something to be done for: sent on, or cleared after a stop."""
    return int(await session.scalar(_UNDER_WAY) or 0)


async def advance(session: AsyncSession, *, now: datetime) -> int:
    """Close the stages whose ranges are all done, begin those whose time has come; how many began.

    One transaction at a time does this: the broadcasts' rows are locked, those that another holds are left to it.
    """
    begun = 0
    for row in await session.execute(_TO_ADVANCE):
        begun += await _advance_one(session, row, now)
    return begun


async def _advance_one(session: AsyncSession, row: Row[Any], now: datetime) -> int:
    for closed in await session.execute(_CLOSE, {"broadcast": row.id, "now": now}):
        await note(session, row.id, "stage_done", None, now=now, stage=closed.number, stored=closed.stored)
    stages = (await session.execute(_STAGES, {"broadcast": row.id})).all()
    done = [stage for stage in stages if stage.done_at is not None]
    if any(stage.begun_at is not None and stage.done_at is None for stage in stages):
        return 0
    if now < await _goes_on(session, row, done[-1] if done else None, now):
        return 0
    if len(done) < len(stages):
        await _begin(session, row, len(done) + 1, now)
        return 1
    if await session.scalar(_IN_HAND, {"broadcast": str(row.id)}):
        return 0  # what waits for another day or another try can still be stopped
    await session.execute(_SENT, {"broadcast": row.id, "now": now})
    await note(session, row.id, "sent", None, now=now)
    return 0


async def _goes_on(session: AsyncSession, row: Row[Any], before: Row[Any] | None, now: datetime) -> datetime:
    """When the stage after `before` may begin; after the last one, when its last push could have gone out."""
    if before is None:
        starts: datetime | None = row.send_from
        return starts or now
    hours = sending.office(await policy.in_force(session, local_date(now)))
    spread, pause = timedelta(minutes=row.spread_minutes), timedelta(minutes=before.pause_minutes)
    done_at: datetime = before.done_at
    return max(done_at, rules.next_begins(before.due_from, spread, pause, hours))


async def _begin(session: AsyncSession, row: Row[Any], number: int, now: datetime) -> None:
    """Fix the stage's instant and its ranges: nobody who joins later is in between."""
    hours = sending.office(await policy.in_force(session, local_date(now)))
    values = {"broadcast": row.id, "stage": number, "now": now, "size": RANGE}
    await session.execute(_BEGIN, values | {"due": sending.held(now, hours)})
    ranges = (await session.execute(_CUT, values)).all()
    await note(session, row.id, "stage_begun", None, now=now, stage=number, ranges=len(ranges))


async def store_range(session: AsyncSession, *, now: datetime) -> Done | None:
    """Store the messages of one open range of a broadcast that is being sent; None when there is none to take.

    Whoever stops or pauses the broadcast waits for this transaction, and meets all of its rows.
    """
    row = (await session.execute(_TAKE)).first()
    if row is None:
        return None
    stored = int(await session.scalar(_STORE, _values(row)) or 0)
    mark = {"broadcast": row.id, "stage": row.stage, "number": row.number, "stored": stored, "now": now}
    await session.execute(_MARK, mark)
    return Done(row.id, row.stage, stored)


def _values(row: Row[Any]) -> dict[str, Any]:
    """What is stored is as of the stage's beginning, whenever the range is done."""
    about = {"broadcast": str(row.id), "key": catalogue_broadcasts.key(row.klass, row.category)}
    about |= {"klass": row.klass, "category": row.category, "params": json.dumps({TEXT: str(row.id)})}
    part = {"above": row.above, "up_to": row.up_to, "first": row.first_id, "last": row.last_id}
    times = {
        "at": row.begun_at,
        "stamp": f"{int(row.begun_at.timestamp() * 1000):012x}",
        "due": row.due_from,
        "spread": row.spread_minutes,
        "until": row.begun_at + timedelta(days=row.valid_days),
    }
    return about | part | times | audiences.values(audiences.stored(row.audience), local_date(row.begun_at))


async def clear(session: AsyncSession, *, now: datetime) -> int | None:
    """Take back a part of what a stopped broadcast had not sent; how many rows. None when nothing can be cleared now.

    Deliveries are cancelled. Who was not told and has not read it does not find it in the inbox any more.
    """
    row = (await session.execute(_TO_CLEAR)).first()
    if row is None:
        return None
    values = {"broadcast": str(row.id), "most": CLEARED_AT_ONCE, "now": now, "error": STOPPED}
    cancelled = len((await session.execute(_CANCEL, values)).all())
    if cancelled:
        return cancelled
    gone = 0
    for stage in await session.execute(_STAGES, {"broadcast": row.id}):
        if stage.begun_at is not None:
            gone += len((await session.execute(_UNTELL, values | bounds(stage.begun_at))).all())
    if not gone and await session.scalar(_IN_HAND, values):
        return None
    if not gone:
        await session.execute(_CLEARED, {"broadcast": row.id, "now": now})
        await note(session, row.id, "cleared", None, now=now)
    return gone


def bounds(begun_at: datetime) -> dict[str, UUID]:
    """The lowest and highest ids of a stage's messages, which begin with its instant."""
    stamp = int(begun_at.timestamp() * 1000) << 80
    return {"low": UUID(int=stamp), "high": UUID(int=stamp | (1 << 80) - 1)}


_UNDER_WAY = text("""
SELECT count(*) FROM broadcast WHERE state = 'sending' OR (state = 'stopped' AND cleared_at IS NULL)
""")
_TO_ADVANCE = text("""
SELECT id, spread_minutes, send_from FROM broadcast WHERE state = 'sending' ORDER BY id FOR UPDATE SKIP LOCKED
""")
_CLOSE = text("""
UPDATE broadcast_stage s SET done_at = :now
WHERE s.broadcast_id = :broadcast AND s.begun_at IS NOT NULL AND s.done_at IS NULL AND NOT EXISTS (
    SELECT FROM broadcast_range r WHERE r.broadcast_id = s.broadcast_id AND r.stage = s.number AND r.done_at IS NULL)
RETURNING s.number, (SELECT sum(r.stored) FROM broadcast_range r
                     WHERE r.broadcast_id = s.broadcast_id AND r.stage = s.number) AS stored
""")
_STAGES = text("SELECT * FROM broadcast_stage WHERE broadcast_id = :broadcast ORDER BY number")
_SENT = text("UPDATE broadcast SET state = 'sent', ended_at = :now WHERE id = :broadcast AND state = 'sending'")
_BEGIN = text("""
UPDATE broadcast_stage SET begun_at = :now, due_from = :due WHERE broadcast_id = :broadcast AND number = :stage
""")
_CUT = text("""
INSERT INTO broadcast_range (broadcast_id, stage, number, first_id, last_id)
SELECT :broadcast, :stage, number, CAST(min(CAST(id AS text)) AS uuid), CAST(max(CAST(id AS text)) AS uuid)
FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / CAST(:size AS int) AS number FROM member) numbered
GROUP BY number
RETURNING number
""")

# A shared lock on the broadcast: ranges are stored side by side, and a stop waits for them.
_TAKE = text("""
SELECT b.*, r.stage, r.number, r.first_id, r.last_id, s.begun_at, s.due_from, s.share / 100.0 AS up_to,
    coalesce((SELECT p.share FROM broadcast_stage p WHERE p.broadcast_id = b.id AND p.number = s.number - 1), 0) / 100.0
        AS above
FROM broadcast_range r
JOIN broadcast_stage s ON s.broadcast_id = r.broadcast_id AND s.number = r.stage
JOIN broadcast b ON b.id = r.broadcast_id
WHERE r.done_at IS NULL AND b.state = 'sending'
ORDER BY r.broadcast_id, r.stage, r.number LIMIT 1
FOR UPDATE OF r SKIP LOCKED FOR SHARE OF b SKIP LOCKED
""")
_MARK = text("""
UPDATE broadcast_range SET done_at = :now, stored = :stored
WHERE broadcast_id = :broadcast AND stage = :stage AND number = :number
""")

# Ids in the shape of UUIDv7: the stage's instant, then what the hash of broadcast and member (and phone) makes of it.
_ID = "CAST(CAST(:stamp AS text) || '7' || substr({hash}, 17, 3) || 'a' || substr({hash}, 20, 13) || '00' AS uuid)"
_SHARE = "('x' || substr({hash}, {first}, 8))::bit(32)::bigint / 4294967296.0"
# What is new is joined to tables, never to the list that it came from: the planner cannot tell how long that is.
_STORE = text(f"""
WITH chosen AS MATERIALIZED (
    SELECT m.id AS member_id, md5(CAST(:broadcast AS text) || CAST(m.id AS text)) AS h
    FROM member m
    WHERE m.id BETWEEN :first AND :last AND {FITS}
), new AS (
    INSERT INTO message (id, member_id, key, period, klass, params, cause, created_at, valid_until)
    SELECT {_ID.format(hash="h")}, member_id, :key, :broadcast, :klass, CAST(:params AS jsonb), CAST(:params AS jsonb),
        :at, :until
    FROM chosen
    WHERE {_SHARE.format(hash="h", first=1)} >= :above AND {_SHARE.format(hash="h", first=1)} < :up_to
    ORDER BY member_id
    ON CONFLICT (member_id, key, period) DO NOTHING
    RETURNING id, member_id
), inbox AS (
    INSERT INTO inbox_entry (message_id, member_id, at) SELECT id, member_id, :at FROM new
), deliveries AS (
    INSERT INTO delivery (id, message_id, member_id, device_id, due_at, valid_until, created_at)
    SELECT {_ID.format(hash="md5(CAST(p.device_id AS text) || p.h)")}, p.message_id, p.member_id, p.device_id,
        CAST(:due AS timestamptz) + make_interval(mins => :spread) * ({_SHARE.format(hash="p.h", first=9)}), :until, :at
    FROM (
        SELECT new.id AS message_id, m.id AS member_id, v.id AS device_id,
            md5(CAST(:broadcast AS text) || CAST(m.id AS text)) AS h
        FROM new JOIN member m ON m.id = new.member_id
        JOIN device v ON v.member_id = m.id AND v.revoked_at IS NULL
        WHERE NOT m.digital_exempt AND {WANTS_PUSH}
    ) p
)
SELECT count(*) FROM new
""")  # noqa: S608 - SQL of ours

_TO_CLEAR = text("""
SELECT id FROM broadcast WHERE state = 'stopped' AND cleared_at IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
""")
_CANCEL = text("""
WITH mine AS (
    SELECT d.id FROM delivery d JOIN message m ON m.id = d.message_id
    WHERE d.state = 'due' AND m.params ->> 'broadcast' = :broadcast
    LIMIT :most FOR UPDATE OF d SKIP LOCKED
), ended AS (
    DELETE FROM delivery d USING mine WHERE d.id = mine.id RETURNING d.*
)
INSERT INTO delivery_done (id, message_id, member_id, device_id, channel, state, attempts, last_error, due_at,
    created_at, finished_at)
SELECT id, message_id, member_id, device_id, channel, 'cancelled', attempts, :error, least(due_at, valid_until),
    created_at, :now
FROM ended
RETURNING 1
""")
_IN_HAND = text("""
SELECT 1 FROM delivery d JOIN message m ON m.id = d.message_id WHERE m.params ->> 'broadcast' = :broadcast LIMIT 1
""")
# The message itself stays: it is what keeps a member from being written to again.
_UNTELL = text("""
DELETE FROM inbox_entry e
WHERE e.message_id IN (
    SELECT m.id FROM message m JOIN inbox_entry i ON i.message_id = m.id
    WHERE m.id BETWEEN :low AND :high AND m.params ->> 'broadcast' = :broadcast AND i.read_at IS NULL
      AND NOT EXISTS (SELECT FROM delivery d WHERE d.message_id = m.id)
      AND NOT EXISTS (SELECT FROM delivery_done d WHERE d.message_id = m.id AND d.state IN ('sent', 'bundled'))
    LIMIT :most)
RETURNING 1
""")
_CLEARED = text("UPDATE broadcast SET cleared_at = :now WHERE id = :broadcast")
