"""Members are asked to book what their course holds next, and reminded of deadlines. On days when people work only."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date
from backend.followup import booking_deadlines
from backend.jobs.job import Counts, Moment
from backend.notifications.sending import is_quiet_day
from backend.settings import Settings


async def work(session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings) -> Counts:
    """By the present day: a member has eight days from when they are told, however late the batch comes."""
    now, set_name = moment.now, settings.course_plan_set
    if is_quiet_day(local_date(now)):
        return {}
    asked = await booking_deadlines.ask(session, member_ids, set_name=set_name, now=now)
    reminded = await booking_deadlines.remind(session, member_ids, now=now)
    return {**asked._asdict(), "reminders": reminded}
