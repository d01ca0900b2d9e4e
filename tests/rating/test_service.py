"""Rating members of the database: the facts that reach the rule, what is stored, what a repeated run does."""

import asyncio
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework.tables import CallIn, ServiceCall
from backend.clock import local_time
from backend.course.tables import SearchRequirement
from backend.db.engine import Sessions, transaction
from backend.db.types import new_id
from backend.rating import queries, service
from backend.rating.tables import RatingOverride, RatingPolicy
from tests import factories
from tests.rating.rows import MONDAYS, RUN, TODAY, current, entry, exemption, ratings, searcher, statements

pytestmark = pytest.mark.db
WEEK = timedelta(days=7)


async def weekly(session: AsyncSession, *members: Any, now: Any = RUN) -> list[service.Rated]:
    return await service.rate(session, [each.id for each in members], now=now, mode="weekly")


async def by_event(session: AsyncSession, *members: Any, now: Any = RUN) -> list[service.Rated]:
    return await service.rate(session, [each.id for each in members], now=now, mode="event")


async def test_a_rating_is_stored_and_holds(session: AsyncSession) -> None:
    member = await searcher(session)
    (rated,) = await weekly(session, member)
    assert (rated.before, rated.after, rated.counted, rated.required) == ("none", "green", 8, 8)
    (stored,) = await ratings(session, member.id)
    assert (stored.id, stored.colour, stored.due_days, stored.reasons) == (
        rated.rating_id,
        "green",
        20,
        ["meets_agreement"],
    )
    held = await current(session, member.id)
    assert (held.rating_id, held.colour, held.urgency, held.since) == (rated.rating_id, "green", 3, TODAY)
    assert (held.rated_on, held.counted, held.required, held.reasons) == (TODAY, 8, 8, ["meets_agreement"])


async def test_a_second_run_of_the_day_writes_nothing(session: AsyncSession) -> None:
    member = await searcher(session, weekly=0)
    assert len(await weekly(session, member)) == 1
    assert await weekly(session, member, now=RUN + timedelta(hours=3)) == []
    assert len(await ratings(session, member.id)) == 1


async def test_a_run_for_a_day_gone_by_rewrites_nothing(session: AsyncSession) -> None:
    member = await searcher(session)
    await weekly(session, member)
    assert await weekly(session, member, now=RUN - WEEK) == []
    assert (await current(session, member.id)).rated_on == TODAY


async def test_an_event_writes_only_when_something_changed(session: AsyncSession) -> None:
    member = await searcher(session)
    await weekly(session, member)
    assert await by_event(session, member) == []
    await entry(session, member.id, TODAY)
    (rated,) = await by_event(session, member)
    assert (rated.counted, rated.changed) == (9, False)
    assert await by_event(session, member) == []
    assert [each.mode for each in await ratings(session, member.id)] == ["weekly", "event"]


async def test_an_event_clears_the_mark_of_stale_facts(session: AsyncSession) -> None:
    member = await searcher(session)
    await weekly(session, member)
    await session.execute(text("UPDATE rating_current SET stale = true"))
    assert await by_event(session, member) == []
    assert not (await current(session, member.id)).stale


async def test_a_weekly_rating_leaves_the_mark_of_stale_facts(session: AsyncSession) -> None:
    """It passes over the present week, and a late run over what changed since the day it is for."""
    member = await searcher(session)
    await session.execute(text("UPDATE rating_current SET stale = true"))
    assert len(await weekly(session, member)) == 1
    assert (await current(session, member.id)).stale
    await entry(session, member.id, TODAY)
    assert len(await by_event(session, member)) == 1
    assert not (await current(session, member.id)).stale


async def test_an_event_improves_at_once_and_a_weekly_run_follows(session: AsyncSession) -> None:
    member = await searcher(session, weekly=1, colour="yellow")
    await weekly(session, member)
    assert (await current(session, member.id)).colour == "yellow"
    for _ in range(4):
        await entry(session, member.id, TODAY)
    (rated,) = await by_event(session, member)
    assert (rated.before, rated.after) == ("yellow", "green")
    assert (await current(session, member.id)).since == TODAY


@pytest.mark.parametrize(
    "values",
    [
        {"withdrawn_at": RUN},
        {"logged_on": TODAY + timedelta(days=1)},
        {"status": "planned"},
        {"status": "withdrawn"},
        {"hours": "part"},
        {"country": "SE"},
        {"applied_on": date(2026, 8, 2)},
    ],
)
async def test_what_does_not_count_is_named_with_its_reason(session: AsyncSession, values: dict[str, Any]) -> None:
    member = await searcher(session)
    left_out = await entry(session, member.id, **{"applied_on": MONDAYS[0] + timedelta(days=3)} | values)
    (rated,) = await weekly(session, member)
    assert rated.counted == 8
    in_sight = left_out.applied_on >= date(2026, 10, 1)
    assert [each.id for each in rated.figures.skipped] == ([str(left_out.id)] if in_sight else [])


