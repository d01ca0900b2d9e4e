"""Documents of job log entries: up to the store, never through the database; down with safe headers."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, delete, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from backend.api import job_log_view
from backend.api.door import Exchange, exchange
from backend.api.given import Configured, Language, Me, Now, Session
from backend.api.job_log_view import DocumentView, EntryWritten
from backend.api.wire import Wire
from backend.errors import Invalid, NotFound
from backend.followup import log_entries
from backend.followup.log_entries import Change
from backend.i18n import N_
from backend.job_log import documents, queries, storage
from backend.job_log.documents import Stored

AnyRequest = Request[Any, Any, Any]
# The file and what a multipart form adds around it.
MAX_UPLOAD = documents.MOST_BYTES + 65_536


@dataclass
class Upload:
    """A form with one file: PDF, docx, odt, PNG or JPEG, at most 10 MB."""

    file: UploadFile


class DocumentAdded(Wire):
    """The document, and what it did to the entry and the colour."""

    document: DocumentView
    written: EntryWritten


async def store_upload(request: AnyRequest, known: Exchange) -> Stored:
    """Check and store the bytes, before the transaction that records them: no connection waits for the store."""
    assert known.member is not None
    entry_id: UUID = request.path_params["entry_id"]
    await queries.entry(known.session, known.member.id, entry_id)
    await known.session.rollback()
    name, content = await _file(request)
    found = documents.inspect(storage.new_key(known.now), name, content)
    await storage.put(request.app.state.documents, found.key, content)
    return found


async def _file(request: AnyRequest) -> tuple[str, bytes]:
    """The name and bytes of the form's one file. The body is kept: the idempotency key is about it too."""
    await request.body()
    form = await request.form()
    sent = [value for value in form.values() if isinstance(value, UploadFile)]
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Invalid(N_("Send one file in the field “file” of a form."), field="file")
        return file.filename or "", await file.read()
    finally:
        for each in sent:
            await each.close()


@post(
    "/v1/me/job-log/{entry_id:uuid}/documents",
    operation_id="addJobLogDocument",
    tags=["job log"],
    request_max_body_size=MAX_UPLOAD,
    opt={"prepare": store_upload},
)
async def add(
    request: AnyRequest,
    session: Session,
    member: Me,
    now: Now,
    language: Language,
    settings: Configured,
    entry_id: FromPath[UUID],
    data: Annotated[Upload, Body(media_type=RequestEncodingType.MULTI_PART)],  # noqa: ARG001 - for the contract
) -> DocumentAdded:
    """Attach the application that was sent. What it is, is told by its bytes, not by its name."""
    stored = exchange(request.scope).prepared
    assert isinstance(stored, Stored)
    change = Change(member.id, now, settings.call_queue)
    document, found = await log_entries.add_document(session, change, entry_id, stored)
    return DocumentAdded(
        document=job_log_view.document_view(document), written=job_log_view.written(language, found).content
    )


@get(
    "/v1/me/job-log/{entry_id:uuid}/documents/{document_id:uuid}",
    operation_id="getJobLogDocument",
    tags=["job log"],
    media_type="application/octet-stream",
)
async def download(
    request: AnyRequest, session: Session, member: Me, entry_id: FromPath[UUID], document_id: FromPath[UUID]
) -> Response[bytes]:
    """The document itself, in the media type that it was found to have."""
    document = await queries.document(session, member.id, entry_id, document_id)
    name, media_type, key = document.file_name, document.media_type, document.storage_key
    # The store may be far away; the connection is given back before asking it.
    await session.rollback()
    try:
        content = await storage.get(request.app.state.documents, key)
    except storage.Missing:
        raise NotFound from None
    return Response(content=content, media_type=media_type, headers=_safe(name))


@delete(
    "/v1/me/job-log/{entry_id:uuid}/documents/{document_id:uuid}",
    operation_id="removeJobLogDocument",
    tags=["job log"],
    status_code=200,
)
async def remove(
    session: Session,
    member: Me,
    now: Now,
    language: Language,
    settings: Configured,
    entry_id: FromPath[UUID],
    document_id: FromPath[UUID],
) -> Response[EntryWritten]:
    """Take the document away."""
    change = Change(member.id, now, settings.call_queue)
    found = await log_entries.remove_document(session, change, entry_id, document_id)
    return job_log_view.written(language, found)


def _safe(name: str) -> dict[str, str]:
    """Never shown in the page that asked, never run, never kept by a cache."""
    return {
        "Content-Disposition": f"attachment; filename=\"document\"; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }


HANDLERS = (add, download, remove)
