import asyncio
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import COPENHAGEN
from backend.course import errors_plans, extensions, forms, planning, service, spells
from backend.course.rules import ExemptionType
from backend.course.spells import NewSpell
from backend.course.tables_plans import Obligation, Spell, SpellPlan
from backend.db.engine import Sessions, transaction
from tests import factories

pytestmark = pytest.mark.db
START = date(2026, 8, 3)
ANSWERS = forms.Answers(
    job_goal="Smed", strengths="Svejser", search_so_far="To job", obstacles="Ingen", help_wanted="Cv"
)
NOW = datetime(2026, 8, 3, 9, 0, tzinfo=COPENHAGEN)


async def start(
    session: AsyncSession, *members: UUID, on: date = START, set_name: str = "metal"
) -> list[spells.Started]:
    items = [NewSpell(one, on) for one in members]
    return await spells.start_many(session, items, set_name=set_name, source="import", now=NOW)


async def items(session: AsyncSession, member_id: UUID) -> dict[str, Obligation]:
    statement = select(Obligation).where(Obligation.member_id == member_id, Obligation.state != "cancelled")
    rows = await session.scalars(statement.execution_options(populate_existing=True))
    return {row.activity: row for row in rows}


async def change(session: AsyncSession, row: Obligation, **values: Any) -> None:
    await session.execute(update(Obligation).where(Obligation.id == row.id).values(**values))


async def test_a_spell_gets_its_plan_and_dated_items(session: AsyncSession) -> None:
    low = await factories.member(session)
    graduate = await factories.member(session, risk="high", newly_qualified=True, it_member=True)
    started = await start(session, low.id, graduate.id)
    assert {one.member_id: one.plan for one in started} == {low.id: "bilag_9", graduate.id: "bilag_6"}
    stored = await items(session, graduate.id)
    assert len(stored) == 10
    assert (stored["cv_job"].due_on, stored["cv_job"].talks) == (date(2026, 8, 16), ["cv_talk", "job_talk"])
    assert stored["my_way"].talks == []
    spell = (await session.scalars(select(Spell).where(Spell.member_id == low.id))).one()
    assert spell.regime == "flexible_2026"
    plan = (await session.scalars(select(SpellPlan).where(SpellPlan.spell_id == spell.id))).one()
    assert (plan.plan_set, plan.version, plan.risk) == ("metal", 1, "low")


async def test_the_same_start_again_adds_nothing(session: AsyncSession) -> None:
    member = await factories.member(session)
    assert len(await start(session, member.id)) == 1
    assert await start(session, member.id) == []
    assert await start(session, member.id, on=date(2026, 9, 1)) == []
    assert len(await items(session, member.id)) == 4


async def test_another_fund_has_its_own_plans(session: AsyncSession) -> None:
    member = await factories.member(session, risk="high")
    assert [one.plan for one in await start(session, member.id, set_name="bupl")] == ["bupl_at_risk"]


async def test_spells_of_a_member_never_overlap(session: AsyncSession) -> None:
    member = await factories.member(session)
    await start(session, member.id)
    await spells.end_many(session, [member.id], on=date(2026, 9, 30), now=NOW)
    with pytest.raises(IntegrityError, match="ex_spell_overlap"):
        async with session.begin_nested():
            await session.execute(
                text("INSERT INTO spell (id, member_id, started_on, regime, source, created_at) "
                     "VALUES (gen_random_uuid(), :m, '2026-09-30', 'x', 'staff', now())"), {"m": member.id}
            )  # fmt: skip
    assert len(await start(session, member.id, on=date(2026, 10, 1))) == 1


async def test_the_end_of_a_spell_cancels_what_lay_ahead(session: AsyncSession) -> None:
    member = await factories.member(session)
    await start(session, member.id)
    stored = await items(session, member.id)
    await change(session, stored["cv_job"], state="done", done_on=date(2026, 8, 12))
    ended = await spells.end_many(session, [member.id], on=date(2026, 8, 20), now=NOW)
    assert set(ended) == {stored[name].id for name in ("follow_up", "avail_job", "joint_1")}
    assert list(await items(session, member.id)) == ["cv_job"]


async def test_two_imports_at_once_begin_one_spell(fresh_sessions: Sessions) -> None:
    async with transaction(fresh_sessions) as session:
        members = [(await factories.member(session)).id for _ in range(20)]

    async def begin() -> int:
        async with transaction(fresh_sessions) as session:
            return len(await start(session, *members))

    assert sum(await asyncio.gather(*(begin() for _ in range(5)))) == 20


async def test_the_advisers_judgement_replans(session: AsyncSession) -> None:
    member, adviser = await factories.member(session), await factories.staff(session)
    await start(session, member.id)
    stored = await items(session, member.id)
    await change(session, stored["cv_job"], state="done", done_on=date(2026, 8, 12))
    later = NOW + timedelta(days=9)
    form = planning.Form(risk="high", reason="No search so far", basic_it=True, answers=ANSWERS)
    done = await planning.clarify(session, member.id, form, staff_id=adviser.id, now=later)
    assert done is not None
    assert (done.plan, done.added, done.moved, done.ended) == ("bilag_8", 5, 3, ())
    now_stored = await items(session, member.id)
    assert now_stored["cv_job"].state == "done"
    assert now_stored["joint_1"].id == stored["joint_1"].id
    again = await planning.clarify(session, member.id, form, staff_id=adviser.id, now=later)
    assert again is None
    plans = (await session.scalars(select(SpellPlan).order_by(SpellPlan.set_at))).all()
    assert [(p.plan, p.risk, p.ended_at is None) for p in plans] == [
        ("bilag_9", "low", False),
        ("bilag_8", "high", True),
    ]


