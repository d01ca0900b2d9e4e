"""Rating members and carrying out what follows, in the caller's transaction and in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.calendar import iso_week
from backend.casework import call_ins, calls
from backend.followup import appointments, outcomes, rules, triage
from backend.notifications import service as notifications
from backend.rating import service as rating
from backend.rating.figures import Mode
from backend.rating.service import Rated
from backend.timeline import service as timeline

O = TypeVar("O", bound=outcomes.Outcome)  # noqa: E741 - an outcome of one kind
Pairs = Mapping[type[Any], Sequence[tuple[Rated, outcomes.Outcome]]]


@dataclass(frozen=True, slots=True)
class Summary:
    """How much a rating did: ratings written, of them with another colour, new messages, tasks opened."""

    rated: int = 0
    changed: int = 0
    messages: int = 0
    tasks: int = 0


@dataclass(frozen=True, slots=True)
class Moment:
    """`facts`: the day rated and when tasks arise. `sent`: when messages leave, the present even in a late run."""

    facts: datetime
    sent: datetime


async def rate_and_follow_up(
    session: AsyncSession,
    member_ids: Sequence[UUID],
    *,
    now: datetime,
    mode: Mode,
    call_queue: str,
    sent_at: datetime | None = None,
) -> Summary:
    """Rate the members as of `now` and do what follows. Repeated, it adds nothing.

    `call_queue` is branch or contact_centre. `sent_at` is the present instant where a run is made for another one, so
    that what is sent is valid from when it is sent.
    """
    rated = await rating.rate(session, member_ids, now=now, mode=mode)
    return await follow_up(session, rated, at=Moment(now, sent_at or now), call_queue=call_queue)


async def follow_up(session: AsyncSession, rated: Sequence[Rated], *, at: Moment, call_queue: str) -> Summary:
    """Messages, timeline items and tasks of these ratings."""
    found: defaultdict[type[outcomes.Outcome], list[tuple[Rated, outcomes.Outcome]]] = defaultdict(list)
    for each in rated:
        for outcome in rules.outcomes(each):
            found[type(outcome)].append((each, outcome))
    await _end_calls(session, found, at.facts)
    await call_ins.flag_many(session, _members(found, outcomes.FlagCallIn), now=at.facts)
    tasks = await _open_calls(session, found, at.facts, call_queue) + await _propose(session, found, at.facts)
    await _show_colours(session, found, at.facts)
    messages = await _tell(session, found, at.sent)
    changed = [each.member_id for each in rated if each.changed]
    await triage.refresh_deadlines(session, changed)
    return Summary(len(rated), len(changed), messages, tasks)


def _of(found: Pairs, kind: type[O]) -> list[tuple[Rated, O]]:
    return [(rated, outcome) for rated, outcome in found.get(kind, ()) if isinstance(outcome, kind)]


def _members(found: Pairs, kind: type[Any]) -> list[UUID]:
    return [rated.member_id for rated, _ in found.get(kind, ())]


async def _end_calls(session: AsyncSession, found: Pairs, now: datetime) -> None:
    by_reason: defaultdict[str, list[UUID]] = defaultdict(list)
    for rated, outcome in _of(found, outcomes.CloseCalls):
        by_reason[outcome.reason].append(rated.member_id)
    suspended = await calls.suspend_many(session, _members(found, outcomes.SuspendCalls), now=now)
    await appointments.end_calls(session, suspended, "suspended", now=now)
    for reason, members in by_reason.items():
        closed = await calls.close_many(session, members, reason=reason, now=now)
        await appointments.end_calls(session, closed, reason, now=now)


async def _open_calls(session: AsyncSession, found: Pairs, now: datetime, queue: str) -> int:
    wanted = [
        calls.NewCall(rated.member_id, rated.rating_id, outcome.due_on, outcome.fast)
        for rated, outcome in _of(found, outcomes.OpenCall)
    ]
    opened = set(await calls.open_many(session, wanted, queue=queue, now=now))
    planned = [appointments.planned_call(c.member_id, c.rating_id, c.due_on) for c in wanted if c.member_id in opened]
    await timeline.add(session, planned, now=now)
    return len(opened)


async def _propose(session: AsyncSession, found: Pairs, now: datetime) -> int:
    wanted = [
        call_ins.NewProposal(rated.member_id, rated.rating_id, _sheet(rated))
        for rated, _ in _of(found, outcomes.ProposeCallIn)
    ]
    return len(await call_ins.propose_many(session, wanted, now=now))


def _sheet(rated: Rated) -> dict[str, object]:
    """The rating as the person who decides sees it: its figures with the colours and reasons."""
    named = {"before": rated.before, "colour": rated.after, "reasons": rated.reasons}
    return {**rated.evidence, **named, "counted": rated.counted, "required": rated.required}


async def _show_colours(session: AsyncSession, found: Pairs, now: datetime) -> None:
    items = [
        timeline.NewItem(
            rated.member_id,
            "rating_changed",
            str(rated.rating_id),
            at=now,
            params={
                "colour": rated.after,
                "before": rated.before,
                "counted": rated.counted,
                "required": rated.required,
            },
        )
        for rated, _ in _of(found, outcomes.ShowColour)
    ]
    await timeline.add(session, items, now=now)


async def _tell(session: AsyncSession, found: Pairs, now: datetime) -> int:
    return await notifications.send(
        session, [_message(rated, outcome) for rated, outcome in _of(found, outcomes.Tell)], now=now
    )


def _message(rated: Rated, outcome: outcomes.Tell) -> notifications.NewMessage:
    period = str(rated.rating_id) if outcome.once_per == "rating" else "{}-W{:02}".format(*iso_week(rated.rated_on))
    cause = {"colour": rated.after, "rating_id": str(rated.rating_id)}
    return notifications.NewMessage(rated.member_id, outcome.key, period, outcome.params, cause)
