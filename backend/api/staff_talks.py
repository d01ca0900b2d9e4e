"""Holding a talk: everything to know before it, the minutes while it goes on, closing it, and what was agreed."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post, put
from litestar.datastructures import ResponseHeader
from litestar.params import FromPath, HeaderParameter, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import job_log_view, talk_view, wire
from backend.api.given import Colleague, Configured, Language, Now, Session
from backend.api.staff_my_plan import NumbersInput
from backend.api.staff_view import Note, Reason, ReasonView
from backend.api.talk_view import AgreementView, CorrectionView, MinutesInput
from backend.api.wire import Cursor, Input, Limit, Page, Wire
from backend.course.rules import Numbers
from backend.errors import Invalid
from backend.followup import talks
from backend.followup.talks import Fund, NewRequirement
from backend.i18n import N_
from backend.settings import Settings
from backend.talks import closing, minutes, reading, rules, texts
from backend.talks.minutes import About
from backend.talks.reading import Found, Place
from backend.talks.tables import Talk

VERSIONED = [ResponseHeader(name="ETag", documentation_only=True, description="Give it back as `If-Match`.")]
IfMatch = Annotated[
    str, HeaderParameter(name="If-Match", description="The draft's ETag; another's saving gives 412.", max_length=40)
]


class OpenTalkInput(Input):
    """A booked talk, or a call-in that was approved: one of the two."""

    booking_id: UUID | None = None
    call_in_id: UUID | None = None


class RequirementInput(Input):
    """Other numbers for the search, agreed at the talk."""

    numbers: NumbersInput
    valid_from: date


class CloseInput(Input):
    requirement: RequirementInput | None = None


class CorrectionInput(Input):
    correction: Reason


class EndAgreementInput(Input):
    """Done, or dropped and why."""

    outcome: Literal["done", "dropped"]
    reason: Note = ""


class StaffTalkView(Wire):
    """A talk, draft or closed. `formsAllowed` is what the law allows for its kinds; `version` is its ETag's number.

    While it is a draft `drafted` holds its agreements; once closed they are in `agreements`, each with its state.
    """

    id: UUID
    member_id: UUID
    booking_id: UUID | None
    call_in_id: UUID | None
    state: str
    version: int
    title: str
    attendance: str | None
    held_on: date | None
    form: str | None
    forms_allowed: list[str]
    types: list[ReasonView]
    chair: str
    minutes: str
    changed_at: datetime
    changed_by: str
    closed_at: datetime | None
    closed_by: str | None
    drafted: list[dict[str, str | None]]
    agreements: list[AgreementView]
    corrections: list[CorrectionView]


class SavedView(Wire):
    version: int


@get("/v1/staff/members/{member_id:uuid}/talks", operation_id="listTalks", tags=["talks"], response_headers=wire.TAGGED)
async def list_talks(
    request: Request[Any, Any, Any], session: Session, language: Language, settings: Configured,
    member_id: FromPath[UUID], cursor: Cursor = None, limit: Limit = 20,
) -> Response[Page[StaffTalkView]]:  # fmt: skip
    """A member's talks with minutes, drafts too; the latest first."""
    after = Place(*wire.position(cursor, tuple[date, UUID])) if cursor else None
    found = await reading.page(session, member_id, drafts=True, after=after, limit=limit + 1)
    more = wire.cursor(found[limit - 1].talk.held_on, found[limit - 1].talk.id) if len(found) > limit else None
    items = [_view(language, settings, one, frozenset()) for one in found[:limit]]
    return wire.tagged(request, Page(items=items, next=more))


@post("/v1/staff/members/{member_id:uuid}/talks", operation_id="openTalk", tags=["talks"], response_headers=VERSIONED)
async def open_talk(
    session: Session, staff: Colleague, now: Now, language: Language, settings: Configured,
    member_id: FromPath[UUID], data: JSONBody[OpenTalkInput],
) -> Response[StaffTalkView]:  # fmt: skip
    """Begin the minutes of a talk; those that a colleague began are given."""
    if (data.booking_id is None) == (data.call_in_id is None):
        raise Invalid(N_("Name a booking or a call-in."), field="bookingId")
    about = About(data.booking_id, data.call_in_id)
    talk_id = await minutes.open_draft(session, member_id, about, by=staff.id, now=now)
    return await _answer(session, talk_id, language, settings, now, status=201)


@get("/v1/staff/talks/{talk_id:uuid}", operation_id="getTalk", tags=["talks"], response_headers=VERSIONED)
async def get_talk(
    session: Session, now: Now, language: Language, settings: Configured, talk_id: FromPath[UUID]
) -> Response[StaffTalkView]:
    """One talk with its minutes."""
    return await _answer(session, talk_id, language, settings, now)


