"""Booking deadlines wait by themselves while a member is ill or away, and go on afterwards.

Illness is often reported when it has begun, or is over: the clock then stopped on its first day.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import deadlines, rules_deadlines
from backend.booking.rules_deadlines import Deadline
from backend.clock import local_date

# In these nobody need book or attend.
AWAY = ("ferie", "sygdom", "barsel", "afmeldt", "fuldtidsarbejde")
EXEMPT = "exempt"
_AWAY = """
    EXISTS (SELECT FROM exemption AS e WHERE e.member_id = d.member_id AND e.type = ANY(CAST(:away AS text[]))
            AND e.cancelled_at IS NULL AND e.from_on <= :today AND (e.to_on IS NULL OR e.to_on >= :today))
"""
# What began after the last day excuses nothing; what lies before the latest change was known by then.
PAUSE = text("""
    UPDATE booking_deadline AS d SET paused_on = n.first
    FROM (SELECT b.id, min(greatest(e.from_on, r.since)) AS first
          FROM booking_deadline AS b
          CROSS JOIN LATERAL (
              SELECT greatest(b.told_on, max(c.on_day)) AS since FROM deadline_change AS c WHERE c.deadline_id = b.id
          ) AS r
          JOIN exemption AS e ON e.member_id = b.member_id AND e.type = ANY(CAST(:away AS text[]))
              AND e.cancelled_at IS NULL AND e.from_on <= least(b.due_on, CAST(:today AS date))
              AND (e.to_on IS NULL OR e.to_on >= r.since)
          WHERE b.member_id = ANY(CAST(:members AS uuid[])) AND b.state = 'open' AND b.paused_on IS NULL
          GROUP BY b.id) AS n
    WHERE d.id = n.id
    RETURNING d.id, d.due_on
""")
# Who was ill on the last day, and of whom we heard only when it had been missed, has missed nothing.
REOPEN = text("""
    UPDATE booking_deadline AS d SET state = 'open', ended_at = NULL, paused_on = n.first
    FROM (SELECT b.id, min(greatest(e.from_on, b.told_on)) AS first
          FROM booking_deadline AS b JOIN obligation AS o ON o.id = b.obligation_id AND o.state = 'planned'
          JOIN exemption AS e ON e.member_id = b.member_id AND e.type = ANY(CAST(:away AS text[]))
              AND e.cancelled_at IS NULL AND e.from_on <= b.due_on AND (e.to_on IS NULL OR e.to_on >= b.due_on)
          WHERE b.member_id = ANY(CAST(:members AS uuid[])) AND b.state = 'missed'
          GROUP BY b.id) AS n
    WHERE d.id = n.id
    RETURNING d.id, d.due_on
""")
# What a person has stopped a person lets go on.
_PAUSED = """
    SELECT d.id, d.told_on, d.due_on, d.paused_on FROM booking_deadline AS d
    WHERE d.member_id = ANY(CAST(:members AS uuid[])) AND d.state = 'open' AND d.paused_on IS NOT NULL AND NOT {away}
      AND (SELECT c.reason FROM deadline_change AS c WHERE c.deadline_id = d.id AND c.kind = 'paused'
           ORDER BY c.at DESC, c.id DESC LIMIT 1) = :reason
    ORDER BY d.id FOR UPDATE
"""
PAUSED = text(_PAUSED.format(away=_AWAY))
RESUME = text("""
    UPDATE booking_deadline AS d SET due_on = n.due_on, paused_on = NULL
    FROM unnest(CAST(:ids AS uuid[]), CAST(:due AS date[])) AS n (id, due_on) WHERE d.id = n.id
""")


async def follow_exemptions(session: AsyncSession, member_ids: Sequence[UUID], *, now: datetime) -> int:
    """Stop the clock for those who are or were away and start it for those who are back; how many changed.

    Repeated, it changes nothing. Six statements at most.
    """
    params = {"members": list(member_ids), "away": list(AWAY), "today": local_date(now)}
    stopped = [(row.id, row.due_on) for row in await session.execute(REOPEN, params)]
    stopped += [(row.id, row.due_on) for row in await session.execute(PAUSE, params)]
    await deadlines.note(session, stopped, "paused", reason=EXEMPT, now=now)
    back = await session.execute(PAUSED, params | {"reason": EXEMPT})
    later = [(row.id, _resumed(row.told_on, row.due_on, row.paused_on, now)) for row in back]
    if later:
        columns = {"ids": [one for one, _ in later], "due": [due_on for _, due_on in later]}
        await session.execute(RESUME, columns)
        await deadlines.note(session, later, "resumed", reason=EXEMPT, now=now)
    return len(stopped) + len(later)


def _resumed(told_on: date, due_on: date, paused_on: date, now: datetime) -> date:
    return rules_deadlines.resumed(Deadline(told_on, due_on, paused_on), local_date(now))
