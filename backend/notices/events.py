"""What happens to a notice after it was written: the reader's opening, and what people add to the file.

Receipts come by themselves: a trigger on delivery_done copies each end of a delivery to its notice, whichever part of
the program it was that ended it. The mailbox's makes the letter `available`, the print house's `posted`, a push, SMS or
e-mail `announced`; what did not arrive is `undelivered`. Receipts are thrown away after a while, events never.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.types import new_id
from backend.errors import NotFound
from backend.notices import errors
from backend.notifications import inbox

# What people add: the letter went out by post, came back, the member's explanation, a talk about it.
Noted = Literal["posted", "returned", "explanation", "contact"]
Reached = Literal["app", "talk", "phone", "letter"]


class _Event(NamedTuple):
    notice_id: UUID
    kind: str
    staff_id: UUID | None = None
    detail: Mapping[str, Any] = {}
    key: str = ""


async def open_one(session: AsyncSession, member_id: UUID, notice_id: UUID, *, now: datetime) -> None:
    """The member has the full text before them: kept the first time, and the message is read. Raises NotFound."""
    message_id = await _message_of(session, member_id, notice_id)
    await _add(session, _Event(notice_id, "opened"), now)
    await inbox.open_letter(session, member_id, message_id, now=now)


async def download(session: AsyncSession, member_id: UUID, notice_id: UUID, *, now: datetime) -> None:
    """The member took the letter itself, which is opening it too. Raises NotFound."""
    await open_one(session, member_id, notice_id, now=now)
    await _add(session, _Event(notice_id, "downloaded"), now)


async def note(
    session: AsyncSession, notice_id: UUID, kind: Noted, said: str, staff_id: UUID, *, now: datetime, on: str | None
) -> None:
    """Something that a person adds to the file; `on` is the day that it happened, where that is another.

    Raises NoteNeeded, NotFound.
    """
    if not said.strip():
        raise errors.NoteNeeded(field="note")
    detail = {"note": said.strip()} | ({"on": on} if on else {})
    await _add(session, _Event(notice_id, kind, staff_id, detail, key=str(new_id())), now)


async def cancel(
    session: AsyncSession, member_id: UUID, message: tuple[str, str], staff_id: UUID, reason: str, *, now: datetime
) -> None:
    """What the notice of the message (key, period) said no longer stands. What was never written is none to cancel."""
    values = {"member": member_id, "key": message[0], "period": message[1]}
    notice_id = await session.scalar(_OF_MESSAGE, values)
    if notice_id is not None:
        await _add(session, _Event(notice_id, "cancelled", staff_id, {"reason": reason.strip()}), now)


async def guided(session: AsyncSession, member_id: UUID, how: Reached, staff_id: UUID, *, now: datetime) -> None:
    """The member was told how digital mail with the fund works, and that it counts."""
    values = {"id": new_id(), "member": member_id, "at": now, "how": how, "staff": staff_id}
    await session.execute(_GUIDED, values)


async def _message_of(session: AsyncSession, member_id: UUID, notice_id: UUID) -> UUID:
    found: UUID | None = await session.scalar(_MINE, {"notice": notice_id, "member": member_id})
    if found is None:
        raise NotFound
    return found


async def _add(session: AsyncSession, event: _Event, now: datetime) -> None:
    values = {"id": new_id(), "at": now, "detail": msgspec.json.encode(event.detail).decode()}
    same = {"notice": event.notice_id, "kind": event.kind, "key": event.key, "staff": event.staff_id}
    await session.execute(_ADD, values | same)


_ADD = text("""
INSERT INTO notice_event (id, notice_id, kind, key, at, staff_id, detail)
VALUES (:id, :notice, :kind, :key, :at, :staff, CAST(:detail AS jsonb))
ON CONFLICT (notice_id, kind, key) DO NOTHING
""")

_MINE = text("SELECT message_id FROM notice WHERE id = :notice AND member_id = :member")

_OF_MESSAGE = text("""
SELECT n.id FROM notice n JOIN message m ON m.id = n.message_id
WHERE m.member_id = :member AND m.key = :key AND m.period = :period
""")

_GUIDED = text(
    "INSERT INTO digital_guidance (id, member_id, at, how, staff_id) VALUES (:id, :member, :at, :how, :staff)"
)
