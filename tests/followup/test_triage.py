"""The triage list: worst first, only those in sight, complete over pages, one query for any number of rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import tasks
from backend.clock import COPENHAGEN
from backend.db.types import new_id
from backend.followup import triage
from backend.followup.triage import Filters
from backend.members.identity import StaffIdentity
from backend.rating.tables import RatingCurrent
from tests import factories
from tests.casework.factories import call, call_in
from tests.followup.factories import colleague, current, pair

pytestmark = pytest.mark.db
TODAY = date(2026, 11, 18)
NOW = datetime(2026, 11, 18, 9, tzinfo=COPENHAGEN)


async def _page(session: AsyncSession, staff: StaffIdentity, **filters: Any) -> list[triage.Row]:
    return await triage.page(
        session,
        staff,
        Filters(**filters),
        after=None,
        limit=50,
        now=NOW,
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
    while rows := await triage.page(session, coordinator, Filters(), after=after, limit=4, now=NOW):
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


async def test_a_row_has_the_next_talk_and_the_open_tasks(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="red")
    other = await factories.member(session, colour="red", branch_id=member.branch_id)
    for days, kind, state in ((-3, "talk", "booked"), (2, "workshop", "booked"), (3, "talk", "cancelled"),
                              (5, "talk", "booked"), (9, "talk", "booked")):  # fmt: skip
        at = NOW + timedelta(days=days)
        await session.execute(SESSION, {"id": (held := new_id()), "kind": kind, "at": at, "to": at + HOUR})
        await session.execute(
            BOOKING, {"id": new_id(), "member": member.id, "session": held, "state": state, "now": NOW}
        )
    for key, due in (("a", 3), ("b", 2)):
        task = tasks.NewTask(member.id, "contact_me", key, TODAY + timedelta(days=due))
        await tasks.open_many(session, [task], now=NOW)
    await tasks.open_many(session, [tasks.NewTask(member.id, "contact_me", "c", TODAY)], now=NOW)
    await tasks.close_many(session, "contact_me", ["c"], reason="gone", now=NOW)
    called = await call_in(session, other.id)
    await session.execute(APPROVED, {"id": called, "at": NOW + HOUR, "by": adviser.id})
    rows = {row.member_id: row for row in await _page(session, adviser)}
    row = rows[member.id]
    assert (row.next_talk_at, row.next_talk) == (NOW + timedelta(days=5), "cv_talk")
    assert (row.tasks, row.task_due_on) == (2, TODAY + timedelta(days=2))
    row = rows[other.id]
    assert (row.next_talk_at, row.next_talk, row.tasks, row.task_due_on) == (NOW + HOUR, None, 0, None)


HOUR = timedelta(hours=1)
SESSION = text("""
    INSERT INTO activity_session (id, activity, kind, starts_at, ends_at, local_start, zone, form, language, audience,
        capacity, closes_at, state)
    VALUES (:id, 'cv_talk', :kind, :at, :to, '2026-11-18 10:00', 'Europe/Copenhagen', 'personal', 'da', '{}', 1, :at,
        'open')
""")
BOOKING = text("""
    INSERT INTO booking (id, member_id, session_id, state, created_at, booked_at, cancelled_at, cancel_reason,
        changed_at)
    VALUES (:id, :member, :session, :state, :now, :now, CASE WHEN :state = 'cancelled' THEN now() END,
        CASE WHEN :state = 'cancelled' THEN 'other' END, :now)
""")
APPROVED = text("""
    UPDATE call_in SET state = 'approved', decided_by = :by, decided_at = now(), talk_at = :at, talk_place = 'here'
    WHERE id = :id
""")