async def test_back_to_low_risk_cancels_and_tells_of_bookings(session: AsyncSession) -> None:
    member, adviser = await factories.member(session, risk="high"), await factories.staff(session)
    await start(session, member.id)
    stored = await items(session, member.id)
    await change(session, stored["ws_write"], state="booked")
    form = planning.Form(risk="low", reason="Has two offers", answers=ANSWERS)
    done = await planning.clarify(session, member.id, form, staff_id=adviser.id, now=NOW)
    assert done is not None
    assert done.ended_booked == (stored["ws_write"].id,)
    assert set(await items(session, member.id)) == {"cv_job", "follow_up", "avail_job", "joint_1"}


async def test_a_referral_and_a_plan_by_hand_need_a_reason(session: AsyncSession) -> None:
    member, adviser = await factories.member(session), await factories.staff(session)
    with pytest.raises(errors_plans.NoSpell):
        await planning.choose_plan(session, member.id, "bilag_8", reason="x", staff_id=adviser.id, now=NOW)
    await start(session, member.id)
    with pytest.raises(errors_plans.ReasonNeeded):
        await planning.choose_plan(session, member.id, "bilag_8", reason=" ", staff_id=adviser.id, now=NOW)
    with pytest.raises(errors_plans.PlanUnknown):
        await planning.choose_plan(session, member.id, "bilag_99", reason="x", staff_id=adviser.id, now=NOW)
    form = planning.Form(risk="low", reason="Needs more than we can give", complex_challenges=True, answers=ANSWERS)
    done = await planning.clarify(session, member.id, form, staff_id=adviser.id, now=NOW)
    assert done is not None
    assert (done.plan, len(done.ended)) == ("referral_jobcentre", 4)


@pytest.mark.parametrize("kind", ["afmeldt", "fuldtidsarbejde"])
async def test_a_deregistration_pauses_the_spell_and_gives_its_days_back(
    session: AsyncSession, kind: ExemptionType
) -> None:
    """While it is open nothing moves, as nobody knows to when; the spell goes on."""
    member, adviser = await factories.member(session, risk="high"), await factories.staff(session)
    await start(session, member.id)
    away = await service.grant_exemption(
        session, member.id, kind, from_on=date(2026, 8, 24), to_on=None, reason=None, staff_id=adviser.id, now=NOW
    )
    assert await extensions.extend_many(session, [member.id], now=NOW) == []
    await service.end_exemption(session, away.id, member.id, to_on=date(2026, 8, 28))
    await extensions.extend_many(session, [member.id], now=NOW)
    stored = await items(session, member.id)
    assert (stored["ws_write"].due_on, stored["ws_write"].planned_due_on) == (date(2026, 9, 4), date(2026, 8, 30))
    spell = (await session.scalars(select(Spell).where(Spell.member_id == member.id))).one()
    assert spell.ended_on is None


async def test_holiday_moves_a_workshop_and_proposes_for_a_statutory_talk(session: AsyncSession) -> None:
    member, adviser = await factories.member(session, risk="high"), await factories.staff(session)
    await start(session, member.id)
    exemption = await service.grant_exemption(
        session, member.id, "ferie", from_on=date(2026, 8, 10), to_on=date(2026, 8, 28), reason=None,
        staff_id=adviser.id, now=NOW,
    )  # fmt: skip
    moved = {one.obligation_id: one for one in await extensions.extend_many(session, [member.id], now=NOW)}
    stored = await items(session, member.id)
    assert {name for name, row in stored.items() if row.id in moved} == {"cv_job", "netcafe", "ws_write", "follow_up"}
    # Week 4 was lost whole: the five days of the week after are given back.
    assert (stored["ws_write"].due_on, stored["ws_write"].planned_due_on) == (date(2026, 9, 4), date(2026, 8, 30))
    assert (stored["cv_job"].due_on, stored["cv_job"].proposed_due_on) == (date(2026, 8, 16), date(2026, 9, 4))
    assert await extensions.extend_many(session, [member.id], now=NOW) == []
    assert await extensions.decide(session, stored["cv_job"].id, member.id, granted=True) == date(2026, 9, 4)
    assert await extensions.extend_many(session, [member.id], now=NOW) == []
    await service.cancel_exemption(session, exemption.id, member.id, staff_id=adviser.id, now=NOW)
    await extensions.extend_many(session, [member.id], now=NOW)
    back = await items(session, member.id)
    # What an adviser granted is not taken back by the program.
    assert (back["ws_write"].due_on, back["cv_job"].due_on) == (date(2026, 8, 30), date(2026, 9, 4))


async def test_what_an_adviser_turned_down_is_not_proposed_again(session: AsyncSession) -> None:
    member, adviser = await factories.member(session), await factories.staff(session)
    await start(session, member.id)
    await service.grant_exemption(
        session, member.id, "sygdom", from_on=date(2026, 8, 3), to_on=date(2026, 8, 7), reason=None,
        staff_id=adviser.id, now=NOW,
    )  # fmt: skip
    assert len(await extensions.extend_many(session, [member.id], now=NOW)) == 1
    talk = (await items(session, member.id))["cv_job"].id
    assert await extensions.decide(session, talk, member.id, granted=False) == date(2026, 8, 16)
    assert await extensions.extend_many(session, [member.id], now=NOW) == []
    with pytest.raises(errors_plans.NothingProposed):
        await extensions.decide(session, talk, member.id, granted=True)
