"""Disputes: the member says that a rating is wrong, an adviser answers. One open per member, by constraint."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.casework import errors, history
from backend.casework import rules_disputes as rules
from backend.casework.tables import Dispute
from backend.clock import local_date
from backend.db.types import new_id
from backend.errors import Conflict

ANSWER_WITHIN_WORKING_DAYS = 5


async def locked(session: AsyncSession, dispute_id: UUID) -> Dispute | None:
    statement = select(Dispute).where(Dispute.id == dispute_id).with_for_update()
    return await session.scalar(statement.execution_options(populate_existing=True))


async def open_of(session: AsyncSession, member_id: UUID) -> Dispute | None:
    """The member's open dispute, locked."""
    statement = select(Dispute).where(Dispute.member_id == member_id, Dispute.state == "open").with_for_update()
    return await session.scalar(statement.execution_options(populate_existing=True))


async def open_one(session: AsyncSession, member_id: UUID, rating_id: UUID, text: str, *, now: datetime) -> Dispute:
    """Open a dispute about a rating. Raises DisputeOpen while another one waits for its answer."""
    due = calendar.add_working_days(local_date(now), ANSWER_WITHIN_WORKING_DAYS)
    statement = (
        insert(Dispute)
        .values(
            id=new_id(), member_id=member_id, rating_id=rating_id, state="open", text=text, opened_at=now, due_on=due
        )
        # Spelt out: as a bound value the index is no longer found once the server plans the statement for any value.
        .on_conflict_do_nothing(index_elements=["member_id"], index_where=literal_column("state = 'open'", Boolean))
        .returning(Dispute)
    )
    made = await session.scalar(statement)
    if made is None:
        raise errors.DisputeOpen
    await history.add(session, [history.Entry("dispute", made.id, member_id, "opened", None, "open")], now=now)
    return made


async def answer(
    session: AsyncSession, dispute: Dispute, staff_id: UUID, verdict: rules.Verdict, text: str, *, now: datetime
) -> Dispute:
    """The adviser's answer; what an upheld one changes is done by the caller in the same transaction."""
    to = rules.answer(dispute.state, verdict, text)  # type: ignore[arg-type]
    return await _end(session, dispute, to, staff_id, text.strip(), now=now)


async def withdraw(session: AsyncSession, dispute: Dispute, *, now: datetime) -> Dispute:
    """The member takes it back."""
    to = rules.withdraw(dispute.state)  # type: ignore[arg-type]
    return await _end(session, dispute, to, None, None, now=now)


async def _end(
    session: AsyncSession, dispute: Dispute, to: str, staff_id: UUID | None, text: str | None, *, now: datetime
) -> Dispute:
    dispute_id, member_id = dispute.id, dispute.member_id
    statement = (
        update(Dispute)
        .where(Dispute.id == dispute_id, Dispute.state == "open")
        .values(state=to, answer=text, answered_by=staff_id, ended_at=now)
        .returning(Dispute)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    moved = await session.scalar(statement)
    if moved is None:
        raise Conflict
    event = "withdrawn" if staff_id is None else "answered"
    await history.add(session, [history.Entry("dispute", dispute_id, member_id, event, "open", to, staff_id)], now=now)
    return moved
