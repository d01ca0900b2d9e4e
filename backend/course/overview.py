"""A member's course on one page: the spell, the plans it followed, its items, the adviser's forms. Five statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.course import plans, skipping
from backend.course.skipping import Skipped
from backend.course.tables_plans import Clarification, Obligation, Spell, SpellPlan


@dataclass(frozen=True, slots=True)
class Course:
    """The spell that runs, else the last one. `plans` the newest first: the first holds. Items by window."""

    spell: Spell
    plans: Sequence[SpellPlan]
    items: Sequence[Obligation]
    forms: Sequence[Clarification]
    skipped: Mapping[UUID, Skipped]

    @property
    def plan(self) -> SpellPlan:
        return self.plans[0]

    @property
    def titles(self) -> dict[str, str]:
        """What the plan is called, by language."""
        found = plans.of_version(self.plan.plan_set, self.plan.version).plans[self.plan.plan]
        return {"da": found.da, "en": found.en}


async def of_member(session: AsyncSession, member_id: UUID) -> Course | None:
    """None for a member who never had a spell."""
    running_first = (Spell.ended_on.is_(None).desc(), Spell.started_on.desc())
    spell = (await session.scalars(select(Spell).where(Spell.member_id == member_id).order_by(*running_first))).first()
    if spell is None:
        return None
    given = select(SpellPlan).where(SpellPlan.spell_id == spell.id)
    given = given.order_by(SpellPlan.ended_at.desc().nulls_first(), SpellPlan.id.desc())
    items = select(Obligation).where(Obligation.spell_id == spell.id)
    items = items.order_by(Obligation.window_from, Obligation.window_to, Obligation.id)
    forms = select(Clarification).where(Clarification.spell_id == spell.id)
    forms = forms.order_by(Clarification.filled_at.desc(), Clarification.id.desc())
    fresh = {"populate_existing": True}
    return Course(
        spell,
        (await session.scalars(given, execution_options=fresh)).all(),
        (await session.scalars(items, execution_options=fresh)).all(),
        (await session.scalars(forms, execution_options=fresh)).all(),
        await skipping.of_spell(session, spell.id),
    )
