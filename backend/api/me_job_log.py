"""The member's job log. Each change answers with what it did to the colour."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.params import FromPath, HeaderParameter, JSONBody, QueryParameter
from sqlalchemy import Row

from backend.api import job_log_view, wire
from backend.api.given import Configured, Language, Me, Now, Session
from backend.api.job_log_view import EntryChange, EntryInput, EntryView, EntryWritten, EventView
from backend.api.wire import Cursor, Limit, Page
from backend.followup import log_entries
from backend.followup.log_entries import Change
from backend.job_log import queries
from backend.job_log.queries import Place, Wanted
from backend.job_log.rules import Content, Status
from backend.members.identity import MemberIdentity
from backend.settings import Settings

IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match", description="The entry's ETag; when it changed since, the answer is 412.", max_length=40
    ),
]
Statuses = Annotated[list[Status] | None, QueryParameter(name="status", max_items=6)]
First = Annotated[date | None, QueryParameter(name="from", description="Applied on this day or later.")]
Last = Annotated[date | None, QueryParameter(name="to", description="Applied on this day or earlier.")]
Deleted = Annotated[bool, QueryParameter(name="withdrawn", description="Deleted entries too.")]


@get("/v1/me/job-log", operation_id="listJobLogEntries", tags=["job log"], response_headers=wire.TAGGED)
async def list_entries(
    request: Request[Any, Any, Any],
    session: Session,
    member: Me,
    status: Statuses = None,
    first: First = None,
    last: Last = None,
    withdrawn: Deleted = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response[Page[EntryView]]:
    """My applications, the latest first."""
    after = Place(*wire.position(cursor, tuple[date, UUID])) if cursor else None
    wanted = Wanted(status or (), first, last, withdrawn)
    found = await queries.page(session, member.id, wanted, after=after, limit=limit + 1)
    documents = await queries.documents(session, [entry.id for entry in found[:limit]])
    items = [job_log_view.entry_view(entry, documents.get(entry.id, [])) for entry in found[:limit]]
    return wire.tagged(request, Page(items=items, next=_next(found, limit)))


@post("/v1/me/job-log", operation_id="createJobLogEntry", tags=["job log"], response_headers=job_log_view.VERSIONED)
async def create(
    session: Session, member: Me, now: Now, language: Language, settings: Configured, data: JSONBody[EntryInput]
) -> Response[EntryWritten]:
    """Log an application. Late ones are welcome; when it was logged is kept beside when it was sent."""
    content = Content(**{name: getattr(data, name) for name in Content.__dataclass_fields__})
    found = await log_entries.create(session, _change(member, now, settings), content)
    return job_log_view.written(language, found, status=201)


@get(
    "/v1/me/job-log/{entry_id:uuid}",
    operation_id="getJobLogEntry",
    tags=["job log"],
    response_headers=job_log_view.VERSIONED,
)
async def get_entry(session: Session, member: Me, entry_id: FromPath[UUID]) -> Response[EntryView]:
    """One application, deleted or not."""
    entry = await queries.entry(session, member.id, entry_id)
    documents = await queries.documents(session, [entry.id])
    content = job_log_view.entry_view(entry, documents.get(entry.id, []))
    return Response(content=content, headers={"ETag": job_log_view.tag(entry.version)})


@patch(
    "/v1/me/job-log/{entry_id:uuid}",
    operation_id="updateJobLogEntry",
    tags=["job log"],
    response_headers=job_log_view.VERSIONED,
)
async def update(
    session: Session,
    member: Me,
    now: Now,
    language: Language,
    settings: Configured,
    entry_id: FromPath[UUID],
    data: JSONBody[EntryChange],
    if_match: IfMatch = None,
) -> Response[EntryWritten]:
    """Change an application: its status as it moves on, or a correction. Every change is kept in its history."""
    version = job_log_view.version_of(if_match)
    changes = msgspec.structs.asdict(data)
    given = {name: value for name, value in changes.items() if value is not msgspec.UNSET}
    found = await log_entries.edit(session, _change(member, now, settings), entry_id, given, version)
    return job_log_view.written(language, found)


@delete(
    "/v1/me/job-log/{entry_id:uuid}",
    operation_id="withdrawJobLogEntry",
    tags=["job log"],
    status_code=200,
    response_headers=job_log_view.VERSIONED,
)
async def withdraw(
    session: Session,
    member: Me,
    now: Now,
    language: Language,
    settings: Configured,
    entry_id: FromPath[UUID],
    if_match: IfMatch = None,
) -> Response[EntryWritten]:
    """Delete an application: it counts no longer, and can be restored."""
    version = job_log_view.version_of(if_match)
    found = await log_entries.withdraw(session, _change(member, now, settings), entry_id, version)
    return job_log_view.written(language, found)


@post(
    "/v1/me/job-log/{entry_id:uuid}/restore",
    operation_id="restoreJobLogEntry",
    tags=["job log"],
    status_code=200,
    response_headers=job_log_view.VERSIONED,
)
async def restore(
    session: Session, member: Me, now: Now, language: Language, settings: Configured, entry_id: FromPath[UUID]
) -> Response[EntryWritten]:
    """Undo the deletion of an application."""
    found = await log_entries.restore(session, _change(member, now, settings), entry_id)
    return job_log_view.written(language, found)


@get("/v1/me/job-log/{entry_id:uuid}/history", operation_id="getJobLogHistory", tags=["job log"])
async def get_history(session: Session, member: Me, entry_id: FromPath[UUID]) -> list[EventView]:
    """All that happened to an application, oldest first."""
    entry = await queries.entry(session, member.id, entry_id)
    return job_log_view.history(entry, await queries.history(session, entry.id))


def _change(member: MemberIdentity, now: datetime, settings: Settings) -> Change:
    return Change(member.id, now, settings.call_queue)


def _next(found: Sequence[Row[Any]], limit: int) -> str | None:
    return wire.cursor(found[limit - 1].applied_on, found[limit - 1].id) if len(found) > limit else None


HANDLERS = (list_entries, create, get_entry, update, withdraw, restore, get_history)
