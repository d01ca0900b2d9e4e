"""Writing the job log: each change with its history, in the caller's transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date
from backend.db.types import new_id
from backend.job_log import errors, queries, rules
from backend.job_log.rules import Content
from backend.job_log.tables import JobLogEntry, JobLogHistory


async def create(session: AsyncSession, member_id: UUID, content: Content, *, now: datetime) -> JobLogEntry:
    """A new entry, logged now. Raises the errors of the rules."""
    content = rules.checked(content, local_date(now))
    made = JobLogEntry(
        id=new_id(),
        member_id=member_id,
        logged_at=now,
        logged_on=local_date(now),
        has_document=False,
        duplicate_key=rules.duplicate_key(content.employer, content.title),
        source="app",
        version=1,
        **_fields(content),
    )
    session.add(made)
    await session.flush()
    return made


async def edit(
    session: AsyncSession,
    member_id: UUID,
    entry_id: UUID,
    changes: Mapping[str, Any],
    *,
    version: int | None,
    now: datetime,
) -> JobLogEntry:
    """Change some fields of `Content`. `version`: the one that the change was made from, None to not ask.

    Raises NotFound, ChangedMeanwhile, EntryWithdrawn and the errors of the rules. No change at all leaves no trace.
    """
    entry = await _locked(session, member_id, entry_id, version)
    if entry.withdrawn_at is not None:
        raise errors.EntryWithdrawn
    before = content_of(entry)
    after = rules.checked(Content(**(_fields(before) | dict(changes))), local_date(now))
    old, new = rules.difference(before, after)
    if new:
        for name, value in _fields(after).items():
            setattr(entry, name, value)
        entry.duplicate_key = rules.duplicate_key(after.employer, after.title)
        await note(session, entry, rules.event(before.status, after.status), old, new, now=now)
    return entry


async def withdraw(
    session: AsyncSession, member_id: UUID, entry_id: UUID, *, version: int | None, now: datetime
) -> JobLogEntry:
    """The member's delete: the entry stays, counts no longer and can be restored. Again is harmless."""
    entry = await _locked(session, member_id, entry_id, version)
    if entry.withdrawn_at is None:
        entry.withdrawn_at = now
        await note(session, entry, "deleted", {}, {}, now=now)
    return entry


async def restore(session: AsyncSession, member_id: UUID, entry_id: UUID, *, now: datetime) -> JobLogEntry:
    """Undo a withdrawal; when it was logged stays as it was. Raises EntryNotWithdrawn."""
    entry = await _locked(session, member_id, entry_id, None)
    if entry.withdrawn_at is None:
        raise errors.EntryNotWithdrawn
    entry.withdrawn_at = None
    await note(session, entry, "restored", {}, {}, now=now)
    return entry


async def note(
    session: AsyncSession,
    entry: JobLogEntry,
    event: str,
    before: dict[str, Any],
    after: dict[str, Any],
    *,
    now: datetime,
) -> None:
    """The next version of an entry, with what the member changed."""
    entry.version += 1
    session.add(
        JobLogHistory(
            id=new_id(),
            entry_id=entry.id,
            at=now,
            actor_kind="member",
            actor_id=entry.member_id,
            event=event,
            before=before,
            after=after,
        )
    )
    await session.flush()


def content_of(entry: JobLogEntry) -> Content:
    """What an entry says now."""
    return Content(**{name: getattr(entry, name) for name in Content.__dataclass_fields__})


async def _locked(session: AsyncSession, member_id: UUID, entry_id: UUID, version: int | None) -> JobLogEntry:
    entry = await queries.entry(session, member_id, entry_id, lock=True)
    if version is not None and version != entry.version:
        raise errors.ChangedMeanwhile
    return entry


def _fields(content: Content) -> dict[str, Any]:
    return {name: getattr(content, name) for name in Content.__dataclass_fields__}
