"""Publishing a single session and changing it; whoever changes it tells those who have a seat."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import errors, expiry, locks, recurrence, rules_sessions, session_history
from backend.booking import errors_sessions as cannot
from backend.booking.rules_sessions import Setup
from backend.booking.tables import ActivitySession
from backend.db.types import new_id
from backend.errors import NotFound

NEW = text("""
    INSERT INTO activity_session (id, activity, kind, branch_id, staff_id, partner_id, starts_at, ends_at, local_start,
        zone, form, place, language, audience, capacity, lead_minutes, own_minutes, closes_at, state)
    VALUES (:id, :activity, :kind, CAST(:branch_id AS uuid), CAST(:staff_id AS uuid), CAST(:partner_id AS uuid),
        :starts_at, :ends_at, CAST(:local_start AS timestamp), :zone, :form, CAST(:place AS text), :language,
        CAST(:audience AS jsonb), :capacity, :lead_minutes, CAST(:own_minutes AS int), :closes_at, 'open')
    ON CONFLICT DO NOTHING RETURNING id
""")
# `told`: those who come must hear of it, and their calendars.
CHANGE = text("""
    UPDATE activity_session SET branch_id = CAST(:branch_id AS uuid), staff_id = CAST(:staff_id AS uuid),
        starts_at = :starts_at, ends_at = :ends_at, local_start = CAST(:local_start AS timestamp), zone = :zone,
        form = :form, place = CAST(:place AS text), language = :language, audience = CAST(:audience AS jsonb),
        partner_id = CAST(:partner_id AS uuid), capacity = :capacity, lead_minutes = :lead_minutes,
        own_minutes = CAST(:own_minutes AS int),
        closes_at = :closes_at, sequence = sequence + CAST(:told AS int)
    WHERE id = :id
""")
# The constraint decides between two at once; this says it in a sentence.
PARTNER_BUSY = text("""
    SELECT EXISTS (
        SELECT FROM activity_session AS o WHERE o.id <> :id AND o.partner_id = CAST(:partner_id AS uuid)
          AND o.state = 'open' AND tstzrange(o.starts_at, o.ends_at) && tstzrange(:starts_at, :ends_at))
""")
KNOWN = text("""
    SELECT (CAST(:branch_id AS uuid) IS NULL OR EXISTS (SELECT FROM branch WHERE id = :branch_id))
       AND (CAST(:staff_id AS uuid) IS NULL OR EXISTS (SELECT FROM staff WHERE id = :staff_id))
       AND (CAST(:partner_id AS uuid) IS NULL OR EXISTS (SELECT FROM partner WHERE id = :partner_id))
""")
TAKE_TIME = text("""
    INSERT INTO staff_time (session_id, staff_id, span) VALUES (:id, :staff_id, tstzrange(:starts_at, :ends_at))
    ON CONFLICT DO NOTHING RETURNING session_id
""")
GIVE_TIME = text("DELETE FROM staff_time WHERE session_id = :id")
BOOKED = text("SELECT member_id FROM booking WHERE session_id = :id AND state IN ('held', 'booked') ORDER BY 1")
TIMES = text("""
    DELETE FROM member_time USING booking AS b
    WHERE b.id = booking_id AND b.session_id = :id AND b.state IN ('held', 'booked')
""")
# The turn in a joint talk decides when a member is done.
MOVE_TIMES = text("""
    INSERT INTO member_time (booking_id, member_id, span)
    SELECT b.id, b.member_id, tstzrange(s.starts_at, CASE
        WHEN b.position IS NULL THEN s.ends_at
        ELSE s.starts_at + make_interval(mins => s.lead_minutes + b.position * s.own_minutes) END)
    FROM booking AS b JOIN activity_session AS s ON s.id = b.session_id
    WHERE b.session_id = :id AND b.state IN ('held', 'booked')
    ON CONFLICT DO NOTHING RETURNING booking_id
""")
TOLD = text("""
    WITH told AS (
        UPDATE booking SET sequence = sequence + 1, changed_at = :now
        WHERE session_id = :id AND state IN ('held', 'booked') RETURNING id)
    INSERT INTO booking_history (id, booking_id, at, event, staff_id, detail)
    SELECT gen_random_uuid(), id, :now, 'moved', CAST(:by AS uuid), jsonb_build_object('session', CAST(:id AS uuid))
    FROM told
""")


class When(NamedTuple):
    """A session's time on the wall, and the instants that follow from it."""

    local_start: datetime
    starts_at: datetime
    ends_at: datetime
    closes_at: datetime


def when(setup: Setup, local_start: datetime) -> When:
    starts_at = rules_sessions.instant(local_start, setup.zone)
    ends_at = starts_at + timedelta(minutes=setup.minutes)
    return When(local_start, starts_at, ends_at, recurrence.closes_at(starts_at, setup.closes_hours))


async def create(
    session: AsyncSession, setup: Setup, local_start: datetime, *, set_name: str, by: UUID, now: datetime
) -> UUID:
    """Publish a session at a wall-clock time of its zone.

    Raises as rules_sessions.check; NoSuchTime, NotAhead, PersonUnknown, AdviserBusy, PartnerBusy.
    """
    activity = rules_sessions.check(setup, set_name, local_start.date())
    at = when(setup, local_start)
    rules_sessions.check_ahead(at.starts_at, now)
    params = _columns(setup, at) | {"id": new_id(), "kind": activity.kind, "partner_id": setup.partner_id}
    await check_people(session, setup)
    made: UUID | None = await session.scalar(NEW, params)
    if made is None:
        raise cannot.PartnerBusy(field="partnerId")
    await _take_time(session, made, setup.staff_id, at, now)
    await session_history.note(session, "created", by=by, now=now, session_id=made)
    return made


