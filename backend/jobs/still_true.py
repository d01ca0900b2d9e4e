"""Whether what a message says still holds when it is to be sent. One rule per kind of subject, all listed in RULES."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend import log
from backend.broadcasts.tables import Broadcast
from backend.casework.tables import CallIn, ServiceCall
from backend.jobs import still_missing, still_true_booking, still_true_course, still_true_surveys, still_true_talks
from backend.notifications.catalogue import BY_ID, Subject
from backend.notifications.claimed import Told
from backend.rating.tables import RatingCurrent

_log = log.get("jobs.deliver")
# Which of the rows, all about its subject, no longer hold.
Rule = Callable[[AsyncSession, Sequence[Told]], Awaitable[set[UUID]]]


async def untrue(session: AsyncSession, rows: Sequence[Told]) -> set[UUID]:
    """Those whose message no longer holds. One statement per kind of subject among them."""
    found: set[UUID] = set()
    for subject, rule in RULES.items():
        about = [row for row in rows if row.key in BY_ID and BY_ID[row.key].holds_while == subject]
        if about:
            found |= await _judged(session, rule, about)
    return found


async def _judged(session: AsyncSession, rule: Rule, rows: Sequence[Told]) -> set[UUID]:
    """What cannot be understood (put in by hand, say) is not sent, and must not keep all others from being judged."""
    try:
        return await rule(session, rows)
    except (KeyError, ValueError) as error:
        if len(rows) == 1:
            _log.error("still_true.not_understood", key=rows[0].key, id=str(rows[0].id), error=type(error).__name__)
            return {rows[0].id}
    half = len(rows) // 2
    return await _judged(session, rule, rows[:half]) | await _judged(session, rule, rows[half:])


async def resting(session: AsyncSession, rows: Sequence[Told]) -> set[UUID]:
    """The deliveries of broadcasts that somebody has paused: those that a worker held then, or that came back since."""
    about = {row.id: UUID(row.period) for row in rows if row.key in BY_ID and BY_ID[row.key].holds_while == "broadcast"}
    if not about:
        return set()
    query = select(Broadcast.id).where(Broadcast.id.in_(set(about.values())), Broadcast.state == "paused")
    paused = set(await session.scalars(query))
    return {row_id for row_id, broadcast_id in about.items() if broadcast_id in paused}


async def _colour_changed(session: AsyncSession, rows: Sequence[Told]) -> set[UUID]:
    """The colour in force is another than the one the message is about."""
    query = select(RatingCurrent.member_id, RatingCurrent.colour).where(
        RatingCurrent.member_id.in_({row.member_id for row in rows})
    )
    colours = dict((await session.execute(query)).all())
    return {row.id for row in rows if colours.get(row.member_id) != row.cause.get("colour")}


async def _call_ended(session: AsyncSession, rows: Sequence[Told]) -> set[UUID]:
    """The member was reached, or need not be."""
    query = select(ServiceCall.id).where(
        ServiceCall.id.in_({_about(row, "call") for row in rows}), ServiceCall.state.in_(("open", "claimed"))
    )
    return _without(set(await session.scalars(query)), "call", rows)


async def _call_in_ended(session: AsyncSession, rows: Sequence[Told]) -> set[UUID]:
    """The talk was cancelled, or is over."""
    about = {_about(row, "call_in") for row in rows}
    query = select(CallIn.id).where(CallIn.id.in_(about), CallIn.state == "approved")
    return _without(set(await session.scalars(query)), "call_in", rows)


async def _stopped(session: AsyncSession, rows: Sequence[Told]) -> set[UUID]:
    """The broadcast was stopped."""
    query = select(Broadcast.id).where(
        Broadcast.id.in_({_about(row, "broadcast") for row in rows}), Broadcast.state != "stopped"
    )
    return _without(set(await session.scalars(query)), "broadcast", rows)


def _without(standing: set[UUID], subject: Subject, rows: Sequence[Told]) -> set[UUID]:
    return {row.id for row in rows if _about(row, subject) not in standing}


def _about(row: Told, subject: Subject) -> UUID:
    """The one row that a message is about (message_type.ROWS)."""
    return UUID(str(row.cause.get(subject, row.period)))


RULES: Mapping[Subject, Rule] = {
    "colour": _colour_changed,
    "call": _call_ended,
    "call_in": _call_in_ended,
    "talk": still_true_booking.talk_changed,
    "no_show": still_true_booking.came_after_all,
    "deadline": still_true_booking.deadline_moved,
    "seat": still_true_booking.offer_over,
    "obligation": still_true_booking.need_not_book,
    "invitation": still_true_surveys.need_not_answer,
    "spell": still_true_course.spell_ended,
    "task": still_true_talks.agreement_ended,
    "exemption": still_true_course.exemption_changed,
    "broadcast": _stopped,
    "job_log": still_missing.log_written,
    "uploads": still_missing.uploaded,
    "cv": still_missing.cv_approved,
    "benefit_card": still_missing.card_sent,
}