@pytest.mark.parametrize("status", ["applied", "interview", "rejected", "hired"])
@pytest.mark.parametrize("channel", ["posted", "unsolicited", "network", "agency", "contacted"])
async def test_every_status_and_channel_arrives_as_it_is(session: AsyncSession, status: str, channel: str) -> None:
    member = await searcher(session, weekly=0)
    await entry(session, member.id, MONDAYS[3], status=status, channel=channel, has_document=False)
    (rated,) = await weekly(session, member)
    assert (rated.counted, rated.figures.posted_counted, rated.figures.uploads_counted) == (1, channel == "posted", 0)


async def test_the_same_job_twice_counts_once_and_no_employer_is_never_the_same(session: AsyncSession) -> None:
    member = await searcher(session, weekly=0)
    for day in (0, 1):
        await entry(session, member.id, MONDAYS[0] + timedelta(days=day), duplicate_key=-7)
        await entry(session, member.id, MONDAYS[1] + timedelta(days=day), duplicate_key=None)
    (rated,) = await weekly(session, member)
    assert rated.counted == 3
    assert [each.reason for each in rated.figures.skipped] == ["duplicate"]


async def test_a_job_applied_for_before_the_window_is_still_known(session: AsyncSession) -> None:
    member = await searcher(session, weekly=0)
    await entry(session, member.id, MONDAYS[0] - timedelta(days=20), duplicate_key=5)
    await entry(session, member.id, MONDAYS[0] + timedelta(days=1), duplicate_key=5)
    (rated,) = await weekly(session, member)
    assert rated.counted == 0


async def test_exemptions_pause_and_the_first_given_is_named(session: AsyncSession) -> None:
    member = await searcher(session)
    await exemption(session, member.id, TODAY, None, "sygdom")
    await exemption(session, member.id, TODAY, TODAY, "ferie")
    (rated,) = await weekly(session, member)
    assert (rated.after, rated.reasons) == ("paused", ("exempt:sygdom",))


async def test_a_cancelled_exemption_excuses_nothing(session: AsyncSession) -> None:
    member = await searcher(session)
    await exemption(session, member.id, TODAY, None)
    await session.execute(text("UPDATE exemption SET cancelled_at = now()"))
    (rated,) = await weekly(session, member)
    assert rated.after == "green"


async def test_an_override_that_runs_decides_and_an_ended_one_does_not(session: AsyncSession) -> None:
    member = await searcher(session)
    staff = await factories.staff(session)
    override = RatingOverride(
        id=new_id(), member_id=member.id, colour="red", until=TODAY, reason="x", set_by=staff.id, set_at=RUN
    )
    session.add(override)
    await session.flush()
    (rated,) = await weekly(session, member)
    assert (rated.after, rated.reasons) == ("red", ("caseworker_override",))
    override.ended_at = RUN
    await session.flush()
    assert (await by_event(session, member))[0].reasons != ("caseworker_override",)


async def requirement(session: AsyncSession, member_id: Any, valid_from: date, per_week: int) -> None:
    session.add(
        SearchRequirement(
            id=new_id(),
            member_id=member_id,
            valid_from=valid_from,
            min_per_week=per_week,
            min_posted_per_week=0,
            uploads_per_month=0,
            source="staff",
            set_at=RUN,
        )
    )
    await session.flush()


async def test_the_requirement_valid_on_the_day_applies(session: AsyncSession) -> None:
    member = await searcher(session)
    await requirement(session, member.id, TODAY, 3)
    await requirement(session, member.id, TODAY + timedelta(days=1), 5)
    (rated,) = await weekly(session, member)
    assert rated.required == 12


async def test_before_the_first_requirement_that_one_applies_and_without_any_nobody_is_rated(
    session: AsyncSession,
) -> None:
    member, other = await searcher(session), await searcher(session)
    await session.execute(text("DELETE FROM search_requirement"))
    await requirement(session, member.id, TODAY + WEEK, 1)
    assert [(each.member_id, each.required) for each in await weekly(session, member, other)] == [(member.id, 4)]


async def test_completed_calls_protect_and_those_not_reached_do_not(session: AsyncSession) -> None:
    reached, missed = (
        await searcher(session, weekly=0, colour="green"),
        await searcher(session, weekly=0, colour="green"),
    )
    for member, outcome in ((reached, "agreed_plan"), (missed, "not_reached")):
        call = {"id": new_id(), "member_id": member.id, "queue": "branch", "fast": False, "state": "done"}
        session.add(ServiceCall(**call, outcome=outcome, due_on=TODAY, opened_at=RUN, completed_on=TODAY))
    await session.flush()
    found = {each.member_id: each for each in await weekly(session, reached, missed)}
    assert (found[reached.id].after, found[missed.id].after) == ("green", "red")
    assert "call_protection" in found[reached.id].reasons


