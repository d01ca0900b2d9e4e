"""A draft of the rule tried on today's members: the pure rule over their facts, batch by batch, and no rating written.

Each member is rated as in a weekly run of the day by the version in force and by the draft. What differs is the draft's
doing alone. A batch is a transaction of its own, so that a trial goes on where a killed worker left it.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date
from backend.db.engine import raw
from backend.db.types import new_id
from backend.rating import draft_rules, drafts, facts, policy, rules
from backend.rating.context import Context
from backend.rating.figures import Colour, Result
from backend.rating.policy_values import Policy
from backend.rating.tables import RatingCurrent
from backend.rating.tables_drafts import PolicyTrial

# Members of one batch: their facts lie in memory together.
SIZE = 500


class Change(NamedTuple):
    """A member whose colour the draft changes, and why it is what it would be."""

    member_id: UUID
    before: Colour
    after: Colour
    reasons: tuple[str, ...]


async def begin(session: AsyncSession, draft_id: UUID, staff_id: UUID, *, now: datetime) -> None:
    """Ask for a dry run on the members of today; it takes the place of the draft's earlier one. Raises NotDraft."""
    found = await drafts.locked(session, draft_id)
    if found.state not in ("draft", "waiting"):
        raise draft_rules.NotDraft
    today = local_date(now)
    total = await session.scalar(select(func.count()).select_from(RatingCurrent))
    in_force = await policy.on(session, today)
    await session.execute(delete(PolicyTrial).where(PolicyTrial.draft_id == draft_id))
    row = {"draft_id": draft_id, "edition": found.edition, "against": in_force.number, "rated_on": today}
    asked = row | {"id": new_id(), "state": "running", "total": total, "requested_at": now}
    await session.execute(insert(PolicyTrial).values(**asked))
    await drafts.note(session, draft_id, "tried", staff_id, now=now, edition=found.edition)


async def waiting(session: AsyncSession) -> bool:
    """Whether any trial is to be gone on with."""
    return await session.scalar(select(PolicyTrial.id).where(PolicyTrial.state == "running").limit(1)) is not None


async def step(session: AsyncSession, *, now: datetime) -> int | None:
    """The next batch of a trial that nobody else works at: how many members; None when there is nothing to do."""
    trial = (await session.execute(_NEXT)).first()
    if trial is None:
        return None
    ids = list(await session.scalars(_MEMBERS, {"after": trial.up_to, "most": SIZE}))
    if ids:
        results = await _rated(session, trial, ids)
        await _count(session, trial.id, results)
        await _keep(session, trial.id, changes(results))
    values = {"trial": trial.id, "n": len(ids), "up_to": ids[-1] if ids else trial.up_to}
    await session.execute(_AFTER, values | {"now": None if len(ids) == SIZE else now})
    return len(ids)


Both = tuple[UUID, Result, Result]


async def _rated(session: AsyncSession, trial: Row[Any], ids: Sequence[UUID]) -> list[Both]:
    """Each member by the version in force and by the draft. Who has no requirement is not rated by either."""
    in_force = await policy.of_rating(session, trial.against)
    known = await facts.of_members(await raw(session), ids, trial.rated_on, "event")
    now_ = Context.of(in_force, trial.rated_on, "weekly")
    then = Context.of(Policy.from_mapping(trial.numbers), trial.rated_on, "weekly")
    return [(one.member_id, rules.rate_in(now_, one.facts), rules.rate_in(then, one.facts)) for one in known]


def changes(results: Sequence[Both]) -> list[Change]:
    """Those whose colour differs."""
    return [
        Change(member_id, before.colour, after.colour, after.reasons)
        for member_id, before, after in results
        if before.colour != after.colour
    ]


async def _count(session: AsyncSession, trial_id: UUID, results: Sequence[Both]) -> None:
    found = Counter((before.colour, after.colour) for _, before, after in results)
    if found:
        rows = [{"trial": trial_id, "before": b, "after": a, "n": n} for (b, a), n in sorted(found.items())]
        await session.execute(_ADD, rows)


async def _keep(session: AsyncSession, trial_id: UUID, found: Sequence[Change]) -> None:
    if found:
        records = [(trial_id, *one[:3], list(one.reasons)) for one in found]
        columns = ("trial_id", "member_id", "before", "after", "reasons")
        await (await raw(session)).copy_records_to_table("policy_trial_change", columns=columns, records=records)


_NEXT = text("""
SELECT t.id, t.against, t.rated_on, t.up_to, d.numbers FROM policy_trial t JOIN policy_draft d ON d.id = t.draft_id
WHERE t.state = 'running' ORDER BY t.id LIMIT 1 FOR UPDATE OF t SKIP LOCKED
""")
_MEMBERS = text("""
SELECT member_id FROM rating_current
WHERE CAST(:after AS uuid) IS NULL OR member_id > :after ORDER BY member_id LIMIT :most
""")
_ADD = text("""
INSERT INTO policy_trial_count AS c (trial_id, before, after, members) VALUES (:trial, :before, :after, :n)
ON CONFLICT (trial_id, before, after) DO UPDATE SET members = c.members + excluded.members
""")
_AFTER = text("""
UPDATE policy_trial SET members = members + :n, up_to = :up_to, done_at = CAST(:now AS timestamptz),
    state = CASE WHEN CAST(:now AS timestamptz) IS NULL THEN 'running' ELSE 'done' END
WHERE id = :trial
""")
