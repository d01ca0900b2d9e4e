"""Starting and ending spells, and giving each its plan and dated items: set by set, four statements for any number."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date
from backend.course import obligations, plans, regimes
from backend.course.obligation_rows import NewRows, insert
from backend.db.types import new_id


class NewSpell(NamedTuple):
    member_id: UUID
    started_on: date


class Started(NamedTuple):
    """A spell that was begun, with the plan its member was given."""

    spell_id: UUID
    member_id: UUID
    started_on: date
    plan: str
    items: tuple[obligations.Dated, ...]


# A member whose spells would overlap is left out: the constraint decides, so two imports cannot both begin one.
SPELLS = text("""
    INSERT INTO spell (id, member_id, started_on, regime, source, created_at)
    SELECT n.id, n.member_id, n.started_on, n.regime, :source, :now
    FROM unnest(CAST(:ids AS uuid[]), CAST(:members AS uuid[]), CAST(:starts AS date[]), CAST(:regimes AS text[]))
         AS n (id, member_id, started_on, regime)
    ORDER BY n.member_id
    ON CONFLICT DO NOTHING
    RETURNING id, member_id, started_on
""")
PEOPLE = text(
    "SELECT id, born_on, risk, it_member, newly_qualified FROM member WHERE id = ANY(CAST(:members AS uuid[]))"
)
PLANS = text("""
    INSERT INTO spell_plan (id, spell_id, plan_set, version, plan, risk, reason, set_at)
    SELECT n.id, n.spell_id, :set, n.version, n.plan, n.risk, NULL, :now
    FROM unnest(CAST(:ids AS uuid[]), CAST(:spells AS uuid[]), CAST(:versions AS int[]), CAST(:plans AS text[]),
                CAST(:risks AS text[])) AS n (id, spell_id, version, plan, risk)
""")
# What was done or missed stays as it is; what lies ahead falls away with the spell.
END = text("""
    WITH wanted AS (
        SELECT * FROM unnest(CAST(:members AS uuid[]), CAST(:days AS date[])) AS n (member_id, ended_on)),
    ended AS (
        UPDATE spell AS s SET ended_on = greatest(s.started_on, n.ended_on), unsettled = true
        FROM wanted AS n WHERE s.member_id = n.member_id AND s.ended_on IS NULL
        RETURNING s.id)
    UPDATE obligation AS o
    SET state = 'cancelled', ended_at = :now, ended_reason = 'spell_ended', proposed_due_on = NULL
    FROM ended WHERE o.spell_id = ended.id AND o.state IN ('planned', 'booked')
    RETURNING o.id, o.member_id
""")


async def start_many(
    session: AsyncSession,
    items: Sequence[NewSpell],
    *,
    set_name: str,
    source: Literal["import", "staff"],
    now: datetime,
) -> list[Started]:
    """Begin spells and plan what lies ahead of them. Those whose member has one in that time already are left out.

    Raises ValueError where the fund's plans or regimes do not reach back to the first day.
    """
    if not items:
        return []
    columns: dict[str, Any] = {
        "ids": [new_id() for _ in items],
        "members": [item.member_id for item in items],
        "starts": [item.started_on for item in items],
        "regimes": [_regime(set_name, item.started_on) for item in items],
    }
    begun = (await session.execute(SPELLS, columns | {"source": source, "now": now})).all()
    people = await _people(session, [row.member_id for row in begun])
    planned = _Planner(set_name, local_date(now))
    started = [planned.begin(row.id, row.member_id, row.started_on, people[row.member_id]) for row in begun]
    await _store(session, set_name, started, people, now)
    return started


async def end_many(session: AsyncSession, member_ids: Sequence[UUID], *, on: date, now: datetime) -> list[UUID]:
    """End the running spells; what lay ahead is cancelled. Returns the ids of the cancelled items.

    The caller cancels the bookings that were made for them.
    """
    return await end_each(session, [(one, on) for one in member_ids], now=now)


async def end_each(session: AsyncSession, ends: Sequence[tuple[UUID, date]], *, now: datetime) -> list[UUID]:
    """As `end_many`, with a last day for each member."""
    columns = {"members": [member for member, _ in ends], "days": [day for _, day in ends]}
    rows = await session.execute(END, columns | {"now": now})
    return [row.id for row in rows]


class _Planner:
    """Plans spells as of a day. Spells that begin on one day and follow one plan share their items."""

    def __init__(self, set_name: str, today: date) -> None:
        self._set_name = set_name
        self._today = today
        self._items: dict[tuple[str, date], tuple[obligations.Dated, ...]] = {}

    def begin(self, spell_id: UUID, member_id: UUID, started_on: date, person: plans.Person) -> Started:
        plan_set = plans.for_start(self._set_name, started_on)
        plan = plans.group_of(plan_set, person, started_on)
        found = self._items.get((plan, started_on))
        if found is None:
            regime = regimes.all_regimes()[_regime(self._set_name, started_on)]
            items = obligations.generate(plan_set, plan, started_on, regime)
            found = self._items[plan, started_on] = obligations.ahead(items, started_on, self._today)
        return Started(spell_id, member_id, started_on, plan, found)


@lru_cache(maxsize=4096)
def _regime(set_name: str, started_on: date) -> str:
    return regimes.for_start(plans.for_start(set_name, started_on), started_on)


async def _people(session: AsyncSession, members: Sequence[UUID]) -> dict[UUID, plans.Person]:
    rows = await session.execute(PEOPLE, {"members": list(members)})
    return {
        row.id: plans.Person(row.born_on, row.risk, it_member=row.it_member, newly_qualified=row.newly_qualified)
        for row in rows
    }


async def _store(
    session: AsyncSession, set_name: str, started: Sequence[Started], people: Mapping[UUID, plans.Person], now: datetime
) -> None:
    columns: dict[str, Any] = {
        "ids": [new_id() for _ in started],
        "spells": [one.spell_id for one in started],
        "versions": [plans.for_start(set_name, one.started_on).version for one in started],
        "plans": [one.plan for one in started],
        "risks": [people[one.member_id].risk for one in started],
    }
    await session.execute(PLANS, columns | {"set": set_name, "now": now})
    await insert(session, [NewRows(one.spell_id, one.member_id, one.items) for one in started])
