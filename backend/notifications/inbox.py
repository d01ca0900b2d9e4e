"""The member's inbox: messages with their read state, written in the reader's language when they are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import NotFound
from backend.notifications import catalogue, rendering


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as its reader sees it. `id` is the message's, and the cursor of a page that ends with it."""

    id: UUID
    key: str
    category: str
    title: str
    body: str
    at: datetime
    valid_until: datetime
    read_at: datetime | None
    cause: Mapping[str, Any]


async def page(
    session: AsyncSession, member_id: UUID, *, language: str, fund: str, before: UUID | None = None, limit: int = 50
) -> list[Letter]:
    """The newest messages, or those older than the message `before`; newest first. One statement."""
    found = await session.execute(_PAGE, {"member": member_id, "before": before, "limit": limit})
    return [_letter(row, language, fund) for row in found]


async def get(session: AsyncSession, member_id: UUID, message_id: UUID, *, language: str, fund: str) -> Letter:
    """One message. Raises NotFound, also for another member's."""
    row = (await session.execute(_ONE, {"member": member_id, "message": message_id})).first()
    if row is None:
        raise NotFound
    return _letter(row, language, fund)


async def unread(session: AsyncSession, member_id: UUID) -> int:
    """How many messages have not been read."""
    return int(await session.scalar(_UNREAD, {"member": member_id}) or 0)


async def mark(session: AsyncSession, member_id: UUID, message_id: UUID, *, read: bool, now: datetime) -> None:
    """Mark one message read or unread; the first reading's time stays. Raises NotFound.

    A legal notice stays as it is: what counts as reading it is `open_letter`.
    """
    values = {"member": member_id, "message": message_id, "now": now if read else None}
    if (await session.execute(_MARK, values)).first() is None:
        raise NotFound


async def open_letter(session: AsyncSession, member_id: UUID, message_id: UUID, *, now: datetime) -> None:
    """The member has the whole text of a legal notice before them: it is read from now on."""
    await session.execute(_OPEN, {"member": member_id, "message": message_id, "now": now})


async def mark_all_read(session: AsyncSession, member_id: UUID, *, now: datetime) -> int:
    """Mark everything read but legal notices, which are read by being opened; how many were not."""
    return len((await session.execute(_MARK_ALL, {"member": member_id, "now": now})).all())


def render(kind: catalogue.MessageType, language: str, stored: Mapping[str, object], **given: str) -> tuple[str, str]:
    """Title and body; `stored` are the message's params, `given` what the reader's surroundings fill in (GIVEN)."""
    return rendering.in_app(kind, language, catalogue.decode(kind, stored), **given)


def _letter(row: Row[Any], language: str, fund: str) -> Letter:
    kind = catalogue.BY_ID[row.key]
    title, body = _written(row, language) or render(kind, language, row.params, phone=row.phone, fund=fund)
    return Letter(row.id, row.key, kind.category, title, body, row.at, row.valid_until, row.read_at, row.cause)


def _written(row: Row[Any], language: str) -> tuple[str, str] | None:
    """What a person wrote to many members: data, shown as it is."""
    if row.title_da is None:
        return None
    return (row.title_en, row.body_en) if language == "en" else (row.title_da, row.body_da)


_SELECT = """
SELECT m.id, m.key, m.params, m.cause, e.at, m.valid_until, e.read_at, b.phone, t.title_da, t.body_da, t.title_en,
    t.body_en
FROM inbox_entry e
JOIN message m ON m.id = e.message_id
LEFT JOIN message_text t ON t.id = CAST(m.params ->> 'broadcast' AS uuid)
JOIN member ON member.id = e.member_id
JOIN branch b ON b.id = member.branch_id
WHERE e.member_id = :member
"""

_PAGE = text(
    _SELECT + "AND (CAST(:before AS uuid) IS NULL OR e.message_id < :before) ORDER BY e.message_id DESC LIMIT :limit"
)

_ONE = text(_SELECT + "AND e.message_id = :message")

_UNREAD = text("SELECT count(*) FROM inbox_entry WHERE member_id = :member AND read_at IS NULL")

_MARK = text("""
UPDATE inbox_entry e SET read_at = CASE
    WHEN m.klass = 'L' THEN e.read_at
    WHEN CAST(:now AS timestamptz) IS NOT NULL THEN coalesce(e.read_at, :now)
END
FROM message m
WHERE m.id = e.message_id AND e.member_id = :member AND e.message_id = :message
RETURNING e.message_id
""")

_OPEN = text("""
UPDATE inbox_entry SET read_at = coalesce(read_at, :now) WHERE member_id = :member AND message_id = :message
""")

_MARK_ALL = text("""
UPDATE inbox_entry e SET read_at = :now
FROM message m
WHERE m.id = e.message_id AND m.klass <> 'L' AND e.member_id = :member AND e.read_at IS NULL
RETURNING e.message_id
""")
