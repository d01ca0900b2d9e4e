"""Agreements after the talk: the member's own are ticked off, staff may drop one; the tasks of staff are elsewhere."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import NotFound
from backend.talks import errors
from backend.talks.tables import Agreement

Outcome = Literal["done", "dropped"]


class Due(NamedTuple):
    """A member's own agreement that is due soon."""

    id: UUID
    member_id: UUID
    what: str
    due_on: date


END = text("""
    UPDATE agreement SET state = :state, ended_at = :now, ended_by = CAST(:by AS uuid), reason = CAST(:reason AS text)
    WHERE id = :id AND state = 'open' RETURNING id
""")
REOPEN = text("""
    UPDATE agreement SET state = 'open', ended_at = NULL, ended_by = NULL, reason = NULL
    WHERE id = :id AND member_id = :member AND owner = 'member' AND state = 'done' RETURNING id
""")
DUE = text("""
    SELECT id, member_id, what, due_on FROM agreement
    WHERE owner = 'member' AND state = 'open' AND due_on BETWEEN :first AND :last ORDER BY member_id, id
""")


async def tick(session: AsyncSession, agreement_id: UUID, member_id: UUID, *, now: datetime) -> Agreement:
    """The member has done what they promised; once is enough. Raises NotFound, NotYours, AgreementOver."""
    held = await _locked(session, agreement_id, member_id)
    if held.owner != "member":
        raise errors.NotYours
    if held.state == "dropped":
        raise errors.AgreementOver
    await _end(session, held.id, "done", now=now)
    return await _locked(session, agreement_id, member_id)


async def untick(session: AsyncSession, agreement_id: UUID, member_id: UUID) -> Agreement:
    """The member ticked it off by mistake. Raises NotFound, AgreementOver."""
    held = await _locked(session, agreement_id, member_id)
    if held.state != "open" and await session.scalar(REOPEN, {"id": held.id, "member": member_id}) is None:
        raise errors.AgreementOver
    return await _locked(session, agreement_id, member_id)


async def end(
    session: AsyncSession, agreement_id: UUID, outcome: Outcome, *, by: UUID, reason: str, now: datetime
) -> Agreement:
    """Staff end an agreement: it is done, or no longer wanted and why. Raises NotFound, AgreementOver, ReasonNeeded."""
    held = await _locked(session, agreement_id)
    if held.state != "open":
        raise errors.AgreementOver
    if outcome == "dropped" and not reason.strip():
        raise errors.ReasonNeeded(field="reason")
    await _end(session, held.id, outcome, by=by, reason=reason.strip() or None, now=now)
    return await _locked(session, agreement_id)


async def due(session: AsyncSession, first: date, last: date) -> Sequence[Due]:
    """The members' own agreements that are due from one day to another."""
    return [Due(*row) for row in await session.execute(DUE, {"first": first, "last": last})]


async def _end(
    session: AsyncSession, agreement_id: UUID, state: Outcome, *, now: datetime, by: UUID | None = None,
    reason: str | None = None,
) -> None:  # fmt: skip
    values = {"id": agreement_id, "state": state, "by": by, "reason": reason, "now": now}
    await session.execute(END, values)


async def _locked(session: AsyncSession, agreement_id: UUID, member_id: UUID | None = None) -> Agreement:
    statement = select(Agreement).where(Agreement.id == agreement_id)
    if member_id is not None:
        statement = statement.where(Agreement.member_id == member_id)
    found = await session.scalar(statement.with_for_update().execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found
