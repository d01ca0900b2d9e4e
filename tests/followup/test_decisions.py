"""Colours, exemptions and agreements decided by staff: dated rows, a new rating at once, the member told."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework.tables import CallIn
from backend.clock import COPENHAGEN
from backend.course import errors, queries
from backend.course.rules import Numbers
from backend.errors import Invalid, NotFound
from backend.followup import decisions, overrides
from backend.followup.calls import Excuse
from backend.followup.overrides import NewOverride
from tests import factories
from tests.casework.factories import NOW, call, call_in
from tests.followup.factories import current, items, messages, pair

pytestmark = pytest.mark.db
AT: dict[str, Any] = {"now": NOW, "call_queue": "branch"}
TODAY = date(2026, 11, 18)
GREEN = NewOverride("green", date(2026, 12, 1), "Starts in a new job")
SICK = Excuse("sygdom", date(2026, 11, 16), None, "Doctor's note")


async def test_an_override_holds_at_once_and_its_end_lets_the_figures_speak(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    await decisions.set_override(session, member.id, adviser, GREEN, **AT)
    held = await current(session, member.id)
    assert (held.colour, held.reasons) == ("green", ["caseworker_override"])
    await decisions.set_override(session, member.id, adviser, GREEN._replace(colour="red"), **AT)
    assert (await current(session, member.id)).colour == "red"
    newest, oldest = await overrides.of_member(session, member.id)
    assert (newest.ended_at, oldest.ended_at, oldest.ended_by) == (None, NOW, adviser.id)
    await decisions.end_override(session, member.id, adviser, **AT)
    assert (await current(session, member.id)).reasons != ["caseworker_override"]
    with pytest.raises(NotFound):
        await decisions.end_override(session, member.id, adviser, **AT)


@pytest.mark.parametrize("wrong", [
    GREEN._replace(until=TODAY - timedelta(days=1)), GREEN._replace(until=TODAY + timedelta(days=91)),
    GREEN._replace(reason=" "),
])  # fmt: skip
async def test_an_override_has_a_near_end_and_a_reason(session: AsyncSession, wrong: NewOverride) -> None:
    member, adviser = await pair(session, colour="yellow")
    with pytest.raises(Invalid):
        await decisions.set_override(session, member.id, adviser, wrong, **AT)


async def test_a_better_colour_by_hand_closes_the_call(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    await call(session, member.id)
    await decisions.set_override(session, member.id, adviser, GREEN, **AT)
    assert (await current(session, member.id)).deadline == date.max


async def test_an_exemption_pauses_the_colour_and_suspends_the_call(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    await call(session, member.id)
    granted = await decisions.grant_exemption(session, member.id, adviser, SICK, **AT)
    assert (granted.granted_by, granted.source) == (adviser.id, "staff")
    held = await current(session, member.id)
    assert (held.colour, held.deadline) == ("paused", date.max)
    assert "N28" in await messages(session, member.id)
    with pytest.raises(errors.PeriodTaken):
        await decisions.grant_exemption(session, member.id, adviser, SICK, **AT)


async def test_an_exemption_is_ended_or_cancelled_never_lengthened(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    granted = await decisions.grant_exemption(session, member.id, adviser, SICK, **AT)
    ended = await decisions.end_exemption(session, member.id, granted.id, to_on=date(2026, 11, 17), **AT)
    assert ended.to_on == date(2026, 11, 17)
    assert (await current(session, member.id)).colour != "paused"
    with pytest.raises(errors.EndNotPossible):
        await decisions.end_exemption(session, member.id, granted.id, to_on=date(2026, 11, 20), **AT)
    await decisions.cancel_exemption(session, member.id, granted.id, adviser, **AT)
    with pytest.raises(errors.ExemptionOver):
        await decisions.cancel_exemption(session, member.id, granted.id, adviser, **AT)


async def test_a_placement_excuses_from_nothing_and_sends_nothing(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    await decisions.grant_exemption(session, member.id, adviser, SICK._replace(kind="virksomhedspraktik"), **AT)
    assert (await current(session, member.id)).colour == "yellow"
    assert await messages(session, member.id) == []


async def test_an_exemption_of_another_member_is_not_found(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    other = await factories.member(session)
    granted = await decisions.grant_exemption(session, member.id, adviser, SICK, **AT)
    with pytest.raises(NotFound):
        await decisions.cancel_exemption(session, other.id, granted.id, adviser, **AT)


@pytest.mark.parametrize(("from_on", "to_on"), [
    (date(2026, 11, 16), date(2026, 11, 15)), (date(2026, 8, 1), None), (date(2027, 12, 1), None),
])  # fmt: skip
async def test_periods_that_cannot_be(session: AsyncSession, from_on: date, to_on: date | None) -> None:
    member, adviser = await pair(session)
    with pytest.raises(errors.PeriodNotPossible):
        await decisions.grant_exemption(session, member.id, adviser, Excuse("ferie", from_on, to_on, None), **AT)


async def test_a_new_agreement_is_a_version_of_its_own(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    made = await decisions.set_requirement(session, member.id, adviser, Numbers(1, 0, 1), valid_from=TODAY, **AT)
    versions = await queries.requirements(session, member.id)
    assert [(v.valid_from, v.min_per_week, v.source) for v in versions] == [
        (TODAY, 1, "staff"), (date(2026, 8, 3), 2, "import"),
    ]  # fmt: skip
    assert (await current(session, member.id)).required == 4, "rated by the new agreement at once"
    (item,) = await items(session, member.id, "requirement")
    assert (item.key, item.params) == (str(made.id), {"min_per_week": 1, "from_on": "2026-11-18"})
    with pytest.raises(errors.VersionExists):
        await decisions.set_requirement(session, member.id, adviser, Numbers(2, 0, 1), valid_from=TODAY, **AT)


@pytest.mark.parametrize(("numbers", "valid_from", "field"), [
    (Numbers(21, 0, 0), TODAY, "minPerWeek"),
    (Numbers(-1, 0, 0), TODAY, "minPerWeek"),
    (Numbers(2, 3, 0), TODAY, "minPostedPerWeek"),
    (Numbers(2, 1, 41), TODAY, "uploadsPerMonth"),
    (Numbers(2, 1, 1), TODAY - timedelta(days=1), "validFrom"),
    (Numbers(2, 1, 1), TODAY + timedelta(days=366), "validFrom"),
])  # fmt: skip
async def test_agreements_that_cannot_be(session: AsyncSession, numbers: Numbers, valid_from: date, field: str) -> None:
    member, adviser = await pair(session)
    with pytest.raises(Invalid) as refused:
        await decisions.set_requirement(session, member.id, adviser, numbers, valid_from=valid_from, **AT)
    assert refused.value.field == field


async def test_an_improvement_by_hand_flags_the_proposed_call_in(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="red")
    case_id = await call_in(session, member.id)
    later = datetime(2026, 11, 18, 12, 0, tzinfo=COPENHAGEN)
    await decisions.set_override(session, member.id, adviser, GREEN, now=later, call_queue="branch")
    flagged = await current(session, member.id)
    assert flagged.colour == "green"
    case = await session.get_one(CallIn, case_id, populate_existing=True)
    assert (case.state, case.flagged_at) == ("proposed", later)
