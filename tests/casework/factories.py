"""Ratings, calls and call-ins for tests of what people do with them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import call_ins, calls, letters
from backend.casework.rules_letters import Text
from backend.clock import COPENHAGEN
from backend.db.types import new_id
from backend.rating.figures import Facts
from backend.rating.policy_values import Policy
from backend.rating.rules import rate as rate_facts
from backend.rating.tables import Rating, RatingCurrent
from tests import factories

# A Wednesday, ten in the morning; no public holiday is near.
_FACTS = Facts(start=date(2026, 8, 3), min_per_week=2, min_posted_per_week=1, uploads_per_month=2, previous="green")
_FIGURES = rate_facts(_FACTS, Policy(), date(2026, 11, 18), "event").figures
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=COPENHAGEN)


async def rating(session: AsyncSession, member_id: UUID, *, colour: str = "yellow", **values: Any) -> Rating:
    """A rating with its figures, which also holds as the current one."""
    made = Rating(
        **{
            "id": new_id(),
            "member_id": member_id,
            "mode": "event",
            "rated_on": date(2026, 11, 18),
            "rated_at": NOW,
            "colour": colour,
            "previous": "green",
            "counted": 3,
            "required": 8,
            "due_days": 20,
            "trailing_zero_weeks": 1,
            "reasons": ["zero_week"],
            "actions": [],
            "policy_version": 1,
            "evidence": msgspec.to_builtins(_FIGURES),
        }
        | values
    )
    session.add(made)
    await session.flush()
    current = await session.get(RatingCurrent, member_id)
    assert current is not None
    current.rating_id, current.colour = made.id, colour
    current.urgency = {"red": 0, "yellow": 1, "none": 2, "green": 3, "paused": 4}[colour]
    current.counted, current.required, current.reasons = made.counted, made.required, made.reasons
    await session.flush()
    return made


async def call(
    session: AsyncSession, member_id: UUID, *, due_on: date = date(2026, 11, 23), queue: str = "branch"
) -> UUID:
    """An open service call; its id."""
    made = await rating(session, member_id)
    await calls.open_many(session, [calls.NewCall(member_id, made.id, due_on, fast=False)], queue=queue, now=NOW)
    return await _open_id(session, "service_call", member_id)


async def call_in(session: AsyncSession, member_id: UUID) -> UUID:
    """A proposed call-in; its id."""
    made = await rating(session, member_id, colour="red", previous="yellow")
    await call_ins.propose_many(session, [call_ins.NewProposal(member_id, made.id, {"counted": 3})], now=NOW)
    return await _open_id(session, "call_in", member_id)


async def letter(session: AsyncSession, member_id: UUID, author_id: UUID) -> UUID:
    """The draft of a hearing, with a week and more to answer; its id."""
    answer_by = date(2026, 12, 1)
    written = Text("hearing", "The talk on 3 November", "You did not come", answer_by=answer_by)
    return (await letters.write(session, member_id, author_id, written, now=NOW)).id


async def _open_id(session: AsyncSession, table: str, member_id: UUID) -> UUID:
    rows = await session.execute(
        text(f"SELECT id FROM {table} WHERE member_id = :m AND ended_at IS NULL"), {"m": member_id}
    )
    found: UUID = rows.scalar_one()
    return found


async def members(session: AsyncSession, n: int) -> list[UUID]:
    """Members of one branch."""
    branch = await factories.branch(session)
    return [(await factories.member(session, branch_id=branch.id)).id for _ in range(n)]
