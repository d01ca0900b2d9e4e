"""What a simulated year left in the database: every delivery with its message, and the phones that a message met."""

from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class Sent:
    """One delivery and how it ended (`state` due or sending: it has not). `carrier_id`: another's push told of it."""

    delivery_id: UUID
    message_id: UUID
    member_id: UUID
    device_id: UUID | None
    channel: str
    state: str
    error: str | None
    finished_at: datetime | None
    key: str
    klass: str
    period: str
    created_at: datetime
    valid_until: datetime
    carrier_id: UUID | None


@dataclass(frozen=True, slots=True)
class Told:
    """A message as a whole: how many phones its member had when it was made, and whether it is in the inbox."""

    message_id: UUID
    member_id: UUID
    key: str
    klass: str
    created_at: datetime
    phones: int
    in_inbox: bool
    letter: bool


@dataclass(frozen=True, slots=True)
class Member:
    """What a member chose. `refused` are the categories without pushes."""

    member_id: UUID
    exempt: bool
    refused: frozenset[str]
    quiet_from: time | None
    quiet_until: time | None


@dataclass(frozen=True, slots=True)
class Year:
    """Everything there is to check."""

    deliveries: list[Sent]
    messages: list[Told]
    members: dict[UUID, Member]
    colours: dict[str, dict[str, int]]
    tasks: dict[str, int]


async def read(session: AsyncSession) -> Year:
    """The whole year. Five statements."""
    deliveries = [Sent(*row) for row in await session.execute(_DELIVERIES)]
    messages = [Told(*row) for row in await session.execute(_MESSAGES)]
    members = {
        row.id: Member(row.id, row.digital_exempt, frozenset(row.refused), row.quiet_from, row.quiet_until)
        for row in await session.execute(_MEMBERS)
    }
    colours: dict[str, dict[str, int]] = {}
    for month, colour, n in await session.execute(_COLOURS):
        colours.setdefault(month, {})[colour] = n
    tasks = {row[0]: int(row[1]) for row in await session.execute(_TASKS)}
    return Year(deliveries, messages, members, colours, tasks)


_DELIVERIES = text("""
SELECT d.id, d.message_id, d.member_id, d.device_id, d.channel, d.state, d.last_error, d.finished_at,
    m.key, m.klass, m.period, m.created_at, m.valid_until, m.carrier_id
FROM (
    SELECT id, message_id, member_id, device_id, channel, state, last_error, finished_at FROM delivery_done
    UNION ALL
    SELECT id, message_id, member_id, device_id, channel, state, last_error, NULL FROM delivery
) AS d JOIN message AS m ON m.id = d.message_id
""")
_MESSAGES = text("""
SELECT m.id, m.member_id, m.key, m.klass, m.created_at,
    (SELECT count(*) FROM device v WHERE v.member_id = m.member_id AND v.registered_at <= m.created_at
        AND (v.revoked_at IS NULL OR v.revoked_at > m.created_at)) AS phones,
    EXISTS (SELECT FROM inbox_entry e WHERE e.message_id = m.id) AS in_inbox,
    EXISTS (SELECT FROM notice n WHERE n.message_id = m.id) AS letter
FROM message m
""")
_MEMBERS = text("""
SELECT m.id, m.digital_exempt, s.quiet_from, s.quiet_until,
    coalesce(array_agg(p.category) FILTER (WHERE p.channel = 'push' AND NOT p.wanted), '{}') AS refused
FROM member m LEFT JOIN notification_setting s ON s.member_id = m.id
    LEFT JOIN notification_preference p ON p.member_id = m.id
GROUP BY m.id, s.quiet_from, s.quiet_until
""")
_COLOURS = text("""
SELECT to_char(rated_on, 'YYYY-MM') AS month, colour, count(*) FROM rating WHERE mode = 'weekly'
GROUP BY 1, 2 ORDER BY 1, 2
""")
_TASKS = text("SELECT kind, count(*) FROM task GROUP BY 1 ORDER BY 1")
