"""Booking deadlines wait by themselves while a member is ill or away, and go on afterwards."""

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
_PAUSE = """
    UPDATE booking_deadline AS d SET paused_on = :today
    WHERE d.member_id = ANY(CAST(:members AS uuid[])) AND d.state = 'open' AND d.paused_on IS NULL AND {away}
    RETURNING d.id, d.due_on
"""
# What a person has stopped a person lets go on.
_PAUSED = """
    SELECT d.id, d.told_on, d.due_on, d.paused_on FROM booking_deadline AS d
    WHERE d.member_id = ANY(CAST(:members AS uuid[])) AND d.state = 'open' AND d.paused_on IS NOT NULL AND NOT {away}
      AND (SELECT c.reason FROM deadline_change AS c WHERE c.deadline_id = d.id AND c.kind = 'paused'
           ORDER BY c.at DESC, c.id DESC LIMIT 1) = :reason
    ORDER BY d.id FOR UPDATE
"""
PAUSE, PAUSED = text(_PAUSE.format(away=_AWAY)), text(_PAUSED.format(away=_AWAY))
RESUME = text("""
    UPDATE booking_deadline AS d SET due_on = n.due_on, paused_on = NULL
    FROM unnest(CAST(:ids AS uuid[]), CAST(:due AS date[])) AS n (id, due_on) WHERE d.id = n.id
""")


async def follow_exemptions(session: AsyncSession, member_ids: Sequence[UUID], *, now: datetime) -> int:
    """Stop the clock for those who are away today and start it for those who are back; how many changed.

    Repeated, it changes nothing. Five statements at most.
    """
    params = {"members": list(member_ids), "away": list(AWAY), "today": local_date(now)}
    stopped = [(row.id, row.due_on) for row in await session.execute(PAUSE, params)]
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
