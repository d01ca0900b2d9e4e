"""The lists that staff work through: calls, proposed call-ins, disputes. One query each, oldest duty first."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal, NamedTuple, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework.tables import CALL_IN_OPEN, CallIn, Dispute, ServiceCall
from backend.followup import calls
from backend.members import access
from backend.members.identity import StaffIdentity
from backend.members.tables import Branch, Member
from backend.rating.tables import RatingCurrent

T = TypeVar("T")


class Place(NamedTuple):
    """Where a page of a list ended."""

    due_on: date
    id: UUID


class CallRow(msgspec.Struct, frozen=True, kw_only=True):
    """A call with what the one who rings needs, and nothing more."""

    id: UUID
    member_id: UUID
    rating_id: UUID | None
    name: str
    phone: str
    branch_name: str
    colour: str
    counted: int
    required: int
    state: str
    queue: str
    fast: bool
    due_on: date
    call_at: datetime | None
    not_before: datetime | None
    attempts: int
    claimed_by: UUID | None
    last_contact_on: date | None


class CallInRow(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    member_id: UUID
    member_no: str
    name: str
    branch_name: str
    colour: str
    state: str
    due_on: date
    proposed_at: datetime
    flagged_at: datetime | None
    opened_at: datetime | None
    talk_at: datetime | None
    talk_place: str | None


class DisputeRow(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    member_id: UUID
    member_no: str
    name: str
    branch_name: str
    colour: str
    rating_id: UUID
    text: str
    due_on: date
    opened_at: datetime


_OTHER = ServiceCall.__table__.alias("other")


def _calls() -> Select[*tuple[Any, ...]]:
    spoken = (
        select(func.max(_OTHER.c.completed_on))
        .where(_OTHER.c.member_id == Member.id, _OTHER.c.outcome != "not_reached")
        .scalar_subquery()
    )
    return (
        select(
            ServiceCall.id, ServiceCall.member_id, ServiceCall.rating_id, Member.name, Member.phone,
            Branch.name.label("branch_name"), RatingCurrent.colour, RatingCurrent.counted, RatingCurrent.required,
            ServiceCall.state, ServiceCall.queue, ServiceCall.fast, ServiceCall.due_on, ServiceCall.call_at,
            ServiceCall.not_before, ServiceCall.attempts, ServiceCall.claimed_by, spoken.label("last_contact_on"),
        )
        .join(Member, Member.id == ServiceCall.member_id)
        .join(Branch, Branch.id == Member.branch_id)
        .join(RatingCurrent, RatingCurrent.member_id == Member.id)
    )  # fmt: skip


async def waiting_calls(
    session: AsyncSession, staff: StaffIdentity, *, queue: str | None, after: Place | None, limit: int, today: date
) -> list[CallRow]:
    """Calls that wait or are being made, of the members in sight and of the contact centre's queue for its people."""
    statement = _calls().where(ServiceCall.state.in_(("open", "claimed")), calls.scope(staff, today))
    if queue:
        statement = statement.where(ServiceCall.queue == queue)
    return await _rows(session, _paged(statement, ServiceCall, after, limit), CallRow)


async def call(session: AsyncSession, call_id: UUID) -> CallRow:
    """One call, in whatever state."""
    return (await _rows(session, _calls().where(ServiceCall.id == call_id), CallRow))[0]


async def open_call_ins(
    session: AsyncSession, staff: StaffIdentity, *,
    states: Sequence[Literal["proposed", "approved"]], after: Place | None, limit: int, today: date,
) -> list[CallInRow]:  # fmt: skip
    """Proposals that wait for a decision and talks that lie ahead."""
    statement = (
        _of_members(
            CallIn.id, CallIn.member_id, CallIn.state, CallIn.due_on, CallIn.proposed_at, CallIn.flagged_at,
            CallIn.opened_at, CallIn.talk_at, CallIn.talk_place,
        )
        .join(CallIn, CallIn.member_id == Member.id)
        .where(CallIn.state.in_(states or CALL_IN_OPEN), access.visible(staff, today))
    )  # fmt: skip
    return await _rows(session, _paged(statement, CallIn, after, limit), CallInRow)


async def open_disputes(
    session: AsyncSession, staff: StaffIdentity, *, after: Place | None, limit: int, today: date
) -> list[DisputeRow]:
    """Disputes that wait for an answer."""
    statement = (
        _of_members(
            Dispute.id, Dispute.member_id, Dispute.rating_id, Dispute.text, Dispute.due_on, Dispute.opened_at
        )
        .join(Dispute, Dispute.member_id == Member.id)
        .where(Dispute.state == "open", access.visible(staff, today))
    )  # fmt: skip
    return await _rows(session, _paged(statement, Dispute, after, limit), DisputeRow)


def _of_members(*columns: Any) -> Select[*tuple[Any, ...]]:
    named = (Member.member_no, Member.name, Branch.name.label("branch_name"), RatingCurrent.colour)
    return (
        select(*columns, *named)
        .select_from(Member)
        .join(Branch, Branch.id == Member.branch_id)
        .join(RatingCurrent, RatingCurrent.member_id == Member.id)
    )


def _paged(
    statement: Select[*tuple[Any, ...]], case: type[ServiceCall | CallIn | Dispute], after: Place | None, limit: int
) -> Select[*tuple[Any, ...]]:
    if after:
        beyond: ColumnElement[bool] = tuple_(case.due_on, case.id) > tuple_(after.due_on, after.id)
        statement = statement.where(beyond)
    return statement.order_by(case.due_on, case.id).limit(limit)


async def _rows(session: AsyncSession, statement: Select[*tuple[Any, ...]], shape: type[T]) -> list[T]:
    return [msgspec.convert(dict(row), shape) for row in (await session.execute(statement)).mappings()]
