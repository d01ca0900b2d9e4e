"""Drafts of the rule: two people, tried first, never before tomorrow, and nothing that was rated ever changes."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.members.tables import Member
from backend.rating import draft_queries, draft_rules, drafts, policy, service, trials
from backend.rating.drafts import NewPolicy
from backend.rating.policy_texts import WORDS
from backend.rating.policy_values import LIMITS, RATIOS, Policy, PolicyError
from backend.rating.tables_drafts import PolicyDraft
from tests import factories
from tests.rating.rows import RUN, TODAY, ratings, searcher

WEEK = timedelta(days=7)
STRICT = Policy().to_mapping() | {"green_enter_ratio": 2.0, "green_stay_ratio": 2.0}


def new(numbers: Any = STRICT, *, day: date = TODAY + WEEK, note: str = "we ask for more") -> NewPolicy:
    return NewPolicy(numbers=numbers, note=note, valid_from=day)


async def people(session: AsyncSession) -> tuple[UUID, UUID]:
    found = [(await factories.staff(session, role="coordinator")).id for _ in range(2)]
    return found[0], found[1]


async def weekly(session: AsyncSession, member: Member, now: datetime = RUN) -> None:
    await service.rate(session, [member.id], now=now, mode="weekly")


async def tried(session: AsyncSession, draft_id: UUID, staff_id: UUID) -> None:
    await trials.begin(session, draft_id, staff_id, now=RUN)
    while await trials.step(session, now=RUN) is not None:
        continue


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"green_stay_ratio": 1.5}, "green_stay_ratio"),
        ({"red_ratio": 0.9}, "red_ratio"),
        ({"yellow_zero_weeks": 3}, "yellow_zero_weeks"),
        ({"red_zero_weeks": 5}, "red_zero_weeks"),
        ({"min_due_days_window": 21}, "min_due_days_window"),
        ({"counting_statuses": ["applied", "dreamt"]}, "counting_statuses"),
    ],
)
def test_values_that_do_not_fit_each_other_are_refused(values: dict[str, Any], field: str) -> None:
    draft_rules.check_policy(Policy())
    with pytest.raises(PolicyError) as refused:
        draft_rules.check_policy(Policy.from_mapping(values))
    assert refused.value.field == field


def test_every_value_has_words_and_limits() -> None:
    assert set(WORDS) == set(Policy.__struct_fields__) == {*LIMITS, *RATIOS, "counting_statuses"}


@pytest.mark.parametrize("day", [TODAY, TODAY - WEEK, TODAY + timedelta(days=800)])
def test_no_version_begins_today_or_in_the_past(day: date) -> None:
    with pytest.raises(draft_rules.DayWrong):
        draft_rules.check_day(day, TODAY, ())


@pytest.mark.db
async def test_a_draft_is_tried_approved_by_another_and_applies_from_its_day(session: AsyncSession) -> None:
    member = await searcher(session, weekly=2)
    await weekly(session, member)
    author, other = await people(session)
    draft_id = await drafts.write(session, new(), author, now=RUN)
    with pytest.raises(draft_rules.NotTried):
        await drafts.submit(session, draft_id, author, now=RUN)
    await tried(session, draft_id, author)
    await drafts.submit(session, draft_id, author, now=RUN)
    with pytest.raises(draft_rules.OwnDraft):
        await drafts.approve(session, draft_id, author, edition=1, now=RUN)
    with pytest.raises(draft_rules.AnotherEdition):
        await drafts.approve(session, draft_id, other, edition=2, now=RUN)
    assert await drafts.approve(session, draft_id, other, edition=1, now=RUN) == 2
    assert (await policy.on(session, TODAY)).number == 1
    assert (await policy.on(session, TODAY + WEEK)).policy.green_enter_ratio == 2.0
    await weekly(session, member, now=RUN + WEEK)
    assert [one.policy_version for one in await ratings(session, member.id)] == [1, 2]
    kinds = [one.kind for one in (await draft_queries.full(session, draft_id)).events]
    assert kinds == ["written", "tried", "submitted", "approved"]


@pytest.mark.db
async def test_the_database_lets_nobody_approve_their_own(session: AsyncSession) -> None:
    author, _ = await people(session)
    draft_id = await drafts.write(session, new(), author, now=RUN)
    own = {"state": "published", "approved_by": author, "approved_at": RUN, "published_version": 9}
    with pytest.raises(IntegrityError, match="two_people"):
        await session.execute(update(PolicyDraft).where(PolicyDraft.id == draft_id).values(**own))


@pytest.mark.db
async def test_a_trial_tells_who_would_change_and_why_and_writes_no_rating(
    session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "SIZE", 2)
    # 2 a week are agreed: these do twice as much, what is agreed, and nothing.
    best, good, none = [await searcher(session, weekly=each) for each in (4, 2, 0)]
    for member in (best, good, none):
        await weekly(session, member)
    before = await session.scalar(text("SELECT count(*) FROM rating"))
    author, _ = await people(session)
    draft_id = await drafts.write(session, new(), author, now=RUN)
    await trials.begin(session, draft_id, author, now=RUN)
    assert await trials.waiting(session)
    assert await trials.step(session, now=RUN) == 2
    found = await draft_queries.full(session, draft_id)
    assert found.trial is not None
    assert (found.trial.state, found.trial.members, found.trial.total) == ("running", 2, 3)
    assert await trials.step(session, now=RUN) == 1
    assert await trials.step(session, now=RUN) is None
    found = await draft_queries.full(session, draft_id)
    moves = {(one.before, one.after): one.members for one in found.counts}
    assert moves == {("green", "green"): 1, ("green", "yellow"): 1, ("red", "red"): 1}
    changed = (await session.execute(text("SELECT member_id, before, after, reasons FROM policy_trial_change"))).all()
    assert [tuple(one) for one in changed] == [(good.id, "green", "yellow", ["below_agreement"])]
    assert await session.scalar(text("SELECT count(*) FROM rating")) == before


@pytest.mark.db
async def test_an_edit_makes_it_a_draft_of_the_editor_that_is_to_be_tried_again(session: AsyncSession) -> None:
    author, other = await people(session)
    draft_id = await drafts.write(session, new(), author, now=RUN)
    await tried(session, draft_id, author)
    await drafts.submit(session, draft_id, author, now=RUN)
    await drafts.edit(session, draft_id, new(STRICT | {"red_ratio": 0.5}), other, now=RUN)
    found = await draft_queries.full(session, draft_id)
    assert (found.draft.state, found.draft.edition, found.draft.author_id, found.trial) == ("draft", 2, other, None)
    with pytest.raises(draft_rules.NotTried):
        await drafts.submit(session, draft_id, other, now=RUN)


@pytest.mark.db
async def test_a_day_that_has_come_is_not_approved_any_more(session: AsyncSession) -> None:
    author, other = await people(session)
    draft_id = await drafts.write(session, new(), author, now=RUN)
    await tried(session, draft_id, author)
    await drafts.submit(session, draft_id, author, now=RUN)
    with pytest.raises(draft_rules.DayWrong):
        await drafts.approve(session, draft_id, other, edition=1, now=RUN + WEEK)


@pytest.mark.db
async def test_a_version_is_taken_back_until_it_applies_and_its_number_is_not_used_again(session: AsyncSession) -> None:
    author, other = await people(session)
    numbers = []
    for _ in range(2):
        draft_id = await drafts.write(session, new(), author, now=RUN)
        await tried(session, draft_id, author)
        await drafts.submit(session, draft_id, author, now=RUN)
        numbers.append(await drafts.approve(session, draft_id, other, edition=1, now=RUN))
        if len(numbers) == 1:
            await drafts.take_back(session, draft_id, other, "a slip", now=RUN)
            assert (await policy.on(session, TODAY + WEEK)).number == 1
    assert numbers == [2, 3]
    with pytest.raises(draft_rules.AlreadyApplies):
        await drafts.take_back(session, draft_id, other, "too late", now=RUN + WEEK)


@pytest.mark.db
@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (new(Policy().to_mapping()), draft_rules.NothingChanged),
        (new(note="  "), draft_rules.NoteMissing),
        (new(day=TODAY), draft_rules.DayWrong),
    ],
)
async def test_what_cannot_become_a_version_is_refused_at_once(
    session: AsyncSession, wrong: NewPolicy, error: type[Exception]
) -> None:
    author, _ = await people(session)
    with pytest.raises(error):
        await drafts.write(session, wrong, author, now=RUN)
