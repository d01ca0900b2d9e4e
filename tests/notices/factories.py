"""Call-ins that were written, and their letters."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import COPENHAGEN
from backend.db.types import new_id
from backend.members.tables import Member
from backend.notices import render, service
from backend.notices.service import NewNotice
from backend.notices.tables import Notice
from tests import factories
from tests.notifications.factories import device

# A Wednesday, 12:00 in Denmark.
NOON = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=COPENHAGEN)
FUND = "Metal A-kasse"
CALL_IN: dict[str, object] = {
    "talk_at": MONDAY,
    "form": "attendance",
    "place": "Vejle, room 2",
    "purpose": "availability",
}


def new_call_in(member_id: UUID, approver: UUID, **letter: object) -> NewNotice:
    return NewNotice(
        member_id=member_id,
        template="call_in",
        period=str(new_id()),
        letter=CALL_IN | letter,
        origin="called_in",
        approved_by=approver,
    )


async def called_in(session: AsyncSession, member: Member | None = None, **letter: object) -> Notice:
    """A member (of their own adviser, when none is given) with a notice of a call-in."""
    if member is None:
        adviser = await factories.staff(session, name="Karen Kjær")
        member = await factories.member(session, adviser_id=adviser.id)
    approver = await factories.staff(session, role="coordinator", name="Bo Birk")
    await service.send(session, [new_call_in(member.id, approver.id, **letter)], now=NOON)
    found = await session.scalars(select(Notice).where(Notice.member_id == member.id))
    return found.one()


async def written(session: AsyncSession, notice: Notice, *, now: datetime = NOON) -> bytes:
    """The notice's letter, made and kept."""
    found = await service.unwritten(session, [notice.message_id])
    made = {one.notice_id: render.letter(one.notice_id, one.content, fund=FUND, at=one.created_at) for one in found}
    await service.keep(session, made, now=now)
    return await service.letter(session, notice.message_id)


async def steps_of(session: AsyncSession, notice_id: UUID) -> list[tuple[str, dict[str, Any]]]:
    rows = await session.execute(
        text("SELECT kind, detail FROM notice_event WHERE notice_id = :n ORDER BY at, id"), {"n": notice_id}
    )
    return [(row.kind, row.detail) for row in rows]


async def finished(
    session: AsyncSession, notice: Notice, channel: str, state: str = "sent", **more: str | None
) -> UUID:
    """A delivery of the notice that has ended, as the outbox records it."""
    made = new_id()
    values = {"id": made, "message": notice.message_id, "member": notice.member_id, "channel": channel, "now": NOON}
    values |= {"state": state, "receipt": f"{channel}/7", "error": None, "device": None} | more
    if channel == "push":
        values["device"] = (await device(session, notice.member_id)).id
    await session.execute(
        text(
            "INSERT INTO delivery_done (id, message_id, member_id, device_id, channel, state, attempts, provider_id, "
            "last_error, due_at, created_at, finished_at) VALUES (:id, :message, :member, :device, :channel, :state, 1,"
            " :receipt, :error, :now, :now, :now)"
        ),
        values,
    )
    return made
