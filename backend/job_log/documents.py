"""Applications as files: what may be uploaded, and the rows that stand for what was."""

import hashlib
import io
import re
import unicodedata
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import puremagic
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.types import new_id
from backend.job_log import errors, queries, service
from backend.job_log.tables import Document, JobLogEntry, JobLogHistory

MEGABYTES = 10
MOST_BYTES = MEGABYTES * 1024 * 1024
MOST_DOCUMENTS = 10
EXTENSIONS: Mapping[str, str] = {
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "image/png": ".png",
    "image/jpeg": ".jpg",
}
DOCX, ODT = list(EXTENSIONS)[1:3]


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that was found good and whose bytes lie in the store under `key`."""

    key: str
    file_name: str
    media_type: str
    size: int
    sha256: str


def inspect(key: str, file_name: str, content: bytes) -> Stored:
    """What a file is, by its bytes and not by its name. Raises DocumentEmpty, DocumentTooLarge, DocumentKind."""
    if not content:
        raise errors.DocumentEmpty(field="file")
    if len(content) > MOST_BYTES:
        raise errors.DocumentTooLarge(field="file", megabytes=MEGABYTES)
    media_type = sniff(content)
    if media_type is None:
        raise errors.DocumentKind(field="file")
    name = safe_name(file_name, EXTENSIONS[media_type])
    return Stored(key, name, media_type, len(content), hashlib.sha256(content).hexdigest())


def sniff(content: bytes) -> str | None:
    """The media type among those accepted, None for anything else."""
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    try:
        found = {match.mime_type for match in puremagic.magic_string(content)}
    except (puremagic.PureError, ValueError):
        return None
    return next((kind for kind in ("application/pdf", "image/png", "image/jpeg") if kind in found), None)


def _office(content: bytes) -> str | None:
    """Office files are archives: told apart by what is in them. One with macros is none of ours."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            if any(name.endswith("vbaProject.bin") or name.startswith("Basic/") for name in names):
                return None
            if {"[Content_Types].xml", "word/document.xml"} <= names:
                return DOCX
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                return ODT if archive.read("mimetype").strip() == ODT.encode() else None
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return None
    return None


def safe_name(file_name: str, extension: str) -> str:
    """The last part of a name without anything that a file system or a header would mind, with the right extension."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", file_name))[-1]
    kept = "".join(char for char in last if char.isprintable() and char not in '<>:"|?*').strip(". ")
    stem = kept.rpartition(".")[0] or kept
    return (stem[:100].strip(". ") or "document") + extension


async def add(session: AsyncSession, entry: JobLogEntry, stored: Stored, *, now: datetime) -> Document:
    """Attach a file to an entry (locked by the caller). The same file again gives the row that is there.

    Raises EntryWithdrawn, TooManyDocuments.
    """
    if entry.withdrawn_at is not None:
        raise errors.EntryWithdrawn
    same = await session.scalar(
        select(Document).where(
            Document.entry_id == entry.id, Document.sha256 == stored.sha256, Document.removed_at.is_(None)
        )
    )
    if same is not None:
        return same
    if await queries.document_count(session, entry.id) >= MOST_DOCUMENTS:
        raise errors.TooManyDocuments(most=MOST_DOCUMENTS)
    return await _attach(session, entry, stored, now)


async def _attach(session: AsyncSession, entry: JobLogEntry, stored: Stored, now: datetime) -> Document:
    made = Document(
        id=new_id(),
        entry_id=entry.id,
        member_id=entry.member_id,
        file_name=stored.file_name,
        media_type=stored.media_type,
        size=stored.size,
        sha256=stored.sha256,
        storage_key=stored.key,
        uploaded_at=now,
    )
    session.add(made)
    had, entry.has_document = entry.has_document, True
    after = {"document_id": str(made.id), "has_document": True}
    await service.note(session, entry, "document_added", {"has_document": had}, after, now=now)
    return made


async def remove(session: AsyncSession, entry: JobLogEntry, document: Document, *, now: datetime) -> None:
    """Take a document away (its entry locked by the caller); the bytes go with the next sweep."""
    document.removed_at = now
    await session.flush()
    left = await queries.document_count(session, entry.id) > 0 or await _had_before(session, entry.id)
    before = {"document_id": str(document.id), "has_document": entry.has_document}
    entry.has_document = left
    await service.note(session, entry, "document_removed", before, {"has_document": left}, now=now)


async def _had_before(session: AsyncSession, entry_id: UUID) -> bool:
    """Whether the entry came with a document elsewhere (an import) before any was added here."""
    first = await session.scalar(
        select(JobLogHistory.before)
        .where(JobLogHistory.entry_id == entry_id, JobLogHistory.event == "document_added")
        .order_by(JobLogHistory.at, JobLogHistory.id)
        .limit(1)
    )
    return bool(first and first.get("has_document"))
