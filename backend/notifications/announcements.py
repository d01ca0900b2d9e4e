"""Claimed deliveries as SMS and e-mail, which say that there is something to read, and as letters, which are it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.delivery.types import Announcement, Letter
from backend.notifications import catalogue, inbox, rendering
from backend.notifications.claimed import Claimed


async def build(session: AsyncSession, rows: Sequence[Claimed], *, fund: str) -> list[Announcement]:
    """One SMS or e-mail per row, in order, in the member's language; it tells no more than a locked phone may show."""
    readers = await _readers(session, rows)
    return [_announcement(row, readers[row.id], fund) for row in rows]


async def letters(
    session: AsyncSession, rows: Sequence[Claimed], pdfs: Mapping[UUID, bytes], *, fund: str
) -> list[Letter]:
    """One letter per row, in order; `pdfs` by message id, of those that have one."""
    readers = await _readers(session, rows)
    return [_letter(row, readers[row.id], pdfs.get(row.message_id), fund) for row in rows]


async def already_read(session: AsyncSession, rows: Sequence[Claimed]) -> set[UUID]:
    """The deliveries that only announce what the member has read meanwhile."""
    about = {row.message_id for row in rows if row.channel in ("sms", "email")}
    if not about:
        return set()
    read = set(await session.scalars(_READ, {"messages": list(about)}))
    return {row.id for row in rows if row.message_id in read and row.channel in ("sms", "email")}


async def _readers(session: AsyncSession, rows: Sequence[Claimed]) -> dict[UUID, Row[Any]]:
    found = await session.execute(_READERS, {"deliveries": [row.id for row in rows]})
    return {row.id: row for row in found}


def _announcement(row: Claimed, reader: Row[Any], fund: str) -> Announcement:
    texts = rendering.of_stored(row.key, row.language, row.params, fund=fund, phone=reader.phone)
    if row.channel == "sms":
        return Announcement(row.id, row.address, "", texts.sms)
    return Announcement(row.id, row.address, texts.email_subject, texts.email_text)


def _letter(row: Claimed, reader: Row[Any], pdf: bytes | None, fund: str) -> Letter:
    kind = catalogue.BY_ID[row.key]
    title, body = inbox.render(kind, row.language, row.params, phone=reader.phone, fund=fund)
    return Letter(row.id, row.message_id, reader.member_no, reader.name, row.language, title, body, pdf)


_READ = text("SELECT message_id FROM inbox_entry WHERE message_id = ANY(:messages) AND read_at IS NOT NULL")
_READERS = text("""
SELECT d.id, member.member_no, member.name, b.phone
FROM delivery d JOIN member ON member.id = d.member_id JOIN branch b ON b.id = member.branch_id
WHERE d.id = ANY(:deliveries)
""")
