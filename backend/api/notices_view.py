"""Legal notices on the wire, and making a letter before a request's transaction."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response

from backend.api.door import Exchange
from backend.api.wire import Wire
from backend.errors import NotFound
from backend.notices import errors, evidence, queries, render, service
from backend.notices.compose import Content
from backend.notices.queries import Full, Step, Summary

AnyRequest = Request[Any, Any, Any]
# Bytes that are shown or kept by nobody but the one who asked.
SAFE = {"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "private, no-store"}


class FactView(Wire):
    """A line that stands out in the letter; `name` is date, time, where, holder, branch, deadline, …"""

    name: str
    label: str
    value: str


class SectionView(Wire):
    """A part of the letter; `about` is purpose, consequence, lawful_absence, rebook, interpreter, contact, …"""

    about: str
    heading: str
    paragraphs: list[str]


class NoticeSummary(Wire):
    """A legal notice in a list. `availableAt`: it lay in the mailbox, or went out by post."""

    id: UUID
    message_id: UUID
    key: str
    heading: str
    created_at: datetime
    available_at: datetime | None
    announced_at: datetime | None
    opened_at: datetime | None
    cancelled_at: datetime | None


class NoticeView(Wire):
    """A legal notice with the whole text of its letter, in the language that it was written in."""

    id: UUID
    message_id: UUID
    key: str
    language: str
    heading: str
    written_on: str
    sender: dict[str, str]
    facts: list[FactView]
    sections: list[SectionView]


class LetterPreview(Wire):
    """A letter that is not written yet, as the member would read it, in their language."""

    language: str
    heading: str
    written_on: str
    recipient: dict[str, str]
    sender: dict[str, str]
    facts: list[FactView]
    sections: list[SectionView]


class StepView(Wire):
    """Something that happened to the notice. `detail` holds the channel with its receipt, or what a person wrote."""

    kind: str
    at: datetime
    staff: str | None
    detail: dict[str, Any]


class PersonView(Wire):
    staff_no: str
    name: str
    role: str


class NoticeFileView(Wire):
    """A notice as staff see it. No author: a rule of the program wrote it. `sha256` is the letter's, once it is made.

    `origin`: called_in, self_booked, rule or decision.
    """

    notice: NoticeView
    recipient: dict[str, str]
    origin: str
    template: str
    template_version: int
    consequence: str | None
    consequence_version: int | None
    author: PersonView | None
    approver: PersonView | None
    digital_exempt: bool
    created_at: datetime
    sha256: str | None
    steps: list[StepView]


def summary(found: Summary) -> NoticeSummary:
    return NoticeSummary(**{name: getattr(found, name) for name in NoticeSummary.__struct_fields__})


def notice(found: Full) -> NoticeView:
    content = found.content
    return NoticeView(
        id=found.id,
        message_id=found.message_id,
        key=found.key,
        language=found.language,
        heading=content["heading"],
        written_on=content["writtenOn"],
        sender=content["sender"],
        facts=[FactView(**fact) for fact in content["facts"]],
        sections=[
            SectionView(about=part["about"], heading=part["heading"], paragraphs=part["paragraphs"])
            for part in content["sections"]
        ],
    )


def preview(content: Content) -> LetterPreview:
    return LetterPreview(
        language=content.language,
        heading=content.heading,
        written_on=content.written_on,
        recipient=content.recipient,
        sender=content.sender,
        facts=[FactView(name=one.name, label=one.label, value=one.value) for one in content.facts],
        sections=[
            SectionView(about=one.about, heading=one.heading, paragraphs=list(one.paragraphs))
            for one in content.sections
        ],
    )


def file(found: Full, steps: list[Step]) -> NoticeFileView:
    same = ("origin", "template", "template_version", "consequence", "consequence_version", "digital_exempt", "sha256")
    return NoticeFileView(
        **{name: getattr(found, name) for name in same},
        notice=notice(found),
        recipient=dict(found.recipient),
        author=_person(found.author),
        approver=_person(found.approver),
        created_at=found.created_at,
        steps=[StepView(kind=one.kind, at=one.at, staff=one.staff, detail=dict(one.detail)) for one in steps],
    )


def _person(found: Mapping[str, Any] | None) -> PersonView | None:
    return PersonView(staff_no=found["staffNo"], name=found["name"], role=found["role"]) if found else None


async def with_letter(request: AnyRequest, known: Exchange) -> bytes:
    """The letter's bytes, made now when nobody has made it yet. Raises NotFound, also for another member's notice."""
    notice_id: UUID = request.path_params["notice_id"]
    found = await queries.one(known.session, notice_id)
    if known.member is not None and found.member_id != known.member.id:
        raise NotFound
    missing = await service.unwritten(known.session, [found.message_id])
    await known.session.rollback()
    for one in missing:
        fund = request.app.state.fund
        pdf = await asyncio.to_thread(render.letter, one.notice_id, one.content, fund=fund, at=one.created_at)
        await service.keep(known.session, {one.notice_id: pdf}, now=known.now)
    await known.session.commit()
    kept = await queries.pdf(known.session, notice_id)
    if kept is None:
        raise errors.LetterNotReady
    return kept


async def with_evidence(request: AnyRequest, known: Exchange) -> bytes:
    """The bundle of evidence. Packed while no transaction is open."""
    await with_letter(request, known)
    found = await evidence.gather(known.session, request.path_params["notice_id"])
    await known.session.rollback()
    return await asyncio.to_thread(evidence.bundle, found)


def attachment(content: bytes, name: str, media_type: str) -> Response[bytes]:
    """Bytes to be saved under a name that tells nothing about anybody."""
    headers = {**SAFE, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content=content, media_type=media_type, headers=headers)
