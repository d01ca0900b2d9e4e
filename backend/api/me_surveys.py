"""Surveys that I am asked: answer, decline, not be asked for a year, and hear what came of it."""

from datetime import datetime
from uuid import UUID

from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody

from backend.api import survey_view
from backend.api.given import Language, Me, Now, Session
from backend.api.survey_view import AnswerInput, InvitationView, Thanks
from backend.api.wire import Wire
from backend.feedback import contacts
from backend.surveys import answers, changes, contact, invitations, links


class OptOutView(Wire):
    """Until when I am not asked; null: I may be."""

    until: datetime | None


class LinkView(Wire):
    """A token that answers this survey once without signing in. It replaces an earlier one."""

    token: str


class ChangeView(Wire):
    """What was changed at an activity where I was asked."""

    id: UUID
    about: str
    text: str
    at: datetime


class ReplyView(Wire):
    """What somebody wrote to me because I wished to be contacted."""

    name: str
    text: str
    at: datetime


class OutcomeView(Wire):
    """What came of the answers: changes for everybody who was asked, replies for me alone."""

    changes: list[ChangeView]
    replies: list[ReplyView]


@get("/v1/me/surveys", operation_id="listSurveys", tags=["surveys"])
async def list_surveys(session: Session, member: Me, now: Now, language: Language) -> list[InvitationView]:
    """What I can answer now, newest first."""
    found = await answers.open_for(session, member.id, now=now)
    return [survey_view.invitation(language, one) for one in found]


@get("/v1/me/surveys/{invitation_id:uuid}", operation_id="getSurvey", tags=["surveys"])
async def get_survey(
    session: Session, member: Me, now: Now, language: Language, invitation_id: FromPath[UUID]
) -> InvitationView:
    """One survey with its questions."""
    found = await answers.opened(session, invitation_id, now=now, member_id=member.id)
    return survey_view.invitation(language, found)


@post("/v1/me/surveys/{invitation_id:uuid}/answer", operation_id="answerSurvey", tags=["surveys"])
async def answer(
    session: Session, member: Me, now: Now, invitation_id: FromPath[UUID], data: JSONBody[AnswerInput]
) -> Thanks:
    """Answer, once. It never reaches the smiley or a case; nobody sees it as mine unless I wish to be contacted."""
    found = await answers.opened(session, invitation_id, now=now, member_id=member.id)
    await contacts.answer(session, found, survey_view.given(data), now=now)
    return Thanks(contact=data.contact_wanted)


@post("/v1/me/surveys/{invitation_id:uuid}/decline", operation_id="declineSurvey", tags=["surveys"], status_code=204)
async def decline(session: Session, member: Me, now: Now, invitation_id: FromPath[UUID]) -> None:
    """Rather not. It is listed no more and not reminded of; answering after all stays possible."""
    await answers.decline(session, invitation_id, member.id, now=now)


@post("/v1/me/surveys/{invitation_id:uuid}/link", operation_id="createSurveyLink", tags=["surveys"])
async def create_link(session: Session, member: Me, now: Now, invitation_id: FromPath[UUID]) -> LinkView:
    """A link to answer on a page that needs no signing in, on another screen for example."""
    found = await answers.opened(session, invitation_id, now=now, member_id=member.id)
    return LinkView(token=await links.issue(session, found.invitation_id, now=now))


@get("/v1/me/survey-opt-out", operation_id="getSurveyOptOut", tags=["surveys"])
async def opted_out(session: Session, member: Me, now: Now) -> OptOutView:
    """Whether I am asked."""
    return OptOutView(until=await invitations.opted_out_until(session, member.id, now=now))


@put("/v1/me/survey-opt-out", operation_id="optOutOfSurveys", tags=["surveys"])
async def opt_out(session: Session, member: Me, now: Now) -> OptOutView:
    """Do not ask me for twelve months."""
    return OptOutView(until=await invitations.opt_out(session, member.id, now=now))


@delete("/v1/me/survey-opt-out", operation_id="endSurveyOptOut", tags=["surveys"], status_code=200)
async def opt_in(session: Session, member: Me) -> OptOutView:
    """Ask me again."""
    await invitations.opt_in(session, member.id)
    return OptOutView(until=None)


@get("/v1/me/survey-outcome", operation_id="getSurveyOutcome", tags=["surveys"])
async def outcome(session: Session, member: Me, now: Now, language: Language) -> OutcomeView:
    """What came of what members answered, and what was written to me."""
    english = language == "en"
    said = await changes.of_member(session, member.id, now=now)
    return OutcomeView(
        changes=[
            ChangeView(id=c.id, about=c.name_en if english else c.name_da, text=c.en if english else c.da, at=c.said_at)
            for c in said
        ],
        replies=[ReplyView(name=r.name, text=r.text, at=r.at) for r in await contact.replies(session, member.id)],
    )


HANDLERS = (
    list_surveys,
    get_survey,
    answer,
    decline,
    create_link,
    opted_out,
    opt_out,
    opt_in,
    outcome,
)
