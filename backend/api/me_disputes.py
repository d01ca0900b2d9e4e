"""The member says that a rating is wrong; the adviser answers with the same evidence."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, JSONBody

from backend.api.given import Me, Now, Session
from backend.api.wire import Input, Prose, Wire
from backend.casework.tables import Dispute
from backend.followup import disputes


class DisputeInput(Input):
    """Which rating, and why it is wrong, in the member's own words."""

    rating_id: UUID
    text: Prose


class DisputeView(Wire):
    """An objection. It is answered by `dueOn`; `answer` is there when it was upheld or dismissed."""

    id: UUID
    rating_id: UUID
    state: Literal["open", "upheld", "dismissed", "withdrawn"]
    text: str
    opened_at: datetime
    due_on: date
    answer: str | None
    ended_at: datetime | None


@get("/v1/me/disputes", operation_id="listDisputes", tags=["rating"])
async def list_disputes(session: Session, member: Me) -> list[DisputeView]:
    """My objections, newest first."""
    return [_view(dispute) for dispute in await disputes.of_member(session, member.id)]


@post("/v1/me/disputes", operation_id="createDispute", tags=["rating"])
async def create_dispute(session: Session, member: Me, now: Now, data: JSONBody[DisputeInput]) -> DisputeView:
    """Object to a rating. One at a time."""
    return _view(await disputes.open_one(session, member.id, data.rating_id, data.text.strip(), now=now))


@post("/v1/me/disputes/{dispute_id:uuid}/withdraw", operation_id="withdrawDispute", tags=["rating"], status_code=200)
async def withdraw_dispute(session: Session, member: Me, now: Now, dispute_id: FromPath[UUID]) -> DisputeView:
    """Take my objection back."""
    return _view(await disputes.withdraw(session, member.id, dispute_id, now=now))


def _view(dispute: Dispute) -> DisputeView:
    return DisputeView(
        id=dispute.id,
        rating_id=dispute.rating_id,
        state=dispute.state,  # type: ignore[arg-type]
        text=dispute.text,
        opened_at=dispute.opened_at,
        due_on=dispute.due_on,
        answer=dispute.answer,
        ended_at=dispute.ended_at,
    )


HANDLERS = (list_disputes, create_dispute, withdraw_dispute)