async def test_a_held_talk_starts_the_window_anew(session: AsyncSession) -> None:
    member = await searcher(session)
    staff = await factories.staff(session)
    held = {"id": new_id(), "member_id": member.id, "state": "held", "held_on": MONDAYS[2] - timedelta(days=1)}
    session.add(CallIn(**held, evidence={}, proposed_at=RUN, decided_by=staff.id))
    await session.flush()
    (rated,) = await weekly(session, member)
    assert (rated.figures.reset_on, rated.counted, rated.required) == (held["held_on"], 4, 4)


async def test_a_member_without_a_current_row_is_enrolled(session: AsyncSession) -> None:
    member = await searcher(session)
    await session.execute(text("DELETE FROM rating_current"))
    assert len(await weekly(session, member)) == 1
    assert (await current(session, member.id)).colour == "green"


async def test_ratios_keep_eight_weeks_and_the_trend_is_the_last_step(session: AsyncSession) -> None:
    member = await searcher(session)
    found = []
    for week in range(10):
        await weekly(session, member, now=RUN + week * WEEK)
        held = await current(session, member.id)
        found.append((held.ratios[-1], held.trend))
    assert found[:5] == [(100, 0), (75, -25), (50, -25), (25, -25), (0, -25)]
    assert len(held.ratios) == 8


async def test_the_version_of_the_day_is_used_and_kept(session: AsyncSession) -> None:
    member = await searcher(session)
    numbers = {"window_weeks": 2}
    session.add(RatingPolicy(version=2, valid_from=TODAY + WEEK, numbers=numbers, note="shorter", published_at=RUN))
    await session.flush()
    await weekly(session, member)
    await weekly(session, member, now=RUN + WEEK)
    assert [(each.policy_version, each.due_days) for each in await ratings(session, member.id)] == [(1, 20), (2, 10)]


async def test_what_is_stored_explains_itself(session: AsyncSession) -> None:
    member = await searcher(session)
    await entry(session, member.id, MONDAYS[0], country="NO")
    (rated,) = await weekly(session, member)
    given = await queries.current(session, member.id)
    assert given is not None
    assert given.result.figures == rated.figures
    assert [each.reason for each in given.result.figures.skipped] == ["country"]
    assert given.result.ratio == 1.0


async def test_history_pages_backwards_and_days_gone_by_can_be_asked_for(session: AsyncSession) -> None:
    member = await searcher(session)
    for week in range(3):
        await weekly(session, member, now=RUN + week * WEEK)
    first = await queries.history(session, member.id, before=None, limit=2)
    rest = await queries.history(session, member.id, before=queries.Place(first[-1].rated_at, first[-1].id), limit=2)
    assert [each.rated_on for each in (*first, *rest)] == [TODAY + 2 * WEEK, TODAY + WEEK, TODAY]
    then = await queries.as_of(session, member.id, TODAY + WEEK - timedelta(days=1))
    assert then == rest[0]
    assert await queries.as_of(session, member.id, TODAY - timedelta(days=1)) is None


async def test_statements_do_not_grow_with_members(session: AsyncSession) -> None:
    few = [await searcher(session, weekly=0) for _ in range(2)]
    many = [await searcher(session, weekly=0) for _ in range(20)]
    assert await _statements(session, few) == await _statements(session, many) > 5


async def _statements(session: AsyncSession, members: list[Any]) -> int:
    async with statements(session) as seen:
        assert len(await weekly(session, *members)) == len(members)
    return len(seen)


async def test_two_at_once_on_the_same_members_wait_for_each_other(fresh_sessions: Sessions) -> None:
    async with transaction(fresh_sessions) as session:
        members = [await searcher(session) for _ in range(5)]

    async def run() -> int:
        async with transaction(fresh_sessions) as session:
            return len(await weekly(session, *members))

    assert sorted(await asyncio.gather(run(), run(), run())) == [0, 0, 5]


async def test_who_waited_for_another_sees_what_it_wrote(fresh_sessions: Sessions) -> None:
    """An entry committed while the run waits for the member's row is counted by the run."""
    async with transaction(fresh_sessions) as session:
        member = await searcher(session)

    async def run() -> int:
        async with transaction(fresh_sessions) as session:
            return (await weekly(session, member))[0].counted

    async with transaction(fresh_sessions) as session:
        await by_event(session, member, now=local_time(TODAY, time(5)))
        waiting = asyncio.create_task(run())
        await asyncio.sleep(0.2)
        await entry(session, member.id, MONDAYS[3] + timedelta(days=4))
    assert await waiting == 9


async def test_an_interrupted_run_leaves_nothing(fresh_sessions: Sessions) -> None:
    async with transaction(fresh_sessions) as session:
        member = await searcher(session)

    async def killed() -> None:
        async with transaction(fresh_sessions) as session:
            await weekly(session, member)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await killed()
    async with transaction(fresh_sessions) as session:
        assert await ratings(session, member.id) == []
        assert (await current(session, member.id)).rated_on is None
