"""Telling a member about an exemption: on the timeline, and by a message where little or nothing is asked meanwhile."""

from datetime import datetime, time
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_time
from backend.course.tables import Exemption
from backend.notifications import service as notifications
from backend.notifications.service import NewMessage
from backend.rating.figures import FULLY_EXEMPTING
from backend.timeline import service as timeline
from backend.timeline.service import NewItem

# Illness and holiday are noted, the others granted. Those that excuse from nothing (work placement) need no message.
NOTED = ("ferie", "sygdom")


async def tell(session: AsyncSession, exemption: Exemption, *, now: datetime) -> None:
    """Place the exemption on the timeline and send N28 or N29, once per exemption. Its kind is never named."""
    if exemption.type not in FULLY_EXEMPTING:
        return
    await show(session, exemption, now=now)
    await notifications.send(session, [_message(exemption)], now=now)


def _message(exemption: Exemption) -> NewMessage:
    name, cause = str(exemption.id), {"exemption": str(exemption.id)}
    if exemption.type in NOTED:
        return NewMessage(exemption.member_id, "N28", name, cause=cause)
    if exemption.to_on is None:
        return NewMessage(exemption.member_id, "N29.open", name, cause=cause)
    return NewMessage(exemption.member_id, "N29", name, {"until": exemption.to_on}, cause)


async def show(session: AsyncSession, exemption: Exemption, *, now: datetime) -> None:
    """Bring the timeline's item in line with the exemption's days."""
    params = {"from_on": exemption.from_on, "to_on": exemption.to_on}
    at = local_time(exemption.from_on, time(8))
    await timeline.add(
        session, [NewItem(exemption.member_id, "exemption", str(exemption.id), at, params=params)], now=now
    )


async def withdraw(session: AsyncSession, member_id: UUID, exemption_id: UUID, *, now: datetime) -> None:
    """The exemption was a mistake, and the timeline says so."""
    await timeline.done(session, member_id, "exemption", str(exemption_id), now=now, params={"state": "cancelled"})
