"""What surveys must know of members before they ask: when to leave them in peace, and what rare thing lies ahead."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock
from backend.feedback import touchpoints
from backend.surveys import catalogue, choices
from backend.surveys.invitations import Known

# Further back and further ahead than any policy looks.
BACK, AHEAD = timedelta(days=30), timedelta(days=60)
# Messages of a call-in, a no-show, a deadline to fill the job log, a hearing or decision.
HARD = ("N04", "N07", "N13", "N30")


async def of(session: AsyncSession, member_ids: Sequence[UUID], *, plan_set: str, now: datetime) -> dict[UUID, Known]:
    """For each of these members. A few statements for any number; why a moment is sensitive is not told."""
    sensitive = await sensitive_at(session, member_ids, since=now - BACK, until=now)
    ahead = await _rare_ahead(session, member_ids, plan_set, now)
    return {one: Known(sensitive.get(one), ahead.get(one)) for one in member_ids}


async def sensitive_at(
    session: AsyncSession, member_ids: Sequence[UUID], *, since: datetime, until: datetime
) -> Mapping[UUID, datetime]:
    """The latest red smiley, call-in, decision or complaint of each member who had one in that time."""
    values = {"members": list(member_ids), "since": since, "until": until, "hard": list(HARD)}
    return {row.id: row.at for row in await session.execute(_SENSITIVE, values) if row.at is not None}


async def _rare_ahead(
    session: AsyncSession, member_ids: Sequence[UUID], plan_set: str, now: datetime
) -> Mapping[UUID, datetime]:
    """When the next activity of a rare touchpoint begins that the member has a seat at."""
    rows = (await session.execute(_AHEAD, {"members": list(member_ids), "now": now, "until": now + AHEAD})).all()
    in_force = await catalogue.in_force(session, clock.local_date(now))
    planned, settings = touchpoints.asked_after(plan_set, in_force.forms), in_force.settings
    held = [touchpoints.held(row.kind, row.session_id, row.template_id, row.staff_id) for row in rows]
    chosen = await choices.chosen(session, sorted({key for one in held for key in one.choices}))
    found: dict[UUID, datetime] = {}
    for row, where in zip(rows, held, strict=True):
        touchpoint = touchpoints.of(row.activity, row.kind, where, planned, chosen)
        if touchpoint in settings and settings[touchpoint].rare:
            found.setdefault(row.member_id, row.starts_at)
    return found


_SENSITIVE = text("""
SELECT m.id, greatest(
    (SELECT max(rated_at) FROM rating WHERE member_id = m.id AND colour = 'red' AND previous <> 'red'
        AND rated_at > :since AND rated_at <= :until),
    (SELECT max(decided_at) FROM call_in WHERE member_id = m.id AND decided_at > :since AND decided_at <= :until),
    (SELECT max(opened_at) FROM dispute WHERE member_id = m.id AND opened_at > :since AND opened_at <= :until),
    (SELECT max(ended_at) FROM dispute WHERE member_id = m.id AND ended_at > :since AND ended_at <= :until),
    (SELECT max(created_at) FROM message WHERE member_id = m.id AND key = ANY(:hard)
        AND created_at > :since AND created_at <= :until)
) AS at
FROM unnest(CAST(:members AS uuid[])) AS m (id)
""")
_AHEAD = text("""
SELECT b.member_id, s.id AS session_id, s.activity, s.kind, s.template_id, s.staff_id, s.starts_at
FROM booking b JOIN activity_session s ON s.id = b.session_id
WHERE b.member_id = ANY(:members) AND b.state = 'booked' AND s.starts_at > :now AND s.starts_at < :until
ORDER BY b.member_id, s.starts_at
""")
