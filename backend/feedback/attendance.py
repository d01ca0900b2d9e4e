"""Who took part in what, read from the bookings and called-in talks and taken note of for the surveys.

The one place that reads it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date
from backend.feedback import touchpoints
from backend.surveys import attendance, catalogue, choices
from backend.surveys.attendance import NewAttendance

SOURCE = "booking"
# How far back the first reading goes, and how far each goes behind the one before: for registrations whose transaction
# was still open then. What is read twice is noted once.
FIRST, OVERLAP = timedelta(days=7), timedelta(days=1)


class Noted(NamedTuple):
    """`attended`: new activities; `withdrawn`: those that turned out not to have been attended before anybody asked."""

    attended: int
    withdrawn: int


async def note(session: AsyncSession, *, plan_set: str, now: datetime) -> Noted:
    """Take note of what was registered since the last time. Safe to repeat and to run beside itself."""
    since = await _since(session, now)
    forms = (await catalogue.in_force(session, local_date(now))).forms
    planned = touchpoints.asked_after(plan_set, forms)
    rows = (await session.execute(_READ, {"since": since, "now": now})).all()
    held = [touchpoints.held(row.kind, row.session_id, row.template_id, row.staff_id) for row in rows]
    chosen = await choices.chosen(session, sorted({key for one in held for key in one.choices}))
    new = []
    for row, where in zip(rows, held, strict=True):
        touchpoint = touchpoints.of(row.activity, row.kind, where, planned, chosen)
        if touchpoint and row.state == "attended":
            new.append(_attended(row, where, touchpoint))
    new += await _without_booking(session, planned, {"since": since, "now": now})
    noted = await attendance.record(session, new, now=now)
    withdrawn = await attendance.withdraw(session, _occasions(rows, "absent"), now=now)
    await session.execute(_READ_UNTIL, {"source": SOURCE, "now": now})
    return Noted(noted, withdrawn)


async def _since(session: AsyncSession, now: datetime) -> datetime:
    last: datetime | None = await session.scalar(_LAST, {"source": SOURCE})
    return last - OVERLAP if last else now - FIRST


def _occasions(rows: Sequence[Row[Any]], state: str) -> list[str]:
    return [_occasion(row) for row in rows if row.state == state]


def _occasion(row: Row[Any]) -> str:
    return f"booking:{row.id}"


def _attended(row: Row[Any], where: touchpoints.Held, touchpoint: str) -> NewAttendance:
    series = {(False, True): "first", (True, True): "middle", (True, False): "last"}.get((row.earlier, row.later))
    return NewAttendance(
        member_id=row.member_id,
        touchpoint=touchpoint,
        occasion=_occasion(row),
        branch_id=row.branch_id,
        series_key=where.series_key,
        event_key=where.event_key,
        ended_at=row.ends_at,
        attended=True,
        compulsory=row.compulsory,
        series=series or "single",  # type: ignore[arg-type]
        colour=row.colour or "",
    )


async def _without_booking(
    session: AsyncSession, planned: Mapping[str, str], between: Mapping[str, datetime]
) -> list[NewAttendance]:
    """Talks that members were called in to, and service calls where a survey is asked after these."""
    talks = await session.execute(_CALLED_IN, between)
    found = [_talk(row, f"talk:{row.id}", touchpoints.CALLED_IN) for row in talks]
    if touchpoint := planned.get(touchpoints.SERVICE_CALL):
        calls = await session.execute(_CALLS, between)
        found += [_talk(row, f"call:{row.id}", touchpoint) for row in calls]
    return found


def _talk(row: Row[Any], occasion: str, touchpoint: str) -> NewAttendance:
    """A talk with one member like any other. Why it was held is not told."""
    where = touchpoints.held(touchpoints.TALK, row.id, None, row.staff_id)
    return NewAttendance(
        member_id=row.member_id,
        touchpoint=touchpoint,
        occasion=occasion,
        branch_id=row.branch_id,
        series_key=where.series_key,
        event_key=where.event_key,
        ended_at=row.ends_at,
        attended=True,
        compulsory=True,
        colour=row.colour or "",
    )


# Compulsory: a talk that the plan demands, and a talk that is in no plan (somebody called the member in to it).
# Earlier and later: other talks of the same activity in the same spell, held before, and booked or planned after.
_READ = text("""
SELECT b.id, b.member_id, b.state, s.id AS session_id, s.activity, s.kind, s.branch_id, s.staff_id, s.template_id,
    s.ends_at,
    COALESCE(o.compulsory, s.kind IN ('talk', 'joint_talk')) AS compulsory,
    EXISTS (
        SELECT FROM booking b2 JOIN activity_session s2 ON s2.id = b2.session_id
        WHERE b2.member_id = b.member_id AND b2.state = 'attended' AND s2.activity = s.activity
            AND s2.starts_at < s.starts_at AND (o.started_at IS NULL OR s2.starts_at >= o.started_at)
    ) AS earlier,
    EXISTS (
        SELECT FROM booking b3 JOIN activity_session s3 ON s3.id = b3.session_id
        WHERE b3.member_id = b.member_id AND b3.state = 'booked' AND s3.activity = s.activity
            AND s3.starts_at > s.starts_at
    ) OR EXISTS (
        SELECT FROM obligation o3
        WHERE o3.spell_id = o.spell_id AND o3.activity = s.activity AND o3.state IN ('planned', 'booked')
            AND NOT EXISTS (
                SELECT FROM booking_obligation l3 WHERE l3.booking_id = b.id AND l3.obligation_id = o3.id
            )
    ) AS later,
    (
        SELECT r.colour FROM rating r WHERE r.member_id = b.member_id AND r.rated_at <= s.ends_at
        ORDER BY r.rated_at DESC, r.id DESC LIMIT 1
    ) AS colour
