"""Everything about one member that an adviser needs on one screen, in a number of queries that never grows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework.tables import CallAttempt, CallIn, Dispute, ServiceCall
from backend.course import queries as course
from backend.course.tables import Exemption, SearchRequirement
from backend.followup import disputes, overrides
from backend.job_log import queries as job_log
from backend.members import queries as members
from backend.members.queries import Profile
from backend.members.tables import Staff
from backend.rating import policy
from backend.rating import queries as ratings
from backend.rating.policy_values import Policy
from backend.rating.queries import Given
from backend.rating.tables import RatingCurrent, RatingOverride
from backend.timeline import queries as timeline
from backend.timeline.tables import TimelineItem

RECENT = 20
# The newest of the timeline, with the talks and calls that lie ahead.
AHEAD = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Card:
    """`staff` names those whose ids occur. `numbers` are those that the rating was made with; None without a rating."""

    profile: Profile
    current: RatingCurrent | None
    rating: Given | None
    numbers: Policy | None
    requirements: Sequence[SearchRequirement]
    exemptions: Sequence[Exemption]
    overrides: Sequence[RatingOverride]
    calls: Sequence[ServiceCall]
    attempts: Mapping[UUID, Sequence[CallAttempt]]
    call_ins: Sequence[CallIn]
    disputes: Sequence[Dispute]
    log: Sequence[Row[Any]]
    documents: Mapping[UUID, Sequence[Row[Any]]]
    timeline: Sequence[TimelineItem]
    staff: Mapping[UUID, str]


async def of(session: AsyncSession, member_id: UUID, *, now: datetime) -> Card:
    """The card of a member. Raises NotFound."""
    profile = await members.profile(session, member_id)
    rating = await ratings.current(session, member_id)
    calls = (await session.scalars(_of(ServiceCall, member_id))).all()
    found: dict[str, Any] = {
        "requirements": await course.requirements(session, member_id),
        "exemptions": await course.exemptions(session, member_id),
        "overrides": await overrides.of_member(session, member_id),
        "call_ins": (await session.scalars(_of(CallIn, member_id))).all(),
        "disputes": await disputes.of_member(session, member_id),
    }
    log = await job_log.page(session, member_id, job_log.Wanted(withdrawn=True), after=None, limit=RECENT)
    attempts = await _attempts(session, [call.id for call in calls])
    return Card(
        profile=profile,
        current=await session.get(RatingCurrent, member_id, populate_existing=True),
        rating=rating,
        numbers=await policy.of_rating(session, rating.policy_version) if rating else None,
        calls=calls,
        attempts=attempts,
        log=log,
        documents=await job_log.documents(session, [entry.id for entry in log]),
        timeline=await timeline.page(session, member_id, towards="past", start=now + AHEAD, limit=RECENT),
        staff=await _names(session, _ids([*calls, *(row for rows in found.values() for row in rows)], attempts)),
        **found,
    )


def _of(case: type[Any], member_id: UUID) -> Any:
    return select(case).where(case.member_id == member_id).order_by(case.id.desc()).limit(RECENT)


async def _attempts(session: AsyncSession, call_ids: Sequence[UUID]) -> dict[UUID, list[CallAttempt]]:
    statement = select(CallAttempt).where(CallAttempt.call_id.in_(call_ids)).order_by(CallAttempt.at, CallAttempt.id)
    found: dict[UUID, list[CallAttempt]] = {}
    for attempt in await session.scalars(statement):
        found.setdefault(attempt.call_id, []).append(attempt)
    return found


ACTORS = ("claimed_by", "decided_by", "answered_by", "granted_by", "cancelled_by", "set_by", "ended_by", "filled_by")


def _ids(rows: Iterable[object], attempts: Mapping[UUID, Sequence[CallAttempt]]) -> set[UUID]:
    named = {getattr(row, actor, None) for row in rows for actor in ACTORS}
    named |= {attempt.staff_id for each in attempts.values() for attempt in each}
    return {staff_id for staff_id in named if staff_id is not None}


async def names_of(session: AsyncSession, *rows: object) -> dict[UUID, str]:
    """The names of the staff whose ids these cases or decisions hold."""
    return await _names(session, _ids(rows, {}))


async def _names(session: AsyncSession, staff_ids: set[UUID]) -> dict[UUID, str]:
    rows = await session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(staff_ids)))
    return {row.id: row.name for row in rows}
