"""Before talks and after them: who is not ready, whose agreements are due, who goes over to the jobcentre soon."""

from collections.abc import Sequence
from datetime import datetime, time
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.casework import tasks
from backend.casework.tasks import NewTask
from backend.clock import local_date, local_time
from backend.followup.talk_attendance import TO_CLOSE_TASK
from backend.notifications import service as notifications
from backend.notifications.service import NewMessage
from backend.talks import agreements, handover, preparation, rules_handover, unclosed
from backend.talks.preparation import First
from backend.timeline import service as timeline
from backend.timeline.service import NewItem

NOT_READY_TASK, PREPARATION = "not_ready", "preparation"
# Reminded so many working days before the first talk, and rung so many before when that did not help.
REMINDED_BEFORE, RUNG_BEFORE = 4, 2
AGREEMENT_DUE_BEFORE = 2


async def prepare(session: AsyncSession, *, now: datetime) -> dict[str, int]:
    """Remind those who are not ready for their first talk, then have them rung. Repeated, nothing is done twice."""
    found = await _unready(session, REMINDED_BEFORE, now)
    await timeline.add(session, [_item(one) for one in found], now=now)
    sent = await notifications.send(session, [_reminder(one) for one in found], now=now)
    last = local_time(calendar.add_working_days(local_date(now), RUNG_BEFORE), time(23, 59))
    near = [one for one in found if one.starts_at <= last]
    opened = await tasks.open_many(session, [_task(one, now) for one in near], now=now)
    return {"messages": sent, "tasks": len(opened)}


def _item(one: First) -> NewItem:
    """Placed at the talk, so that the same again changes nothing."""
    return NewItem(one.member_id, PREPARATION, str(one.spell_id), one.starts_at, one.starts_at, needs_action=True)


async def _unready(session: AsyncSession, working_days: int, now: datetime) -> Sequence[First]:
    until = local_time(calendar.add_working_days(local_date(now), working_days), time(23, 59))
    return [one for one in await preparation.first_talks(session, now, until) if not one.ready]


def _reminder(one: First) -> NewMessage:
    cause = {"booking": str(one.booking_id), "at": one.starts_at.isoformat()}
    return NewMessage(one.member_id, "N05.prepare", str(one.booking_id), {"at": one.starts_at}, cause)


def _task(one: First, now: datetime) -> NewTask:
    """Rung today; by the adviser who holds the talk, if anybody is named."""
    return NewTask(
        one.member_id, NOT_READY_TASK, str(one.booking_id), local_date(now), {"booking": one.booking_id}, one.adviser_id
    )


async def became_ready(session: AsyncSession, member_id: UUID, *, now: datetime) -> None:
    """Whoever has everything ready is asked for nothing more."""
    found = await preparation.of_member(session, member_id)
    if found is None or not found.ready:
        return
    await timeline.done_many(session, [member_id], PREPARATION, now=now, params={"state": "ready"})
    await tasks.close_many(
        session, NOT_READY_TASK, await preparation.coming(session, member_id), reason="ready", now=now
    )


async def agreements_due(session: AsyncSession, *, now: datetime) -> int:
    """N24 for the members' own agreements that are due within two days; once each."""
    today = local_date(now)
    found = await agreements.due(session, today, today + AGREEMENT_DUE_BEFORE * calendar.DAY)
    messages = [
        NewMessage(
            one.member_id, "N24", f"{one.id}:{one.due_on.isoformat()}", {"task": one.what, "date": one.due_on},
            {"task": str(one.id)},
        )
        for one in found
    ]  # fmt: skip
    return await notifications.send(session, messages, now=now)


async def to_close(session: AsyncSession, *, now: datetime) -> int:
    """From the day after a talk whoever held it is asked for its minutes: without them the member has none, and the
    registry does not hear of it. A task once for each; how many were new.
    """
    today = local_date(now)
    found = await unclosed.before(session, local_time(today, time(0)))
    items = [
        NewTask(one.member_id, TO_CLOSE_TASK, str(one.booking_id), today, {"booking": one.booking_id}, one.staff_id)
        for one in found
    ]
    return len(await tasks.open_many(session, items, now=now))


async def handovers(session: AsyncSession, member_ids: Sequence[UUID], *, now: datetime) -> int:
    """N27 three weeks and one week before the handover; another date is told anew."""
    today = local_date(now)
    found = []
    for one in await handover.ahead(session, member_ids, today=today):
        on = one.forecast.handover_on
        stage = rules_handover.stage(on, today) if on else None
        if on and stage:
            period, cause = f"{one.spell_id}:{on.isoformat()}:{stage}", {"spell": str(one.spell_id)}
            found.append(NewMessage(one.member_id, "N27", period, {"date": on}, cause))
    return await notifications.send(session, found, now=now)
