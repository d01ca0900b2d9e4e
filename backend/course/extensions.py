"""Later last days after sickness and holiday: by themselves, but for statutory talks, where an adviser decides."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date
from backend.course import obligations
from backend.course.errors_plans import NothingProposed


class Extended(NamedTuple):
    """An item whose last day moved to `due_on`, or may move to `proposed_due_on` when an adviser says so."""

    obligation_id: UUID
    member_id: UUID
    due_on: date
    proposed_due_on: date | None


OPEN_ITEMS = text("""
    SELECT id, member_id, window_from, planned_due_on, due_on, proposed_due_on,
           declined_due_on, statutory
    FROM obligation
    WHERE member_id = ANY(CAST(:members AS uuid[])) AND state IN ('planned', 'booked') AND planned_due_on >= :since
    ORDER BY id FOR UPDATE
""")
EXEMPT = text("""
    SELECT member_id, from_on, to_on FROM exemption
    WHERE member_id = ANY(CAST(:members AS uuid[])) AND type = ANY(CAST(:types AS text[])) AND cancelled_at IS NULL
""")
STORE = text("""
    UPDATE obligation AS o SET due_on = n.due_on, proposed_due_on = n.proposed
    FROM unnest(CAST(:ids AS uuid[]), CAST(:due AS date[]), CAST(:proposed AS date[])) AS n (id, due_on, proposed)
    WHERE o.id = n.id
""")
DECIDE = text("""
    UPDATE obligation
    SET due_on = CASE WHEN :granted THEN proposed_due_on ELSE due_on END, proposed_due_on = NULL,
        declined_due_on = CASE WHEN :granted THEN NULL ELSE proposed_due_on END
    WHERE id = :id AND member_id = :member AND proposed_due_on IS NOT NULL
    RETURNING due_on
""")
# How far back an exemption may be written down (course.rules): older items are not looked at again.
LOOKING_BACK_DAYS = 90


async def extend_many(session: AsyncSession, member_ids: Sequence[UUID], *, now: datetime) -> list[Extended]:
    """Bring last days in line with the members' sickness and holiday; called when an exemption was given or changed.

    Repeated, it changes nothing. A shortened exemption shortens an unused extension again.
    """
    since = date.fromordinal(local_date(now).toordinal() - LOOKING_BACK_DAYS)
    rows = (await session.execute(OPEN_ITEMS, {"members": list(member_ids), "since": since})).all()
    exempt = await _exempt(session, member_ids)
    changed = [one for row in rows if (one := _extended(row, exempt[row.member_id])) is not None]
    if changed:
        await session.execute(STORE, _columns(changed))
    return changed


def _columns(changed: Sequence[Extended]) -> dict[str, Any]:
    return {
        "ids": [one.obligation_id for one in changed],
        "due": [one.due_on for one in changed],
        "proposed": [one.proposed_due_on for one in changed],
    }


async def decide(session: AsyncSession, obligation_id: UUID, member_id: UUID, *, granted: bool) -> date:
    """The adviser's answer to a later day for a statutory talk; the day that now holds. Raises NothingProposed."""
    found: date | None = await session.scalar(DECIDE, {"id": obligation_id, "member": member_id, "granted": granted})
    if found is None:
        raise NothingProposed
    return found


async def _exempt(session: AsyncSession, member_ids: Sequence[UUID]) -> defaultdict[UUID, list[obligations.Period]]:
    found: defaultdict[UUID, list[obligations.Period]] = defaultdict(list)
    params = {"members": list(member_ids), "types": sorted(obligations.EXTENDING)}
    for member_id, from_on, to_on in await session.execute(EXEMPT, params):
        found[member_id].append(obligations.Period(from_on, to_on))
    return found


def _extended(row: Row[Any], exempt: Sequence[obligations.Period]) -> Extended | None:
    wanted = obligations.extended(row.window_from, row.planned_due_on, exempt)
    if not row.statutory:
        return None if wanted == row.due_on else Extended(row.id, row.member_id, wanted, None)
    proposed = wanted if wanted > row.due_on and wanted != row.declined_due_on else None
    return None if proposed == row.proposed_due_on else Extended(row.id, row.member_id, row.due_on, proposed)
