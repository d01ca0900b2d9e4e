"""Service calls and talks as the member's timeline shows them, from planned to over."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework.rules_call_ins import Form
from backend.casework.tables import CallIn, ServiceCall
from backend.clock import local_date, local_time
from backend.timeline import service as timeline
from backend.timeline.service import NewItem

CALL, TALK = "service_call", "call_in_talk"
# The param that the timeline's text is chosen by.
WHERE: Mapping[Form, str] = {"attendance": "place", "phone": "call_to", "video": "video"}
CALL_OPENS, CALL_ENDS = time(8), time(16)


def planned_call(member_id: UUID, rating_id: UUID | None, day: date, *, tried: bool = False) -> NewItem:
    """A call on a day: the member may pick a time. A call is known by the rating that brought it."""
    opens, ends = local_time(day, CALL_OPENS), local_time(day, CALL_ENDS)
    params = {"state": "tried"} if tried else {}
    return NewItem(member_id, CALL, str(rating_id), opens, ends, params, needs_action=True)


async def show_call(session: AsyncSession, call: ServiceCall, *, now: datetime) -> None:
    """Bring the item in line with a call that is still to be made: at the time chosen, or on its day."""
    await timeline.add(session, [_chosen(call, call.call_at) if call.call_at else _planned(call)], now=now)


def _chosen(call: ServiceCall, at: datetime) -> NewItem:
    return NewItem(call.member_id, CALL, str(call.rating_id), at, at, {"state": "chosen"})


def _planned(call: ServiceCall) -> NewItem:
    tried = call.state == "open" and call.attempts > 0
    day = max(call.due_on, local_date(call.not_before)) if call.not_before else call.due_on
    return planned_call(call.member_id, call.rating_id, day, tried=tried)


async def end_calls(session: AsyncSession, member_ids: Sequence[UUID], how: str, *, now: datetime) -> None:
    """`how` is the outcome, or the reason for which the call is not made; the member reads it in words."""
    await timeline.done_many(session, member_ids, CALL, now=now, params={"state": how})


async def show_talk(session: AsyncSession, case: CallIn, form: Form, *, now: datetime) -> None:
    """The talk of an approved call-in, in the words that fit how it is held."""
    at = case.talk_at
    assert at
    params = {WHERE[form]: case.talk_place}
    await timeline.add(
        session, [NewItem(case.member_id, TALK, str(case.id), at, at, params, needs_action=True)], now=now
    )


async def end_talk(session: AsyncSession, member_id: UUID, call_in_id: UUID, how: str, *, now: datetime) -> None:
    """`how` is the state in which the call-in ended."""
    await timeline.done(session, member_id, TALK, str(call_in_id), now=now, params={"state": how})
