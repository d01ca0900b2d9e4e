"""Bookings, items of the course and places in line as the member's timeline shows them. Always as they stand now."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date, local_time
from backend.course import plans
from backend.i18n import LANGUAGES
from backend.timeline import service as timeline
from backend.timeline.service import NewItem

BOOKING, ITEM, LINE = "booking", "course_item", "waiting_list"
# So long before its window the member is asked to book an item.
ASKED_BEFORE = timedelta(days=14)
MORNING, EVENING = time(8), time(23, 59)

# Of what was only held, and then let go, nothing was ever shown.
BOOKINGS = text("""
    SELECT b.id, b.member_id, b.state, s.activity, s.form, s.place, coalesce(lower(t.span), s.starts_at) AS starts_at
    FROM booking AS b JOIN activity_session AS s ON s.id = b.session_id
    LEFT JOIN member_time AS t ON t.booking_id = b.id
    WHERE b.id = ANY(CAST(:ids AS uuid[])) AND b.booked_at IS NOT NULL
""")
# What is taken up by need is shown once it is taken up or said not to be needed; what fell away, where it was shown.
ITEMS = text("""
    SELECT o.id, o.member_id, o.activity, o.state, o.window_from, o.window_to, o.due_on, d.due_on AS book_by,
        d.state AS deadline, d.paused_on IS NOT NULL AS paused, s.ended_on IS NULL AS running, k.reason
    FROM obligation AS o JOIN spell AS s ON s.id = o.spell_id LEFT JOIN booking_deadline AS d ON d.obligation_id = o.id
    LEFT JOIN obligation_skip AS k ON k.obligation_id = o.id AND k.undone_at IS NULL
    WHERE o.member_id = ANY(CAST(:members AS uuid[])) AND o.kind <> 'task'
      AND CASE WHEN o.state = 'cancelled' THEN
              EXISTS (SELECT FROM timeline_item AS i
                      WHERE i.member_id = o.member_id AND i.kind = 'course_item' AND i.key = CAST(o.id AS text))
          ELSE o.requirement IN ('mandatory', 'course') OR o.state IN ('booked', 'done')
              OR EXISTS (SELECT FROM obligation_skip AS u WHERE u.obligation_id = o.id) END
""")
LINES = text("""
    SELECT w.id, w.member_id, w.state, w.offer_until, s.activity, s.starts_at
    FROM waiting_entry AS w JOIN activity_session AS s ON s.id = w.session_id
    WHERE w.session_id = ANY(CAST(:sessions AS uuid[]))
      AND (w.state = 'offered' OR w.ended_at = :now OR w.joined_at = :now)
""")


async def show_bookings(session: AsyncSession, booking_ids: Collection[UUID], *, set_name: str, now: datetime) -> None:
    rows = await session.execute(BOOKINGS, {"ids": list(booking_ids)})
    await timeline.add(session, [_booking(row, set_name) for row in rows], now=now)


async def show_course(session: AsyncSession, member_ids: Collection[UUID], *, set_name: str, now: datetime) -> int:
    """All items of these members' courses; how many changed. Two statements for any number; repeated, none changes."""
    rows = await session.execute(ITEMS, {"members": list(member_ids)})
    items = [_item(row, set_name, local_date(now)) for row in rows]
    return await timeline.add(session, items, now=now)


async def show_lines(session: AsyncSession, session_ids: Collection[UUID], *, set_name: str, now: datetime) -> None:
    """The places in line for these sessions that changed at `now`."""
    rows = await session.execute(LINES, {"sessions": list(session_ids), "now": now})
    await timeline.add(session, [_line(row, set_name) for row in rows], now=now)


def titles(set_name: str, activity: str) -> dict[str, str]:
    """The activity's name in every language."""
    return {language: plans.title(set_name, activity, language) for language in LANGUAGES}


def _booking(row: Row[Any], set_name: str) -> NewItem:
    state = row.form if row.state == "booked" and row.form in ("phone", "video") else row.state
    params = {"state": "" if state == "booked" else state, "activity": titles(set_name, row.activity)}
    params |= {"begins_at": row.starts_at, "place": row.place}
    return NewItem(row.member_id, BOOKING, str(row.id), row.starts_at, params=params)


def _item(row: Row[Any], set_name: str, today: date) -> NewItem:
    state = item_state(row.state, row.deadline, row.window_from, today, paused=row.paused, running=row.running)
    book_by = row.book_by or row.due_on
    params = {"state": state, "activity": titles(set_name, row.activity), "book_by_on": book_by}
    params |= {"from_on": row.window_from, "to_on": row.due_on}
    params |= {"reason": row.reason} if row.reason else {}
    return NewItem(
        row.member_id, ITEM, str(row.id), local_time(row.window_from, MORNING),
        local_time(book_by, EVENING) if state == "book" else None, params, needs_action=state in ("book", "missed"),
    )  # fmt: skip


def item_state(
    state: str, deadline: str | None, window_from: date, today: date, *, paused: bool, running: bool = True
) -> str:
    """What the member sees of an item: nothing to do yet (""), to book, paused, or the state it has come to.

    When the spell has ended, what was not booked or done is asked of nobody.
    """
    if not running and state not in ("booked", "done", "skipped"):
        return "cancelled"
    if state != "planned":
        return state
    if deadline == "missed":
        return "missed"
    if paused:
        return "paused"
    return "book" if window_from - ASKED_BEFORE <= today else ""


def _line(row: Row[Any], set_name: str) -> NewItem:
    state = {"waiting": "", "offered": "offered", "accepted": "accepted"}.get(row.state, "ended")
    params = {"state": state, "activity": titles(set_name, row.activity), "begins_at": row.starts_at}
    params |= {"until_at": row.offer_until}
    return NewItem(
        row.member_id, LINE, str(row.id), row.starts_at, row.offer_until, params, needs_action=state == "offered"
    )
