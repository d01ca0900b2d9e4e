"""Talks as people read them, with their agreements and corrections. Three statements for a page of any size."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import NotFound


class Place(NamedTuple):
    """Where a page of the list ended."""

    held_on: date
    id: UUID


class Found(NamedTuple):
    """A talk with what belongs to it. Agreements of staff are as their task is."""

    talk: Row[Any]
    agreements: Sequence[Row[Any]]
    corrections: Sequence[Row[Any]]


_TALK = """
    SELECT t.id, t.member_id, t.booking_id, t.call_in_id, t.state, t.version, t.chair, t.form, t.types, t.held_on,
        t.minutes, t.agreements AS draft_agreements, t.closed_at, t.changed_at, c.name AS closed_by, s.activity,
        w.name AS changed_by, b.state AS attendance, b.cancel_reason AS absence_reason, s.starts_at
    FROM talk AS t JOIN staff AS w ON w.id = t.changed_by LEFT JOIN staff AS c ON c.id = t.closed_by
    LEFT JOIN booking AS b ON b.id = t.booking_id LEFT JOIN activity_session AS s ON s.id = b.session_id
"""
PAGE = text(
    _TALK
    + """
    WHERE t.member_id = :member AND (t.state = 'closed' OR :drafts)
      AND (CAST(:held_on AS date) IS NULL OR (t.held_on, t.id) < (CAST(:held_on AS date), CAST(:id AS uuid)))
    ORDER BY t.held_on DESC, t.id DESC LIMIT :limit
"""
)
ONE = text(_TALK + " WHERE t.id = :id")
AGREEMENTS = text("""
    SELECT a.id, a.talk_id, a.member_id, a.owner, a.what, a.due_on, w.name AS staff_name, a.reason,
        CASE WHEN a.state <> 'open' THEN a.state WHEN k.state = 'done' THEN 'done'
             WHEN k.state = 'cancelled' THEN 'dropped' ELSE 'open' END AS state,
        coalesce(a.ended_at, k.ended_at) AS ended_at
    FROM agreement AS a LEFT JOIN staff AS w ON w.id = a.staff_id
    LEFT JOIN task AS k ON a.owner = 'staff' AND k.member_id = a.member_id AND k.kind = 'agreement'
        AND k.key = CAST(a.id AS text)
    WHERE a.talk_id = ANY(CAST(:talks AS uuid[])) ORDER BY a.talk_id, a.position
""")
CORRECTIONS = text("""
    SELECT c.talk_id, c.at, c.correction, w.name AS staff_name FROM talk_correction AS c
    JOIN staff AS w ON w.id = c.staff_id
    WHERE c.talk_id = ANY(CAST(:talks AS uuid[])) ORDER BY c.at, c.id
""")


async def page(session: AsyncSession, member_id: UUID, *, drafts: bool, after: Place | None, limit: int) -> list[Found]:
    """A member's talks, the latest first."""
    place = {"held_on": after.held_on if after else None, "id": after.id if after else None}
    rows = (await session.execute(PAGE, {"member": member_id, "drafts": drafts, "limit": limit} | place)).all()
    return await _whole(session, rows)


async def one(session: AsyncSession, talk_id: UUID) -> Found:
    """One talk. Raises NotFound."""
    rows = (await session.execute(ONE, {"id": talk_id})).all()
    if not rows:
        raise NotFound
    return (await _whole(session, rows))[0]


async def _whole(session: AsyncSession, talks: Sequence[Row[Any]]) -> list[Found]:
    ids = {"talks": [talk.id for talk in talks]}
    agreements = (await session.execute(AGREEMENTS, ids)).all()
    corrections = (await session.execute(CORRECTIONS, ids)).all()
    return [
        Found(
            talk,
            [one for one in agreements if one.talk_id == talk.id],
            [one for one in corrections if one.talk_id == talk.id],
        )
        for talk in talks
    ]


class Coming(NamedTuple):
    """A talk that lies ahead, with what the member wishes to talk about."""

    booking_id: UUID | None
    call_in_id: UUID | None
    at: datetime
    activity: str | None
    wish: str | None
    shared: bool | None


COMING = text("""
    SELECT x.booking_id, x.call_in_id, x.at, x.activity, w.wish, w.shared FROM (
        SELECT b.id AS booking_id, CAST(NULL AS uuid) AS call_in_id, s.starts_at AS at, s.activity
        FROM booking AS b JOIN activity_session AS s ON s.id = b.session_id
        WHERE b.member_id = :member AND b.state = 'booked' AND s.kind IN ('talk', 'joint_talk') AND s.starts_at > :now
        UNION ALL
        SELECT NULL, id, talk_at, NULL FROM call_in
        WHERE member_id = :member AND state = 'approved' AND talk_at > :now) AS x
    LEFT JOIN talk_wish AS w ON w.booking_id = x.booking_id OR w.call_in_id = x.call_in_id
    ORDER BY x.at LIMIT 20
""")


async def coming(session: AsyncSession, member_id: UUID, *, now: datetime) -> list[Coming]:
    """The talks that a member has ahead, the soonest first."""
    return [Coming(*row) for row in await session.execute(COMING, {"member": member_id, "now": now})]
