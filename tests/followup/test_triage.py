"""The triage list: worst first, only those in sight, complete over pages, one query for any number of rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncSession

from backend.followup import triage
from backend.followup.triage import Filters
from backend.members.identity import StaffIdentity
from backend.rating.tables import RatingCurrent
from tests import factories
from tests.casework.factories import call, call_in
from tests.followup.factories import colleague, current, pair

pytestmark = pytest.mark.db
TODAY = date(2026, 11, 18)


async def _page(session: AsyncSession, staff: StaffIdentity, **filters: Any) -> list[triage.Row]:
    return await triage.page(
        session,
        staff,
        Filters(**filters),
        after=None,
        limit=50,
        today=TODAY,
    )


@contextmanager
def statements() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def test_the_order_is_deadline_colour_trend_and_waiting(session: AsyncSession) -> None:
    coordinator = await colleague(session, "coordinator")
    rows = [
        (date(2026, 11, 20), 1, -0.5, TODAY),
        (date(2026, 11, 21), 0, 0.0, TODAY),
        (date(2026, 11, 21), 1, -0.3, TODAY),
        (date(2026, 11, 21), 1, 0.1, TODAY - timedelta(days=9)),
        (date(2026, 11, 21), 1, 0.1, TODAY),
        (date.max, 0, -1.0, TODAY),
    ]
    ids = []
    for deadline, urgency, trend, since in rows:
        member = await factories.member(session)
        held = await session.get_one(RatingCurrent, member.id)
        held.deadline, held.urgency, held.trend, held.since = deadline, urgency, trend, since
        ids.append(member.id)
    await session.flush()
    found = await _page(session, coordinator)
    assert [row.member_id for row in found] == ids
    assert [row.deadline for row in found][-2:] == [date(2026, 11, 21), None]


async def test_pages_meet_every_member_once(session: AsyncSession) -> None:
    coordinator = await colleague(session, "coordinator")
    for n in range(23):
        member = await factories.member(session, colour=("red", "yellow", "green")[n % 3])
        held = await session.get_one(RatingCurrent, member.id)
        held.trend = (n % 4) / 7  # a fraction that four bytes cannot hold exactly
    await session.flush()
    seen, after = [], None
    while rows := await triage.page(session, coordinator, Filters(), after=after, limit=4, today=TODAY):
        seen += [row.member_id for row in rows]
        after = rows[-1].position
    assert len(seen) == len(set(seen)) == 23


async def test_an_adviser_sees_the_own_branch_with_its_cases(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    await factories.member(session, colour="red")
    call_id = await call(session, member.id)
    await triage.refresh_deadlines(session, [member.id])
    (row,) = await _page(session, adviser)
    assert (row.member_no, row.name, row.branch_name, row.colour) == (
        member.member_no, "Søren Østergaard", "Metal Vejle", "yellow",
    )  # fmt: skip
    assert (row.call_id, row.call_state, row.call_in_id, row.flagged) == (call_id, "open", None, False)
    assert (row.deadline, row.reasons, row.counted, row.required) == (date(2026, 11, 23), ["zero_week"], 3, 8)


async def test_filters_and_search(session: AsyncSession) -> None:
    coordinator = await colleague(session, "coordinator")
    member = await factories.member(session, colour="red", member_no="4711", search_key="åse kjær_100%")
    other = await factories.member(session, colour="green", member_no="4720", search_key="bo lund")
    assigned = await colleague(session)
    other.adviser_id = assigned.id
    await session.flush()

    async def ids(**filters: Any) -> set[object]:
        return {row.member_id for row in await _page(session, coordinator, **filters)}

    assert await ids(colours=("red",)) == {member.id}
    assert await ids(colours=("red", "green")) == {member.id, other.id}
    assert await ids(branch_id=other.branch_id) == {other.id}
    assert await ids(adviser_id=assigned.id) == {other.id}
    assert await ids(search="47") == {member.id, other.id}
    assert await ids(search="4711") == {member.id}
    assert await ids(search="99") == set()
    assert await ids(search="  ÅSE  kjær ") == {member.id}
    assert await ids(search="_100%") == {member.id}
    assert await ids(search="b_") == set()


async def test_a_page_is_one_query_for_any_number_of_rows(session: AsyncSession) -> None:
    coordinator = await colleague(session, "coordinator")
    counts = []
    for _ in range(2):
        for _ in range(3):
            await call_in(session, (await factories.member(session, colour="red")).id)
        with statements() as seen:
            await _page(session, coordinator)
        counts.append(len(seen))
    assert counts == [1, 1]


async def test_deadlines_follow_the_cases(session: AsyncSession) -> None:
    member, _ = await pair(session, colour="yellow")
    await triage.refresh_deadlines(session, [member.id])
    assert (await current(session, member.id)).deadline == date.max
    await call(session, member.id)
    await call_in(session, member.id)
    await triage.refresh_deadlines(session, [member.id])
    assert (await current(session, member.id)).deadline == date(2026, 11, 23)
    await triage.refresh_deadlines(session, [])
