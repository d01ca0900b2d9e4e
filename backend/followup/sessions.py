"""What staff do to published sessions and series, with what those who have a seat are told."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import rights, session_history, sessions, templates, waiting
from backend.booking.publishing import Published
from backend.booking.rules import Audience
from backend.booking.rules_sessions import Setup
from backend.booking.tables import ActivitySession
from backend.booking.tables_calendar import SessionTemplate
from backend.booking.templates import Occurrence, Series
from backend.errors import NotFound
from backend.followup import bookings
from backend.members.identity import StaffIdentity


class Actor(NamedTuple):
    """Who acts, for which fund's activities, and when."""

    staff: StaffIdentity
    set_name: str
    now: datetime


async def create(session: AsyncSession, setup: Setup, local_start: datetime, actor: Actor) -> UUID:
    """Publish a session. Raises Forbidden; as sessions.create."""
    rights.check_session(actor.staff, setup.branch_id, setup.staff_id)
    return await sessions.create(session, setup, local_start, set_name=actor.set_name, by=actor.staff.id, now=actor.now)


async def change(session: AsyncSession, session_id: UUID, setup: Setup, local_start: datetime, actor: Actor) -> int:
    """Hold a session otherwise; how many were told. Raises Forbidden; as sessions.change."""
    await _check(session, session_id, actor)
    rights.check_session(actor.staff, setup.branch_id, setup.staff_id)
    told = await sessions.change(
        session, session_id, setup, local_start, set_name=actor.set_name, by=actor.staff.id, now=actor.now
    )
    await waiting.roll(session, session_id, now=actor.now)
    if not told:
        await bookings.line_moved(session, [session_id], set_name=actor.set_name, now=actor.now)
        return 0
    return await bookings.session_changed(session, session_id, set_name=actor.set_name, now=actor.now)


async def cancel(session: AsyncSession, session_id: UUID, reason: str, actor: Actor) -> int:
    """Take a session off; how many were told. Raises Forbidden, NotFound, BookingOver, Begun."""
    await _check(session, session_id, actor)
    told = await bookings.cancel_session(
        session, session_id, reason=reason, by=actor.staff.id, set_name=actor.set_name, now=actor.now
    )
    await session_history.note(session, "cancelled", by=actor.staff.id, now=actor.now, session_id=session_id)
    return told


async def begin_series(session: AsyncSession, setup: Setup, series: Series, actor: Actor) -> tuple[UUID, Published]:
    """Begin a series, and publish what comes soon. Raises Forbidden; as templates.create."""
    rights.check_session(actor.staff, setup.branch_id, setup.staff_id)
    return await templates.create(session, setup, series, set_name=actor.set_name, by=actor.staff.id, now=actor.now)


async def end_series(session: AsyncSession, template_id: UUID, last_on: date, actor: Actor) -> Sequence[Occurrence]:
    """The last day of a series; later sessions in which somebody has a seat stay, for a person to decide."""
    await _check_series(session, template_id, actor)
    return await templates.end(session, template_id, last_on, by=actor.staff.id, now=actor.now)


async def change_series(
    session: AsyncSession, template_id: UUID, setup: Setup, series: Series, actor: Actor
) -> tuple[UUID, Published, Sequence[Occurrence]]:
    """Hold a series otherwise from a day on. Raises as begin_series and end_series."""
    await _check_series(session, template_id, actor)
    rights.check_session(actor.staff, setup.branch_id, setup.staff_id)
    return await templates.change(
        session, template_id, setup, series, set_name=actor.set_name, by=actor.staff.id, now=actor.now
    )


async def except_day(
    session: AsyncSession, template_id: UUID, day: date, moved_to: datetime | None, actor: Actor
) -> int:
    """Skip or move one day of a series, published or not; how many were told. Raises as templates.except_day."""
    await _check_series(session, template_id, actor)
    found = await templates.except_day(session, template_id, day, moved_to, by=actor.staff.id, now=actor.now)
    if found is None:
        return 0
    if moved_to is None:
        return await cancel(session, found.session_id, "day_skipped", actor)
    held = await session.get_one(ActivitySession, found.session_id, populate_existing=True)
    return await change(session, held.id, setup_of(held), moved_to, actor)


def setup_of(held: ActivitySession) -> Setup:
    """How a session is held now."""
    minutes = int((held.ends_at - held.starts_at).total_seconds()) // 60
    closes = int((held.starts_at - held.closes_at).total_seconds()) // 3600
    same = {
        name: getattr(held, name)
        for name in Setup.__dataclass_fields__
        if name not in ("audience", "minutes", "closes_hours")
    }
    audience = msgspec.convert(held.audience, Audience)
    return Setup(**same, audience=audience, minutes=minutes, closes_hours=closes)


async def _check(session: AsyncSession, session_id: UUID, actor: Actor) -> None:
    columns = select(ActivitySession.branch_id, ActivitySession.staff_id)
    row = (await session.execute(columns.where(ActivitySession.id == session_id))).first()
    if row is None:
        raise NotFound
    rights.check_session(actor.staff, row.branch_id, row.staff_id)


async def _check_series(session: AsyncSession, template_id: UUID, actor: Actor) -> None:
    columns = select(SessionTemplate.branch_id, SessionTemplate.staff_id)
    row = (await session.execute(columns.where(SessionTemplate.id == template_id))).first()
    if row is None:
        raise NotFound
    rights.check_session(actor.staff, row.branch_id, row.staff_id)
