"""A last day to fill in the job log, agreed in a service call: the legal notice N13."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.casework.tables import ServiceCall
from backend.clock import local_date
from backend.members.identity import StaffIdentity
from backend.notices import service as notices
from backend.notices.service import NewNotice
from backend.rating.tables import RatingCurrent

# What is looked at is as much as the rating looks back on: four weeks.
WEEKS = 4


async def give(session: AsyncSession, call: ServiceCall, staff: StaffIdentity, *, now: datetime) -> None:
    """Write to the member by when the job log is to be filled in, and what may follow else.

    Once per call and day: whoever undoes an outcome and sets another day gives another notice. It is not announced
    any more once as much is logged as was agreed.
    """
    assert call.fill_by is not None
    today = local_date(now)
    first = calendar.monday(today) - WEEKS * calendar.WEEK
    required = await session.scalar(select(RatingCurrent.required).where(RatingCurrent.member_id == call.member_id))
    notice = NewNotice(
        member_id=call.member_id,
        template="log_deadline",
        period=f"{call.id}/{call.fill_by}",
        letter={"fill_by": call.fill_by, "from_on": first, "to_on": today},
        origin="decision",
        author_id=staff.id,
        approved_by=staff.id,
        params={"date": call.fill_by},
        cause={"from_on": first.isoformat(), "to_on": call.fill_by.isoformat(), "needed": max(1, required or 0)},
    )
    await notices.send(session, [notice], now=now)
