"""Reading notices: those of a member, one with its letter's marks, and every step of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import NotFound


@dataclass(frozen=True, slots=True)
class Summary:
    """A notice in a list. The instants are the first of their kind, None while it has not happened."""

    id: UUID
    message_id: UUID
    key: str
    template: str
    heading: str
    created_at: datetime
    available_at: datetime | None
    announced_at: datetime | None
    opened_at: datetime | None
    cancelled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Full:
    """A notice with everything but the letter's bytes; the letter's marks are None until it is made."""

    id: UUID
    message_id: UUID
    member_id: UUID
    key: str
    period: str
    template: str
    template_version: int
    consequence: str | None
    consequence_version: int | None
    language: str
    recipient: Mapping[str, Any]
    origin: str
    author: Mapping[str, Any] | None
    approver: Mapping[str, Any] | None
    digital_exempt: bool
    content: Mapping[str, Any]
    created_at: datetime
    sha256: str | None
    size: int | None
    layout: str | None
    program: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened. `detail` holds receipts, the letter's hash, or what a person wrote."""

    kind: str
    at: datetime
    staff: str | None
    detail: Mapping[str, Any]


async def of_member(
    session: AsyncSession, member_id: UUID, *, before: UUID | None = None, limit: int = 50
) -> list[Summary]:
    """A member's notices, newest first; those older than the notice `before`. One statement."""
    found = await session.execute(_OF_MEMBER, {"member": member_id, "before": before, "limit": limit})
    return [Summary(**row) for row in found.mappings()]


async def of_messages(session: AsyncSession, message_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The ids of the messages' notices, by message; most messages have none."""
    if not message_ids:
        return {}
    found = await session.execute(_OF_MESSAGES, {"messages": list(message_ids)})
    return {row.message_id: row.id for row in found}


async def one(session: AsyncSession, notice_id: UUID) -> Full:
    """A notice. Raises NotFound."""
    row = (await session.execute(_ONE, {"notice": notice_id})).mappings().first()
    if row is None:
        raise NotFound
    return Full(**row)


async def steps(session: AsyncSession, notice_id: UUID) -> list[Step]:
    """All that happened to a notice, in order."""
    found = await session.execute(_STEPS, {"notice": notice_id})
    return [Step(**row) for row in found.mappings()]


async def pdf(session: AsyncSession, notice_id: UUID) -> bytes | None:
    """The letter's bytes as they lie in the database now, None while there are none."""
    found = await session.scalar(_PDF, {"notice": notice_id})
    return bytes(found) if found is not None else None


async def guidance(session: AsyncSession, member_id: UUID) -> list[dict[str, Any]]:
    """When, how and by whom the member was guided on digital mail, in order."""
    found = await session.execute(_GUIDANCE, {"member": member_id})
    return [dict(row) for row in found.mappings()]


async def deliveries(session: AsyncSession, message_id: UUID) -> list[dict[str, Any]]:
    """The message's deliveries that have not ended, which no step tells of yet."""
    found = await session.execute(_OPEN, {"message": message_id})
    return [dict(row) for row in found.mappings()]


def first(found: Iterable[Step], kind: str) -> Step | None:
    return next((step for step in found if step.kind == kind), None)


_OF_MEMBER = text("""
SELECT n.id, n.message_id, m.key, n.template, n.content ->> 'heading' AS heading, n.created_at,
    min(e.at) FILTER (WHERE e.kind IN ('available', 'posted')) AS available_at,
    min(e.at) FILTER (WHERE e.kind = 'announced') AS announced_at,
    min(e.at) FILTER (WHERE e.kind = 'opened') AS opened_at,
    min(e.at) FILTER (WHERE e.kind = 'cancelled') AS cancelled_at
FROM notice n
JOIN message m ON m.id = n.message_id
LEFT JOIN notice_event e ON e.notice_id = n.id
WHERE n.member_id = :member AND (CAST(:before AS uuid) IS NULL OR n.id < :before)
GROUP BY n.id, m.key
ORDER BY n.id DESC LIMIT :limit
""")

_OF_MESSAGES = text("SELECT message_id, id FROM notice WHERE message_id = ANY(:messages)")

_ONE = text("""
SELECT n.id, n.message_id, n.member_id, m.key, m.period, n.template, n.template_version, n.consequence,
    n.consequence_version, n.language, n.recipient, n.origin, n.digital_exempt, n.content, n.created_at,
    CASE WHEN a.id IS NOT NULL THEN jsonb_build_object('staffNo', a.staff_no, 'name', a.name, 'role', a.role) END
        AS author,
    CASE WHEN p.id IS NOT NULL THEN jsonb_build_object('staffNo', p.staff_no, 'name', p.name, 'role', p.role) END
        AS approver,
    l.sha256, l.size, l.layout, l.program
FROM notice n
JOIN message m ON m.id = n.message_id
LEFT JOIN staff a ON a.id = n.author_id
LEFT JOIN staff p ON p.id = n.approved_by
LEFT JOIN notice_letter l ON l.notice_id = n.id
WHERE n.id = :notice
""")

_STEPS = text("""
SELECT e.kind, e.at, s.name AS staff, e.detail
FROM notice_event e LEFT JOIN staff s ON s.id = e.staff_id
WHERE e.notice_id = :notice ORDER BY e.at, e.id
""")

_PDF = text("SELECT pdf FROM notice_letter WHERE notice_id = :notice")

_GUIDANCE = text("""
SELECT g.at, g.how, s.name AS staff FROM digital_guidance g JOIN staff s ON s.id = g.staff_id
WHERE g.member_id = :member ORDER BY g.at, g.id
""")

_OPEN = text("""
SELECT channel, state, due_at AS due, attempts, last_error AS error FROM delivery
WHERE message_id = :message ORDER BY created_at, id
""")
