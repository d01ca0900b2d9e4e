"""Reading a member's job log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Date, Row, Select, Uuid, any_, bindparam, func, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
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


EDGE = tuple_(bindparam("applied_on", type_=Date), bindparam("id", type_=Uuid))


class Shape(NamedTuple):
    """Which conditions a statement of the list has."""

    statuses: bool
    first: bool
    last: bool
    withdrawn: bool
    after: bool


async def page(
    session: AsyncSession, member_id: UUID, wanted: Wanted, *, after: Place | None, limit: int
) -> Sequence[Row[Any]]:
    """Entries (rows with the columns of `JobLogEntry`), the latest applied first, beyond `after`. One statement."""
    shape = Shape(bool(wanted.statuses), bool(wanted.first), bool(wanted.last), wanted.withdrawn, bool(after))
    values: dict[str, object] = {"member": member_id, "limit": limit}
    values |= {"statuses": list(wanted.statuses), "first": wanted.first, "last": wanted.last}
    if after:
        values |= {"applied_on": after.applied_on, "id": after.id}
    rows: Sequence[Row[Any]] = (await session.execute(_page(shape), values)).all()
    return rows


@lru_cache(maxsize=32)
def _page(shape: Shape) -> Select[Any]:
    """The statement of a list, made once: this is what phones ask most, and making it costs as much as running it."""
    table = JobLogEntry.__table__.c
    query = select(*table).where(table.member_id == bindparam("member"))
    conditions = (
        (not shape.withdrawn, table.withdrawn_at.is_(None)),
        (shape.statuses, table.status.in_(bindparam("statuses", expanding=True))),
        (shape.first, table.applied_on >= bindparam("first")),
        (shape.last, table.applied_on <= bindparam("last")),
        (shape.after, tuple_(table.applied_on, table.id) < EDGE),
    )
    query = query.where(*(condition for applies, condition in conditions if applies))
    return query.order_by(table.applied_on.desc(), table.id.desc()).limit(bindparam("limit"))


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


DOCUMENTS = (
    select(*Document.__table__.c)
    .where(Document.entry_id == any_(bindparam("entries", type_=ARRAY(Uuid))), Document.removed_at.is_(None))
    .order_by(Document.id)
)


async def documents(session: AsyncSession, entry_ids: Sequence[UUID]) -> dict[UUID, list[Row[Any]]]:
    """The documents of entries (rows with the columns of `Document`), by entry, oldest first. One statement."""
    found: dict[UUID, list[Row[Any]]] = {}
    for row in await session.execute(DOCUMENTS, {"entries": list(entry_ids)}):
        found.setdefault(row.entry_id, []).append(row)
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
