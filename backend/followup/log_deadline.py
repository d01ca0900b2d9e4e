"""A last day to fill in the job log, agreed in a service call: the legal notice N13."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.casework.tables import ServiceCall
from backend.clock import local_date
from backend.members.identity import StaffIdentity
from backend.notices import events
from backend.notices import service as notices
from backend.notices.service import NewNotice
from backend.rating.tables import RatingCurrent

# What is looked at is as much as the rating looks back on: four weeks.
WEEKS = 4
KEY = "N13"
LOGGED = text("""
    SELECT count(*) FROM job_log_entry
    WHERE member_id = :member AND applied_on BETWEEN :first AND :last AND withdrawn_at IS NULL
      AND status NOT IN ('planned', 'withdrawn')
""")


async def give(session: AsyncSession, call: ServiceCall, staff: StaffIdentity, *, now: datetime) -> None:
    """Write to the member by when the job log is to be filled in, and what may follow else.

    Once per call and day: whoever undoes an outcome and sets another day gives another notice. It is not announced
    any more once as much is logged as was agreed; and where that is so already, since something else is missing (an
    upload, a posted job), not before something has been added.
    """
    assert call.fill_by is not None
    today = local_date(now)
    first = calendar.monday(today) - WEEKS * calendar.WEEK
    needed = await _needed(session, call.member_id, first, call.fill_by)
    notice = NewNotice(
        member_id=call.member_id,
        template="log_deadline",
        period=_period(call.id, call.fill_by),
        letter={"fill_by": call.fill_by, "from_on": first, "to_on": today},
        origin="decision",
        author_id=staff.id,
        approved_by=staff.id,
        params={"date": call.fill_by},
        cause={
            "from_on": first.isoformat(), "to_on": call.fill_by.isoformat(), "needed": needed, "call": str(call.id)
        },
    )  # fmt: skip
    await notices.send(session, [notice], now=now)


async def take_back(
    session: AsyncSession, call: ServiceCall, fill_by: date, staff: StaffIdentity, *, now: datetime
) -> None:
    """The outcome that set the day was a slip: what the letter says no longer stands."""
    await events.cancel(session, call.member_id, (KEY, _period(call.id, fill_by)), staff.id, "undone", now=now)


async def _needed(session: AsyncSession, member_id: UUID, first: date, last: date) -> int:
    required = await session.scalar(select(RatingCurrent.required).where(RatingCurrent.member_id == member_id))
    logged = await session.scalar(LOGGED, {"member": member_id, "first": first, "last": last})
    return max(required or 0, (logged or 0) + 1)


def _period(call_id: UUID, fill_by: date) -> str:
    return f"{call_id}/{fill_by}"
