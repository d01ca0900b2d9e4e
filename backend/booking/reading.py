"""Bookings, published sessions and booking deadlines as people read them. Each in one statement."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import rules
from backend.booking.rules import Audience, Facts
from backend.clock import local_date
from backend.errors import NotFound

Way = Literal["coming", "past"]
# How far ahead sessions are shown, and how many are looked through at most for those that are for the member.
AHEAD = timedelta(weeks=26)
MOST = 400

_BOOKING = """
    SELECT b.id, b.state, b.sequence, b.session_id, s.kind, s.activity, s.starts_at, s.ends_at, s.form, s.place,
        s.language, s.closes_at, b.position,
        CASE WHEN b.position IS NOT NULL
             THEN s.starts_at + make_interval(mins => s.lead_minutes + (b.position - 1) * s.own_minutes) END AS own_at,
        st.name AS staff_name, b.held_until, b.booked_at, b.changed_at, b.booked_by IS NOT NULL AS by_staff,
        b.cancelled_at, b.cancel_reason, b.lawful,
        ARRAY(SELECT l.obligation_id FROM booking_obligation AS l WHERE l.booking_id = b.id ORDER BY 1) AS items
    FROM booking AS b JOIN activity_session AS s ON s.id = b.session_id LEFT JOIN staff AS st ON st.id = s.staff_id
    WHERE b.member_id = :member AND {which}
"""
_LIVE = "(b.state = 'booked' OR b.state = 'held' AND b.held_until > :now) AND s.ends_at > :now"
_AFTER = "(CAST(:at AS timestamptz) IS NULL OR (s.starts_at, b.id) {way} (CAST(:at AS timestamptz), CAST(:id AS uuid)))"
COMING = text(
    _BOOKING.format(which=f"{_LIVE} AND {_AFTER.format(way='>')}") + "ORDER BY s.starts_at, b.id LIMIT :limit"
)
PAST = text(
    _BOOKING.format(which=f"b.booked_at IS NOT NULL AND NOT ({_LIVE}) AND {_AFTER.format(way='<')}")
    + "ORDER BY s.starts_at DESC, b.id DESC LIMIT :limit"
)
ONE = text(_BOOKING.format(which="b.id = :id"))
SESSIONS = text("""
    SELECT s.id, s.activity, s.kind, s.branch_id, s.starts_at, s.ends_at, s.form, s.place, s.language, s.audience,
        s.capacity, s.closes_at, st.name AS staff_name,
        greatest(s.capacity - s.taken - s.held - s.offered
                 + (SELECT count(*) FROM booking AS x
                    WHERE x.session_id = s.id AND x.state = 'held' AND x.held_until <= :now), 0) AS free,
        (SELECT count(*) FROM waiting_entry AS w WHERE w.session_id = s.id AND w.state IN ('waiting', 'offered'))
            AS waiting,
        (SELECT b.id FROM booking AS b WHERE b.session_id = s.id AND b.member_id = :member
            AND (b.state = 'booked' OR b.state = 'held' AND b.held_until > :now)) AS booking_id,
        (SELECT b.state FROM booking AS b WHERE b.session_id = s.id AND b.member_id = :member
            AND (b.state = 'booked' OR b.state = 'held' AND b.held_until > :now)) AS booking_state,
        (SELECT w.state FROM waiting_entry AS w WHERE w.session_id = s.id AND w.member_id = :member
            AND w.state IN ('waiting', 'offered')) AS line
    FROM activity_session AS s LEFT JOIN staff AS st ON st.id = s.staff_id
    WHERE s.kind <> 'talk' AND s.state = 'open' AND s.closes_at > :now AND s.starts_at < :until
        AND (CAST(:activity AS text) IS NULL OR s.activity = :activity)
        AND (CAST(:language AS text) IS NULL OR s.language = :language)
        AND (:everywhere OR s.branch_id IS NULL OR s.branch_id = :branch)
        AND (CAST(:at AS timestamptz) IS NULL
             OR (s.starts_at, s.id) > (CAST(:at AS timestamptz), CAST(:id AS uuid)))
    ORDER BY s.starts_at, s.id LIMIT :most
""")
DEADLINES = text("""
    SELECT d.obligation_id, d.told_on, d.due_on, d.paused_on, d.state,
        coalesce((SELECT json_agg(json_build_object('kind', c.kind, 'on_day', c.on_day, 'due_on', c.due_on,
                                                    'reason', c.reason) ORDER BY c.at, c.id)
                  FROM deadline_change AS c WHERE c.deadline_id = d.id), '[]') AS changes
    FROM booking_deadline AS d WHERE d.member_id = :member ORDER BY d.due_on, d.id
""")


class Place(NamedTuple):
    """Where a page ends: the last one's start and id."""

    at: datetime
    id: UUID


class Filters(NamedTuple):
    """Which sessions to show; without `everywhere` those of the member's branch and of the job team."""

    activity: str | None = None
    language: str | None = None
    everywhere: bool = False


class Change(msgspec.Struct, frozen=True):
    """One thing that happened to a deadline, and the day that held from then on."""

    kind: str
    on_day: date
    due_on: date
    reason: str | None


class Deadline(NamedTuple):
    """By when an item is to be booked: its state, and how it came to be that day."""

    obligation_id: UUID
    told_on: date
    due_on: date
    paused_on: date | None
    state: str
    changes: tuple[Change, ...]


async def bookings(
    session: AsyncSession, member_id: UUID, way: Way, *, after: Place | None, limit: int, now: datetime
) -> Sequence[Row[Any]]:
    """A page of a member's bookings: `coming` soonest first, holds too; `past` newest first, the cancelled too."""
    params = {"member": member_id, "now": now, "limit": limit, **_place(after)}
    return (await session.execute(COMING if way == "coming" else PAST, params)).all()


async def booking(session: AsyncSession, member_id: UUID, booking_id: UUID) -> Row[Any]:
    """One booking of this member. Raises NotFound."""
    found = (await session.execute(ONE, {"member": member_id, "id": booking_id})).one_or_none()
    if found is None:
        raise NotFound
    return found


async def sessions(
    session: AsyncSession, member_id: UUID, of: Facts, branch_id: UUID, filters: Filters, *,
    after: Place | None, limit: int, now: datetime,
) -> list[Row[Any]]:  # fmt: skip
    """Published sessions that are for this member and can still be booked, the soonest first."""
    params = {
        "member": member_id, "branch": branch_id, "now": now, "until": now + AHEAD, "most": MOST, **_place(after),
        **filters._asdict(),
    }  # fmt: skip
    rows = await session.execute(SESSIONS, params)
    fitting = [row for row in rows if _fits(row, of)]
    return fitting[:limit]


async def deadlines(session: AsyncSession, member_id: UUID) -> dict[UUID, Deadline]:
    """All booking deadlines of a member by item, with what happened to each."""
    rows = await session.execute(DEADLINES, {"member": member_id})
    return {row.obligation_id: _deadline(row) for row in rows}


def _deadline(row: Row[Any]) -> Deadline:
    changes = tuple(msgspec.convert(row.changes, list[Change], strict=False))
    return Deadline(row.obligation_id, row.told_on, row.due_on, row.paused_on, row.state, changes)


def _fits(row: Row[Any], of: Facts) -> bool:
    return rules.fits(msgspec.convert(row.audience, Audience), of, local_date(row.starts_at))


def _place(after: Place | None) -> dict[str, Any]:
    return {"at": after.at if after else None, "id": after.id if after else None}
