"""Reminders of the job log, the CV and the benefit card. On its day or never: a run that comes late says nothing."""

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.followup import card_reminders, cv_reminders, log_reminders
from backend.jobs.job import Counts, Moment, Work
from backend.settings import Settings


class Reminder(Protocol):
    """Sends a reminder to those of the members that it is for; how many were new."""

    def __call__(self, session: AsyncSession, member_ids: Sequence[UUID], *, now: datetime) -> Awaitable[int]: ...


def _work(reminder: Reminder, counted_as: str = "messages") -> Work:
    async def work(session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings) -> Counts:
        del settings
        if not moment.on_its_day:
            return {"too_late": len(member_ids)}
        return {"members": len(member_ids), counted_as: await reminder(session, member_ids, now=moment.now)}

    return work


this_week = _work(log_reminders.this_week)
last_week = _work(log_reminders.last_week)
this_month = _work(log_reminders.this_month)
uploads = _work(log_reminders.uploads)
card_opens = _work(card_reminders.opened)
card_missing = _work(card_reminders.missing)
card_last_day = _work(card_reminders.last_day, "tasks")


async def cvs(session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings) -> Counts:
    """Not by ranges of members: few began on the days that it is about."""
    del member_ids, settings
    return {"messages": await cv_reminders.remind(session, now=moment.now)} if moment.on_its_day else {"too_late": 1}