FROM booking b
JOIN activity_session s ON s.id = b.session_id
LEFT JOIN LATERAL (
    SELECT bool_or(o.requirement = 'mandatory') AS compulsory, (array_agg(o.spell_id))[1] AS spell_id,
        min(p.started_on)::timestamp AT TIME ZONE 'Europe/Copenhagen' AS started_at
    FROM booking_obligation l JOIN obligation o ON o.id = l.obligation_id JOIN spell p ON p.id = o.spell_id
    WHERE l.booking_id = b.id
) o ON true
WHERE b.state IN ('attended', 'absent') AND b.changed_at > :since AND b.changed_at <= :now
ORDER BY b.changed_at, b.id
""")
# Called-in talks are no bookings. Held by whoever closed the minutes, else whoever noted it. They take the longest that
# a talk takes; one held on another day than planned ended with that day's office hours, or when it was noted.
_CALLED_IN = text("""
SELECT t.*,
    (
        SELECT r.colour FROM rating r WHERE r.member_id = t.member_id AND r.rated_at <= t.ends_at
        ORDER BY r.rated_at DESC, r.id DESC LIMIT 1
    ) AS colour
FROM (
    SELECT c.id, c.member_id, m.branch_id, c.ended_at,
        COALESCE(
            (SELECT k.closed_by FROM talk k WHERE k.call_in_id = c.id),
            (SELECT h.staff_id FROM case_history h WHERE h.subject_id = c.id AND h.to_state = 'held'
             ORDER BY h.at DESC LIMIT 1),
            c.decided_by
        ) AS staff_id,
        CASE WHEN CAST(c.talk_at AT TIME ZONE 'Europe/Copenhagen' AS date) = c.held_on
            THEN c.talk_at + CAST(:longest AS interval)
            ELSE least(c.ended_at, (c.held_on + time '16:00') AT TIME ZONE 'Europe/Copenhagen')
        END AS ends_at
    FROM call_in c JOIN member m ON m.id = c.member_id
    WHERE c.state = 'held' AND c.ended_at > :since AND c.ended_at <= :now
) t
ORDER BY t.ended_at, t.id
""").bindparams(longest=timedelta(hours=1))
# A service call ended when it reached the member the last time; whoever rang held it.
_CALLS = text("""
SELECT t.*,
    (
        SELECT r.colour FROM rating r WHERE r.member_id = t.member_id AND r.rated_at <= t.ends_at
        ORDER BY r.rated_at DESC, r.id DESC LIMIT 1
    ) AS colour
FROM (
    SELECT c.id, c.member_id, m.branch_id, c.ended_at, a.staff_id, a.at AS ends_at
    FROM service_call c JOIN member m ON m.id = c.member_id
    JOIN LATERAL (
        SELECT staff_id, at FROM call_attempt WHERE call_id = c.id AND result = 'reached' ORDER BY at DESC LIMIT 1
    ) a ON true
    WHERE c.state = 'done' AND c.ended_at > :since AND c.ended_at <= :now
) t
ORDER BY t.ended_at, t.id
""")
_LAST = text("SELECT read_until FROM survey_reading WHERE source = :source")
_READ_UNTIL = text("""
INSERT INTO survey_reading AS old (source, read_until) VALUES (:source, :now)
ON CONFLICT (source) DO UPDATE SET read_until = greatest(old.read_until, excluded.read_until)
""")