async def change(
    session: AsyncSession, session_id: UUID, setup: Setup, local_start: datetime, *, set_name: str, by: UUID,
    now: datetime,
) -> bool:  # fmt: skip
    """Hold the session as given now; whether those who have a seat must be told.

    What it is about stays. Raises as create; NotFound, BookingOver, Begun, SeatsTaken, TurnsTaken, MembersBusy.
    """
    held = await _held(session, session_id, now)
    activity = rules_sessions.check(setup, set_name, local_start.date())
    if setup.activity != held.activity or activity.kind != held.kind:
        raise cannot.ActivityUnknown(field="activity")
    at = when(setup, local_start)
    rules_sessions.check_ahead(at.starts_at, now)
    _check_seats(held, setup, at)
    await check_people(session, setup)
    told = _matters(held, setup, at)
    if await session.scalar(PARTNER_BUSY, _columns(setup, at) | {"id": session_id}):
        raise cannot.PartnerBusy(field="partnerId")
    await session.execute(CHANGE, _columns(setup, at) | {"id": session_id, "told": told})
    if (at.starts_at, at.ends_at, setup.staff_id) != (held.starts_at, held.ends_at, held.staff_id):
        await _move(session, held, setup, at, now)
    if told:
        await session.execute(TOLD, {"id": session_id, "by": by, "now": now})
    await session_history.note(
        session, "changed", by=by, now=now, session_id=session_id, detail=_differences(held, setup, at)
    )
    return told


async def check_people(session: AsyncSession, setup: Setup) -> None:
    """Raises PersonUnknown for a branch, staff member or partner that does not exist."""
    people = {"branch_id": setup.branch_id, "staff_id": setup.staff_id, "partner_id": setup.partner_id}
    if not await session.scalar(KNOWN, people):
        raise cannot.PersonUnknown


async def _held(session: AsyncSession, session_id: UUID, now: datetime) -> ActivitySession:
    """The session, locked after its members, as everybody does it who books."""
    for member_id in (await session.scalars(BOOKED, {"id": session_id})).all():
        await locks.member(session, member_id)
    await locks.sessions(session, [session_id])
    held = await session.get(ActivitySession, session_id, populate_existing=True)
    if held is None or held.kind == "talk":
        raise NotFound
    if held.state != "open":
        raise errors.BookingOver
    if held.starts_at <= now:
        raise errors.Begun
    session.expunge(held)
    return held


def _check_seats(held: ActivitySession, setup: Setup, at: When) -> None:
    taken = held.taken + held.held + held.offered
    if setup.capacity < taken:
        raise cannot.SeatsTaken(field="capacity")
    turns = (setup.lead_minutes, setup.own_minutes, at.ends_at - at.starts_at)
    if held.kind == "joint_talk" and taken and turns != (
        held.lead_minutes, held.own_minutes, held.ends_at - held.starts_at
    ):  # fmt: skip
        raise cannot.TurnsTaken(field="ownMinutes")


def _matters(held: ActivitySession, setup: Setup, at: When) -> bool:
    """Time, place, way and person matter to those who come; seats and cut-off do not."""
    return (at.starts_at, at.ends_at, setup.form, setup.place, setup.staff_id) != (
        held.starts_at, held.ends_at, held.form, held.place, held.staff_id
    )  # fmt: skip


async def _move(session: AsyncSession, held: ActivitySession, setup: Setup, at: When, now: datetime) -> None:
    await session.execute(GIVE_TIME, {"id": held.id})
    await _take_time(session, held.id, setup.staff_id, at, now)
    gone = (await session.execute(TIMES, {"id": held.id})).rowcount  # type: ignore[attr-defined]
    moved = len((await session.execute(MOVE_TIMES, {"id": held.id})).all())
    if moved < gone:
        raise cannot.MembersBusy(field="startsAt", n=gone - moved)


async def _take_time(session: AsyncSession, session_id: UUID, staff_id: UUID | None, at: When, now: datetime) -> None:
    if staff_id is None:
        return
    await expiry.in_the_way(session, staff_id, at.starts_at, at.ends_at, now=now)
    params = {"id": session_id, "staff_id": staff_id, "starts_at": at.starts_at, "ends_at": at.ends_at}
    if (await session.execute(TAKE_TIME, params)).first() is None:
        raise cannot.AdviserBusy(field="staffId")


def _columns(setup: Setup, at: When) -> dict[str, Any]:
    values = {name: getattr(setup, name) for name in Setup.__dataclass_fields__ if name not in ("audience", "minutes")}
    return values | at._asdict() | {"audience": session_history.as_json(asdict(setup.audience))}


def _differences(held: ActivitySession, setup: Setup, at: When) -> dict[str, Any]:
    """What changed, as it was before."""
    new = {name: getattr(setup, name) for name in ("form", "place", "language", "capacity", "staff_id", "branch_id")}
    new |= {"starts_at": at.starts_at, "ends_at": at.ends_at, "closes_at": at.closes_at}
    return {name: getattr(held, name) for name, value in new.items() if getattr(held, name) != value}
