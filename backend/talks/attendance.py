"""Who was there: noted for one talk or for a whole workshop at once, and put right with the history kept.

The state of the booking is the attendance; `booking_history` holds every change of it. Items of the course follow:
an event that was attended is done, a talk when its minutes close; who was absent has it to book again.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import deadlines, locks
from backend.clock import local_date
from backend.db.types import new_id
from backend.errors import NotFound
from backend.talks import rules
from backend.talks.rules import Mark, Presence


class Noted(NamedTuple):
    """A booking whose attendance changed. `lawful` is None for who was there."""

    booking_id: UUID
    member_id: UUID
    kind: str
    statutory: bool
    before: str
    after: str
    lawful: bool | None
    starts_at: datetime


OWNERS = text("SELECT DISTINCT member_id FROM booking WHERE id = ANY(CAST(:ids AS uuid[]))")
KNOWN = text("""
    SELECT b.id, b.member_id, b.state, b.cancel_reason, s.kind, s.starts_at, s.session_day,
        coalesce(t.state = 'closed', false) AS closed,
        EXISTS (SELECT FROM booking_obligation AS l JOIN obligation AS o ON o.id = l.obligation_id
                WHERE l.booking_id = b.id AND o.statutory) AS statutory
    FROM booking AS b
    JOIN (SELECT id, kind, starts_at, CAST(starts_at AT TIME ZONE 'Europe/Copenhagen' AS date) AS session_day
          FROM activity_session) AS s ON s.id = b.session_id
    LEFT JOIN talk AS t ON t.booking_id = b.id
    WHERE b.id = ANY(CAST(:ids AS uuid[])) ORDER BY b.id FOR NO KEY UPDATE OF b
""")
NOTE = text("""
    WITH changed AS (
        UPDATE booking AS b
        SET state = n.state, cancel_reason = n.reason, lawful = n.lawful, changed_at = :now
        FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS text[]), CAST(:reasons AS text[]), CAST(:lawful AS bool[]))
             AS n (id, state, reason, lawful)
        WHERE b.id = n.id)
    INSERT INTO booking_history (id, booking_id, at, event, staff_id, detail)
    SELECT n.history, n.id, :now, n.state, :by, CAST(n.detail AS jsonb)
    FROM unnest(CAST(:histories AS uuid[]), CAST(:ids AS uuid[]), CAST(:states AS text[]), CAST(:details AS text[]))
         AS n (history, id, state, detail)
""")
# A member who came late to the list of another time of the same thing has not done it twice.
DONE = text("""
    WITH items AS (
        UPDATE obligation AS o SET state = 'done', done_on = n.day
        FROM booking_obligation AS l
        JOIN unnest(CAST(:ids AS uuid[]), CAST(:days AS date[])) AS n (id, day) ON n.id = l.booking_id
        WHERE o.id = l.obligation_id AND o.state IN ('planned', 'booked', 'missed')
        RETURNING o.id)
    UPDATE booking_deadline AS d SET state = 'met', ended_at = :now
    FROM items WHERE d.obligation_id = items.id AND d.state IN ('open', 'missed')
""")
# A talk that was held after all waits for its minutes.
BACK = text("""
    WITH items AS (
        UPDATE obligation AS o SET state = 'booked', done_on = NULL
        FROM booking_obligation AS l
        WHERE l.booking_id = ANY(CAST(:ids AS uuid[])) AND o.id = l.obligation_id AND o.state IN ('planned', 'missed')
        RETURNING o.id)
    UPDATE booking_deadline AS d SET state = 'met', ended_at = :now
    FROM items WHERE d.obligation_id = items.id AND d.state IN ('open', 'missed')
""")
# To be booked again; when its last day has passed a person finds a time. Met by another booking it stays as it is.
AGAIN = text("""
    UPDATE obligation AS o SET state = CASE WHEN o.due_on >= :today THEN 'planned' ELSE 'missed' END, done_on = NULL
    FROM booking_obligation AS l
    WHERE l.booking_id = ANY(CAST(:ids AS uuid[])) AND o.id = l.obligation_id AND o.state IN ('booked', 'done')
      AND NOT EXISTS (SELECT FROM booking_obligation AS x JOIN booking AS b ON b.id = x.booking_id
                      LEFT JOIN talk AS t ON t.booking_id = b.id
                      WHERE x.obligation_id = o.id AND b.id <> l.booking_id
                        AND (b.state IN ('held', 'booked', 'attended') OR t.state = 'closed'))
    RETURNING o.id, o.state
