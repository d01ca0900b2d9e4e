"""What the rule reads about a set of members, and what it said before: three statements, whatever the number."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from backend.rating import facts_sql, packed
from backend.rating.figures import Entry, Exemption, Facts, Mode, Override


class Known(NamedTuple):
    """A member's facts, and the figures of the rating that holds (all empty when there is none)."""

    member_id: UUID
    facts: Facts
    held: tuple[Any, ...]


async def of_members(
    connection: "asyncpg.Connection[Any]", member_ids: Sequence[UUID], today: date, mode: Mode
) -> list[Known]:
    """Those of the members who can be rated on this day in this mode, see `facts_sql`; lock them first."""
    query = facts_sql.MEMBERS + (facts_sql.DUE_FOR_WEEKLY if mode == "weekly" else "")
    rows = await connection.fetch(query, member_ids, today)
    if not rows:
        return []
    ids = [row[0] for row in rows]
    exemptions = await _exemptions(connection, ids)
    entries = await packed.entries(connection, ids)
    return [_known(row, entries.get(row[0], ()), exemptions.get(row[0], ())) for row in rows]


async def _exemptions(
    connection: "asyncpg.Connection[Any]", member_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[Exemption]]:
    found: defaultdict[UUID, list[Exemption]] = defaultdict(list)
    for member_id, kind, first, last in await connection.fetch(facts_sql.EXEMPTIONS, member_ids):
        found[member_id].append(Exemption(kind, first, last))
    return found


def _known(row: Mapping[str, Any], entries: Sequence[Entry], exemptions: Sequence[Exemption]) -> Known:
    facts = Facts(
        start=row["unemployed_from"],
        insurance=row["insurance"],
        min_per_week=row["min_per_week"],
        min_posted_per_week=row["min_posted_per_week"],
        uploads_per_month=row["uploads_per_month"],
        previous=row["colour"],
        reset_on=row["reset_on"],
        entries=entries,
        exemptions=exemptions,
        calls=row["calls"],
        override=Override(row["override_colour"], row["override_until"]) if row["override_colour"] else None,
    )
    held = (row["colour"], row["counted"], row["required"], row["due_days"], row["trailing_zero_weeks"], row["reasons"])
    return Known(row["member_id"], facts, held)
