"""Choosing another plan for a running spell: the adviser's clarification, and what changes with it."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.course import obligations, plans, replanning
from backend.course.errors_plans import NoSpell, PlanUnknown, ReasonNeeded
from backend.course.forms import FORM_VERSION, Answers, check
from backend.course.obligations import Change
from backend.course.replanning import Replanned, Turn
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
    answers: Answers


class Preview(NamedTuple):
    """What a new plan would change: items that stay as they are, get other dates, are cancelled, are new."""

    plan: str
    kept: tuple[Obligation, ...]
    moved: tuple[tuple[Obligation, obligations.Dated], ...]
    ended: tuple[Obligation, ...]
    added: tuple[obligations.Dated, ...]


async def clarify(
    session: AsyncSession, member_id: UUID, form: Form, *, staff_id: UUID, now: datetime
) -> Replanned | None:
    """Keep the adviser's form and give the plan that follows from it; None when the plan stays the same.

    A referral to the jobcentre follows only from what the form says. Raises NoSpell, ReasonNeeded, AnswerNeeded.
    """
    _check(form.reason)
    check(form.answers)
    spell, current = await _running(session, member_id)
    member = await session.get_one(Member, member_id)
    session.add(_kept(form, spell, member, staff_id, now))
    await session.flush()
    turn = _clarified(spell, current, member, form, staff_id)
    if (turn.plan, turn.risk) == (current.plan, current.risk):
        return None
    return (await replanning.carry_out(session, [turn], now=now))[0]


async def choose_plan(
    session: AsyncSession, member_id: UUID, plan: str, *, reason: str, staff_id: UUID, now: datetime
) -> Replanned:
    """Give a plan by hand, against what the target groups say. Raises NoSpell, PlanUnknown, ReasonNeeded."""
    _check(reason)
    spell, current = await _running(session, member_id)
    turn = _chosen(spell, current, plan)._replace(reason=reason.strip(), set_by=staff_id)
    return (await replanning.carry_out(session, [turn], now=now))[0]


async def preview_clarification(session: AsyncSession, member_id: UUID, form: Form, *, today: date) -> Preview:
    """What `clarify` would change. Raises NoSpell."""
    spell, current = await _running(session, member_id, hold=False)
    turn = _clarified(spell, current, await session.get_one(Member, member_id), form, None)
    return await _preview(session, turn, today)


async def preview_plan(session: AsyncSession, member_id: UUID, plan: str, *, today: date) -> Preview:
    """What `choose_plan` would change. Raises NoSpell, PlanUnknown."""
    spell, current = await _running(session, member_id, hold=False)
    return await _preview(session, _chosen(spell, current, plan), today)


def _check(reason: str) -> None:
    if not reason.strip():
        raise ReasonNeeded(field="reason")


async def _running(session: AsyncSession, member_id: UUID, *, hold: bool = True) -> tuple[Spell, SpellPlan]:
    """The running spell; held until the transaction ends, so that two advisers do not plan at once."""
    running = select(Spell).where(Spell.member_id == member_id, Spell.ended_on.is_(None))
    spell = await session.scalar(running.with_for_update() if hold else running)
    if spell is None:
        raise NoSpell
    current = select(SpellPlan).where(SpellPlan.spell_id == spell.id, SpellPlan.ended_at.is_(None))
    return spell, (await session.scalars(current.execution_options(populate_existing=True))).one()


def _kept(form: Form, spell: Spell, member: Member, staff_id: UUID, now: datetime) -> Clarification:
    """The form as it is stored, beside what the model said that day."""
    values = {field.name: getattr(form, field.name) for field in fields(Form)} | {"answers": form.answers.as_dict()}
    return Clarification(
        id=new_id(), spell_id=spell.id, form_version=FORM_VERSION, model_risk=member.risk, filled_by=staff_id,
        filled_at=now, **values,
    )  # fmt: skip


def _clarified(spell: Spell, current: SpellPlan, member: Member, form: Form, staff_id: UUID | None) -> Turn:
    person = plans.Person(
        member.born_on, form.risk, it_member=member.it_member, newly_qualified=member.newly_qualified,
        complex_challenges=form.complex_challenges, no_education=form.no_education,
        no_dependent_children=form.no_dependent_children,
    )  # fmt: skip
    plan = plans.group_of(plans.of_version(current.plan_set, current.version), person, spell.started_on)
    turn = _turn(spell, current, plan)
    return turn._replace(risk=form.risk, reason=form.reason.strip(), set_by=staff_id)


def _chosen(spell: Spell, current: SpellPlan, plan: str) -> Turn:
    if plan not in plans.of_version(current.plan_set, current.version).plans:
        raise PlanUnknown(field="plan")
    return _turn(spell, current, plan)


def _turn(spell: Spell, current: SpellPlan, plan: str) -> Turn:
    return Turn(
        spell.id, spell.member_id, current.id, current.plan_set, current.version, plan, current.risk,
        spell.started_on, spell.regime,
    )  # fmt: skip


async def _preview(session: AsyncSession, turn: Turn, today: date) -> Preview:
    change: Change = await replanning.preview(session, turn, today=today)
    rows = await session.scalars(select(Obligation).where(Obligation.spell_id == turn.spell_id).order_by(Obligation.id))
    by_id = {row.id: row for row in rows}
    return Preview(
        turn.plan,
        tuple(by_id[one] for one in change.kept),
        tuple((by_id[one], item) for one, item in change.moved),
        tuple(by_id[old.id] for old in change.ended),
        change.added,
    )
