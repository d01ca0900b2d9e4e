"""A service call as the one who rings sees it: the row of the queue, and the card."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import access_roles, rating_view
from backend.api.rating_view import ColourView, Sentence
from backend.api.staff_view import AttemptView
from backend.api.wire import Wire
from backend.casework.rules_calls import Outcome
from backend.followup import call_file, worklists
from backend.followup.worklists import CallRow
from backend.members.identity import StaffIdentity
from backend.rating import policy
from backend.rating import queries as ratings

QueueName = Literal["branch", "contact_centre"]
# What one can say aloud in a sentence or two; week by week is too much for a call.
SPOKEN = frozenset({"window", "counted", "posted", "uploads"})


class CallRowView(Wire):
    """A call in the queue. `memberId` is null for those who see the card only; `mine`: I hold it."""

    id: UUID
    member_id: UUID | None
    name: str
    phone: str
    branch_name: str
    colour: ColourView
    counted: int
    required: int
    state: str
    queue: QueueName
    fast: bool
    due_on: date
    call_at: datetime | None
    not_before: datetime | None
    attempts: int
    mine: bool
    last_contact_on: date | None


class ContactView(Wire):
    """A day on which somebody of the fund spoke with the member; `outcome` of a call."""

    on: date
    kind: Literal["call", "talk"]
    outcome: Outcome | None


class CallCard(Wire):
    """The call with what the one who rings needs, in words that can be said aloud.

    `mayGiveUp`: the tries are enough for the outcome not_reached. `undoUntil`: I may take the outcome back so long.
    """

    call: CallRowView
    reasons: list[Sentence]
    figures: list[Sentence]
    tries: list[AttemptView]
    contacts: list[ContactView]
    may_give_up: bool
    outcome: Outcome | None
    note: str | None
    fill_by: date | None
    undo_until: datetime | None


async def of(session: AsyncSession, language: str, staff: StaffIdentity, call_id: UUID) -> CallCard:
    """The card of a call in whatever state. Raises NotFound."""
    file = await call_file.of(session, call_id, staff.id)
    row = await worklists.call(session, call_id)
    reasons, figures = await _why(session, language, row)
    return CallCard(
        call=row_view(language, staff, row),
        reasons=reasons,
        figures=figures,
        tries=[AttemptView(at=one.at, by=one.by, result=one.result) for one in file.tries],
        contacts=[_contact(one) for one in file.contacts],
        may_give_up=file.may_give_up,
        undo_until=file.undo_until,
        outcome=file.call.outcome,  # type: ignore[arg-type]
        note=file.call.note,
        fill_by=file.call.fill_by,
    )


def row_view(language: str, staff: StaffIdentity, row: CallRow) -> CallRowView:
    shown = {"member_id", "colour", "mine"}
    same = {name: getattr(row, name) for name in CallRowView.__struct_fields__ if name not in shown}
    return CallRowView(
        **same,
        member_id=row.member_id if staff.roles & access_roles.READ.roles else None,
        colour=rating_view.colour_view(language, row.colour),
        mine=row.state == "claimed" and row.claimed_by == staff.id,
    )


async def _why(session: AsyncSession, language: str, row: CallRow) -> tuple[list[Sentence], list[Sentence]]:
    """Reasons, as one says them, and figures of the rating that brought the call, if one did."""
    given = await ratings.by_id(session, row.member_id, row.rating_id) if row.rating_id else None
    if given is None:
        return [], []
    numbers = await policy.of_rating(session, given.policy_version)
    whole = rating_view.full(language, given, numbers, None)
    return rating_view.spoken(language, given, numbers), [one for one in whole.figures if one.code in SPOKEN]


def _contact(one: call_file.Contact) -> ContactView:
    return ContactView(on=one.on, kind=one.kind, outcome=one.outcome)
