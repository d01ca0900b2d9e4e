"""What people do to a draft of the rating rule: write, submit, approve as a second person, take back. All is noted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date
from backend.db.types import new_id
from backend.errors import NotFound
from backend.rating import draft_rules as rules
from backend.rating import policy
from backend.rating.policy_values import Policy
from backend.rating.tables import RatingPolicy
from backend.rating.tables_drafts import PolicyDraft, PolicyDraftEvent, PolicyTrial


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPolicy:
    """What a coordinator writes: every number, why, and the first day it is to apply."""

    numbers: Mapping[str, Any]
    note: str
    valid_from: date


async def write(session: AsyncSession, new: NewPolicy, staff_id: UUID, *, now: datetime) -> UUID:
    """A new draft. Raises PolicyError, DayWrong, DayTaken, NoteMissing, NothingChanged."""
    values = await _checked(session, new, now)
    made = PolicyDraft(id=new_id(), state="draft", edition=1, author_id=staff_id, created_at=now, **values)
    session.add(made)
    await session.flush()
    await note(session, made.id, "written", staff_id, now=now)
    return made.id


async def edit(session: AsyncSession, draft_id: UUID, new: NewPolicy, staff_id: UUID, *, now: datetime) -> None:
    """Write it anew: who does is its author, and its dry run is that of other numbers. Raises NotDraft."""
    found = await locked(session, draft_id)
    if found.state not in ("draft", "waiting"):
        raise rules.NotDraft
    values = await _checked(session, new, now)
    await session.execute(delete(PolicyTrial).where(PolicyTrial.draft_id == draft_id))
    _move(found, values | {"state": "draft", "edition": found.edition + 1, "author_id": staff_id})
    await note(session, draft_id, "edited", staff_id, now=now, edition=found.edition)


async def submit(session: AsyncSession, draft_id: UUID, staff_id: UUID, *, now: datetime) -> None:
    """Ask a colleague to approve it. Raises NotDraft, NotTried, DayWrong, DayTaken."""
    found = await locked(session, draft_id)
    if found.state != "draft":
        raise rules.NotDraft
    await _may_apply(session, found, now)
    _move(found, {"state": "waiting"})
    await note(session, draft_id, "submitted", staff_id, now=now)


async def hand_back(session: AsyncSession, draft_id: UUID, staff_id: UUID, reason: str, *, now: datetime) -> None:
    """Not approved: back to its author, with the reason. Raises NotWaiting."""
    found = await locked(session, draft_id)
    if found.state != "waiting":
        raise rules.NotWaiting
    _move(found, {"state": "draft"})
    await note(session, draft_id, "returned", staff_id, now=now, reason=reason)


async def withdraw(session: AsyncSession, draft_id: UUID, staff_id: UUID, *, now: datetime) -> None:
    """It will not become a version. Raises NotDraft once it is one."""
    found = await locked(session, draft_id)
    if found.state not in ("draft", "waiting"):
        raise rules.NotDraft
    _move(found, {"state": "withdrawn"})
    await note(session, draft_id, "withdrawn", staff_id, now=now)


async def approve(session: AsyncSession, draft_id: UUID, staff_id: UUID, *, edition: int, now: datetime) -> int:
    """A second person publishes what they have read; the number of the new version.

    Raises NotWaiting, OwnDraft, AnotherEdition, NotTried, DayWrong, DayTaken.
    """
    found = await locked(session, draft_id)
    rules.check_approval(
        state=found.state,
        author_id=found.author_id,
        edition=found.edition,
        approver_id=staff_id,
        read_edition=edition,
    )
    await _may_apply(session, found, now)
    number = await _next_number(session)
    session.add(
        RatingPolicy(
            version=number,
            valid_from=found.valid_from,
            numbers=found.numbers,
            note=found.note,
            published_by=staff_id,
            published_at=now,
        )
    )
    published = {"state": "published", "approved_by": staff_id, "approved_at": now, "published_version": number}
    _move(found, published)
    await note(session, draft_id, "approved", staff_id, now=now, edition=edition, version=number)
    return number


async def take_back(session: AsyncSession, draft_id: UUID, staff_id: UUID, reason: str, *, now: datetime) -> None:
    """A published version that does not apply yet never will; the one before it goes on. Raises AlreadyApplies."""
    found = await locked(session, draft_id)
    if found.state != "published" or found.valid_from <= local_date(now):
        raise rules.AlreadyApplies
    await session.execute(delete(RatingPolicy).where(RatingPolicy.version == found.published_version))
    _move(found, {"state": "taken_back"})
    await note(session, draft_id, "taken_back", staff_id, now=now, reason=reason)


async def note(
    session: AsyncSession, draft_id: UUID, kind: str, staff_id: UUID, *, now: datetime, **detail: Any
) -> None:
    """A line of the draft's history."""
    session.add(PolicyDraftEvent(id=new_id(), draft_id=draft_id, kind=kind, at=now, staff_id=staff_id, detail=detail))
    await session.flush()


async def locked(session: AsyncSession, draft_id: UUID) -> PolicyDraft:
    """The draft, until the end of the transaction. Raises NotFound."""
    statement = select(PolicyDraft).where(PolicyDraft.id == draft_id).with_for_update()
    found = await session.scalar(statement.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


def _move(found: PolicyDraft, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(found, name, value)


async def _checked(session: AsyncSession, new: NewPolicy, now: datetime) -> dict[str, Any]:
    today = local_date(now)
    wanted = Policy.from_mapping(new.numbers)
    rules.check_policy(wanted)
    rules.check_day(new.valid_from, today, await _taken(session))
    if not new.note.strip():
        raise rules.NoteMissing(field="note")
    if wanted == (await policy.on(session, today)).policy:
        raise rules.NothingChanged
    return {"numbers": wanted.to_mapping(), "note": new.note.strip(), "valid_from": new.valid_from}


async def _may_apply(session: AsyncSession, found: PolicyDraft, now: datetime) -> None:
    tried = select(PolicyTrial.id).where(
        PolicyTrial.draft_id == found.id, PolicyTrial.edition == found.edition, PolicyTrial.state == "done"
    )
    if await session.scalar(tried) is None:
        raise rules.NotTried
    rules.check_day(found.valid_from, local_date(now), await _taken(session))


async def _taken(session: AsyncSession) -> set[date]:
    return set(await session.scalars(select(RatingPolicy.valid_from)))


async def _next_number(session: AsyncSession) -> int:
    """After all that ever were: the number of a version that was taken back is not used again."""
    published = await session.scalar(select(func.max(RatingPolicy.version))) or 0
    drafted = await session.scalar(select(func.max(PolicyDraft.published_version))) or 0
    return max(published, drafted) + 1
