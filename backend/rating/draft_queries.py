"""Versions of the rule, drafts with their history and dry run, and whom a dry run would change."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.errors import NotFound
from backend.members import access
from backend.members.identity import StaffIdentity
from backend.members.tables import Member, Staff
from backend.rating.tables import RatingPolicy
from backend.rating.tables_drafts import PolicyDraft, PolicyDraftEvent, PolicyTrial, PolicyTrialChange, PolicyTrialCount


class Full(NamedTuple):
    """A draft with the names of its author and approver, its history, and its dry run with the counts."""

    draft: Row[Any]
    events: Sequence[Row[Any]]
    trial: PolicyTrial | None
    counts: Sequence[PolicyTrialCount]


class Version(NamedTuple):
    """A published version; `published_by` is a name, none for the one that the product came with."""

    number: int
    valid_from: date
    numbers: dict[str, Any]
    note: str
    published_by: str | None
    published_at: datetime


async def versions(session: AsyncSession) -> list[Version]:
    """All of them, the latest first: there are few, for each is a decision."""
    columns = (RatingPolicy.version, RatingPolicy.valid_from, RatingPolicy.numbers, RatingPolicy.note)
    statement = select(*columns, Staff.name, RatingPolicy.published_at)
    joined = statement.outerjoin(Staff, Staff.id == RatingPolicy.published_by)
    return [Version(*row) for row in await session.execute(joined.order_by(RatingPolicy.valid_from.desc()))]


async def newest(session: AsyncSession, *, limit: int) -> list[Row[Any]]:
    """The latest drafts."""
    return list(await session.execute(_drafts().order_by(PolicyDraft.id.desc()).limit(limit)))


async def full(session: AsyncSession, draft_id: UUID) -> Full:
    """One draft. Raises NotFound."""
    draft = (await session.execute(_drafts().where(PolicyDraft.id == draft_id))).one_or_none()
    if draft is None:
        raise NotFound
    event = PolicyDraftEvent
    history = select(event.kind, event.at, Staff.name.label("by"), event.detail).join(Staff, Staff.id == event.staff_id)
    events = (await session.execute(history.where(event.draft_id == draft_id).order_by(event.id))).all()
    held = select(PolicyTrial).where(PolicyTrial.draft_id == draft_id)
    # Workers write it by statements of their own.
    trial = await session.scalar(held.execution_options(populate_existing=True))
    return Full(draft, events, trial, await _counts(session, trial))


async def changes(
    session: AsyncSession,
    draft_id: UUID,
    staff: StaffIdentity,
    *,
    colours: tuple[str | None, str | None],
    today: date,
    after: UUID | None,
    limit: int,
) -> list[Row[Any]]:
    """Members in this person's sight who would go from one colour to another (None: any), by id."""
    change = PolicyTrialChange
    statement = (
        select(change.member_id, Member.member_no, Member.name, change.before, change.after, change.reasons)
        .join(PolicyTrial, PolicyTrial.id == change.trial_id)
        .join(Member, Member.id == change.member_id)
        .where(PolicyTrial.draft_id == draft_id, access.visible(staff, today))
    )
    for column, wanted in zip((change.before, change.after), colours, strict=True):
        statement = statement.where(column == wanted) if wanted else statement
    statement = statement.where(change.member_id > after) if after else statement
    return list(await session.execute(statement.order_by(change.member_id).limit(limit)))


async def _counts(session: AsyncSession, trial: PolicyTrial | None) -> Sequence[PolicyTrialCount]:
    if trial is None:
        return ()
    count = PolicyTrialCount
    found = select(count).where(count.trial_id == trial.id).order_by(count.members.desc(), count.before, count.after)
    return (await session.scalars(found.execution_options(populate_existing=True))).all()


def _drafts() -> Select[Any]:
    author, approver = aliased(Staff), aliased(Staff)
    names = (author.name.label("author"), approver.name.label("approver"))
    joined = select(*PolicyDraft.__table__.columns, *names).join(author, author.id == PolicyDraft.author_id)
    return joined.outerjoin(approver, approver.id == PolicyDraft.approved_by)
