"""Sessions are published from their templates so far ahead that members can always book a whole course."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend import log
from backend.booking import publishing
from backend.booking.tables_calendar import SessionTemplate
from backend.clock import local_date
from backend.jobs.job import Counts, Moment
from backend.settings import Settings

_log = log.get("jobs")
AHEAD = timedelta(weeks=16)


async def work(session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings) -> Counts:
    """New sessions, and times at which the adviser has something else. A faulty template stops no other."""
    del member_ids, settings
    first = local_date(moment.now)
    running = select(SessionTemplate.id).where(or_(SessionTemplate.last_on.is_(None), SessionTemplate.last_on >= first))
    made = conflicts = failed = 0
    for template_id in await session.scalars(running.order_by(SessionTemplate.id)):
        try:
            async with session.begin_nested():
                published = await publishing.publish(session, template_id, first=first, last=first + AHEAD)
        except (ValueError, IntegrityError, DataError) as error:
            failed += 1
            _log.error("job.template_left_out", template_id=str(template_id), error=type(error).__name__)
            continue
        made += len(published.sessions)
        conflicts += len(published.conflicts)
    return {"sessions": made, "conflicts": conflicts, "failed": failed}
