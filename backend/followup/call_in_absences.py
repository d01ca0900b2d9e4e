"""A called-in talk that the member did not come to: told and rung the same day; taken back when they were there."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import tasks
from backend.casework.tables import CallIn
from backend.casework.tasks import NewTask
from backend.clock import local_date
from backend.followup.talk_attendance import NO_SHOW, NO_SHOW_TASK
from backend.notices import events
from backend.notices import service as notices
from backend.notices.service import NewNotice
from backend.timeline import service as timeline
from backend.timeline.service import NewItem

TALK = "call_in_talk"
FORM = text("""
    SELECT detail ->> 'form' FROM case_history WHERE subject_id = :case AND event = 'approved' ORDER BY at DESC LIMIT 1
""")


async def follow(session: AsyncSession, case: CallIn, by: UUID, *, now: datetime) -> None:
    """N07 when it is noted on the day itself, as its letter says from when benefit is lost; a call today anyway."""
    assert case.talk_at is not None, "only a talk that was to be held is missed"
    today = local_date(now)
    if local_date(case.talk_at) == today:
        await notices.send(session, [await _letter(session, case, by)], now=now)
    await tasks.open_many(session, [NewTask(case.member_id, NO_SHOW_TASK, str(case.id), today)], now=now)


async def _letter(session: AsyncSession, case: CallIn, by: UUID) -> NewNotice:
    form = await session.scalar(FORM, {"case": case.id}) or "attendance"
    return NewNotice(
        member_id=case.member_id,
        template="no_show",
        period=str(case.id),
        letter={"talk_at": case.talk_at, "form": form, "place": case.talk_place},
        origin="called_in",
        author_id=by,
        approved_by=case.decided_by,
        cause={"no_show": str(case.id)},
    )


async def undo(session: AsyncSession, case: CallIn, by: UUID, *, now: datetime) -> None:
    """The member was there: what the letter said no longer stands, nobody needs to ring, the timeline is put right."""
    await events.cancel(session, case.member_id, (NO_SHOW, str(case.id)), by, "attended", now=now)
    await tasks.close_many(session, NO_SHOW_TASK, [str(case.id)], reason="corrected", now=now)
    assert case.talk_at is not None, "it was missed"
    # Open again, so that it can end as held.
    await timeline.add(session, [NewItem(case.member_id, TALK, str(case.id), case.talk_at, case.talk_at)], now=now)
