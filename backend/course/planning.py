"""Choosing another plan for a running spell: the adviser's clarification, and what changes with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date
from backend.course import obligations, plans, regimes
from backend.course.errors_plans import NoSpell, PlanUnknown, ReasonNeeded
from backend.course.obligation_rows import NewRow, insert
from backend.course.tables_plans import Clarification, Obligation, Spell, SpellPlan
from backend.db.types import new_id
from backend.members.tables import Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What the adviser found out at the CV talk. `risk` is the adviser's own judgement and goes before the model's."""

    risk: plans.Risk
    reason: str
    complex_challenges: bool = False
    no_education: bool = False
    no_dependent_children: bool = False
    basic_it: bool = False
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Replanned:
    """What a new plan changed. `ended_booked` are cancelled items that had a booking: the caller cancels it."""

    plan: str
    added: int
    moved: int
    ended: tuple[UUID, ...]
    ended_booked: tuple[UUID, ...]


MOVE = text("""
    UPDATE obligation AS o
    SET provider = n.provider, requirement = n.requirement, statutory = n.statutory, audience = n.audience,
        window_from = n.window_from, window_to = n.window_to, planned_due_on = n.due_on,
        due_on = CASE WHEN o.planned_due_on = n.due_on THEN o.due_on ELSE n.due_on END
    FROM unnest(CAST(:ids AS uuid[]), CAST(:providers AS text[]), CAST(:requirements AS text[]),
                CAST(:statutory AS bool[]), CAST(:audiences AS text[]), CAST(:froms AS date[]), CAST(:tos AS date[]),
                CAST(:due AS date[]))
         AS n (id, provider, requirement, statutory, audience, window_from, window_to, due_on)
    WHERE o.id = n.id
""")


async def clarify(
    session: AsyncSession, member_id: UUID, form: Form, *, staff_id: UUID, now: datetime
) -> Replanned | None:
    """Keep the adviser's form and give the plan that follows from it; None when the plan stays the same.

    A referral to the jobcentre follows only from what the form says. Raises NoSpell, ReasonNeeded.
    """
    if not form.reason.strip():
        raise ReasonNeeded(field="reason")
    spell, current = await _running(session, member_id)
    values = {name: getattr(form, name) for name in Form.__dataclass_fields__} | {"answers": dict(form.answers)}
    session.add(Clarification(id=new_id(), spell_id=spell.id, filled_by=staff_id, filled_at=now, **values))
    await session.flush()
    plan_set = plans.of_version(current.plan_set, current.version)
    plan = plans.group_of(plan_set, await _person(session, member_id, form), spell.started_on)
    if plan == current.plan and form.risk == current.risk:
        return None
    return await _replan(session, spell, current, plan, risk=form.risk, reason=form.reason, staff_id=staff_id, now=now)


async def choose_plan(
    session: AsyncSession, member_id: UUID, plan: str, *, reason: str, staff_id: UUID, now: datetime
) -> Replanned:
    """Give a plan by hand, against what the target groups say. Raises NoSpell, PlanUnknown, ReasonNeeded."""
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    spell, current = await _running(session, member_id)
    if plan not in plans.of_version(current.plan_set, current.version).plans:
        raise PlanUnknown(field="plan")
    return await _replan(session, spell, current, plan, risk=current.risk, reason=reason, staff_id=staff_id, now=now)


async def _running(session: AsyncSession, member_id: UUID) -> tuple[Spell, SpellPlan]:
    """The running spell, held until the transaction ends, so that two advisers do not plan at once."""
    running = select(Spell).where(Spell.member_id == member_id, Spell.ended_on.is_(None)).with_for_update()
    spell = await session.scalar(running)
    if spell is None:
        raise NoSpell
    current = select(SpellPlan).where(SpellPlan.spell_id == spell.id, SpellPlan.ended_at.is_(None))
    return spell, (await session.scalars(current.execution_options(populate_existing=True))).one()


async def _person(session: AsyncSession, member_id: UUID, form: Form) -> plans.Person:
    member = await session.get_one(Member, member_id)
    return plans.Person(
        member.born_on, form.risk, it_member=member.it_member, newly_qualified=member.newly_qualified,
        complex_challenges=form.complex_challenges, no_education=form.no_education,
        no_dependent_children=form.no_dependent_children,
    )  # fmt: skip


async def _replan(
    session: AsyncSession, spell: Spell, current: SpellPlan, plan: str, *,
    risk: str, reason: str, staff_id: UUID, now: datetime,
) -> Replanned:  # fmt: skip
    plan_set = plans.of_version(current.plan_set, current.version)
    wanted = obligations.generate(plan_set, plan, spell.started_on, regimes.all_regimes()[spell.regime])
    change = await _change(session, spell.id, wanted, local_date(now))
    await session.execute(update(SpellPlan).where(SpellPlan.id == current.id).values(ended_at=now))
    session.add(
        SpellPlan(
            id=new_id(), spell_id=spell.id, plan_set=current.plan_set, version=current.version, plan=plan, risk=risk,
            reason=reason, set_by=staff_id, set_at=now,
        )
    )  # fmt: skip
    await session.flush()
    await _carry_out(session, spell, change, now)
    booked = tuple(old.id for old in change.ended if old.state == "booked")
    return Replanned(plan, len(change.added), len(change.moved), tuple(old.id for old in change.ended), booked)


async def _change(
    session: AsyncSession, spell_id: UUID, wanted: tuple[obligations.Dated, ...], today: date
) -> obligations.Change:
    rows = await session.execute(
        select(Obligation.id, Obligation.activity, Obligation.occurrence, Obligation.state)
        .where(Obligation.spell_id == spell_id)
        .order_by(Obligation.id)
        .with_for_update()
    )
    existing = [
        obligations.Existing(row.id, row.activity, row.occurrence, cast(obligations.State, row.state)) for row in rows
    ]
    return obligations.replan(existing, wanted, today)


async def _carry_out(session: AsyncSession, spell: Spell, change: obligations.Change, now: datetime) -> None:
    ended = update(Obligation).where(Obligation.id.in_([old.id for old in change.ended]))
    await session.execute(ended.values(state="cancelled", ended_at=now, ended_reason="replanned", proposed_due_on=None))
    await session.execute(MOVE, _moves(change))
    await insert(session, [NewRow(spell.id, spell.member_id, item) for item in change.added])


def _moves(change: obligations.Change) -> dict[str, Any]:
    items = [item for _, item in change.moved]
    return {
        "ids": [moved_id for moved_id, _ in change.moved],
        "providers": [item.provider for item in items],
        "requirements": [item.requirement for item in items],
        "statutory": [item.statutory for item in items],
        "audiences": [item.audience for item in items],
        "froms": [item.window_from for item in items],
        "tos": [item.window_to for item in items],
        "due": [item.due_on for item in items],
    }
