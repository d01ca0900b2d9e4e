"""Reading a member's timeline: pages back from an instant and on from it, and what is still to be done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from backend.timeline.tables import TimelineItem

# What needs action is shown whole, within reason.
MOST_ACTIONS = 50


@dataclass(frozen=True, slots=True)
class Place:
    """Where on the timeline an item lies: the cursor of a page that ends with it."""

    at: datetime
    id: UUID


async def page(
    session: AsyncSession, member_id: UUID, *, towards: Literal["past", "coming"], start: datetime | Place, limit: int
) -> list[TimelineItem]:
    """A page towards the past (newest first) or what is coming (soonest first). One statement.

    From an instant: before it, or at it and after. From a Place: beyond that item, in the direction asked for.
    """
    query = select(TimelineItem).where(TimelineItem.member_id == member_id)
    key = tuple_(TimelineItem.at, TimelineItem.id)
    if isinstance(start, Place):
        edge = tuple_(start.at, start.id)
        query = query.where(key < edge if towards == "past" else key > edge)
    else:
        query = query.where(TimelineItem.at < start if towards == "past" else TimelineItem.at >= start)
    order = (
        (TimelineItem.at.desc(), TimelineItem.id.desc()) if towards == "past" else (TimelineItem.at, TimelineItem.id)
    )
    return list(await session.scalars(query.order_by(*order).limit(limit)))


async def open_actions(session: AsyncSession, member_id: UUID) -> list[TimelineItem]:
    """What the member has still to do, the earliest deadline first; without deadline last."""
    query = (
        select(TimelineItem)
        .where(TimelineItem.member_id == member_id, TimelineItem.needs_action, TimelineItem.done_at.is_(None))
        .order_by(TimelineItem.due_at.nulls_last(), TimelineItem.at, TimelineItem.id)
        .limit(MOST_ACTIONS)
    )
    return list(await session.scalars(query))


async def last_change(session: AsyncSession, member_id: UUID) -> datetime | None:
    """When anything on the timeline changed last."""
    return await session.scalar(select(func.max(TimelineItem.updated_at)).where(TimelineItem.member_id == member_id))
