"""Writing a legal notice: the message, the letter's content and the first event, in the transaction of what caused it.

The letter's shape is made later, outside of any transaction, and kept before anything is announced: `unwritten` names
what lacks one, `render.letter` makes it, `keep` stores it once. Doors do these three in a row.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date
from backend.db.types import new_id
from backend.errors import NotFound
from backend.notices import compose, render, templates
from backend.notices.compose import Content, Reader
from backend.notices.render import Pdf
from backend.notices.templates import Letter
from backend.notifications import service as notifications
from backend.notifications.service import NewMessage

Origin = Literal["called_in", "self_booked", "rule", "decision"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNotice:
    """A legal notice to one member: `template` names the letter, `letter` what it is filled with.

    `period`, `params` and `cause` are those of the message that announces it (notifications.NewMessage), whose key is
    the letter's; a notice of (member, key, period) is written once. `author_id` and `approved_by` are the people who
    wrote it and let it go: a call-in and a decision need an approver, what a rule sends has none.
    `holder` in `letter`, whom the member meets, is the member's adviser where it is left out.
    """

    member_id: UUID
    template: str
    period: str
    letter: Mapping[str, object]
    origin: Origin
    author_id: UUID | None = None
    approved_by: UUID | None = None
    params: Mapping[str, object] = field(default_factory=dict)
    cause: Mapping[str, Any] = field(default_factory=dict)


class Unwritten(NamedTuple):
    """A notice that has no letter yet."""

    notice_id: UUID
    message_id: UUID
    content: Mapping[str, Any]
    created_at: datetime


class _Reader(NamedTuple):
    reader: Reader
    adviser: str
    digital_exempt: bool


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    notice: NewNotice
    version: Letter
    content: Content
    digital_exempt: bool


async def send(session: AsyncSession, notices: Sequence[NewNotice], *, now: datetime) -> int:
    """Write and announce what is new of the notices; how many were new. A fixed number of statements for any size.

    Raises NotFound for a member that there is none of, KeyError for an unknown letter, ValueError for params that are
    not the letter's or the message's.
    """
    if not notices:
        return 0
    readers = await _readers(session, {notice.member_id for notice in notices})
    ordered = sorted(notices, key=lambda one: (one.member_id, one.template, one.period))
    rows = [_row(notice, readers, local_date(now)) for notice in ordered]
    messages = [
        NewMessage(row.notice.member_id, row.version.key, row.notice.period, row.notice.params, row.notice.cause)
        for row in rows
    ]
    await notifications.send(session, messages, now=now)
    return len((await session.execute(_INSERT, _columns(rows) | {"now": now})).all())


async def preview(session: AsyncSession, notice: NewNotice, *, now: datetime) -> Content:
    """The letter as it would be written now; nothing is kept. Raises as `send`."""
    readers = await _readers(session, {notice.member_id})
    return _row(notice, readers, local_date(now)).content


def _row(notice: NewNotice, readers: Mapping[UUID, _Reader], day: date) -> _Row:
    known = readers.get(notice.member_id)
    if known is None:
        raise NotFound
    version = templates.letter(notice.template, day)
    params = dict(notice.letter)
    if "holder" in version.params:
        params.setdefault("holder", known.adviser)
    content = compose.compose(version, params, known.reader, day)
    return _Row(new_id(), notice, version, content, known.digital_exempt)


def _columns(rows: Sequence[_Row]) -> dict[str, object]:
    consequences = [templates.piece(row.version.consequence) for row in rows]
    return {
        "ids": [row.id for row in rows],
        "members": [row.notice.member_id for row in rows],
        "keys": [row.version.key for row in rows],
        "periods": [row.notice.period for row in rows],
        "templates": [row.version.id for row in rows],
        "versions": [row.version.version for row in rows],
        "consequences": [piece.id for piece in consequences],
        "consequence_versions": [piece.version for piece in consequences],
        "languages": [row.content.language for row in rows],
        "origins": [row.notice.origin for row in rows],
        "authors": [row.notice.author_id for row in rows],
        "approvers": [row.notice.approved_by for row in rows],
        "exempt": [row.digital_exempt for row in rows],
        "contents": [msgspec.json.encode(row.content).decode() for row in rows],
    }


async def unwritten(session: AsyncSession, message_ids: Iterable[UUID]) -> list[Unwritten]:
    """Those of the messages' notices that have no letter yet. Messages that are no notices do not matter."""
    found = await session.execute(_UNWRITTEN, {"messages": list(message_ids)})
    return [Unwritten(*row) for row in found]


