"""What an organiser does with the answers: asks with a survey of their own, and tells members what was changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.feedback import events, low_scores
from backend.feedback.events import Event
from backend.members.identity import StaffIdentity
from backend.notifications import service as notifications
from backend.notifications.service import NewMessage
from backend.surveys import changes, choices
from backend.surveys.changes import Said

CHANGED = "N26.changed"


async def choose(
    session: AsyncSession,
    staff: StaffIdentity,
    event_id: UUID,
    survey: str | None,
    *,
    whole_series: bool,
    now: datetime,
) -> Event:
    """Ask about an event or its series with this survey. Raises NotFound for another's event or an unknown survey."""
    event = await events.one(session, staff, event_id)
    place = event.series_id if whole_series else event.id
    await choices.choose(session, str(place), survey, staff.id, now=now)
    return await events.one(session, staff, event_id)


async def say(session: AsyncSession, staff: StaffIdentity, series_id: UUID, da: str, en: str, *, now: datetime) -> Said:
    """Store what was changed, and tell everybody who was asked: who answered is nobody's to know. Raises NotFound."""
    event = await events.latest_of(session, staff, series_id)
    said = await changes.say(session, str(event.series_id), da, en, staff.id, now=now)
    await notifications.send(session, [NewMessage(member, CHANGED, str(said.id)) for member in said.members], now=now)
    await low_scores.watch(session, now=now)
    return said
