"""What an import changes in spells that run: another first day, another target group. Set by set.

The fund's CRM knows the facts. An adviser's decision about the plan goes before the model's.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.course import plans, regimes, replanning, spells
from backend.course.replanning import Replanned, Turn
from backend.course.spells import NewSpell, Started

# The same unemployment with its first day put right, and not another one: so much later at most.
CORRECTED_WITHIN = timedelta(days=14)


class Followed(NamedTuple):
    started: list[Started]
    replanned: list[Replanned]


# Locked in one order; a spell that somebody plans now is waited for.
RUNNING = text("""
    SELECT s.id, s.member_id, s.started_on, s.regime, p.id AS plan_row, p.plan_set, p.version, p.plan, p.risk,
        p.set_by IS NOT NULL OR EXISTS (SELECT FROM clarification AS c WHERE c.spell_id = s.id) AS decided,
        m.unemployed_from, m.born_on, m.risk AS model_risk, m.it_member, m.newly_qualified,
        (SELECT max(e.ended_on) FROM spell AS e WHERE e.member_id = s.member_id) AS ended_before
    FROM spell AS s
    JOIN spell_plan AS p ON p.spell_id = s.id AND p.ended_at IS NULL
    JOIN member AS m ON m.id = s.member_id
    WHERE s.member_id = ANY(CAST(:members AS uuid[])) AND s.ended_on IS NULL
    ORDER BY s.id FOR UPDATE OF s
""")


async def follow(session: AsyncSession, member_ids: Sequence[UUID], *, set_name: str, now: datetime) -> Followed:
    """Bring the running spells of members whose facts changed in line with them.

    A first day two weeks or more after the spell's is another spell: the old one ended the day before. Any other is
    the same spell with its first day put right: it is planned anew from there.
    """
    rows = (await session.execute(RUNNING, {"members": list(member_ids)})).all()
    again = [row for row in rows if _is_another(row, set_name)]
    ends = [(row.member_id, row.unemployed_from - calendar.DAY) for row in again]
    await spells.end_each(session, ends, now=now)
    new = [NewSpell(row.member_id, row.unemployed_from) for row in again]
    started = await spells.start_many(session, new, set_name=set_name, source="import", now=now)
    turns = [turn for row in rows if row not in again and (turn := _turn(row, set_name)) is not None]
    return Followed(started, await replanning.carry_out(session, turns, now=now))


def _is_another(row: Row[Any], set_name: str) -> bool:
    return bool(
        row.unemployed_from >= row.started_on + CORRECTED_WITHIN and row.unemployed_from >= plans.earliest(set_name)
    )


def _turn(row: Row[Any], set_name: str) -> Turn | None:
    """What the spell is to become; None when nothing of it changes."""
    start = _first_day(row, set_name)
    plan_set, plan, risk = _plan(row, set_name, start)
    keeps = row.decided or (plan, risk, plan_set.version) == (row.plan, row.risk, row.version)
    if keeps and start == row.started_on:
        return None
    regime = row.regime if start == row.started_on else regimes.for_start(plan_set, start)
    return Turn(
        row.id, row.member_id, row.plan_row, plan_set.set, plan_set.version, plan, risk, start, regime, keeps_plan=keeps
    )


def _first_day(row: Row[Any], set_name: str) -> date:
    """The first day put right, unless it would lie in an earlier spell or before all plans."""
    wanted: date = row.unemployed_from
    before = row.ended_before is not None and wanted <= row.ended_before
    return row.started_on if before or wanted < plans.earliest(set_name) else wanted


def _plan(row: Row[Any], set_name: str, start: date) -> tuple[plans.PlanSet, str, str]:
    if row.decided:
        return plans.of_version(row.plan_set, row.version), row.plan, row.risk
    plan_set = plans.for_start(set_name, start)
    person = plans.Person(row.born_on, row.model_risk, it_member=row.it_member, newly_qualified=row.newly_qualified)
    return plan_set, plans.group_of(plan_set, person, start), row.model_risk
