"""Series of sessions: begun, ended, held otherwise from a day on, with single days skipped or moved.

A template is dated data: another way to hold a series is another template from that day on.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.booking import errors_sessions as cannot
from backend.booking import publishing, recurrence, rules_sessions, session_history, sessions
from backend.booking.publishing import Published
from backend.booking.rules_sessions import Setup
from backend.booking.tables_calendar import SessionTemplate
from backend.clock import local_date
from backend.db.types import new_id
from backend.errors import NotFound

# So far ahead sessions are published at once; a job goes on from there.
AHEAD = timedelta(weeks=16)


class Series(NamedTuple):
    """When: every so many weeks on the weekday of `first_on`, at a wall-clock time; days inclusive."""

    first_on: date
    last_on: date | None
    every_weeks: int
    at: time


class Occurrence(NamedTuple):
    """What there is of a series on a day: its published session, if any, and how many have a seat in it."""

    session_id: UUID
    taken: int


# Of a series that ends: what nobody has booked goes; what somebody has is for a person to decide.
FROM_DAY = text("""
    SELECT id, taken + held + offered AS taken FROM activity_session
    WHERE template_id = :template AND state = 'open' AND occurrence >= CAST(:first AS timestamp) AND starts_at > :now
    ORDER BY id
""")
EXCEPT = text("""
    INSERT INTO template_exception (template_id, on_day, moved_to)
    VALUES (:template, :day, CAST(:moved_to AS timestamp))
    ON CONFLICT (template_id, on_day) DO UPDATE SET moved_to = excluded.moved_to
""")
EXCEPTIONS = text("""
    SELECT template_id, on_day, moved_to FROM template_exception
    WHERE template_id = ANY(CAST(:templates AS uuid[])) AND on_day >= :first ORDER BY template_id, on_day
""")
ON_DAY = text("""
    SELECT id, taken + held + offered AS taken FROM activity_session
    WHERE template_id = :template AND state = 'open' AND CAST(occurrence AS date) = :day
""")


async def create(
    session: AsyncSession, setup: Setup, series: Series, *, set_name: str, by: UUID, now: datetime
) -> tuple[UUID, Published]:
    """Begin a series, and publish what comes soon. Raises as sessions.create; DaysNotPossible."""
    _check_days(series, local_date(now))
    activity = rules_sessions.check(setup, set_name, series.first_on)
    await sessions.check_people(session, setup)
    same = {name: getattr(setup, name) for name in Setup.__dataclass_fields__ if name != "audience"}
    made = SessionTemplate(id=new_id(), kind=activity.kind, audience=asdict(setup.audience), **same, **series._asdict())
    session.add(made)
    await session.flush()
    await session_history.note(session, "created", by=by, now=now, template_id=made.id)
    first = max(series.first_on, local_date(now) + calendar.DAY)
    published = await publishing.publish(session, made.id, first=first, last=local_date(now) + AHEAD)
    return made.id, published


async def end(
    session: AsyncSession, template_id: UUID, last_on: date, *, by: UUID, now: datetime
) -> Sequence[Occurrence]:
    """Hold the series for the last time on or before a day. What nobody booked after it is taken off at once.

    Returns those later sessions in which somebody has a seat. Raises NotFound, DaysNotPossible.
    """
    held = await _held(session, template_id)
    if last_on < local_date(now) or (held.last_on is not None and last_on > held.last_on):
        raise cannot.DaysNotPossible(field="lastOn")
    held.last_on = max(last_on, held.first_on)
    await session.flush()
    if last_on < held.first_on:  # It never was held: not on its first day either.
        await session.execute(EXCEPT, {"template": template_id, "day": held.first_on, "moved_to": None})
    await session_history.note(session, "ended", by=by, now=now, template_id=template_id, detail={"last_on": last_on})
    first = datetime.combine(last_on + calendar.DAY, time.min)
    rows = await session.execute(FROM_DAY, {"template": template_id, "first": first, "now": now})
    later = [Occurrence(row.id, row.taken) for row in rows]
    for one in later:
        if not one.taken:
            await publishing.cancel_session(session, one.session_id, reason="series_ended", staff_id=by, now=now)
    return [one for one in later if one.taken]


async def change(
    session: AsyncSession, template_id: UUID, setup: Setup, series: Series, *, set_name: str, by: UUID, now: datetime
) -> tuple[UUID, Published, Sequence[Occurrence]]:
    """Hold the series otherwise from `series.first_on` on: the new template, and what of the old one is booked later.

    Raises as create and end.
    """
    if series.first_on <= local_date(now):
        raise cannot.DaysNotPossible(field="firstOn")
    held = await _held(session, template_id)
    if setup.activity != held.activity:
        raise cannot.ActivityUnknown(field="activity")
    last = series.first_on - calendar.DAY
    booked = await end(session, template_id, min(last, held.last_on or last), by=by, now=now)
    made, published = await create(session, setup, series, set_name=set_name, by=by, now=now)
    return made, published, booked


async def except_day(
    session: AsyncSession, template_id: UUID, day: date, moved_to: datetime | None, *, by: UUID, now: datetime
) -> Occurrence | None:
    """Skip one day of a series, or hold it at another wall-clock time; the published session that it concerns.

    The caller moves or cancels that one, with notice. Raises NotFound, NoOccurrence, NoSuchTime, NotAhead.
    """
    held = await _held(session, template_id)
    rule = recurrence.Rule(held.first_on, held.last_on, held.every_weeks, held.at, ZoneInfo(held.zone))
    # A day that is excepted already counts all the same; one on which the house is closed does not.
    if day <= local_date(now) or not recurrence.occurrences(rule, {}, day, day):
        raise cannot.NoOccurrence(field="on")
    if moved_to is not None:
        rules_sessions.check_ahead(rules_sessions.instant(moved_to, held.zone), now)
    await session.execute(EXCEPT, {"template": template_id, "day": day, "moved_to": moved_to})
    detail = {"on": day, "moved_to": moved_to}
    await session_history.note(session, "exception", by=by, now=now, template_id=template_id, detail=detail)
    row = (await session.execute(ON_DAY, {"template": template_id, "day": day})).first()
    return None if row is None else Occurrence(row.id, row.taken)


async def running(session: AsyncSession, today: date) -> Sequence[SessionTemplate]:
    """Series that are held today or later, by activity and first day."""
    going_on = (SessionTemplate.last_on.is_(None)) | (SessionTemplate.last_on >= today)
    order = (SessionTemplate.activity, SessionTemplate.first_on, SessionTemplate.id)
    return (await session.scalars(select(SessionTemplate).where(going_on).order_by(*order))).all()


async def exceptions(
    session: AsyncSession, template_ids: Sequence[UUID], first: date
) -> dict[UUID, list[tuple[date, datetime | None]]]:
    """Days of series, from a day on, that fall away (None) or are held at another wall-clock time. One statement."""
    found: dict[UUID, list[tuple[date, datetime | None]]] = {one: [] for one in template_ids}
    for row in await session.execute(EXCEPTIONS, {"templates": list(template_ids), "first": first}):
        found[row.template_id].append((row.on_day, row.moved_to))
    return found


async def _held(session: AsyncSession, template_id: UUID) -> SessionTemplate:
    found = await session.get(SessionTemplate, template_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found


def _check_days(series: Series, today: date) -> None:
    if series.first_on < today or (series.last_on is not None and series.last_on < series.first_on):
        raise cannot.DaysNotPossible(field="firstOn")
    if series.first_on > today + rules_sessions.LOOKING_AHEAD:
        raise cannot.DaysNotPossible(field="firstOn")
