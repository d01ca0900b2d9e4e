"""Reading a member's job log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import NotFound
from backend.job_log.tables import Document, JobLogEntry, JobLogHistory


class Place(NamedTuple):
    """Where a page of the log ended."""

    applied_on: date
    id: UUID


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: of these statuses (all when empty), from and to these days, with or without deleted ones."""

    statuses: Sequence[str] = ()
    first: date | None = None
    last: date | None = None
    withdrawn: bool = False


async def page(
    session: AsyncSession, member_id: UUID, wanted: Wanted, *, after: Place | None, limit: int
) -> list[JobLogEntry]:
    """Entries, the latest applied first, beyond `after`. One statement."""
    query = select(JobLogEntry).where(JobLogEntry.member_id == member_id)
    if not wanted.withdrawn:
        query = query.where(JobLogEntry.withdrawn_at.is_(None))
    if wanted.statuses:
        query = query.where(JobLogEntry.status.in_(wanted.statuses))
    if wanted.first:
        query = query.where(JobLogEntry.applied_on >= wanted.first)
    if wanted.last:
        query = query.where(JobLogEntry.applied_on <= wanted.last)
    if after:
        query = query.where(tuple_(JobLogEntry.applied_on, JobLogEntry.id) < tuple_(after.applied_on, after.id))
    return list(
        await session.scalars(query.order_by(JobLogEntry.applied_on.desc(), JobLogEntry.id.desc()).limit(limit))
    )


async def entry(session: AsyncSession, member_id: UUID, entry_id: UUID, *, lock: bool = False) -> JobLogEntry:
    """One entry, deleted or not. Raises NotFound, also for another member's."""
    query = select(JobLogEntry).where(JobLogEntry.id == entry_id, JobLogEntry.member_id == member_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise NotFound
    return found


async def history(session: AsyncSession, entry_id: UUID) -> list[JobLogHistory]:
    """All changes of an entry, oldest first."""
    query = select(JobLogHistory).where(JobLogHistory.entry_id == entry_id)
    return list(await session.scalars(query.order_by(JobLogHistory.at, JobLogHistory.id)))


async def documents(session: AsyncSession, entry_ids: Sequence[UUID]) -> dict[UUID, list[Document]]:
    """The documents of entries, by entry, oldest first. One statement."""
    query = select(Document).where(Document.entry_id.in_(entry_ids), Document.removed_at.is_(None))
    found: dict[UUID, list[Document]] = {}
    for document in await session.scalars(query.order_by(Document.id)):
        found.setdefault(document.entry_id, []).append(document)
    return found


async def document(session: AsyncSession, member_id: UUID, entry_id: UUID, document_id: UUID) -> Document:
    """One document that is not removed. Raises NotFound, also for another member's."""
    found = await session.scalar(
        select(Document).where(
            Document.id == document_id,
            Document.entry_id == entry_id,
            Document.member_id == member_id,
            Document.removed_at.is_(None),
        )
    )
    if found is None:
        raise NotFound
    return found


async def document_count(session: AsyncSession, entry_id: UUID) -> int:
    query = select(func.count()).where(Document.entry_id == entry_id, Document.removed_at.is_(None))
    return await session.scalar(query) or 0


async def known_keys(session: AsyncSession, keys: Sequence[str]) -> set[str]:
    """Of these storage keys the ones that a document which is not removed stands for."""
    query = select(Document.storage_key).where(Document.storage_key.in_(keys), Document.removed_at.is_(None))
    return set(await session.scalars(query))
