"""Climbing the ladder: for messages whose time has come, the steps of ladder_rules.py with their deliveries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date, local_time
from backend.db.types import new_id
from backend.notifications import catalogue, ladder_rules, policy, sending
from backend.notifications.claimed import Claimed
from backend.notifications.ladder_rules import ANNOUNCEMENTS, WAIT, Decision, Standing, Step

MOST = 1000
SMILEYS = [kind.id for kind in catalogue.CATALOGUE if kind.smiley]


@dataclass(frozen=True, slots=True)
class Climbed:
    """A step that was taken."""

    message_id: UUID
    member_id: UUID
    key: str
    step: Step


async def climb(
    session: AsyncSession, *, now: datetime, only: Sequence[UUID] | None = None, limit: int = MOST
) -> tuple[list[Climbed], int]:
    """Take the steps of up to `limit` messages whose turn it is, or of the messages `only`, whatever their turn.

    The steps taken, and how many messages were looked at. Three statements. A step is taken once, by constraint;
    messages that another worker has in hand are left to it.
    """
    decided = await _decided(session, now=now, only=only, limit=limit)
    if not decided:
        return [], 0
    taken = {(row.message_id, row.rung) for row in await session.execute(_TAKE, _columns(decided, now))}
    climbed = [Climbed(row["id"], row["member_id"], row["key"], step) for row, found in decided for step in found.steps]
    return [one for one in climbed if (one.message_id, one.step.rung) in taken], len(decided)


async def with_a_turn(session: AsyncSession, message_ids: Sequence[UUID], *, now: datetime) -> list[UUID]:
    """Those of the messages for which there is a step, now or later. Nothing is changed; two statements, or none."""
    decided = await _decided(session, now=now, only=message_ids, limit=MOST) if message_ids else []
    return [row["id"] for row, found in decided if found.steps or found.next_at]


async def _decided(
    session: AsyncSession, *, now: datetime, only: Sequence[UUID] | None, limit: int
) -> list[tuple[RowMapping, Decision]]:
    which, values = (_DUE, {"now": now, "limit": limit}) if only is None else (_THESE, {"only": list(only)})
    values |= {"seen": now - sending.STALE_AFTER, "smileys": SMILEYS, "lately": now - policy.LONGEST_LOOK}
    rows = (await session.execute(which, values)).mappings().all()
    if not rows:
        return []
    apart = timedelta(days=(await policy.in_force(session, local_date(now))).smiley_days)
    known = [row for row in rows if row["key"] in catalogue.BY_ID]
    decided = [(row, ladder_rules.decide(_standing(row, apart), now)) for row in known]
    return decided + [(row, Decision((), None)) for row in rows if row["key"] not in catalogue.BY_ID]


async def look_again(session: AsyncSession, message_ids: Collection[UUID], *, now: datetime) -> None:
    """It is at once the turn of those of the messages that are legal notices: something about them changed."""
    if message_ids:
        await session.execute(_AGAIN, {"messages": sorted(message_ids), "now": now})


async def colour_told(session: AsyncSession, rows: Sequence[Claimed], *, today: date) -> dict[UUID, date]:
    """Of these rows' members the day on which they were last told of their colour by SMS or e-mail, of another message.

    No statement when there are no rows.
    """
    if not rows:
        return {}
    about = {"members": [row.member_id for row in rows], "messages": [row.message_id for row in rows]}
    since = local_time(today - policy.LONGEST_LOOK, time())
    found = await session.execute(_COLOUR_TOLD, about | {"smileys": SMILEYS, "since": since})
    return {row.member_id: local_date(row.at) for row in found}


async def hasten(session: AsyncSession, message_ids: Collection[UUID], *, now: datetime) -> None:
    """It is at once the turn of those of the messages whose ladder still has a turn to come."""
    if message_ids:
        await session.execute(_HASTEN, {"messages": sorted(message_ids), "now": now})


def _standing(row: RowMapping, apart: timedelta) -> Standing:
    kind = catalogue.BY_ID[row["key"]]
    wishes: Mapping[str, Mapping[str, bool]] = row["wishes"] or {}
    return Standing(
        kind=kind,
        created_at=row["created_at"],
        valid_until=row["valid_until"],
        told_at=row["told_at"],
        delivered=row["delivered"],
        given_up=row["given_up"],
        has_device=row["has_device"],
        read=row["read"],
        exempt=row["digital_exempt"],
        phone=row["phone"],
        email=row["email"],
        wishes=wishes.get(kind.category, {}),
        announce_by=row["announce_by"],
        taken=frozenset(row["taken"] or ()),
        not_before=row["colour_at"] + apart if row["colour_at"] else None,
    )


def _columns(decided: Sequence[tuple[RowMapping, Decision]], now: datetime) -> dict[str, Any]:
    steps = [(row, step) for row, found in decided for step in found.steps]
    burst = len(steps) > sending.BURST
    due = [_due_at(row, step, now, burst) for row, step in steps]
    return {
        "now": now,
        "messages": [row["id"] for row, _ in decided],
        "next": [found.next_at for _, found in decided],
        "climbed": [sum(step.rung != "mailbox" for step in found.steps) for _, found in decided],
        "step_messages": [row["id"] for row, _ in steps],
        "members": [row["member_id"] for row, _ in steps],
        "rungs": [step.rung for _, step in steps],
        "reasons": [step.reason for _, step in steps],
        "deliveries": [new_id() for _ in steps],
        "due": due,
        "until": [_until(row, step, at) for (row, step), at in zip(steps, due, strict=True)],
    }


def _due_at(row: RowMapping, step: Step, now: datetime, burst: bool) -> datetime:
    """Announcements keep the quiet hours; a mailbox and a print house have none. Whose hours depend on the day: the
    claim judges.
    """
    if step.rung not in ANNOUNCEMENTS or catalogue.BY_ID[row["key"]].hours != "office":
        return now
    return sending.due_at(now, row["member_id"], burst=burst)


def _until(row: RowMapping, step: Step, due_at: datetime) -> datetime:
    """An announcement that another one may follow is not sent any more when that one's turn has come."""
    valid_until: datetime = row["valid_until"]
    return min(valid_until, due_at + WAIT) if step.followed else valid_until


