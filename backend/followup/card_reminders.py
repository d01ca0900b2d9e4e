"""Reminders of the benefit card, and the task for a person on the last day. Set by set.

Only a card that is known to be missing is asked for: where the fund knows of no card of a month, nobody is told that
theirs is missing.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.benefit import dates
from backend.benefit import service as cards
from backend.benefit.service import Sent
from backend.casework import tasks
from backend.casework.tasks import NewTask
from backend.clock import local_date
from backend.notifications import service as notifications
from backend.notifications.service import NewMessage

TASK = "benefit_card"
ARRIVED = text("""
    SELECT t.key FROM task AS t
    JOIN benefit_card AS b ON b.member_id = t.member_id AND t.key = b.member_id || '/' || to_char(b.month, 'YYYY-MM')
    WHERE t.kind = :kind AND t.state IN ('open', 'claimed')
""")


async def opened(session: AsyncSession, member_ids: Sequence[UUID], *, now: datetime) -> int:
    """N19 on the day that the card opens; how many were new."""
    month = dates.opening(local_date(now))
    if month is None:
        return 0
    wanted = await cards.missing(session, member_ids, month)
    given = _reminder("N19", f"{month:%Y-%m}", month, dates.send_by(month))
    return await _send(session, given, wanted, now=now)


async def missing(session: AsyncSession, member_ids: Sequence[UUID], *, now: datetime) -> int:
    """N20 when the card is to be sent to be paid in time, and ten days before the final deadline; how many were new."""
    today = local_date(now)
    month, which = dates.to_be_sent(today), "payday"
    if month is None:
        month, which = dates.nearly_lost(today), "final"
    if month is None or not await cards.is_known(session, month):
        return 0
    wanted = await cards.missing(session, member_ids, month)
    given = _reminder("N20", f"{month:%Y-%m}/{which}", month, dates.final_deadline(month))
    return await _send(session, given, wanted, now=now)


async def last_day(session: AsyncSession, member_ids: Sequence[UUID], *, now: datetime) -> int:
    """A task to ring each member whose card is still missing when it can be sent for the last time; how many."""
    today = local_date(now)
    month = dates.about_to_be_lost(today)
    if month is None or not await cards.is_known(session, month):
        return 0
    params = {"month": month, "deadline": dates.final_deadline(month)}
    wanted = [
        NewTask(member_id, TASK, task_key(member_id, month), today, params)
        for member_id in await cards.missing(session, member_ids, month)
    ]
    return len(await tasks.open_many(session, wanted, now=now))


async def arrived(session: AsyncSession, card: Sent, *, now: datetime) -> bool:
    """Note a card by hand, and end the task that asked for it; whether it was new."""
    new = await cards.record(session, card, now=now)
    await tasks.close_many(session, TASK, [task_key(card.member_id, card.month)], reason="sent", now=now)
    return new


async def settle(session: AsyncSession, *, now: datetime) -> int:
    """End the tasks whose card has come, by whatever way; how many."""
    keys = list(await session.scalars(ARRIVED, {"kind": TASK}))
    return len(await tasks.close_many(session, TASK, keys, reason="sent", now=now))


def task_key(member_id: UUID, month: date) -> str:
    return f"{member_id}/{month:%Y-%m}"


async def _send(session: AsyncSession, given: NewMessage, members: Sequence[UUID], *, now: datetime) -> int:
    return await notifications.send(session, [replace(given, member_id=member) for member in members], now=now)


def _reminder(key: str, period: str, month: date, deadline: date) -> NewMessage:
    """The reminder, to nobody yet."""
    return NewMessage(UUID(int=0), key, period, {"date": deadline}, {"month": month.isoformat()})
