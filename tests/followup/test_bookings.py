"""What follows from bookings that others end: a new plan, a session that is taken off, a day of no-shows."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import deadlines, service
from backend.booking.deadlines import NewDeadline
from backend.followup import booking_items, booking_lines, booking_notices, bookings, course
from backend.followup.bookings import Talk
from tests import factories
from tests.booking import factories as make
from tests.booking.factories import NOW, at
from tests.booking.test_races import assert_sound

pytestmark = pytest.mark.db
METAL: dict[str, Any] = {"set_name": "metal", "now": NOW}


async def told(session: AsyncSession, member_id: UUID) -> list[str]:
    rows = await session.scalars(text("SELECT key FROM message WHERE member_id = :m ORDER BY key"), {"m": member_id})
    return list(rows)


async def shown(session: AsyncSession, member_id: UUID, kind: str) -> list[str]:
    rows = await session.scalars(
        text("SELECT params ->> 'state' FROM timeline_item WHERE member_id = :m AND kind = :k ORDER BY at"),
        {"m": member_id, "k": kind},
    )
    return list(rows)


async def test_another_plan_ends_what_it_does_not_hold_with_notice(session: AsyncSession) -> None:
    branch, staff = await factories.branch(session), await factories.staff(session)
    await make.adviser(session, branch)
    member = await make.member(session, branch, risk="high")
    items = await make.items(session, member)
    event = await make.workshop(session, activity="ws_write", starts_at=at(date(2026, 8, 26), 10), capacity=1)
    kept = await bookings.book_talk(
        session, member, Talk([items["cv_job"]], at(date(2026, 8, 5), 9), "personal"), hold=False, by=None, **METAL
    )
    ended = await bookings.book_seat(session, member, event, hold=False, by=None, **METAL)
    waits = await make.member(session, branch)
    await booking_lines.join(session, waits, event, **METAL)
    await course.choose_plan(session, member, "bilag_9", reason="Found work soon", staff_id=staff.id, **METAL)
    rows = await session.execute(text("SELECT id, state, cancel_reason, lawful FROM booking ORDER BY id"))
    found = {row.id: (row.state, row.cancel_reason, row.lawful) for row in rows}
    assert found == {kept: ("booked", None, None), ended: ("cancelled", "replanned", True)}
    assert "N06.cancelled" in await told(session, member)
    assert "N22" in await told(session, waits)
    assert sorted(await shown(session, member, "booking")) == ["", "cancelled"]
    await assert_sound(session)
    assert await bookings.items_ended(session, list(items.values()), reason="replanned", by=None, **METAL) == 0


async def test_a_change_names_the_time_that_the_member_was_told_before(session: AsyncSession) -> None:
    """So that a change of today's talk to another week is said today, before anybody is on the way."""
    branch = await factories.branch(session)
    await make.adviser(session, branch)
    member = await make.member(session, branch)
    items = await make.items(session, member)
    first, second = at(date(2026, 8, 5), 9), at(date(2026, 8, 12), 9)
    placed = await bookings.book_talk(
        session, member, Talk([items["cv_job"]], first, "personal"), hold=False, by=None, **METAL
    )
    await service.move_talk(session, placed, member, starts_at=second, form="personal", now=NOW)
    await booking_notices.tell(session, [placed], now=NOW)
    causes = await session.scalars(text("SELECT cause ->> 'was' FROM message WHERE key = 'N06.changed'"))
    assert [datetime.fromisoformat(was) for was in causes] == [first]


async def test_a_session_that_is_taken_off_is_told_to_all_and_their_deadlines_run_again(
    session: AsyncSession,
) -> None:
    branch, staff = await factories.branch(session), await factories.staff(session)
    members = [await make.member(session, branch, risk="high") for _ in range(2)]
    event = await make.workshop(session, activity="ws_write", starts_at=at(date(2026, 8, 26), 10), capacity=5)
    item = (await make.items(session, members[0]))["ws_write"]
    await deadlines.set_many(session, [NewDeadline(item, members[0])], now=NOW)
    for member in members:
        await bookings.book_seat(session, member, event, hold=False, by=None, **METAL)
    assert await bookings.cancel_session(session, event, reason="ill", by=staff.id, **METAL) == 2
    for member in members:
        assert await told(session, member) == ["N06", "N06.cancelled"]
        assert await shown(session, member, "booking") == ["cancelled"]
    assert await session.scalar(text("SELECT state FROM booking_deadline")) == "open"
    assert await bookings.session_changed(session, event, **METAL) == 2
    assert await told(session, members[0]) == ["N06", "N06.cancelled"]


async def test_only_who_stayed_away_today_without_a_lawful_reason_hears_of_it(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    today, yesterday = at(date(2026, 8, 3), 8), at(date(2026, 7, 31), 8)
    cases = [("absent", None, today), ("absent", True, today), ("attended", None, today), ("absent", None, yesterday)]
    found = {}
    for state, lawful, when in cases:
        event = await make.workshop(session, starts_at=when)
        member = (await factories.member(session, branch_id=branch.id)).id
        booking = await session.scalar(
            text("INSERT INTO booking (id, member_id, session_id, state, created_at, booked_at, changed_at, lawful)"
                 " VALUES (gen_random_uuid(), :m, :e, :s, :n, :n, :n, :l) RETURNING id"),
            {"m": member, "e": event, "s": state, "n": when, "l": lawful},
        )  # fmt: skip
        found[booking] = member
    assert await booking_notices.no_show(session, list(found), now=NOW) == 1
    assert await booking_notices.no_show(session, list(found), now=NOW) == 0
    assert [await told(session, member) for member in found.values()] == [["N07"], [], [], []]


def test_where_a_talk_is_held_in_the_members_words() -> None:
    assert booking_notices.where("en", "phone", "Vejle") == "on the phone, we call you"
    assert booking_notices.where("da", "personal", None) == "i din afdeling, se i appen"
    assert booking_notices.where("da", "personal", "Vejle") == "Vejle"


@pytest.mark.parametrize(
    ("state", "deadline", "paused", "running", "expected"),
    [
        ("planned", None, False, True, "book"),
        ("planned", "open", False, True, "book"),
        ("planned", "open", True, True, "paused"),
        ("planned", "missed", False, True, "missed"),
        ("booked", "met", False, True, "booked"),
        ("missed", "missed", False, False, "cancelled"),
        ("done", "met", False, False, "done"),
    ],
)
def test_what_is_shown_of_an_item(state: str, deadline: str | None, paused: bool, running: bool, expected: str) -> None:
    begin, today = date(2026, 8, 17), date(2026, 8, 3)
    assert booking_items.item_state(state, deadline, begin, today, paused=paused, running=running) == expected
    if expected == "book":
        before = date(2026, 8, 2)
        assert booking_items.item_state(state, deadline, begin, before, paused=paused, running=running) == ""