""")


async def register(session: AsyncSession, marks: Sequence[Mark], *, by: UUID, now: datetime) -> list[Noted]:
    """Note who was there and who was not; those that changed. A fixed number of statements for any number of marks.

    The members are held first (booking/locks.py). Raises NotFound, and as rules.mark for the first that cannot be:
    then nothing is noted.
    """
    ids = [one.booking_id for one in marks]
    await locks.members(session, list(await session.scalars(OWNERS, {"ids": ids})))
    known = {row.id: row for row in await session.execute(KNOWN, {"ids": ids})}
    changed = [one for one in marks if _changes(known.get(one.booking_id), one, now)]
    noted = [_noted(known[one.booking_id], one) for one in changed]
    if changed:
        await session.execute(NOTE, _columns(changed, known) | {"by": by, "now": now})
        await _items(session, noted, {one.booking_id: known[one.booking_id].session_day for one in changed}, now)
    return noted


def _changes(row: Row[Any] | None, wanted: Mark, now: datetime) -> bool:
    if row is None:
        raise NotFound
    return rules.mark(Presence(row.state, row.cancel_reason, row.starts_at, row.closed), wanted, now)


def _noted(row: Row[Any], wanted: Mark) -> Noted:
    after = "attended" if wanted.attended else "absent"
    return Noted(row.id, row.member_id, row.kind, row.statutory, row.state, after, _lawful(wanted), row.starts_at)


def _lawful(wanted: Mark) -> bool | None:
    return None if wanted.attended else rules.lawful(str(wanted.reason))


def _columns(changed: Sequence[Mark], known: dict[UUID, Row[Any]]) -> dict[str, object]:
    return {
        "ids": [one.booking_id for one in changed],
        "states": ["attended" if one.attended else "absent" for one in changed],
        "reasons": [None if one.attended else one.reason for one in changed],
        "lawful": [_lawful(one) for one in changed],
        "histories": [new_id() for _ in changed],
        "details": [_detail(known[one.booking_id], one) for one in changed],
    }


def _detail(row: Row[Any], wanted: Mark) -> str:
    was = {"before": row.state} | ({"reason_before": row.cancel_reason} if row.state == "absent" else {})
    now = {} if wanted.attended else {"reason": wanted.reason, "lawful": _lawful(wanted)}
    return str(msgspec.json.encode(was | now).decode())


async def _items(session: AsyncSession, noted: Sequence[Noted], days: dict[UUID, date], now: datetime) -> None:
    there = [one.booking_id for one in noted if one.after == "attended"]
    talks = [one.booking_id for one in noted if one.kind in rules.TALKS and one.booking_id in there]
    events = [one for one in there if one not in talks]
    await session.execute(DONE, {"ids": events, "days": [days[one] for one in events], "now": now})
    await session.execute(BACK, {"ids": talks, "now": now})
    await free(session, [one.booking_id for one in noted if one.after == "absent"], now=now)


async def free(session: AsyncSession, booking_ids: Collection[UUID], *, now: datetime) -> None:
    """The items of these bookings are to be booked again, with eight days to do it."""
    rows = (await session.execute(AGAIN, {"ids": list(booking_ids), "today": local_date(now)})).all()
    await deadlines.reopen_many(session, [row.id for row in rows if row.state == "planned"], now=now)


class Listed(NamedTuple):
    """A member on the list of a session: `own_at` is their turn in a joint talk."""

    booking_id: UUID
    member_id: UUID
    member_no: str
    name: str
    state: str
    reason: str | None
    lawful: bool | None
    own_at: datetime | None


ROSTER = text("""
    SELECT b.id, m.id AS member_id, m.member_no, m.name, b.state, CASE WHEN b.state = 'absent' THEN b.cancel_reason END,
        b.lawful, CASE WHEN b.position IS NOT NULL
            THEN s.starts_at + make_interval(mins => s.lead_minutes + (b.position - 1) * s.own_minutes) END
    FROM booking AS b JOIN activity_session AS s ON s.id = b.session_id JOIN member AS m ON m.id = b.member_id
    WHERE b.session_id = :session AND b.state IN ('booked', 'attended', 'absent') ORDER BY b.position, m.name, b.id
""")
# Whoever holds a session, or its series, has its list; so have the organisers of what nobody holds by name, the
# advisers of its branch, and the coordinators.
MINE = text("""
    SELECT s.id, s.activity, s.kind, s.starts_at, s.ends_at FROM activity_session AS s
    LEFT JOIN session_template AS t ON t.id = s.template_id
    WHERE s.id = :session AND s.kind <> 'talk' AND (
        :all OR s.staff_id = :me OR t.staff_id = :me OR (:organises AND coalesce(s.staff_id, t.staff_id) IS NULL)
        OR (CAST(:branch AS uuid) IS NOT NULL AND s.branch_id = :branch))
""")
OF_SESSION = text("SELECT id FROM booking WHERE session_id = :session AND id = ANY(CAST(:ids AS uuid[]))")


class Lists(NamedTuple):
    """Whose lists somebody may see: `branch_id` for the advisers of a branch."""

    staff_id: UUID
    everything: bool
    organises: bool
    branch_id: UUID | None


async def listed(session: AsyncSession, session_id: UUID, who: Lists) -> Row[Any]:
    """The session whose list is asked for. Raises NotFound for one that is not theirs."""
    params = {"session": session_id, "me": who.staff_id, "all": who.everything, "organises": who.organises}
    row = (await session.execute(MINE, params | {"branch": who.branch_id})).one_or_none()
    if row is None:
        raise NotFound
    return row


async def roster(session: AsyncSession, session_id: UUID) -> list[Listed]:
    """Who has, or had, a seat. In turn, then by name."""
    return [Listed(*row) for row in await session.execute(ROSTER, {"session": session_id})]


async def check_on_list(session: AsyncSession, session_id: UUID, marks: Sequence[Mark]) -> None:
    """Raises NotFound when one of the marks is of another session."""
    ids = {one.booking_id for one in marks}
    found = set(await session.scalars(OF_SESSION, {"session": session_id, "ids": list(ids)}))
    if found != ids:
        raise NotFound


class Change(NamedTuple):
    """One change of attendance, and by whom."""

    at: datetime
    event: str
    staff_name: str | None
    detail: dict[str, Any]


TRAIL = text("""
    SELECT h.at, h.event, w.name, h.detail FROM booking_history AS h LEFT JOIN staff AS w ON w.id = h.staff_id
    WHERE h.booking_id = :booking AND h.event IN ('attended', 'absent') ORDER BY h.at, h.id
""")


async def trail(session: AsyncSession, booking_id: UUID) -> list[Change]:
    """Everything that was ever noted of it, the first first."""
    return [Change(*row) for row in await session.execute(TRAIL, {"booking": booking_id})]
