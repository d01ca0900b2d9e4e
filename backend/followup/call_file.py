"""What the one who rings needs beside the queue's row: tries so far, when somebody last spoke with the member."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import call_work
from backend.casework import rules_calls as rules
from backend.casework.tables import CallAttempt, ServiceCall
from backend.errors import NotFound
from backend.members.tables import Staff

# The last few only: the card is for a short call.
SHOWN = 5
CONTACTS = text("""
    SELECT on_day, kind, outcome FROM (
        SELECT completed_on AS on_day, 'call' AS kind, outcome FROM service_call
        WHERE member_id = :member AND state = 'done' AND outcome <> 'not_reached' AND id <> :call
        UNION ALL
        SELECT held_on, 'talk', NULL FROM talk WHERE member_id = :member AND state = 'closed'
        UNION ALL
        SELECT c.held_on, 'talk', NULL FROM call_in AS c
        WHERE c.member_id = :member AND c.state = 'held'
          AND NOT EXISTS (SELECT 1 FROM talk AS t WHERE t.call_in_id = c.id AND t.state = 'closed')
    ) AS spoken ORDER BY on_day DESC, kind LIMIT :shown
""")


class Try(NamedTuple):
    """One time that somebody rang."""

    at: datetime
    by: str
    result: rules.AttemptResult


class Contact(NamedTuple):
    """A call or a talk in which the member was spoken with; `outcome` of a call."""

    on: date
    kind: Literal["call", "talk"]
    outcome: rules.Outcome | None


class CallFile(NamedTuple):
    """`may_give_up`: not reached is a possible outcome. `undo_until`: this person may take the outcome back so long."""

    call: ServiceCall
    tries: Sequence[Try]
    contacts: Sequence[Contact]
    may_give_up: bool
    undo_until: datetime | None


async def of(session: AsyncSession, call_id: UUID, staff_id: UUID) -> CallFile:
    """The file of a call in whatever state, as one of the staff sees it. Raises NotFound."""
    call = await session.scalar(select(ServiceCall).where(ServiceCall.id == call_id))
    if call is None:
        raise NotFound
    facts = await call_work.facts(session, call)
    mine = facts.state == "done" and facts.ended_by == staff_id and facts.ended_at is not None
    return CallFile(
        call,
        await _tries(session, call_id),
        await _contacts(session, call),
        rules.may_give_up(facts.attempts),
        facts.ended_at + rules.UNDO_WITHIN if mine and facts.ended_at else None,
    )


async def _tries(session: AsyncSession, call_id: UUID) -> list[Try]:
    statement = (
        select(CallAttempt.at, Staff.name, CallAttempt.result)
        .join(Staff, Staff.id == CallAttempt.staff_id)
        .where(CallAttempt.call_id == call_id)
        .order_by(CallAttempt.at, CallAttempt.id)
    )
    return [Try(at, by, result) for at, by, result in await session.execute(statement)]  # type: ignore[arg-type]


async def _contacts(session: AsyncSession, call: ServiceCall) -> list[Contact]:
    rows = await session.execute(CONTACTS, {"member": call.member_id, "call": call.id, "shown": SHOWN})
    return [Contact(*row) for row in rows]
