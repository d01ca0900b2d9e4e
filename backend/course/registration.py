"""A spell that staff begin or end by hand."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date
from backend.course import plans, spells
from backend.course.errors_plans import NoSpell, SpellEndNotPossible, SpellExists, StartOutOfReach
from backend.course.spells import NewSpell, Started
from backend.course.tables_plans import Spell

LOOKING_BACK, LOOKING_AHEAD = timedelta(days=365), timedelta(days=90)


async def start(session: AsyncSession, member_id: UUID, *, started_on: date, set_name: str, now: datetime) -> Started:
    """Begin a spell on a day. Raises StartOutOfReach, SpellExists."""
    today = local_date(now)
    earliest = max(today - LOOKING_BACK, plans.earliest(set_name))
    if not earliest <= started_on <= today + LOOKING_AHEAD:
        raise StartOutOfReach(field="startedOn")
    items = [NewSpell(member_id, started_on)]
    started = await spells.start_many(session, items, set_name=set_name, source="staff", now=now)
    if not started:
        raise SpellExists(field="startedOn")
    return started[0]


async def end(session: AsyncSession, member_id: UUID, *, ended_on: date, now: datetime) -> list[UUID]:
    """End the running spell; the items that were cancelled. Raises NoSpell, SpellEndNotPossible."""
    running = select(Spell.started_on).where(Spell.member_id == member_id, Spell.ended_on.is_(None))
    started_on = await session.scalar(running.with_for_update())
    if started_on is None:
        raise NoSpell
    if not started_on <= ended_on <= local_date(now) + LOOKING_AHEAD:
        raise SpellEndNotPossible(field="endedOn")
    return await spells.end_many(session, [member_id], on=ended_on, now=now)
