"""For organisers: surveys of their own, texts before others may read them; for advisers: members who asked for them."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, get, post, put
from litestar.params import FromPath, JSONBody

from backend.api import survey_view
from backend.api.door import exchange
from backend.api.given import Colleague, Now, Session
from backend.api.survey_view import QuestionView
from backend.api.wire import Input, Line, Prose, Wire
from backend.errors import Conflict
from backend.feedback import contacts
from backend.i18n import N_
from backend.surveys import own, redaction, texts
from backend.surveys.own import Draft, DraftSurvey
from backend.surveys.scales import LONGEST_TEXT, Kind

AnyRequest = Request[Any, Any, Any]
Name = Annotated[Line, msgspec.Meta(min_length=1)]
Redacted = Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]


class OptionInput(Input):
    """One choice, in both languages."""

    da: Name
    en: Name


class QuestionInput(Input):
    """A question in both languages. `scale` is for five steps; `options` are the choices of single and multiple."""

    kind: Kind
    da: Name
    en: Name
    scale: Literal["", "satisfied", "agree"] = ""
    options: Annotated[list[OptionInput], msgspec.Meta(max_length=own.MOST_OPTIONS)] = []


class SurveyInput(Input):
    """A survey. Its names stand within a sentence: "your workshop". Of many questions each member is asked three."""

    da: Name
    en: Name
    questions: Annotated[list[QuestionInput], msgspec.Meta(min_length=1, max_length=own.MOST_COUNTED + own.MOST_TEXTS)]
    target: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None


class SurveyView(Wire):
    """A survey that can be chosen; `own`: made here, not with the product."""

    key: str
    version: int
    valid_from: date
    da: str
    en: str
    own: bool


class MadeView(Wire):
    """The survey's key, to choose it by, and the version made."""

    key: str
    version: int


class PreviewView(Wire):
    """All questions as members see them, in each language, and how many of them each member is asked."""

    da: list[QuestionView]
    en: list[QuestionView]
    asked_at_once: int


class SpanView(Wire):
    """What is proposed to be left out: characters from `start` up to but not including `end`, and why."""

    start: int
    end: int
    why: Literal["cpr", "email", "phone", "name"]


class TextView(Wire):
    """A text that nobody has confirmed, whole, with what is proposed to be left out. `proposal` is the text without."""

    response_id: UUID
    question_id: UUID
    text: str
    spans: list[SpanView]
    proposal: str


class ConfirmInput(Input):
    """The text as others may read it; empty: nobody may."""

    response_id: UUID
    question_id: UUID
    text: Redacted


class SaidView(Wire):
    """What the member answered to one question: codes, or words."""

    question: str
    codes: list[str]
    text: str | None


class ReplyInput(Input):
    """What came of it, in words for the member."""

    text: Prose


@get("/v1/staff/surveys", operation_id="listSurveyForms", tags=["survey forms"])
async def list_forms(session: Session) -> list[SurveyView]:
    """Every survey that an event can be asked about with."""
    return [
        SurveyView(key=one.key, version=one.version, valid_from=one.valid_from, da=one.da, en=one.en, own=one.own)
        for one in await own.known(session)
    ]


@post("/v1/staff/surveys", operation_id="createSurveyForm", tags=["survey forms"])
async def create(session: Session, staff: Colleague, now: Now, data: JSONBody[SurveyInput]) -> MadeView:
    """Make a survey."""
    return MadeView(key=await own.create(session, _draft(data), staff.id, now=now), version=1)


@post("/v1/staff/surveys/preview", operation_id="previewSurveyForm", tags=["survey forms"], status_code=200)
async def preview(data: JSONBody[SurveyInput]) -> PreviewView:
    """See a survey as members will; nothing is stored."""
    draft = _draft(data)
    return PreviewView(
        da=survey_view.questions(own.preview(draft, "da")),
        en=survey_view.questions(own.preview(draft, "en")),
        asked_at_once=own.asked_at_once(draft),
    )


@put("/v1/staff/surveys/{survey_key:str}", operation_id="reviseSurveyForm", tags=["survey forms"])
async def revise(
    session: Session, staff: Colleague, now: Now, survey_key: FromPath[str], data: JSONBody[SurveyInput]
) -> MadeView:
    """Change an own survey from tomorrow on. What was asked before stays what it was."""
    version = await own.revise(session, survey_key, _draft(data), staff.id, now=now)
    return MadeView(key=survey_key, version=version)


@get("/v1/staff/survey-texts", operation_id="listSurveyTexts", tags=["survey texts"])
async def list_texts(session: Session, staff: Colleague) -> list[TextView]:
    """Texts that wait to be confirmed, the oldest first. Never those about what I hold myself."""
    return [
        TextView(
            response_id=one.response_id,
            question_id=one.question_id,
            text=one.body,
            spans=[SpanView(start=span.start, end=span.end, why=span.why) for span in one.proposed],
            proposal=redaction.redact(one.body, one.proposed),
        )
        for one in await texts.to_confirm(session, not_of=staff.id)
    ]


@post("/v1/staff/survey-texts/confirm", operation_id="confirmSurveyText", tags=["survey texts"], status_code=204)
async def confirm(session: Session, staff: Colleague, now: Now, data: JSONBody[ConfirmInput]) -> None:
    """Say how others may read a text. Once: the original is then for nobody."""
    done = await texts.confirm(session, data.response_id, data.question_id, data.text.strip(), staff.id, now=now)
    if not done:
        raise Conflict(N_("Somebody has confirmed this text already, or it is not yours to confirm."))


@get("/v1/staff/survey-contacts/{response_id:uuid}", operation_id="getSurveyContact", tags=["survey contacts"])
async def get_contact(request: AnyRequest, session: Session, response_id: FromPath[UUID]) -> list[SaidView]:
    """What a member answered who asks to be contacted. Others' answers nobody sees."""
    member_id = exchange(request.scope).subject
    assert member_id is not None
    return [
        SaidView(question=one.question, codes=list(one.codes), text=one.body)
        for one in await contacts.said(session, response_id, member_id)
    ]


@post(
    "/v1/staff/survey-contacts/{response_id:uuid}/reply",
    operation_id="replyToSurveyContact",
    tags=["survey contacts"],
    status_code=204,
)
async def reply(
    request: AnyRequest,
    session: Session,
    staff: Colleague,
    now: Now,
    response_id: FromPath[UUID],
    data: JSONBody[ReplyInput],
) -> None:
    """Tell the member what came of it; the task is then done with."""
    member_id = exchange(request.scope).subject
    assert member_id is not None
    await contacts.reply(session, response_id, member_id, data.text.strip(), staff.id, now=now)


def _draft(data: SurveyInput) -> DraftSurvey:
    questions = [
        Draft(kind=q.kind, da=q.da, en=q.en, scale=q.scale, options=[(o.da, o.en) for o in q.options])
        for q in data.questions
    ]
    return DraftSurvey(da=data.da, en=data.en, questions=questions, target=data.target)


HANDLERS = (list_forms, create, preview, revise, list_texts, confirm, get_contact, reply)
