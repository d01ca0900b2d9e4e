"""Call-ins in bulk, as a rating run proposes and flags them. What a person decides about one is in call_in_work.py.

Nothing here sends anything: a call-in is a proposal until a named person approves it with the evidence before them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.casework import evidence, history, rules_call_ins
from backend.clock import local_date
from backend.db.types import new_id


class NewProposal(NamedTuple):
    """A red rating with its figures; the rest of the sheet is gathered here."""

    member_id: UUID
    rating_id: UUID | None
    evidence: Mapping[str, Any]


# Either unique index may refuse: a call-in is open already, or this very rating has been proposed.
PROPOSE = text("""
    INSERT INTO call_in (id, member_id, rating_id, evidence, state, proposed_at, due_on)
    SELECT n.id, n.member_id, n.rating_id, CAST(n.sheet AS jsonb), 'proposed', CAST(:now AS timestamptz),
           CAST(:due AS date)
    FROM (SELECT unnest(CAST(:ids AS uuid[])) AS id, unnest(CAST(:members AS uuid[])) AS member_id,
                 unnest(CAST(:ratings AS uuid[])) AS rating_id, unnest(CAST(:sheets AS text[])) AS sheet) AS n
    ON CONFLICT DO NOTHING
    RETURNING id, member_id
""")
FLAG = text("""
    UPDATE call_in SET flagged_at = :now
    WHERE id IN (SELECT id FROM call_in WHERE member_id = ANY(CAST(:members AS uuid[])) AND state = 'proposed'
                 AND flagged_at IS NULL ORDER BY id FOR UPDATE)
    RETURNING id, member_id
""")


async def propose_many(session: AsyncSession, items: Sequence[NewProposal], *, now: datetime) -> list[UUID]:
    """Propose a call-in for each member, with the evidence sheet as it stands now; never a second open one.

    Returns the members for whom one was proposed.
    """
    if not items:
        return []
    sheets = await evidence.sheets(session, {item.member_id: item.evidence for item in items}, now=now)
    params = {
        "ids": [new_id() for _ in items],
        "members": [item.member_id for item in items],
        "ratings": [item.rating_id for item in items],
        "sheets": [msgspec.json.encode(sheets[item.member_id]).decode() for item in items],
        "now": now,
        "due": calendar.add_working_days(local_date(now), rules_call_ins.DECIDE_WITHIN_WORKING_DAYS),
    }
    rows = (await session.execute(PROPOSE, params)).all()
    return await _log(session, rows, "proposed", None, now=now)


async def flag_many(session: AsyncSession, member_ids: Sequence[UUID], *, now: datetime) -> list[UUID]:
    """The colour improved before anybody decided: mark the proposal, so that a person cancels it or says why not."""
    if not member_ids:
        return []
    rows = (await session.execute(FLAG, {"members": list(member_ids), "now": now})).all()
    return await _log(session, rows, "flagged", "proposed", now=now)


async def _log(
    session: AsyncSession, rows: Sequence[Row[Any]], event: str, before: str | None, *, now: datetime
) -> list[UUID]:
    lines = [history.Entry("call_in", row.id, row.member_id, event, before, "proposed") for row in rows]
    await history.add(session, lines, now=now)
    return [row.member_id for row in rows]
