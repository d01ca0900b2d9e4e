"""Spells and plans of the members of an export: begun, put right, ended when another begins. Set by set.

What follows on the timeline and in messages is left to the job that settles courses, so that an import stays short.
"""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.course import extensions, following, obligations, plans, spells
from backend.course.spells import NewSpell
from backend.intake import staging
from backend.intake.run import Run
from backend.intake.staging import Connection

T = TypeVar("T")
# So many at a time, which bounds the memory that a first import needs.
BATCH = 10_000
# Emptied of their indexes while a first import fills them.
TABLES = ("spell", "spell_plan", "obligation")

# Facts that a plan depends on, asked before the members are overwritten.
CHANGED = """
    CREATE TEMP TABLE intake_course ON COMMIT DROP AS
    SELECT t.id AS member_id FROM intake_member s JOIN member t ON t.id = s.id
    WHERE (t.unemployed_from, t.risk, t.newly_qualified, t.it_member, t.born_on)
        IS DISTINCT FROM (s.unemployed_from, s.risk, s.newly_qualified, s.it_member, s.born_on)
"""
NEW = """
    SELECT s.id, s.unemployed_from FROM intake_member s
    WHERE s.unemployed_from >= $1 AND NOT EXISTS (
        SELECT FROM spell p WHERE p.member_id = s.id AND (p.ended_on IS NULL OR p.ended_on >= s.unemployed_from))
    ORDER BY s.id
"""
# Whose windows may have to be extended: their illness or holiday is new or changed, or their items are.
EXEMPT = """
    SELECT DISTINCT e.member_id FROM exemption e
    WHERE e.type = ANY($1) AND e.cancelled_at IS NULL
      AND (e.member_id IN (SELECT member_id FROM intake_exempted)
           OR e.member_id IN (SELECT member_id FROM intake_planned))
      AND EXISTS (SELECT FROM obligation o WHERE o.member_id = e.member_id AND o.state IN ('planned', 'booked'))
"""
UNSETTLED = "UPDATE spell SET unsettled = true WHERE member_id = ANY($1) AND ended_on IS NULL AND NOT unsettled"


async def note_changes(connection: Connection) -> None:
    """Remember whose facts the export changes; called while both the old and the new are there."""
    await connection.execute(CHANGED)


async def load(session: AsyncSession, connection: Connection, run: Run) -> None:
    """Called when members and exemptions are stored."""
    await connection.execute("CREATE TEMP TABLE intake_planned (member_id uuid) ON COMMIT DROP")
    changed = [row["member_id"] for row in await connection.fetch("SELECT member_id FROM intake_course")]
    for batch in _batches(changed):
        followed = await following.follow(session, batch, set_name=run.plan_set, now=run.now)
        await _planned(connection, [one.member_id for one in followed.started])
        await _planned(connection, [one.member_id for one in followed.replanned])
    await _begin(session, connection, run)
    await _extend(session, connection, run)
    await connection.execute("DROP TABLE intake_course, intake_planned, intake_exempted")


async def _begin(session: AsyncSession, connection: Connection, run: Run) -> None:
    found = await connection.fetch(NEW, plans.earliest(run.plan_set))
    new = [NewSpell(row["id"], row["unemployed_from"]) for row in found]
    async with AsyncExitStack() as stack:
        for table in TABLES:
            if len(new) > BATCH and await staging.is_empty(connection, table):
                await stack.enter_async_context(staging.without_indexes(connection, table))
        for batch in _batches(new):
            started = await spells.start_many(session, batch, set_name=run.plan_set, source="import", now=run.now)
            await _planned(connection, [one.member_id for one in started if one.items])


async def _extend(session: AsyncSession, connection: Connection, run: Run) -> None:
    """Last days move with illness and holiday."""
    rows = await connection.fetch(EXEMPT, sorted(obligations.EXTENDING))
    for batch in _batches([row["member_id"] for row in rows]):
        extended = await extensions.extend_many(session, batch, now=run.now)
        await connection.execute(UNSETTLED, [one.member_id for one in extended])


async def _planned(connection: Connection, members: Sequence[UUID]) -> None:
    await connection.copy_records_to_table("intake_planned", records=[(one,) for one in members])


def _batches(items: Sequence[T]) -> list[Sequence[T]]:
    return [items[n : n + BATCH] for n in range(0, len(items), BATCH)]
