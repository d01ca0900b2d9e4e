"""Inviting, set by set: what the rules decide is stored, once, and told to the member."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.engine import Sessions, transaction
from backend.db.types import new_id
from backend.surveys import attendance, catalogue, invitations
from backend.surveys.invitations import Known
from backend.surveys.tables import SurveyInvitation
from tests import factories
from tests.surveys.builders import DAY, HOUR, TUESDAY
from tests.surveys.factories import NOON, invited, rows, went

pytestmark = pytest.mark.db


@pytest.fixture(autouse=True)
async def loaded(session: AsyncSession) -> None:
    await catalogue.load(session)


async def test_who_attended_is_invited_once_and_told(session: AsyncSession) -> None:
    member = await factories.member(session, language="en")
    one = went(member.id, member.branch_id)
    assert await attendance.record(session, [one], now=TUESDAY) == 1
    assert await attendance.record(session, [one], now=TUESDAY) == 0
    assert await invitations.due(session, now=TUESDAY) == [member.id]

    early = await invitations.invite(session, {member.id: Known()}, now=TUESDAY + HOUR)
    assert (early.invited, dict(early.skipped)) == (0, {})
    assert (await invitations.invite(session, {member.id: Known()}, now=NOON)).invited == 1
    assert (await invitations.invite(session, {member.id: Known()}, now=NOON)).invited == 0

    [stored] = await rows(session, "survey_invitation")
    assert (stored["touchpoint"], stored["invited_at"], stored["expires_at"]) == ("T5", NOON, NOON + 14 * DAY)
    [message] = await rows(session, "message")
    assert (message["key"], message["period"], message["params"]) == (
        "N26",
        str(stored["id"]),
        {"activity": "your theme day"},
    )
    [noted] = await rows(session, "survey_attendance")
    assert (noted["state"], noted["reason"], noted["decided_at"]) == ("invited", None, NOON)
    assert await invitations.due(session, now=NOON) == []


async def test_absence_is_never_asked_about(session: AsyncSession) -> None:
    member = await factories.member(session)
    assert await attendance.record(session, [went(member.id, member.branch_id, attended=False)], now=TUESDAY) == 0
    assert await rows(session, "survey_attendance") == []


async def test_the_reason_is_recorded(session: AsyncSession) -> None:
    exempt = await factories.member(session, digital_exempt=True)
    hard = await factories.member(session)
    out = await factories.member(session)
    assert await invitations.opt_out(session, out.id, now=TUESDAY) == TUESDAY + 365 * DAY
    people = (exempt, hard, out)
    await attendance.record(session, [went(m.id, m.branch_id) for m in people], now=TUESDAY)
    known = {m.id: Known(sensitive_at=TUESDAY - HOUR if m is hard else None) for m in people}
    outcome = await invitations.invite(session, known, now=NOON)
    assert (outcome.invited, dict(outcome.skipped)) == (0, {"digital_exempt": 1, "quiet": 1, "opted_out": 1})
    noted = {row["member_id"]: row["reason"] for row in await rows(session, "survey_attendance")}
    assert noted == {exempt.id: "digital_exempt", hard.id: "quiet", out.id: "opted_out"}
    await invitations.opt_in(session, out.id)
    await attendance.record(session, [went(out.id, out.branch_id)], now=TUESDAY)
    assert (await invitations.invite(session, {out.id: Known()}, now=NOON)).invited == 1


async def test_the_ledger_is_read(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    await invited(session, 1, branch.id)
    [member_id] = [row["member_id"] for row in await rows(session, "survey_invitation", "member_id")]
    morning, afternoon = TUESDAY + 13 * DAY, TUESDAY + 13 * DAY + 3 * HOUR
    for occasion, ended_at in (("early", morning), ("late", afternoon)):
        one = went(member_id, branch.id, touchpoint="T2", occasion=occasion, ended_at=ended_at)
        await attendance.record(session, [one], now=ended_at)
    outcome = await invitations.invite(session, {member_id: Known()}, now=afternoon + 2 * HOUR)
    assert (outcome.invited, dict(outcome.skipped)) == (0, {"asked_lately": 1})
    assert (await invitations.invite(session, {member_id: Known()}, now=NOON + 14 * DAY)).invited == 1
    noted = {row["occasion"]: row["state"] for row in await rows(session, "survey_attendance")}
    assert (noted["early"], noted["late"]) == ("skipped", "invited")


@pytest.mark.parametrize(("touchpoint", "days"), [("T1", 13), ("T5", 59)])
async def test_two_invitations_too_close_cannot_be_stored(session: AsyncSession, touchpoint: str, days: int) -> None:
    branch = await factories.branch(session)
    await invited(session, 1, branch.id)
    [old] = await rows(session, "survey_invitation")
    await attendance.record(session, [went(old["member_id"], branch.id)], now=NOON)
    [other] = [row["id"] for row in await rows(session, "survey_attendance") if row["state"] == "waiting"]
    at = NOON + days * DAY
    session.add(
        SurveyInvitation(
            **old
            | {"id": new_id(), "attendance_id": other, "touchpoint": touchpoint, "invited_at": at}
            | {"free_from": at + 14 * DAY, "touchpoint_free_from": at + 60 * DAY}
        )
    )
    with pytest.raises(IntegrityError, match="ex_survey_invitation"):
        await session.flush()


async def test_the_minimum_of_a_quarter_comes_before_sampling(session: AsyncSession) -> None:
    """T4 asks about half of its workshops, but about all until thirty are asked."""
    branch = await factories.branch(session)
    await invited(session, 30, branch.id, touchpoint="T4")
    members = [await factories.member(session, branch_id=branch.id) for _ in range(40)]
    await attendance.record(session, [went(m.id, branch.id, touchpoint="T4") for m in members], now=NOON)
    outcome = await invitations.invite(session, {m.id: Known() for m in members}, now=NOON)
    assert 8 < outcome.invited < 32
    assert dict(outcome.skipped) == {"not_sampled": 40 - outcome.invited}


async def test_one_reminder(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    [asked] = await invited(session, 1, branch.id)
    [member_id] = [row["member_id"] for row in await rows(session, "survey_invitation", "member_id")]
    friday, monday = NOON + 3 * DAY, NOON + 6 * DAY
    assert await invitations.to_remind(session, now=friday) == []
    assert await invitations.to_remind(session, now=monday) == [member_id]
    hard = {member_id: Known(sensitive_at=monday - HOUR)}
    assert await invitations.remind(session, hard, now=monday) == 0
    assert await invitations.remind(session, {member_id: Known()}, now=monday) == 1
    assert await invitations.remind(session, {member_id: Known()}, now=monday + HOUR) == 0
    assert await invitations.to_remind(session, now=monday) == []
    assert [row["period"] for row in await rows(session, "message")] == [str(asked), f"{asked}:reminder"]


async def test_the_colour_is_kept_only_where_a_survey_is_split_by_it(session: AsyncSession) -> None:
    member = await factories.member(session)
    await attendance.record(session, [went(member.id, member.branch_id, colour="red")], now=TUESDAY)
    assert [row["colour"] for row in await rows(session, "survey_attendance")] == [""]


async def test_members_are_found_page_by_page(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    members = sorted([(await factories.member(session, branch_id=branch.id)).id for _ in range(3)])
    await attendance.record(session, [went(m, branch.id) for m in members], now=TUESDAY)
    assert await invitations.due(session, now=NOON, limit=2) == members[:2]
    assert await invitations.due(session, now=NOON, after=members[1]) == members[2:]


async def test_runs_side_by_side_invite_once(fresh_sessions: Sessions) -> None:
    async with transaction(fresh_sessions) as session:
        await catalogue.load(session)
        branch = await factories.branch(session)
        members = [(await factories.member(session, branch_id=branch.id)).id for _ in range(20)]
        both = [went(m, branch.id, touchpoint=t) for m in members for t in ("T5", "T1")]
        await attendance.record(session, both, now=TUESDAY)

    async def run() -> int:
        async with transaction(fresh_sessions) as session:
            return (await invitations.invite(session, {m: Known() for m in members}, now=NOON)).invited

    assert sum(await asyncio.gather(*(run() for _ in range(4)))) == 20
    async with transaction(fresh_sessions) as session:
        again = await session.execute(text("SELECT count(*), count(DISTINCT member_id) FROM survey_invitation"))
        assert tuple(again.one()) == (20, 20)
