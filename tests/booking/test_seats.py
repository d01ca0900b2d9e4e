from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import errors, expiry, service
from backend.errors import NotFound
from tests import factories
from tests.booking import factories as make
from tests.booking.factories import NOW, at

pytestmark = pytest.mark.db
DAY = date(2026, 8, 26)


async def members(session: AsyncSession, n: int, **values: Any) -> list[UUID]:
    branch = await factories.branch(session)
    return [await make.member(session, branch, **values) for _ in range(n)]


async def test_seats_run_out_and_come_back(session: AsyncSession) -> None:
    one, two, three = await members(session, 3)
    event = await make.workshop(session, capacity=2)
    placed = await service.book_seat(session, one, event, now=NOW)
    await service.book_seat(session, two, event, now=NOW)
    with pytest.raises(errors.SessionFull):
        await service.book_seat(session, three, event, now=NOW)
    await service.cancel(session, placed.booking_id, one, reason="other", now=NOW)
    await service.book_seat(session, three, event, now=NOW)
    assert await make.counters(session, event) == (2, 0, 0)


async def test_one_booking_per_member_and_session(session: AsyncSession) -> None:
    [one] = await members(session, 1)
    event = await make.workshop(session)
    placed = await service.book_seat(session, one, event, now=NOW)
    with pytest.raises(errors.AlreadyBooked):
        await service.book_seat(session, one, event, now=NOW)
    with pytest.raises(IntegrityError, match="uq_booking_active"):
        async with session.begin_nested():
            await session.execute(
                text("INSERT INTO booking (id, member_id, session_id, state, created_at, changed_at) "
                     "SELECT gen_random_uuid(), member_id, session_id, state, created_at, changed_at "
                     "FROM booking WHERE id = :b"), {"b": placed.booking_id},
            )  # fmt: skip


async def test_the_database_itself_refuses_a_seat_too_many(session: AsyncSession) -> None:
    event = await make.workshop(session, capacity=2)
    with pytest.raises(IntegrityError, match="ck_activity_session_seats"):
        async with session.begin_nested():
            await session.execute(
                text("UPDATE activity_session SET taken = 1, held = 1, offered = 1 WHERE id = :e"), {"e": event}
            )


async def test_holds_take_seats_until_they_run_out(session: AsyncSession) -> None:
    one, two, three = await members(session, 3)
    event = await make.workshop(session, capacity=2)
    for member in (one, two):
        await service.book_seat(session, member, event, now=NOW, hold=True)
    assert await make.counters(session, event) == (0, 2, 0)
    with pytest.raises(errors.SessionFull):
        await service.book_seat(session, three, event, now=NOW + timedelta(minutes=9))
    await service.book_seat(session, three, event, now=NOW + timedelta(minutes=10))
    assert await make.counters(session, event) == (1, 0, 0)
    # One's own hold that ran out is in nobody's way either.
    await service.book_seat(session, one, event, now=NOW + timedelta(minutes=11), hold=True)
    assert await expiry.sweep(session, now=NOW + timedelta(minutes=30)) == [event]
    assert await make.counters(session, event) == (1, 0, 0)


async def test_the_audience_the_window_and_the_cut_off(session: AsyncSession) -> None:
    [high] = await members(session, 1, risk="high")
    graduates = await make.workshop(session, audience={"newly_qualified": True})
    with pytest.raises(errors.NotForYou):
        await service.book_seat(session, high, graduates, now=NOW)
    write = await make.workshop(session, activity="ws_write", starts_at=at(date(2026, 9, 1), 10))
    with pytest.raises(errors.OutsideWindow):
        await service.book_seat(session, high, write, now=NOW)
    event = await make.workshop(session)
    with pytest.raises(errors.Closed):
        await service.book_seat(session, high, event, now=at(DAY, 10) - timedelta(hours=24))
    with pytest.raises(NotFound):
        await service.book_seat(session, high, UUID(int=1), now=NOW)
    gone = await make.workshop(session, state="cancelled")
    with pytest.raises(errors.Closed):
        await service.book_seat(session, high, gone, now=NOW)


async def test_a_seat_for_an_item_of_the_course_marks_it_booked(session: AsyncSession) -> None:
    [high] = await members(session, 1, risk="high")
    event = await make.workshop(session, activity="ws_write")
    await service.book_seat(session, high, event, now=NOW)
    other = await make.workshop(session, activity="ws_write", starts_at=at(date(2026, 8, 27), 10))
    with pytest.raises(errors.AlreadyBooked):
        await service.book_seat(session, high, other, now=NOW)


async def test_a_seat_moves_to_another_day(session: AsyncSession) -> None:
    high, other = await members(session, 2, risk="high")
    first = await make.workshop(session, activity="ws_write", capacity=2)
    full = await make.workshop(session, activity="ws_write", capacity=1, starts_at=at(date(2026, 8, 27), 9))
    later = await make.workshop(session, activity="ws_write", starts_at=at(date(2026, 8, 28), 9))
    await service.book_seat(session, other, full, now=NOW)
    placed = await service.book_seat(session, high, first, now=NOW)
    with pytest.raises(errors.SessionFull):
        await service.move_seat(session, placed.booking_id, high, full, now=NOW)
    moved = await service.move_seat(session, placed.booking_id, high, later, now=NOW)
    assert (moved.booking_id, moved.session_id) == (placed.booking_id, later)
    assert await make.counters(session, first) == (0, 0, 0)
    assert await make.counters(session, later) == (1, 0, 0)


async def test_joint_talks_give_each_member_an_own_time(session: AsyncSession) -> None:
    """Half an hour together, then a quarter each: nobody waits more than 45 minutes."""
    five = await members(session, 5)
    start = at(date(2026, 10, 14), 9)
    joint = await make.workshop(
        session, activity="joint_1", kind="joint_talk", capacity=4, starts_at=start,
        ends_at=start + timedelta(minutes=90), lead_minutes=30, own_minutes=15,
    )  # fmt: skip
    placed = [await service.book_seat(session, one, joint, now=NOW) for one in five[:4]]
    assert [one.position for one in placed] == [1, 2, 3, 4]
    own = start + timedelta(minutes=30)
    assert [one.starts_at - own for one in placed] == [timedelta(minutes=15 * n) for n in range(4)]
    with pytest.raises(errors.SessionFull):
        await service.book_seat(session, five[4], joint, now=NOW)
    await service.cancel(session, placed[1].booking_id, five[1], reason="sick", now=NOW)
    assert (await service.book_seat(session, five[4], joint, now=NOW)).position == 2
    with pytest.raises(IntegrityError, match="joint_wait"):
        async with session.begin_nested():
            await session.execute(text("UPDATE activity_session SET own_minutes = 16 WHERE id = :j"), {"j": joint})


async def test_history_says_what_happened_and_cannot_be_changed(session: AsyncSession) -> None:
    [one] = await members(session, 1)
    event = await make.workshop(session)
    placed = await service.book_seat(session, one, event, now=NOW, hold=True)
    await service.confirm(session, placed.booking_id, one, now=NOW + timedelta(minutes=1))
    await service.cancel(session, placed.booking_id, one, reason="at_work", now=NOW + timedelta(minutes=2))
    rows = await session.execute(
        text("SELECT event FROM booking_history WHERE booking_id = :b ORDER BY at"), {"b": placed.booking_id}
    )
    assert list(rows.scalars()) == ["held", "confirmed", "cancelled"]
    with pytest.raises(Exception, match="append-only"):
        async with session.begin_nested():
            await session.execute(text("DELETE FROM booking_history"))
