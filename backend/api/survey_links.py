"""The one-time link: a survey without signing in. The token travels in the body, as URLs end in logs.

A token that is wrong, used or run out gets one and the same answer. Tries are counted by address, as failed sign-ins.
"""

from typing import Annotated

import msgspec
from litestar import post
from litestar.params import JSONBody

from backend.api import survey_view
from backend.api.given import Language, Now, Session
from backend.api.survey_view import AnswerInput, FormView, Thanks
from backend.api.wire import Input
from backend.feedback import contacts
from backend.surveys import answers, links

Token = Annotated[str, msgspec.Meta(min_length=20, max_length=100, pattern=r"^[\w-]+$")]


class LinkInput(Input):
    """The link's token."""

    token: Token


class LinkAnswer(AnswerInput, kw_only=True):
    """The link's token, and the answers."""

    token: Token


@post("/v1/survey-links/open", operation_id="openSurveyLink", tags=["surveys"], status_code=200)
async def open_link(session: Session, now: Now, language: Language, data: JSONBody[LinkInput]) -> FormView:
    """The questions behind a link. Says nothing of whose they are."""
    invitation_id = await links.invitation_of(session, data.token, now=now)
    return survey_view.form(language, await answers.opened(session, invitation_id, now=now))


@post("/v1/survey-links/answer", operation_id="answerSurveyLink", tags=["surveys"], status_code=200)
async def answer_link(session: Session, now: Now, data: JSONBody[LinkAnswer]) -> Thanks:
    """Answer through a link, once; it then works no more."""
    invitation_id = await links.invitation_of(session, data.token, now=now)
    found = await answers.opened(session, invitation_id, now=now)
    await contacts.answer(session, found, survey_view.given(data), now=now)
    return Thanks(contact=data.contact_wanted)


HANDLERS = (open_link, answer_link)
