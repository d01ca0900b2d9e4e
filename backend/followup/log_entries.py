"""What a member does to the job log, with the rating that follows from it in the same transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date
from backend.followup import cases, service
from backend.job_log import documents, queries
from backend.job_log import service as log
from backend.job_log.documents import Stored
from backend.job_log.rules import Content
from backend.job_log.tables import Document, JobLogEntry
from backend.rating import policy
from backend.rating import queries as ratings
from backend.rating.context import Context
from backend.rating.entries import counting_entries
from backend.rating.figures import Skipped
from backend.rating.queries import Given


@dataclass(frozen=True, slots=True)
class Change:
    """Whose log is changed, when, and where a call that follows would be queued (branch or contact_centre)."""

    member_id: UUID
    now: datetime
    call_queue: str


@dataclass(frozen=True, slots=True)
class Written:
    """The entry after the change, its documents, the rating that holds now (None: not rated yet), and why the rule
    passes the entry over (None: it counts, or lies before all that is looked at)."""

    entry: JobLogEntry
    documents: Sequence[Row[Any]]
    rating: Given | None
    skipped: Skipped | None


async def create(session: AsyncSession, change: Change, content: Content) -> Written:
    """A new entry. Raises the errors of the job log's rules."""
    await cases.hold_member(session, change.member_id)
    return await _rated(session, change, await log.create(session, change.member_id, content, now=change.now))


async def edit(
    session: AsyncSession, change: Change, entry_id: UUID, changes: Mapping[str, Any], version: int | None
) -> Written:
    """Change some fields. Raises NotFound, ChangedMeanwhile, EntryWithdrawn and the errors of the rules."""
    await _hold(session, change, entry_id)
    entry = await log.edit(session, change.member_id, entry_id, changes, version=version, now=change.now)
    return await _rated(session, change, entry)


async def withdraw(session: AsyncSession, change: Change, entry_id: UUID, version: int | None) -> Written:
    """The member's undoable delete."""
    await _hold(session, change, entry_id)
    entry = await log.withdraw(session, change.member_id, entry_id, version=version, now=change.now)
    return await _rated(session, change, entry)


async def restore(session: AsyncSession, change: Change, entry_id: UUID) -> Written:
    """Undo the delete."""
    await _hold(session, change, entry_id)
    return await _rated(session, change, await log.restore(session, change.member_id, entry_id, now=change.now))


async def add_document(
    session: AsyncSession, change: Change, entry_id: UUID, stored: Stored
) -> tuple[Document, Written]:
    """Attach a file whose bytes are stored already."""
    entry = await _hold(session, change, entry_id)
    added = await documents.add(session, entry, stored, now=change.now)
    return added, await _rated(session, change, entry)


async def remove_document(session: AsyncSession, change: Change, entry_id: UUID, document_id: UUID) -> Written:
    """Take a file away. Raises NotFound."""
    entry = await _hold(session, change, entry_id)
    document = await queries.document(session, change.member_id, entry_id, document_id)
    await documents.remove(session, entry, document, now=change.now)
    return await _rated(session, change, entry)


async def _hold(session: AsyncSession, change: Change, entry_id: UUID) -> JobLogEntry:
    """The entry and then the member, as an import locks them: neither ever waits for the other in a circle."""
    entry = await queries.entry(session, change.member_id, entry_id, lock=True)
    await cases.hold_member(session, change.member_id)
    return entry


async def _rated(session: AsyncSession, change: Change, entry: JobLogEntry) -> Written:
    await session.flush()
    await service.rate_and_follow_up(
        session, [change.member_id], now=change.now, mode="event", call_queue=change.call_queue
    )
    found = await queries.documents(session, [entry.id])
    rating = await ratings.current(session, change.member_id)
    return Written(entry, found.get(entry.id, []), rating, await _skipped(session, change, entry))


async def _skipped(session: AsyncSession, change: Change, entry: JobLogEntry) -> Skipped | None:
    """Asked of the rule itself: a rating is written only when figures changed, which one that is skipped does not."""
    today = local_date(change.now)
    facts = await ratings.facts_of(session, change.member_id, today)
    if facts is None:
        return None
    context = Context.of((await policy.on(session, today)).policy, today, "event")
    _, skipped = counting_entries(context, facts)
    return next((each for each in skipped if each.id == entry.id.bytes), None)
