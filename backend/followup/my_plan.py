"""Min Plan as adviser and member agree it: a version, the numbers the rating goes by, and what the member is shown."""

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date, local_time
from backend.course import errors, my_plan
from backend.course.my_plan import Goals
from backend.course.rules import LOOKING_AHEAD, Numbers
from backend.course.tables import SearchRequirement
from backend.course.tables_goals import MyPlanVersion
from backend.followup import cases, decisions
from backend.members.identity import StaffIdentity
from backend.timeline import service as timeline
from backend.timeline.service import NewItem

KIND = "my_plan"


async def write_version(
    session: AsyncSession, member_id: UUID, staff: StaffIdentity, goals: Goals, *,
    numbers: Numbers | None, valid_from: date, now: datetime, call_queue: str,
) -> MyPlanVersion:  # fmt: skip
    """A new version for the member to acknowledge. Other numbers than those in force are a new requirement, too.

    Raises StartNotPossible, NumbersNotPossible, VersionExists.
    """
    if not local_date(now) <= valid_from <= local_date(now) + LOOKING_AHEAD:
        raise errors.StartNotPossible(field="validFrom")
    await cases.hold_member(session, member_id)
    agreed = await _requirement(session, member_id, staff, numbers, valid_from, now, call_queue)
    made = await my_plan.add(
        session, member_id, goals, valid_from=valid_from, requirement_id=agreed.id if agreed else None,
        staff_id=staff.id, now=now,
    )  # fmt: skip
    await timeline.done_many(session, [member_id], KIND, now=now)
    at = now if valid_from == local_date(now) else local_time(valid_from, time(8))
    item = NewItem(member_id, KIND, str(made.id), at, params={"from_on": valid_from}, needs_action=True)
    await timeline.add(session, [item], now=now)
    return made


async def acknowledge(session: AsyncSession, member_id: UUID, version_id: UUID, *, now: datetime) -> datetime:
    """The member has read the version; the timeline asks no more. Raises NotFound."""
    at = await my_plan.acknowledge(session, version_id, member_id, now=now)
    await timeline.done(session, member_id, KIND, str(version_id), now=now)
    return at


async def _requirement(  # noqa: PLR0917 - as given
    session: AsyncSession, member_id: UUID, staff: StaffIdentity, numbers: Numbers | None, valid_from: date,
    now: datetime, call_queue: str,
) -> SearchRequirement | None:  # fmt: skip
    held = await my_plan.requirement_on(session, member_id, valid_from)
    if numbers is None or (held is not None and my_plan.numbers_of(held) == numbers):
        return held
    return await decisions.set_requirement(
        session, member_id, staff, numbers, valid_from=valid_from, now=now, call_queue=call_queue
    )
