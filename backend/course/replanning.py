"""Going over to another plan or first day, for any number of running spells: what is done stays, the rest follows.

Reading, deciding and writing are apart, so that what would change can be shown before it is done.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date
from backend.course import obligations, plans, regimes
from backend.course.obligation_rows import NewRows, insert
from backend.course.obligations import Change, Existing
from backend.db.types import new_id


class Turn(NamedTuple):
    """What a spell is to become. `plan_row` is its present plan's; that stays where `keeps_plan`."""

    spell_id: UUID
    member_id: UUID
    plan_row: UUID
    plan_set: str
    version: int
    plan: str
    risk: str
    started_on: date
    regime: str
    keeps_plan: bool = False
    reason: str | None = None
    set_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Replanned:
    """What a new plan changed. `ended_booked` are cancelled items that had a booking: the caller cancels it."""

    spell_id: UUID
    member_id: UUID
    plan: str
    added: int
    moved: int
    ended: tuple[UUID, ...]
    ended_booked: tuple[UUID, ...]


ITEMS = """
    SELECT spell_id, id, activity, occurrence, state FROM obligation
    WHERE spell_id = ANY(CAST(:spells AS uuid[])) ORDER BY id
"""
READ, HOLD = text(ITEMS), text(ITEMS + " FOR UPDATE")
MOVE = text("""
    UPDATE obligation AS o
    SET provider = n.provider, requirement = n.requirement, statutory = n.statutory, audience = n.audience,
        window_from = n.window_from, window_to = n.window_to, planned_due_on = n.due_on,
        due_on = CASE WHEN o.planned_due_on = n.due_on THEN o.due_on ELSE n.due_on END,
        proposed_due_on = CASE WHEN o.planned_due_on = n.due_on THEN o.proposed_due_on END
    FROM unnest(CAST(:ids AS uuid[]), CAST(:providers AS text[]), CAST(:requirements AS text[]),
                CAST(:statutory AS bool[]), CAST(:audiences AS text[]), CAST(:froms AS date[]), CAST(:tos AS date[]),
                CAST(:due AS date[]))
         AS n (id, provider, requirement, statutory, audience, window_from, window_to, due_on)
    WHERE o.id = n.id
""")
CANCEL = text("""
    UPDATE obligation SET state = 'cancelled', ended_at = :now, ended_reason = 'replanned', proposed_due_on = NULL
    WHERE id = ANY(CAST(:ids AS uuid[]))
""")
START = text("""
    UPDATE spell AS s SET started_on = n.started_on, regime = n.regime, unsettled = true
    FROM unnest(CAST(:ids AS uuid[]), CAST(:starts AS date[]), CAST(:regimes AS text[])) AS n (id, started_on, regime)
    WHERE s.id = n.id
""")
END_PLANS = text("UPDATE spell_plan SET ended_at = :now WHERE id = ANY(CAST(:ids AS uuid[]))")
NEW_PLANS = text("""
    INSERT INTO spell_plan (id, spell_id, plan_set, version, plan, risk, reason, set_by, set_at)
    SELECT n.id, n.spell_id, n.plan_set, n.version, n.plan, n.risk, n.reason, n.set_by, :now
    FROM unnest(CAST(:ids AS uuid[]), CAST(:spells AS uuid[]), CAST(:sets AS text[]), CAST(:versions AS int[]),
                CAST(:plans AS text[]), CAST(:risks AS text[]), CAST(:reasons AS text[]), CAST(:by AS uuid[]))
         AS n (id, spell_id, plan_set, version, plan, risk, reason, set_by)
""")


def changes(turns: Sequence[Turn], existing: Mapping[UUID, Sequence[Existing]], today: date) -> dict[UUID, Change]:
    """What each spell's turn does to its items. Pure."""
    found = {}
    for turn in turns:
        plan_set = plans.of_version(turn.plan_set, turn.version)
        wanted = obligations.generate(plan_set, turn.plan, turn.started_on, regimes.all_regimes()[turn.regime])
        found[turn.spell_id] = obligations.replan(existing.get(turn.spell_id, ()), wanted, today)
    return found


async def preview(session: AsyncSession, turn: Turn, *, today: date) -> Change:
    """What the turn would do, with nothing held and nothing changed."""
    return changes([turn], await _existing(session, [turn], hold=False), today)[turn.spell_id]


async def carry_out(session: AsyncSession, turns: Sequence[Turn], *, now: datetime) -> list[Replanned]:
    """Let the spells, which the caller holds, take their turns. Eight statements for any number."""
    if not turns:
        return []
    existing = await _existing(session, turns, hold=True)
    found = changes(turns, existing, local_date(now))
    await _store_plans(session, [turn for turn in turns if not turn.keeps_plan], now)
    await session.execute(START, _starts(turns))
    ended = [old.id for change in found.values() for old in change.ended]
    await session.execute(CANCEL, {"ids": ended, "now": now})
    await session.execute(MOVE, _moves(found.values()))
    await insert(session, [NewRows(turn.spell_id, turn.member_id, found[turn.spell_id].added) for turn in turns])
    return [_replanned(turn, found[turn.spell_id]) for turn in turns]


async def _existing(session: AsyncSession, turns: Sequence[Turn], *, hold: bool) -> dict[UUID, list[Existing]]:
    found: defaultdict[UUID, list[Existing]] = defaultdict(list)
    rows = await session.execute(HOLD if hold else READ, {"spells": [turn.spell_id for turn in turns]})
    for row in rows:
        found[row.spell_id].append(Existing(row.id, row.activity, row.occurrence, cast(obligations.State, row.state)))
    return found


async def _store_plans(session: AsyncSession, turns: Sequence[Turn], now: datetime) -> None:
    if not turns:
        return
    await session.execute(END_PLANS, {"ids": [turn.plan_row for turn in turns], "now": now})
    columns = {
        "ids": [new_id() for _ in turns], "spells": [turn.spell_id for turn in turns],
        "sets": [turn.plan_set for turn in turns], "versions": [turn.version for turn in turns],
        "plans": [turn.plan for turn in turns], "risks": [turn.risk for turn in turns],
        "reasons": [turn.reason for turn in turns], "by": [turn.set_by for turn in turns],
    }  # fmt: skip
    await session.execute(NEW_PLANS, columns | {"now": now})


def _starts(turns: Sequence[Turn]) -> dict[str, Any]:
    return {
        "ids": [turn.spell_id for turn in turns],
        "starts": [turn.started_on for turn in turns],
        "regimes": [turn.regime for turn in turns],
    }


def _moves(found: Iterable[Change]) -> dict[str, Any]:
    moved = [one for change in found for one in change.moved]
    items = [item for _, item in moved]
    return {
        "ids": [moved_id for moved_id, _ in moved],
        "providers": [item.provider for item in items],
        "requirements": [item.requirement for item in items],
        "statutory": [item.statutory for item in items],
        "audiences": [item.audience for item in items],
        "froms": [item.window_from for item in items],
        "tos": [item.window_to for item in items],
        "due": [item.due_on for item in items],
    }


def _replanned(turn: Turn, change: Change) -> Replanned:
    booked = tuple(old.id for old in change.ended if old.state == "booked")
    ended = tuple(old.id for old in change.ended)
    return Replanned(turn.spell_id, turn.member_id, turn.plan, len(change.added), len(change.moved), ended, booked)
