"""After a year nobody can be found behind an answer, and every figure is what it was."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.surveys import counting, invitations, reports, retention
from tests import factories
from tests.surveys.builders import DAY, TUESDAY
from tests.surveys.factories import NOON, answer, invited, rows
from tests.surveys.test_counting import FUND, OVER, QUARTER

pytestmark = pytest.mark.db

LATER = NOON + 365 * DAY + timedelta(hours=1)


@pytest.fixture(autouse=True)
async def answered(session: AsyncSession) -> None:
    one, other = [await factories.branch(session) for _ in range(2)]
    for branch_id, codes in ((one.id, "554211"), (other.id, "51")):
        asked = await invited(session, len(codes) + 2, branch_id, event_key=str(branch_id))
        for invitation_id, code in zip(asked, codes, strict=False):
            await answer(session, invitation_id, code, texts={"TEXT": "Mit navn er Bo"}, contact_wanted=code == "2")
    await counting.close_ripe(session, now=NOON)
    await counting.release(session, QUARTER, now=OVER)


async def test_the_figures_stay_right(session: AsyncSession) -> None:
    before = (await reports.report(session, FUND), await reports.by_branch(session, FUND))
    assert before[0].figures[0].n == 6
    assert await retention.anonymise(session, now=LATER) == 8
    assert (await reports.report(session, FUND), await reports.by_branch(session, FUND)) == before


async def test_nothing_leads_back(session: AsyncSession) -> None:
    await retention.anonymise(session, now=LATER)
    assert await rows(session, "survey_text") == []
    assert {
        row["member_id"] for table in ("survey_invitation", "survey_attendance") for row in await rows(session, table)
    } == {None}
    responses = await rows(session, "survey_response")
    assert {(r["invitation_id"], r["submitted_at"].day, r["anonymised_at"]) for r in responses} == {(None, 1, LATER)}
    assert {row["answered_at"].day for row in await rows(session, "survey_invitation") if row["answered_at"]} == {1}
    # The two answers of the small branch were never shown, and are gone.
    assert len({row["response_id"] for row in await rows(session, "survey_answer")}) == 6
    ids = [row["id"] for row in responses]
    assert {found.version for found in ids} == {4}, "an id that holds the time of the answer would lead back"


async def test_what_others_know_of_a_response_leads_to_none(session: AsyncSession) -> None:
    """A task to contact the member carries the response's id and stays, as messages do with that of the invitation."""
    known = {row["id"] for row in await rows(session, "survey_response")}
    asked = {row["id"] for row in await rows(session, "survey_invitation")}
    codes = sorted(row["code"] for row in await rows(session, "survey_answer") if row["block_id"])
    await retention.anonymise(session, now=LATER)
    assert known.isdisjoint(row["id"] for row in await rows(session, "survey_response"))
    assert asked.isdisjoint(row["id"] for row in await rows(session, "survey_invitation"))
    left = await rows(session, "survey_answer")
    assert known.isdisjoint(row["response_id"] for row in left)
    assert sorted(row["code"] for row in left) == codes


async def test_not_before_its_time_and_only_once(session: AsyncSession) -> None:
    assert await retention.anonymise(session, now=NOON + 364 * DAY) == 0
    assert len(await rows(session, "survey_text")) == 8
    assert await retention.anonymise(session, now=LATER) == 8
    assert await retention.anonymise(session, now=LATER) == 0


async def test_an_opt_out_is_forgotten_when_it_ends(session: AsyncSession) -> None:
    member = await factories.member(session)
    await invitations.opt_out(session, member.id, now=TUESDAY)
    await retention.anonymise(session, now=TUESDAY + 364 * DAY)
    assert len(await rows(session, "survey_opt_out")) == 1
    await retention.anonymise(session, now=TUESDAY + 366 * DAY)
    count = await session.execute(text("SELECT count(*) FROM survey_opt_out"))
    assert count.scalar_one() == 0
