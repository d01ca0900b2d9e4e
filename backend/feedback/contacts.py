"""A member who ticks "please contact me": a task within one working day, and what the member hears in the end."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import tasks
from backend.casework.rules_tasks import UNDO_WITHIN
from backend.casework.tasks import NewTask
from backend.errors import Conflict
from backend.i18n import N_
from backend.members.names import first_name
from backend.notifications import service as notifications
from backend.notifications.service import NewMessage
from backend.surveys import answers, contact
from backend.surveys.answers import Given, Open
from backend.surveys.contact import Said

KIND, REPLY = "contact_me", "N31"


class Contacted(Conflict):
    type = "contacted-already"
    message = N_("Somebody has contacted the member already.")


async def answer(session: AsyncSession, invitation: Open, given: Given, *, now: datetime) -> UUID:
    """Store the answers; where the member wishes it, open the task. The task's key is the response's id, no more.

    Raises as `surveys.answers.submit`.
    """
    response_id = await answers.submit(session, invitation, given, now=now)
    if given.contact_wanted:
        wish = await contact.of_response(session, response_id)
        task = NewTask(wish.member_id, KIND, str(response_id), wish.due_on, staff_id=wish.adviser_id)
        await tasks.open_many(session, [task], now=now)
    return response_id


async def said(session: AsyncSession, response_id: UUID, member_id: UUID) -> Sequence[Said]:
    """What the member answered, for whoever contacts them. Raises NotFound unless they asked for it."""
    return await contact.said(session, response_id, member_id)


async def reply(
    session: AsyncSession, response_id: UUID, member_id: UUID, words: str, staff_id: UUID, *, now: datetime
) -> None:
    """Write to the member what came of it: they are told, and the task is no longer needed. Raises Contacted."""
    if not await contact.handled(session, response_id, staff_id, now=now, reply=words):
        raise Contacted
    await tasks.close_many(session, KIND, [str(response_id)], reason="replied", now=now)
    name = first_name(str(await session.scalar(_NAME, {"staff": staff_id})))
    await notifications.send(session, [NewMessage(member_id, REPLY, f"survey:{response_id}", {"name": name})], now=now)


async def settle(session: AsyncSession, *, now: datetime) -> int:
    """Note of members who were contacted through the list of tasks that they were; how many."""
    rows = (await session.execute(_DONE, {"before": now - UNDO_WITHIN})).all()
    return await contact.handled_many(session, [(UUID(row.key), row.ended_by, row.ended_at) for row in rows])


_NAME = text("SELECT name FROM staff WHERE id = :staff")
_DONE = text("""
SELECT t.key, t.ended_by, t.ended_at FROM task t
JOIN survey_response r ON r.id = CAST(t.key AS uuid)
WHERE t.kind = 'contact_me' AND t.outcome IN ('done', 'not_needed') AND t.ended_at <= :before
    AND r.contact_wanted AND r.contact_handled_at IS NULL
""")
