"""The evidence sheet of a call-in: both sides of the matter, gathered for many members in a fixed number of queries.

The sheet is a snapshot: what the person who decides had before them is kept as it was.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date

# A window is four weeks and an entry may be logged late: eight weeks are shown.
DAYS_SHOWN = 56

PARTS = {
    "entries": text("""
        SELECT e.member_id, e.id, e.applied_on, e.logged_on, e.logged_on - e.applied_on AS days_late, e.status,
               e.channel, e.hours, e.country, e.employer, e.title, e.has_document,
               e.withdrawn_at IS NOT NULL AS withdrawn
        FROM job_log_entry AS e
        WHERE e.member_id = ANY(CAST(:members AS uuid[])) AND e.applied_on >= :since
        ORDER BY e.member_id, e.applied_on, e.id
    """),
    # Those not yet begun are shown too: an exemption on its way is the member's side of the matter.
    "exemptions": text("""
        SELECT x.member_id, x.id, x.type, x.from_on, x.to_on, x.source, x.from_on > :today AS pending
        FROM exemption AS x
        WHERE x.member_id = ANY(CAST(:members AS uuid[])) AND x.cancelled_at IS NULL
          AND (x.to_on IS NULL OR x.to_on >= :since)
        ORDER BY x.member_id, x.from_on, x.id
    """),
    "requirements": text("""
        SELECT r.member_id, r.valid_from, r.min_per_week, r.min_posted_per_week, r.uploads_per_month, r.source
        FROM search_requirement AS r
        WHERE r.member_id = ANY(CAST(:members AS uuid[]))
        ORDER BY r.member_id, r.valid_from, r.id
    """),
    "calls": text("""
        SELECT c.member_id, c.id, c.state, c.outcome, c.opened_at, c.completed_on,
               coalesce((SELECT jsonb_agg(jsonb_build_object('at', a.at, 'result', a.result) ORDER BY a.at, a.id)
                         FROM call_attempt AS a WHERE a.call_id = c.id), '[]') AS attempts
        FROM service_call AS c
        WHERE c.member_id = ANY(CAST(:members AS uuid[]))
        ORDER BY c.member_id, c.opened_at, c.id
    """),
    "disputes": text("""
        SELECT d.member_id, d.id, d.rating_id, d.opened_at, d.text
        FROM dispute AS d
        WHERE d.member_id = ANY(CAST(:members AS uuid[])) AND d.state = 'open'
        ORDER BY d.member_id, d.id
    """),
}


async def sheets(
    session: AsyncSession, ratings: Mapping[UUID, Mapping[str, Any]], *, now: datetime
) -> dict[UUID, dict[str, Any]]:
    """The sheet of each member: the rating's own figures, entries with how late they were logged, and the rest."""
    today = local_date(now)
    params = {"since": today - timedelta(days=DAYS_SHOWN), "today": today}
    parts = {name: await _part(session, name, list(ratings), params) for name in PARTS}
    return {
        member_id: {"made_on": today, "rating": rating, **{name: found[member_id] for name, found in parts.items()}}
        for member_id, rating in ratings.items()
    }


async def _part(
    session: AsyncSession, name: str, members: Sequence[UUID], params: Mapping[str, Any]
) -> defaultdict[UUID, list[dict[str, Any]]]:
    statement = PARTS[name]
    wanted = {key: value for key, value in params.items() if key in statement.compile().params}
    rows = (await session.execute(statement, {"members": members, **wanted})).mappings()
    return _by_member(dict(row) for row in rows)


def _by_member(rows: Iterable[dict[str, Any]]) -> defaultdict[UUID, list[dict[str, Any]]]:
    found: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row.pop("member_id")].append(row)
    return found
