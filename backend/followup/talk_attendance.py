"""Noting who was there, with what follows from it, and putting it right with what followed undone."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import tasks
from backend.casework.tasks import NewTask
from backend.clock import local_date
from backend.followup import booking_notices, bookings
from backend.notices import events
from backend.talks import attendance, rules
from backend.talks.attendance import Noted
from backend.talks.rules import Mark

NO_SHOW_TASK, NO_SHOW = "no_show", "N07"
# Asked of whoever held a talk until its minutes are closed, or it is noted that nobody came.
TO_CLOSE_TASK = "talk_to_close"
TASKS = text("""
    SELECT key, params ->> 'booking' AS booking, state IN ('open', 'claimed') AS open FROM task
    WHERE kind = 'no_show' AND member_id = ANY(CAST(:members AS uuid[]))
      AND params ->> 'booking' = ANY(CAST(:ids AS text[]))
""")


async def register(
    session: AsyncSession, marks: Sequence[Mark], *, by: UUID, set_name: str, now: datetime
) -> list[Noted]:
    """Note it for any number of bookings; those that changed. Raises as attendance.register.

    Who stays away from a talk unlawfully is told the same day (N07) and rung the same day. Once it turns out that they
    were there, or had a lawful reason, neither stands any more.
    """
    noted = await attendance.register(session, marks, by=by, now=now)
    if noted:
        absent = [str(one.booking_id) for one in noted if one.after == "absent" and one.kind in rules.TALKS]
        await tasks.close_many(session, TO_CLOSE_TASK, absent, reason="absent", now=now)
        await _absent(session, [one for one in noted if _counts_against(one)], now)
        await _excused(session, [one for one in noted if not _counts_against(one) and one.before == "absent"], by, now)
        members = sorted({one.member_id for one in noted})
        await bookings.follow_up(session, [one.booking_id for one in noted], members, set_name=set_name, now=now)
    return noted


def _counts_against(one: Noted) -> bool:
    return one.after == "absent" and not one.lawful and (one.kind in rules.TALKS or one.statutory)


async def _absent(session: AsyncSession, noted: Sequence[Noted], now: datetime) -> None:
    await booking_notices.no_show(session, [one.booking_id for one in noted], now=now)
    known = await _tasks(session, noted)
    waiting = {row.booking for row in known if row.open}
    before = Counter(row.booking for row in known)
    found = [_task(one, before, now) for one in noted if str(one.booking_id) not in waiting]
    await tasks.open_many(session, found, now=now)


def _task(one: Noted, before: Counter[str], now: datetime) -> NewTask:
    """An absence that is noted again after it was put right is another one."""
    booking = str(one.booking_id)
    key = f"{booking}:{before[booking] + 1}"
    return NewTask(one.member_id, NO_SHOW_TASK, key, local_date(now), {"booking": booking})


async def _excused(session: AsyncSession, noted: Sequence[Noted], by: UUID, now: datetime) -> None:
    for one in noted:
        reason = "attended" if one.after == "attended" else "lawful"
        await events.cancel(session, one.member_id, (NO_SHOW, str(one.booking_id)), by, reason, now=now)
    keys = [row.key for row in await _tasks(session, noted)]
    await tasks.close_many(session, NO_SHOW_TASK, keys, reason="corrected", now=now)


async def _tasks(session: AsyncSession, noted: Sequence[Noted]) -> Sequence[Row[Any]]:
    about = {"members": [one.member_id for one in noted], "ids": [str(one.booking_id) for one in noted]}
    return (await session.execute(TASKS, about)).all() if noted else ()