# Whether it was told: the message itself, or the one whose push told of it. A phone that nobody may look at any more
# counts as none (sending.STALE_AFTER). A push that was tried and failed counts from when the message was made: when it
# is looked at again was set by when the push was due.
_STANDING = """
WITH turn AS MATERIALIZED ({turn})
SELECT m.id, m.member_id, m.key, m.created_at, m.valid_until, e.read_at IS NOT NULL AS read,
    member.digital_exempt, member.phone, member.email, coalesce(s.announce_by, 'push') AS announce_by,
    greatest(m.created_at,
        (SELECT max(t.at) FROM message_step t WHERE t.message_id = m.id AND t.rung IN ('sms', 'email')),
        (SELECT max(d.due_at) FROM delivery d
         WHERE d.message_id = m.id AND d.attempts = 0 AND d.channel IN ('push', 'sms', 'email'))) AS told_at,
    EXISTS (SELECT FROM delivery_done f LEFT JOIN device v ON v.id = f.device_id
            WHERE f.message_id IN (m.id, m.carrier_id) AND f.state = 'sent' AND f.channel IN ('push', 'sms', 'email')
            AND (v.id IS NULL OR v.last_seen_at >= :seen)) AS delivered,
    EXISTS (SELECT FROM delivery_done f WHERE f.message_id = m.id AND f.channel IN ('push', 'sms', 'email'))
        AND NOT EXISTS (SELECT FROM delivery d WHERE d.message_id = m.id AND d.channel IN ('push', 'sms', 'email'))
        AS given_up,
    EXISTS (SELECT FROM device v WHERE v.member_id = m.member_id AND v.revoked_at IS NULL AND v.last_seen_at >= :seen)
        AS has_device,
    (SELECT array_agg(t.rung) FROM message_step t WHERE t.message_id = m.id) AS taken,
    CASE WHEN m.key = ANY(:smileys) THEN greatest(
        (SELECT max(t.at) FROM message o JOIN message_step t ON t.message_id = o.id
         WHERE o.member_id = m.member_id AND o.key = ANY(:smileys) AND o.id <> m.id AND t.at > :lately),
        (SELECT max(CAST(p.day AS timestamp) AT TIME ZONE 'Europe/Copenhagen') FROM push_slot p
         WHERE p.member_id = m.member_id AND p.smiley AND p.message_id NOT IN (m.id, coalesce(m.carrier_id, m.id)))
    ) END AS colour_at,
    (SELECT jsonb_object_agg(c.category, c.wishes) FROM (
        SELECT p.category, jsonb_object_agg(p.channel, p.wanted) AS wishes FROM notification_preference p
        WHERE p.member_id = m.member_id GROUP BY p.category) c) AS wishes
FROM turn
JOIN message m ON m.id = turn.id
JOIN member ON member.id = m.member_id
LEFT JOIN inbox_entry e ON e.message_id = m.id
LEFT JOIN notification_setting s ON s.member_id = m.member_id
ORDER BY m.id
"""
_DUE = text(
    _STANDING.format(
        turn="SELECT id FROM message WHERE next_rung_at <= :now"
        " ORDER BY next_rung_at LIMIT :limit FOR UPDATE SKIP LOCKED"
    )
)
_THESE = text(_STANDING.format(turn="SELECT id FROM message WHERE id = ANY(:only) ORDER BY id FOR UPDATE SKIP LOCKED"))

