"""Reminders of what is booked or called in to: two working days before, and again on the day."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.clock import local_date, local_time
from backend.followup import booking_notices
from backend.notifications import service as notifications
from backend.notifications.sending import is_quiet_day
from backend.notifications.service import NewMessage

DAYS_BEFORE = 2
MORNING = time(8)
HOURS_BEFORE = timedelta(hours=3)
# A reminder that could not be made in time is made up for so long; after that the next one, or none, does its work.
EARLY_LATEST, SAME_DAY_LATEST = timedelta(hours=12), timedelta(hours=2)
# Longer than any two working days with all holidays between.
AHEAD = timedelta(days=12)

BOOKED = text("""
    SELECT coalesce(b.id, c.id) AS id, b.id IS NULL AS called_in, t.member_id,
        coalesce(b.changed_at, c.decided_at) AS changed_at, lower(t.span) AS starts_at, s.form,
        coalesce(s.place, c.talk_place, r.name) AS place, m.language
    FROM member_time AS t LEFT JOIN booking AS b ON b.id = t.booking_id
    LEFT JOIN activity_session AS s ON s.id = b.session_id LEFT JOIN call_in AS c ON c.id = t.call_in_id
    JOIN member AS m ON m.id = t.member_id LEFT JOIN branch AS r ON r.id = coalesce(s.branch_id, m.branch_id)
    WHERE (b.state = 'booked' OR c.state = 'approved') AND t.span && tstzrange(:now, :until) AND lower(t.span) > :now
    ORDER BY t.member_id, 1
""")


class Reminder(NamedTuple):
    """`which` tells the two apart; `at` is when it is made, `until` how long it is made up for."""

    which: str
    at: datetime
    until: datetime


def planned(starts_at: datetime) -> Iterator[Reminder]:
    """When to remind of what starts then. What starts by eight has no reminder on the day: phones are quiet before."""
    day = local_date(starts_at)
    early = local_time(_open_days_before(day), MORNING)
    yield Reminder("early", early, early + EARLY_LATEST)
    opens = local_time(day, MORNING)
    if starts_at > opens:
        # Compared as instants: three hours before is three hours before, whatever the clock on the wall does.
        at = max(opens, starts_at - HOURS_BEFORE, key=datetime.timestamp)
        yield Reminder("same_day", at, min(starts_at, at + SAME_DAY_LATEST, key=datetime.timestamp))


def due(starts_at: datetime, changed_at: datetime, now: datetime) -> str | None:
    """Which reminder is to be made now, if any. Who booked or moved after its time has just heard of it."""
    for one in planned(starts_at):
        if changed_at < one.at <= now < one.until:
            return one.which
    return None


def _open_days_before(day: date) -> date:
    left = DAYS_BEFORE
    while left:
        day -= calendar.DAY
        left -= not is_quiet_day(day)
    return day


async def remind(session: AsyncSession, *, now: datetime) -> int:
    """N05 to all whose booking, or talk that they are called in to, is near; how many were new. Two statements;
    repeated, none is new.
    """
    rows = await session.execute(BOOKED, {"now": now, "until": now + AHEAD})
    found = [(row, which) for row in rows if (which := due(row.starts_at, row.changed_at, now))]
    return await notifications.send(session, [_message(row, which) for row, which in found], now=now)


def _message(row: Row[Any], which: str) -> NewMessage:
    params = {"at": row.starts_at, "place": booking_notices.where(row.language, row.form, row.place)}
    cause = {"call_in" if row.called_in else "booking": str(row.id), "at": row.starts_at.isoformat()}
    return NewMessage(row.member_id, "N05", f"{row.id}:{row.starts_at.isoformat()}:{which}", params, cause)
