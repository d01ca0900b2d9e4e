"""A rating and all that follows from it, in the database: once, together, whatever is repeated."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.engine import Sessions, transaction
from backend.followup import service
from backend.followup.service import Summary
from backend.rating.figures import Mode
from tests.followup.factories import items, messages
from tests.rating.rows import RUN, TODAY, current, entry, exemption, searcher, statements

pytestmark = pytest.mark.db
WEEK = timedelta(days=7)


async def follow(session: AsyncSession, *members: Any, now: Any = RUN, mode: Mode = "weekly", **values: Any) -> Summary:
    ids = [each.id for each in members]
    return await service.rate_and_follow_up(session, ids, now=now, mode=mode, call_queue="branch", **values)


async def rows(session: AsyncSession, statement: str) -> list[Any]:
    return [tuple(row) for row in await session.execute(text(statement))]


async def test_yellow_brings_a_call_a_message_and_two_lines_on_the_timeline(session: AsyncSession) -> None:
    member = await searcher(session, weekly=1)
    assert await follow(session, member) == Summary(rated=1, changed=1, messages=1, tasks=1)
    call = "SELECT state, queue, fast, due_on, rating_id FROM service_call"
    held = await current(session, member.id)
    assert await rows(session, call) == [("open", "branch", False, date(2026, 11, 23), held.rating_id)]
    assert await messages(session, member.id) == ["N11"]
    (changed,) = await items(session, member.id, "rating_changed")
    (coming,) = await items(session, member.id, "service_call")
    assert (changed.params["colour"], changed.at) == ("yellow", RUN)
    assert (coming.needs_action, coming.due_at and coming.due_at.date()) == (True, date(2026, 11, 23))
    assert held.deadline == date(2026, 11, 23)


async def test_a_repeated_run_adds_nothing(session: AsyncSession) -> None:
    members = [await searcher(session, weekly=weekly) for weekly in (0, 1, 2)]
    first = await follow(session, *members)
    assert (first.rated, first.changed) == (3, 3)
    assert await follow(session, *members) == Summary()
    assert await rows(session, "SELECT count(*) FROM message") == [(first.messages,)]
    assert await rows(session, "SELECT count(*) FROM timeline_item") == [(3 + 1,)]


async def test_red_brings_a_proposal_with_its_figures_and_no_call_in(session: AsyncSession) -> None:
    member = await searcher(session, weekly=0)
    assert (await follow(session, member)).tasks == 1
    ((state, sheet, decided),) = await rows(session, "SELECT state, evidence, decided_by FROM call_in")
    assert (state, decided) == ("proposed", None)
    assert (sheet["rating"]["colour"], sheet["rating"]["counted"], sheet["rating"]["required"]) == ("red", 0, 8)
    assert len(sheet["rating"]["weeks"]) == 4
    assert await messages(session, member.id) == ["N14"]


async def test_an_entry_that_makes_it_green_closes_the_call_at_once(session: AsyncSession) -> None:
    member = await searcher(session, weekly=1)
    await follow(session, member)
    for _ in range(4):
        await entry(session, member.id, TODAY)
    assert await follow(session, member, mode="event") == Summary(rated=1, changed=1, messages=1, tasks=0)
    assert await rows(session, "SELECT state, ended_reason FROM service_call") == [("closed", "improved")]
    assert await messages(session, member.id) == ["N11", "N15"]
    (coming,) = await items(session, member.id, "service_call")
    assert coming.done_at == RUN
    assert (await current(session, member.id)).deadline == date.max


async def test_a_better_colour_flags_a_proposal_and_leaves_it_to_a_person(session: AsyncSession) -> None:
    member = await searcher(session, weekly=0)
    await follow(session, member)
    for _ in range(8):
        await entry(session, member.id, TODAY)
    await follow(session, member, mode="event")
    assert (await current(session, member.id)).colour == "yellow"
    assert await rows(session, "SELECT state, flagged_at IS NOT NULL FROM call_in") == [("proposed", True)]
    assert await messages(session, member.id) == ["N14", "N15"]


async def test_a_pause_suspends_the_call_and_it_goes_on_afterwards(session: AsyncSession) -> None:
    member = await searcher(session, weekly=1)
    await follow(session, member)
    await exemption(session, member.id, TODAY + timedelta(days=1), TODAY + timedelta(days=3))
    later = RUN + timedelta(days=1)
    await follow(session, member, now=later, mode="event")
    assert await rows(session, "SELECT state FROM service_call") == [("suspended",)]
    for monday in range(2):
        await entry(session, member.id, TODAY + timedelta(days=monday))
    await follow(session, member, now=RUN + WEEK)
    assert await rows(session, "SELECT state FROM service_call") == [("open",)]
    assert await messages(session, member.id) == ["N11", "N11"]


async def test_from_a_pause_to_green_closes_what_was_suspended(session: AsyncSession) -> None:
    member = await searcher(session, weekly=1)
    await follow(session, member)
    await exemption(session, member.id, TODAY, TODAY)
    await follow(session, member, now=RUN + timedelta(hours=1), mode="event")
    for _ in range(4):
        await entry(session, member.id, TODAY)
    await follow(session, member, now=RUN + timedelta(days=1), mode="event")
    assert await rows(session, "SELECT state FROM service_call") == [("closed",)]


async def test_a_hint_comes_once_a_week(session: AsyncSession) -> None:
    member = await searcher(session, weeks=3)
    await entry(session, member.id, date(2026, 11, 9))
    await follow(session, member)
    await entry(session, member.id, date(2026, 10, 23), channel="network", status="planned")
    assert await messages(session, member.id) == ["N10"]
    await session.execute(text("UPDATE job_log_entry SET has_document = false"))
    await follow(session, member, mode="event", now=RUN + timedelta(days=1))
    assert await messages(session, member.id) == ["N10"]


async def test_a_late_run_rates_its_own_day_and_sends_now(session: AsyncSession) -> None:
    member = await searcher(session, weekly=1)
    late = RUN + timedelta(days=2)
    await follow(session, member, sent_at=late)
    assert await rows(session, "SELECT created_at, valid_until > :late FROM message".replace(":late", f"'{late}'")) == [
        (late, True)
    ]
    assert await rows(session, "SELECT due_on FROM service_call") == [(date(2026, 11, 23),)]


async def test_what_was_not_committed_did_not_happen(fresh_sessions: Sessions) -> None:
    async with transaction(fresh_sessions) as session:
        member = await searcher(session, weekly=1)

    async def killed() -> None:
        async with transaction(fresh_sessions) as session:
            await follow(session, member)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await killed()
    async with transaction(fresh_sessions) as session:
        tables = ("rating", "message", "inbox_entry", "timeline_item", "service_call", "case_history")
        assert [await rows(session, f"SELECT count(*) FROM {table}") for table in tables] == [[(0,)]] * 6
        assert (await follow(session, member)).messages == 1


async def test_statements_do_not_grow_with_members(session: AsyncSession) -> None:
    few = [await searcher(session, weekly=weekly) for weekly in (0, 1, 2)]
    many = [await searcher(session, weekly=weekly % 3) for weekly in range(21)]
    assert await _statements(session, few) == await _statements(session, many) > 5


async def _statements(session: AsyncSession, members: list[Any]) -> int:
    async with statements(session) as seen:
        assert (await follow(session, *members)).changed == len(members)
    return len(seen)