_AGAIN = text("""
UPDATE message m SET next_rung_at = :now FROM (
    SELECT id FROM message WHERE id = ANY(:messages) AND klass = 'L' ORDER BY id FOR NO KEY UPDATE
) notice WHERE m.id = notice.id
""")

_COLOUR_TOLD = text("""
SELECT m.member_id, max(t.at) AS at FROM message m JOIN message_step t ON t.message_id = m.id
WHERE m.member_id = ANY(:members) AND m.key = ANY(:smileys) AND m.id <> ALL(:messages) AND t.at > :since
GROUP BY m.member_id
""")

_HASTEN = text("""
UPDATE message m SET next_rung_at = :now FROM (
    SELECT id FROM message WHERE id = ANY(:messages) AND next_rung_at > :now ORDER BY id FOR NO KEY UPDATE
) late WHERE m.id = late.id
""")

_TAKE = text("""
WITH moved AS (
    UPDATE message m SET next_rung_at = n.next, rung = m.rung + n.rungs
    FROM unnest(CAST(:messages AS uuid[]), CAST(:next AS timestamptz[]), CAST(:climbed AS int[])) AS n (id, next, rungs)
    WHERE m.id = n.id
), step AS (
    SELECT * FROM unnest(
        CAST(:step_messages AS uuid[]), CAST(:members AS uuid[]), CAST(:rungs AS text[]), CAST(:reasons AS text[]),
        CAST(:deliveries AS uuid[]), CAST(:due AS timestamptz[]), CAST(:until AS timestamptz[])
    ) AS s (message_id, member_id, rung, reason, delivery_id, due_at, valid_until)
), taken AS (
    INSERT INTO message_step (message_id, rung, reason, at) SELECT message_id, rung, reason, :now FROM step
    ON CONFLICT DO NOTHING
    RETURNING message_id, rung
), sent AS (
    INSERT INTO delivery (id, message_id, member_id, channel, due_at, valid_until, created_at)
    SELECT delivery_id, message_id, member_id, rung, due_at, valid_until, :now
    FROM step JOIN taken USING (message_id, rung) WHERE rung <> 'phone'
    ON CONFLICT DO NOTHING
)
SELECT message_id, rung FROM taken
""")
