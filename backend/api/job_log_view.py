"""The job log on the wire."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response
from litestar.datastructures import ResponseHeader
from sqlalchemy import Row

from backend.api import rating_view
from backend.api.rating_view import RatingBrief, Sentence
from backend.api.wire import Input, Line, Wire
from backend.errors import Invalid
from backend.followup.log_entries import Written
from backend.i18n import N_
from backend.job_log.rules import Channel, Hours, Status
from backend.job_log.tables import Document, JobLogEntry, JobLogHistory

Country = Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$", min_length=2, max_length=2)]
Postcode = Annotated[str, msgspec.Meta(max_length=10, pattern="^[0-9A-Za-z -]*$")]
VERSIONED = [ResponseHeader(name="ETag", documentation_only=True, description="Give it back as `If-Match`.")]


class EntryInput(Input):
    """An application. `employer` or `title` must say something; only what is planned may lie ahead of today."""

    applied_on: date
    status: Status
    channel: Channel
    employer: Line = ""
    title: Line = ""
    hours: Hours = "full"
    country: Country = "DK"
    postcode: Postcode = ""


class EntryChange(Input):
    """The fields that change; the others stay."""

    applied_on: date | msgspec.UnsetType = msgspec.UNSET
    status: Status | msgspec.UnsetType = msgspec.UNSET
    channel: Channel | msgspec.UnsetType = msgspec.UNSET
    employer: Line | msgspec.UnsetType = msgspec.UNSET
    title: Line | msgspec.UnsetType = msgspec.UNSET
    hours: Hours | msgspec.UnsetType = msgspec.UNSET
    country: Country | msgspec.UnsetType = msgspec.UNSET
    postcode: Postcode | msgspec.UnsetType = msgspec.UNSET


class DocumentView(Wire):
    id: UUID
    file_name: str
    media_type: str
    size: int
    uploaded_at: datetime


class EntryView(Wire):
    """An application. `withdrawnAt`: deleted by the member, restorable; `version` rises with each change."""

    id: UUID
    applied_on: date
    status: Status
    channel: Channel
    employer: str
    title: str
    hours: Hours
    country: str
    postcode: str
    logged_at: datetime
    has_document: bool
    documents: list[DocumentView]
    source: Literal["app", "import"]
    withdrawn_at: datetime | None
    version: int


class EntryWritten(Wire):
    """The entry after the change, the rating that holds now, and why this entry does not count, if it does not."""

    entry: EntryView
    rating: RatingBrief | None
    not_counted: Sentence | None


class EventView(Wire):
    """A change of an entry: `created`, `status_changed`, `status_corrected`, `edited`, `deleted`, `restored`,
    `document_added`, `document_removed`, or `imported`. `before` and `after` hold the fields that changed."""

    at: datetime
    by: Literal["member", "staff", "import"]
    event: str
    before: dict[str, Any]
    after: dict[str, Any]


def entry_view(entry: JobLogEntry | Row[Any], documents: Sequence[Document | Row[Any]]) -> EntryView:
    return EntryView(
        id=entry.id,
        applied_on=entry.applied_on,
        status=entry.status,  # type: ignore[arg-type]
        channel=entry.channel,  # type: ignore[arg-type]
        employer=entry.employer,
        title=entry.title,
        hours=entry.hours,  # type: ignore[arg-type]
        country=entry.country,
        postcode=entry.postcode,
        logged_at=entry.logged_at,
        has_document=entry.has_document,
        documents=[document_view(document) for document in documents],
        source=entry.source,  # type: ignore[arg-type]
        withdrawn_at=entry.withdrawn_at,
        version=entry.version,
    )


def document_view(document: Document | Row[Any]) -> DocumentView:
    return DocumentView(
        id=document.id,
        file_name=document.file_name,
        media_type=document.media_type,
        size=document.size,
        uploaded_at=document.uploaded_at,
    )


def written(language: str, found: Written, *, status: int = 200) -> Response[EntryWritten]:
    """The answer to a change: the entry with its ETag, and what it did to the colour."""
    content = EntryWritten(
        entry=entry_view(found.entry, found.documents),
        rating=rating_view.brief(language, found.rating) if found.rating else None,
        not_counted=rating_view.not_counted(language, found.skipped) if found.skipped else None,
    )
    return Response(content=content, status_code=status, headers={"ETag": tag(found.entry.version)})


def history(entry: JobLogEntry, found: list[JobLogHistory]) -> list[EventView]:
    """From when it was logged on."""
    first = EventView(
        at=entry.logged_at, by="import" if entry.source == "import" else "member", event="created", before={}, after={}
    )
    return [first, *(_event(each) for each in found)]


def _event(row: JobLogHistory) -> EventView:
    return EventView(
        at=row.at,
        by=row.actor_kind,  # type: ignore[arg-type]
        event=row.event,
        before={_camel(name): value for name, value in row.before.items()},
        after={_camel(name): value for name, value in row.after.items()},
    )


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def tag(version: int) -> str:
    return f'"{version}"'


def version_of(if_match: str | None) -> int | None:
    """The version that an If-Match header asks for; None when it asks for none. Raises Invalid."""
    if if_match is None or if_match.strip() == "*":
        return None
    number = if_match.strip().removeprefix("W/").strip('"')
    if not number.isascii() or not number.isdecimal() or len(number) > 9:
        raise Invalid(N_("If-Match is an ETag that this entry gave."), field="If-Match")
    return int(number)