@put("/v1/staff/talks/{talk_id:uuid}/minutes", operation_id="saveMinutes", tags=["talks"], response_headers=VERSIONED)
async def save(
    session: Session, staff: Colleague, now: Now, talk_id: FromPath[UUID], data: JSONBody[MinutesInput],
    if_match: IfMatch,
) -> Response[SavedView]:  # fmt: skip
    """Keep the draft as it stands, as often as wanted."""
    version = _version(if_match)
    saved = await minutes.save(session, talk_id, data.content(), version=version, by=staff.id, now=now)
    return Response(content=SavedView(version=saved), headers={"ETag": job_log_view.tag(saved)})


@post(
    "/v1/staff/talks/{talk_id:uuid}/close",
    operation_id="closeTalk",
    tags=["talks"],
    status_code=200,
    response_headers=VERSIONED,
)
async def close(
    session: Session, staff: Colleague, now: Now, language: Language, settings: Configured,
    talk_id: FromPath[UUID], data: JSONBody[CloseInput], if_match: IfMatch,
) -> Response[StaffTalkView]:  # fmt: skip
    """Close the minutes: they do not change any more, the member reads them today, and what was agreed has its day."""
    asked = data.requirement
    requirement = NewRequirement(Numbers(**msgspec.structs.asdict(asked.numbers)), asked.valid_from) if asked else None
    await talks.close(
        session, talk_id, staff, version=_version(if_match), requirement=requirement,
        fund=Fund(settings.course_plan_set, settings.call_queue), now=now,
    )  # fmt: skip
    return await _answer(session, talk_id, language, settings, now)


@post("/v1/staff/talks/{talk_id:uuid}/corrections", operation_id="correctMinutes", tags=["talks"])
async def correct(
    session: Session, staff: Colleague, now: Now, language: Language, settings: Configured,
    talk_id: FromPath[UUID], data: JSONBody[CorrectionInput],
) -> StaffTalkView:  # fmt: skip
    """Put something right beside closed minutes; the member reads it, too."""
    await talks.correct(session, talk_id, data.correction, by=staff.id, now=now)
    return await _one(session, talk_id, language, settings, now)


@post("/v1/staff/agreements/{agreement_id:uuid}/end", operation_id="endAgreement", tags=["talks"], status_code=200)
async def end_agreement(
    session: Session, staff: Colleague, now: Now, agreement_id: FromPath[UUID], data: JSONBody[EndAgreementInput]
) -> AgreementView:
    """An agreement was kept, or holds no longer; its task or reminder ends with it."""
    held = await talks.end_agreement(session, agreement_id, data.outcome, by=staff.id, reason=data.reason, now=now)
    return talk_view.agreement(held, staff_name=None)


def _version(if_match: str) -> int:
    version = job_log_view.version_of(if_match)
    if version is None:
        raise Invalid(N_("If-Match is an ETag that this draft gave."), field="If-Match")
    return version


async def _answer(
    session: AsyncSession, talk_id: UUID, language: str, settings: Settings, now: datetime, status: int = 200
) -> Response[StaffTalkView]:
    view = await _one(session, talk_id, language, settings, now)
    return Response(content=view, status_code=status, headers={"ETag": job_log_view.tag(view.version)})


async def _one(session: AsyncSession, talk_id: UUID, language: str, settings: Settings, now: datetime) -> StaffTalkView:
    found = await reading.one(session, talk_id)
    talk = await session.get(Talk, talk_id, populate_existing=True)
    assert talk is not None, "it was just read"
    allowed = rules.forms(await closing.frame(session, talk, now=now), talk.types)
    return _view(language, settings, found, allowed)


def _view(language: str, settings: Settings, found: Found, allowed: frozenset[str]) -> StaffTalkView:
    row = found.talk
    own = ("title", "types", "drafted", "agreements", "corrections", "forms_allowed")
    same = {name: getattr(row, name) for name in StaffTalkView.__struct_fields__ if name not in own}
    return StaffTalkView(
        **same,
        title=talk_view.title(language, settings.course_plan_set, row.activity, row.types),
        types=[talk_view.coded(language, one, texts.TYPES) for one in row.types],
        forms_allowed=sorted(allowed),
        drafted=[_drafted(one) for one in row.draft_agreements] if row.state == "draft" else [],
        agreements=talk_view.agreements(found),
        corrections=talk_view.corrections(found),
    )


def _drafted(one: Mapping[str, Any]) -> dict[str, str | None]:
    return {"owner": one["owner"], "what": one["what"], "dueOn": one["due_on"], "staffId": one["staff_id"]}


HANDLERS = (list_talks, open_talk, get_talk, save, close, correct, end_agreement)
