"""Small facts that advisers note: the CV approved or returned, a benefit card that was sent."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from backend.api.given import Colleague, Now, Session
from backend.api.staff_view import Note
from backend.api.wire import Input, Wire
from backend.benefit.service import Sent
from backend.course import cv
from backend.course.tables_cv import CvDecision
from backend.followup import card_reminders, cv_reminders

Month = Annotated[str, msgspec.Meta(pattern=r"^20\d\d-(0[1-9]|1[0-2])$", description="As 2026-11.")]


class CvDecisionInput(Input):
    """`comment` says what is to be better, and is needed when the CV is returned; the member reads it."""

    verdict: cv.Verdict
    comment: Note | None = None


class CvDecisionView(Wire):
    id: UUID
    verdict: cv.Verdict
    comment: str | None
    decided_by: UUID
    decided_at: datetime


class CvView(Wire):
    """Where the CV stands in the spell that runs, and all that was decided, the latest first."""

    state: cv.State
    ready_by: date
    decisions: list[CvDecisionView]


class CardInput(Input):
    """A benefit card that the fund has got."""

    month: Month
    sent_on: date


class CardAnswer(Wire):
    """`new` is false when the card was known already."""

    month: str
    new: bool


@get("/v1/staff/members/{member_id:uuid}/cv", operation_id="getMemberCv", tags=["cv"])
async def get_cv(session: Session, member_id: FromPath[UUID]) -> CvView:
    """The member's CV on Jobnet: approved, returned or not looked at."""
    stands = await cv.of_member(session, member_id)
    made = await cv.decisions(session, member_id)
    return CvView(state=stands.state, ready_by=stands.ready_by, decisions=[_view(each) for each in made])


@post("/v1/staff/members/{member_id:uuid}/cv/decisions", operation_id="decideCv", tags=["cv"])
async def decide(
    session: Session, staff: Colleague, now: Now, member_id: FromPath[UUID], data: JSONBody[CvDecisionInput]
) -> CvDecisionView:
    """Approve the CV, or return it with what is to be better; of a return the member gets a message."""
    return _view(await cv_reminders.decide(session, member_id, staff, data.verdict, data.comment, now=now))


@post("/v1/staff/members/{member_id:uuid}/benefit-cards", operation_id="recordBenefitCard", tags=["benefit cards"])
async def record_card(session: Session, now: Now, member_id: FromPath[UUID], data: JSONBody[CardInput]) -> CardAnswer:
    """Note a benefit card that was sent; reminders and a task that asked for it end."""
    card = Sent(member_id, date.fromisoformat(f"{data.month}-01"), data.sent_on)
    return CardAnswer(month=data.month, new=await card_reminders.arrived(session, card, now=now))


def _view(made: CvDecision) -> CvDecisionView:
    return CvDecisionView(**{name: getattr(made, name) for name in CvDecisionView.__struct_fields__})


HANDLERS = (get_cv, decide, record_card)