async def keep(session: AsyncSession, letters: Mapping[UUID, Pdf], *, now: datetime) -> int:
    """Store letters by the ids of their notices, each once; how many were new."""
    if not letters:
        return 0
    made = list(letters.items())
    values = {
        "notices": [notice_id for notice_id, _ in made],
        "pdfs": [pdf.pdf for _, pdf in made],
        "hashes": [pdf.sha256 for _, pdf in made],
        "layout": render.LAYOUT,
        "program": render.PROGRAM,
        "events": [new_id() for _ in made],
        "now": now,
    }
    return len((await session.execute(_KEEP, values)).all())


async def letter(session: AsyncSession, message_id: UUID) -> bytes:
    """The letter of a message, as it was kept. Raises NotFound when there is none (yet)."""
    found = await letters(session, [message_id])
    if message_id not in found:
        raise NotFound
    return found[message_id]


async def letters(session: AsyncSession, message_ids: Iterable[UUID]) -> dict[UUID, bytes]:
    """The letters of these messages, by message; those without one are left out. One statement."""
    found = await session.execute(_LETTERS, {"messages": list(message_ids)})
    return {row.message_id: bytes(row.pdf) for row in found}


async def _readers(session: AsyncSession, member_ids: Iterable[UUID]) -> dict[UUID, _Reader]:
    found = await session.execute(_READERS, {"members": list(member_ids)})
    return {
        row.id: _Reader(
            Reader(row.name, row.member_no, row.language, row.branch, row.phone, row.email),
            row.adviser or "",
            row.digital_exempt,
        )
        for row in found
    }


_READERS = text("""
SELECT m.id, m.name, m.member_no, m.language, m.digital_exempt, b.name AS branch, b.phone, b.email, s.name AS adviser
FROM member m
JOIN branch b ON b.id = m.branch_id
LEFT JOIN staff s ON s.id = m.adviser_id
WHERE m.id = ANY(:members)
""")

# The id of a notice's first event is the notice's own: a repeat meets the same.
_INSERT = text("""
WITH new AS (
    INSERT INTO notice (id, message_id, member_id, template, template_version, consequence, consequence_version,
        language, recipient, origin, author_id, approved_by, digital_exempt, content, created_at)
    SELECT n.id, m.id, n.member_id, n.template, n.version, n.consequence, n.consequence_version, n.language,
        CAST(n.content AS jsonb) -> 'recipient', n.origin, n.author, n.approver, n.exempt, CAST(n.content AS jsonb),
        m.created_at
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:members AS uuid[]), CAST(:keys AS text[]), CAST(:periods AS text[]),
        CAST(:templates AS text[]), CAST(:versions AS int[]), CAST(:consequences AS text[]),
        CAST(:consequence_versions AS int[]), CAST(:languages AS text[]), CAST(:origins AS text[]),
        CAST(:authors AS uuid[]), CAST(:approvers AS uuid[]), CAST(:exempt AS boolean[]), CAST(:contents AS text[])
    ) AS n (id, member_id, key, period, template, version, consequence, consequence_version, language, origin, author,
            approver, exempt, content)
    JOIN message m ON m.member_id = n.member_id AND m.key = n.key AND m.period = n.period
    ON CONFLICT (message_id) DO NOTHING
    RETURNING id, created_at, coalesce(approved_by, author_id) AS staff_id
), events AS (
    INSERT INTO notice_event (id, notice_id, kind, at, staff_id) SELECT id, id, 'created', created_at, staff_id FROM new
)
SELECT id FROM new
""")

_UNWRITTEN = text("""
SELECT n.id, n.message_id, n.content, n.created_at
FROM notice n LEFT JOIN notice_letter l ON l.notice_id = n.id
WHERE n.message_id = ANY(:messages) AND l.notice_id IS NULL
ORDER BY n.id
""")

_KEEP = text("""
WITH given AS (
    SELECT * FROM unnest(
        CAST(:notices AS uuid[]), CAST(:pdfs AS bytea[]), CAST(:hashes AS text[]), CAST(:events AS uuid[])
    ) AS g (notice_id, pdf, sha256, event_id)
), new AS (
    INSERT INTO notice_letter (notice_id, layout, program, sha256, size, pdf, rendered_at)
    SELECT notice_id, :layout, :program, sha256, octet_length(pdf), pdf, :now FROM given
    ON CONFLICT (notice_id) DO NOTHING
    RETURNING notice_id, sha256
), events AS (
    INSERT INTO notice_event (id, notice_id, kind, at, detail)
    SELECT given.event_id, new.notice_id, 'rendered', :now, jsonb_build_object('sha256', new.sha256)
    FROM new JOIN given USING (notice_id)
)
SELECT notice_id FROM new
""")

_LETTERS = text("""
SELECT n.message_id, l.pdf FROM notice n JOIN notice_letter l ON l.notice_id = n.id WHERE n.message_id = ANY(:messages)
""")
