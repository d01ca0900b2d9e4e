"""A member disputes a rating: one at a time, answered in words, and what was wrong is put right at once."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import errors
from backend.errors import Invalid, NotFound
from backend.followup import disputes
from backend.followup.overrides import NewOverride
from backend.rating.tables import Rating
from tests import factories
from tests.casework.factories import NOW, rating
from tests.followup.factories import current, events, items, messages, pair

pytestmark = pytest.mark.db
SAYS = "I uploaded two applications on Monday"
GREEN = NewOverride("green", date(2026, 12, 1), "The uploads were lost by us")


async def test_a_dispute_shows_on_the_timeline_and_in_the_triage(session: AsyncSession) -> None:
    member, _ = await pair(session)
    made = await rating(session, member.id)
    dispute = await disputes.open_one(session, member.id, made.id, SAYS, now=NOW)
    assert (dispute.state, dispute.text, dispute.due_on) == ("open", SAYS, date(2026, 11, 25))
    (item,) = await items(session, member.id, "dispute")
    assert item.params == {"state": "open"}
    assert (await current(session, member.id)).deadline == date(2026, 11, 25)
    with pytest.raises(errors.DisputeOpen):
        await disputes.open_one(session, member.id, made.id, SAYS, now=NOW)


async def test_nobody_disputes_or_withdraws_for_another(session: AsyncSession) -> None:
    member, _ = await pair(session)
    other = await factories.member(session)
    made = await rating(session, member.id)
    with pytest.raises(NotFound):
        await disputes.open_one(session, other.id, made.id, SAYS, now=NOW)
    dispute = await disputes.open_one(session, member.id, made.id, SAYS, now=NOW)
    with pytest.raises(NotFound):
        await disputes.withdraw(session, other.id, dispute.id, now=NOW)


async def test_upheld_marks_the_rating_and_sets_the_colour(session: AsyncSession) -> None:
    member, adviser = await pair(session)
    made = await rating(session, member.id)
    dispute = await disputes.open_one(session, member.id, made.id, SAYS, now=NOW)
    answered = await disputes.answer(
        session, dispute.id, adviser, "upheld", "You are right.", override=GREEN, now=NOW, call_queue="branch"
    )
    assert (answered.state, answered.answer, answered.answered_by) == ("upheld", "You are right.", adviser.id)
    corrected = await session.get_one(Rating, made.id, populate_existing=True)
    assert corrected.corrected_at == NOW
    held = await current(session, member.id)
    assert (held.colour, held.reasons, held.deadline) == ("green", ["caseworker_override"], date.max)
    assert "N31" in await messages(session, member.id)
    name = await session.scalar(text("SELECT params ->> 'name' FROM message WHERE key = 'N31'"))
    assert name == "Karen"
    assert await events(session, dispute.id) == ["opened", "answered"]


async def test_dismissed_changes_no_colour_but_answers(session: AsyncSession) -> None:
    member, adviser = await pair(session)
    made = await rating(session, member.id)
    dispute = await disputes.open_one(session, member.id, made.id, SAYS, now=NOW)
    with pytest.raises(Invalid):
        await disputes.answer(
            session, dispute.id, adviser, "dismissed", "No.", override=GREEN, now=NOW, call_queue="branch"
        )
    await disputes.answer(
        session, dispute.id, adviser, "dismissed", "They came in December.", override=None, now=NOW, call_queue="branch"
    )
    held = await current(session, member.id)
    assert (held.colour, held.rating_id) == ("yellow", made.id)
    assert await messages(session, member.id) == ["N31"]
    (item,) = await items(session, member.id, "dispute")
    assert item.params == {"state": "dismissed"}


async def test_a_withdrawn_dispute_is_over(session: AsyncSession) -> None:
    member, adviser = await pair(session)
    made = await rating(session, member.id)
    dispute = await disputes.open_one(session, member.id, made.id, SAYS, now=NOW)
    await disputes.withdraw(session, member.id, dispute.id, now=NOW)
    with pytest.raises(errors.DisputeAnswered):
        await disputes.answer(session, dispute.id, adviser, "upheld", "x", override=None, now=NOW, call_queue="branch")
    again = await disputes.open_one(session, member.id, made.id, SAYS, now=NOW)
    assert [d.id for d in await disputes.of_member(session, member.id)] == [again.id, dispute.id]
