"""Publishing sessions from templates, and taking one off again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import errors, locks, recurrence
from backend.booking.recurrence import Occurrence
from backend.booking.tables_calendar import SessionTemplate, TemplateException
from backend.db.types import new_id
from backend.errors import NotFound


@dataclass(frozen=True, slots=True)
class Published:
    """New sessions, and the planned times for which the adviser or the jobcentre's consultant has something else."""

    sessions: tuple[UUID, ...]
    conflicts: tuple[datetime, ...]


# (template, occurrence) is unique: published twice it is there once. The adviser's time decides whether it can be held.
PUBLISH = text("""
    WITH new AS (
        INSERT INTO activity_session (id, activity, kind, branch_id, staff_id, partner_id, template_id, occurrence,
            starts_at, ends_at, local_start, zone, form, place, language, audience, capacity, lead_minutes, own_minutes,
            closes_at, state)
        SELECT :id, t.activity, t.kind, t.branch_id, t.staff_id, t.partner_id, t.id, CAST(:planned AS timestamp),
            :starts_at, :ends_at, CAST(:local_start AS timestamp), t.zone, t.form, t.place, t.language, t.audience,
            t.capacity, t.lead_minutes, t.own_minutes, :closes_at, 'open'
        FROM session_template AS t WHERE t.id = :template
        ON CONFLICT DO NOTHING RETURNING id)
    SELECT id FROM new
""")
PUBLISHED = text("SELECT occurrence FROM activity_session WHERE template_id = :template AND occurrence IS NOT NULL")
TIME = text("""
    INSERT INTO staff_time (session_id, staff_id, span) VALUES (:id, :staff, tstzrange(:starts_at, :ends_at))
    ON CONFLICT DO NOTHING RETURNING session_id
""")
NOT_HELD = text("UPDATE activity_session SET state = 'cancelled', cancel_reason = 'adviser_busy' WHERE id = :id")
CANCEL = text("""
    WITH gone AS (
        UPDATE booking SET state = 'cancelled', held_until = NULL, position = NULL, sequence = sequence + 1,
            cancelled_at = :now, cancel_reason = 'session_cancelled', lawful = true, changed_at = :now
        WHERE session_id = :session AND state IN ('held', 'booked') RETURNING id, member_id),
    line AS (
        UPDATE waiting_entry SET state = 'closed', ended_at = :now, offer_until = NULL, blocked = NULL
        WHERE session_id = :session AND state IN ('waiting', 'offered')),
    advisers AS (DELETE FROM staff_time WHERE session_id = :session),
    times AS (DELETE FROM member_time USING gone WHERE booking_id = gone.id),
    items AS (
        UPDATE obligation AS o SET state = 'planned' FROM booking_obligation AS l, gone
        WHERE l.booking_id = gone.id AND o.id = l.obligation_id AND o.state = 'booked'),
    told AS (
        INSERT INTO booking_history (id, booking_id, at, event, staff_id, detail)
        SELECT gen_random_uuid(), id, :now, 'cancelled', CAST(:staff AS uuid), '{"reason": "session_cancelled"}'
        FROM gone),
    seats AS (
        UPDATE activity_session SET state = 'cancelled', cancel_reason = :reason, taken = 0, held = 0, offered = 0,
            sequence = sequence + 1
        WHERE id = :session)
    SELECT member_id FROM gone
""")


async def publish(session: AsyncSession, template_id: UUID, *, first: date, last: date) -> Published:
    """Publish the template's sessions of these days. Repeated, it adds only what is new. Raises NotFound."""
    template = await session.get(SessionTemplate, template_id, with_for_update=True)
    if template is None:
        raise NotFound
    times = recurrence.occurrences(_rule(template), await _exceptions(session, template_id), first, last)
    there = set(await session.scalars(PUBLISHED, {"template": template_id}))
    made, conflicts = [], []
    for one in times:
        if one.planned in there:
            continue
        session_id = await _publish(session, template, one)
        if session_id is not None and await _takes_time(session, template, session_id, one):
            made.append(session_id)
        else:
            conflicts.append(one.planned)
    return Published(tuple(made), tuple(conflicts))


async def cancel_session(
    session: AsyncSession, session_id: UUID, *, reason: str, staff_id: UUID, now: datetime
) -> Sequence[UUID]:
    """Take a session off: its bookings end, without fault of theirs, and its line. The members to be told.

    Raises NotFound, BookingOver, Begun.
    """
    found = (await locks.sessions(session, [session_id])).get(session_id)
    if found is None:
        raise NotFound
    if found.state != "open":
        raise errors.BookingOver
    if found.starts_at <= now:
        raise errors.Begun
    rows = await session.execute(CANCEL, {"session": session_id, "reason": reason, "staff": staff_id, "now": now})
    return rows.scalars().all()


async def _exceptions(session: AsyncSession, template_id: UUID) -> Mapping[date, datetime | None]:
    rows = await session.scalars(select(TemplateException).where(TemplateException.template_id == template_id))
    return {row.on: row.moved_to for row in rows}


def _rule(template: SessionTemplate) -> recurrence.Rule:
    return recurrence.Rule(
        template.first_on, template.last_on, template.every_weeks, template.at, ZoneInfo(template.zone)
    )


async def _publish(session: AsyncSession, template: SessionTemplate, one: Occurrence) -> UUID | None:
    params = {
        "id": new_id(), "template": template.id, "planned": one.planned, "local_start": one.local_start,
        "starts_at": one.starts_at, "ends_at": one.starts_at + timedelta(minutes=template.minutes),
        "closes_at": recurrence.closes_at(one.starts_at, template.closes_hours),
    }  # fmt: skip
    found: UUID | None = await session.scalar(PUBLISH, params)
    return found


async def _takes_time(session: AsyncSession, template: SessionTemplate, session_id: UUID, one: Occurrence) -> bool:
    if template.staff_id is None:
        return True
    ends_at = one.starts_at + timedelta(minutes=template.minutes)
    params = {"id": session_id, "staff": template.staff_id, "starts_at": one.starts_at, "ends_at": ends_at}
    if (await session.execute(TIME, params)).first() is not None:
        return True
    await session.execute(NOT_HELD, {"id": session_id})
    return False
