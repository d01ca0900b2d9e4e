"""Min Plan: writing versions, acknowledging them, and whether one holds what the jobcentre must be handed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.course.rules import Numbers
from backend.course.tables import SearchRequirement
from backend.course.tables_goals import MyPlanVersion
from backend.db.types import new_id
from backend.errors import NotFound

# A strategy that says where, how and for what is seldom shorter.
DETAILED = 80

ACKNOWLEDGE = text("""
    UPDATE my_plan_version SET acknowledged_at = coalesce(acknowledged_at, :now)
    WHERE id = :id AND member_id = :member RETURNING acknowledged_at
""")


class Goals(NamedTuple):
    """What the member aims at, where they put in effort, and how they search; plans B and C for when A fails."""

    job_goals: Sequence[str]
    effort_areas: Sequence[str]
    search_strategy: str
    plan_a: str | None = None
    plan_b: str | None = None
    plan_c: str | None = None


class Version(NamedTuple):
    """A version with the numbers that hold from its first day."""

    plan: MyPlanVersion
    requirement: SearchRequirement | None


async def add(
    session: AsyncSession, member_id: UUID, goals: Goals, *,
    valid_from: date, requirement_id: UUID | None, staff_id: UUID, now: datetime,
) -> MyPlanVersion:  # fmt: skip
    """A new version. The caller holds the member, so that numbers follow each other."""
    last = await session.scalar(select(func.max(MyPlanVersion.number)).where(MyPlanVersion.member_id == member_id))
    values = goals._asdict() | {
        "job_goals": [one.strip() for one in goals.job_goals if one.strip()],
        "effort_areas": [one.strip() for one in goals.effort_areas if one.strip()],
    }
    statement = insert(MyPlanVersion).values(
        id=new_id(), member_id=member_id, number=(last or 0) + 1, valid_from=valid_from, requirement_id=requirement_id,
        written_by=staff_id, written_at=now, **values,
    )  # fmt: skip
    return (await session.scalars(statement.returning(MyPlanVersion))).one()


async def acknowledge(session: AsyncSession, version_id: UUID, member_id: UUID, *, now: datetime) -> datetime:
    """The member has read the version; when that was said first. Raises NotFound."""
    at: datetime | None = await session.scalar(ACKNOWLEDGE, {"id": version_id, "member": member_id, "now": now})
    if at is None:
        raise NotFound
    return at


async def versions(session: AsyncSession, member_id: UUID) -> list[Version]:
    """All versions of a member, the newest first. One statement."""
    statement = (
        select(MyPlanVersion, SearchRequirement)
        .outerjoin(SearchRequirement, SearchRequirement.id == MyPlanVersion.requirement_id)
        .where(MyPlanVersion.member_id == member_id)
        .order_by(MyPlanVersion.number.desc())
    )
    return [Version(plan, requirement) for plan, requirement in await session.execute(statement)]


async def requirement_on(session: AsyncSession, member_id: UUID, day: date) -> SearchRequirement | None:
    """The numbers that hold on a day, as the rating reads them."""
    statement = select(SearchRequirement).where(
        SearchRequirement.member_id == member_id, SearchRequirement.valid_from <= day
    )
    order = (SearchRequirement.valid_from.desc(), SearchRequirement.id.desc())
    return (await session.scalars(statement.order_by(*order).limit(1))).first()


def numbers_of(requirement: SearchRequirement) -> Numbers:
    return Numbers(requirement.min_per_week, requirement.min_posted_per_week, requirement.uploads_per_month)


def in_force(found: Sequence[Version], day: date) -> Version | None:
    """The version that holds on a day. `found` has the newest first."""
    return next((one for one in found if one.plan.valid_from <= day), None)


def missing(version: Version | None) -> list[str]:
    """The codes of what is lacking: a clear job goal, effort areas, a detailed search strategy, the numbers. Pure."""
    if version is None:
        return ["plan"]
    plan = version.plan
    checks = {
        "job_goals": bool(plan.job_goals),
        "effort_areas": bool(plan.effort_areas),
        "search_strategy": len(plan.search_strategy.strip()) >= DETAILED,
        "requirement": version.requirement is not None,
        "acknowledgement": plan.acknowledged_at is not None,
    }
    return [name for name, there in checks.items() if not there]
