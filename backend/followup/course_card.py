"""All about one member's course: plan, items, booking deadlines, Min Plan. A handful of statements."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import facts, reading
from backend.booking.reading import Deadline
from backend.clock import local_date
from backend.course import my_plan, overview
from backend.course.my_plan import Version
from backend.course.overview import Course

EASED = text("""
    SELECT EXISTS (SELECT FROM exemption WHERE member_id = :member AND type = ANY(CAST(:easing AS text[]))
                   AND cancelled_at IS NULL AND from_on <= :day AND (to_on IS NULL OR to_on >= :day))
""")


@dataclass(frozen=True, slots=True)
class Card:
    """`eased`: talks may be held at a distance today. Deadlines by item."""

    course: Course | None
    eased: bool
    deadlines: dict[UUID, Deadline]
    versions: list[Version]


async def of(session: AsyncSession, member_id: UUID, *, now: datetime) -> Card:
    easing = {"member": member_id, "easing": list(facts.EASING), "day": local_date(now)}
    return Card(
        await overview.of_member(session, member_id),
        bool(await session.scalar(EASED, easing)),
        await reading.deadlines(session, member_id),
        await my_plan.versions(session, member_id),
    )
