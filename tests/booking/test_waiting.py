from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import errors, rules_waiting, service, waiting
from backend.errors import NotFound
from backend.notifications.sending import held
from tests import factories
from tests.booking import factories as make
from tests.booking.factories import NOW, at

pytestmark = pytest.mark.db
NIGHT = at(date(2026, 8, 3), 22)


async def full(
    session: AsyncSession, n: int, *, capacity: int = 1, **values: Any
) -> tuple[UUID, list[UUID], list[UUID]]:
    """A full session, its bookings' owners, and so many others."""
    branch = await factories.branch(session)
    event = await make.workshop(session, capacity=capacity, **values)
    owners = [await make.member(session, branch) for _ in range(capacity)]
    for one in owners:
        await service.book_seat(session, one, event, now=NOW)
    return event, owners, [await make.member(session, branch, risk="high") for _ in range(n)]


async def give_back(session: AsyncSession, member_id: UUID, event: UUID, now: datetime = NOW) -> None:
    booking = await session.scalar(
        text("SELECT id FROM booking WHERE member_id = :m AND session_id = :e AND state = 'booked'"),
        {"m": member_id, "e": event},
    )
    assert booking is not None
    await service.cancel(session, booking, member_id, reason="other", now=now)


async def state(session: AsyncSession, member_id: UUID, event: UUID) -> str:
    found = await session.scalar(
        text("SELECT state FROM waiting_entry WHERE member_id = :m AND session_id = :e ORDER BY id DESC LIMIT 1"),
        {"m": member_id, "e": event},
    )
    return str(found)


async def test_the_next_in_line_is_offered_the_seat_and_nobody_goes_past(session: AsyncSession) -> None:
    event, [owner], [one, two, three] = await full(session, 3)
    first = await waiting.join(session, one, event, now=NOW)
    second = await waiting.join(session, two, event, now=NOW + timedelta(minutes=1))
    assert [(s.position, s.state, s.reason) for s in (first, second)] == [
        (1, "waiting", "full"),
        (2, "waiting", "full"),
    ]
    await give_back(session, owner, event, NOW + timedelta(minutes=2))
    assert await make.counters(session, event) == (0, 0, 1)
    with pytest.raises(errors.SessionFull):
        await service.book_seat(session, three, event, now=NOW + timedelta(minutes=3))
    with pytest.raises(errors.OfferOver):
        await waiting.accept(session, two, event, now=NOW + timedelta(minutes=3))
    await waiting.accept(session, one, event, now=NOW + timedelta(minutes=3))
    assert await make.counters(session, event) == (1, 0, 0)
    assert (await waiting.standing(session, two, event, now=NOW)).position == 1


async def test_an_offer_that_runs_out_rolls_on_and_never_comes_back(session: AsyncSession) -> None:
    event, [owner], [one, two] = await full(session, 2)
    await waiting.join(session, one, event, now=NOW)
    await waiting.join(session, two, event, now=NOW + timedelta(minutes=1))
    await give_back(session, owner, event)
    standing = await waiting.standing(session, one, event, now=NOW)
    assert (standing.reason, standing.offer_until) == ("offered", NOW + timedelta(hours=24))
    over = NOW + timedelta(hours=24)
    assert await waiting.due(session, now=over - timedelta(seconds=1)) == []
    assert await waiting.due(session, now=over) == [event]
    with pytest.raises(errors.OfferOver):
        await waiting.accept(session, one, event, now=over)
    assert [offer.member_id for offer in await waiting.roll(session, event, now=over)] == [two]
    assert await waiting.roll(session, event, now=over) == []
    assert [await state(session, member, event) for member in (one, two)] == ["expired", "offered"]
    assert await make.counters(session, event) == (0, 0, 1)
    again = await waiting.join(session, one, event, now=over)
    assert again.position == 2


async def test_statutory_talks_go_first_then_the_course_then_wishes(session: AsyncSession) -> None:
    event, [owner], [wish, course] = await full(session, 2, activity="ws_write")
    await session.execute(
        text("UPDATE obligation SET state = 'cancelled', ended_reason = 'x' WHERE member_id = :m"), {"m": wish}
    )
    await waiting.join(session, wish, event, now=NOW)
    assert (await waiting.join(session, course, event, now=NOW + timedelta(hours=1))).position == 1
    await give_back(session, owner, event, NOW + timedelta(hours=2))
    assert await state(session, course, event) == "offered"


async def test_no_offers_at_night_but_first_thing_in_the_morning(session: AsyncSession) -> None:
    event, [owner], [one, two] = await full(session, 2)
    await waiting.join(session, one, event, now=NOW)
    await give_back(session, owner, event, NIGHT)
    standing = await waiting.standing(session, one, event, now=NIGHT)
    assert (standing.state, standing.reason) == ("waiting", "quiet")
    with pytest.raises(errors.LineFirst):
        await service.book_seat(session, two, event, now=NIGHT)
    morning = held(NIGHT)
    assert [offer.member_id for offer in await waiting.roll(session, event, now=morning)] == [one]


async def test_a_seat_that_can_be_offered_to_nobody_in_time_is_for_the_first_to_book(session: AsyncSession) -> None:
    """Given back on Friday night, booking closes on Sunday: phones are quiet until Monday, the seat is not lost."""
    event, [owner], [one, two] = await full(session, 2, starts_at=at(date(2026, 8, 24), 9))
    await waiting.join(session, one, event, now=NOW)
    friday = at(date(2026, 8, 21), 21)
    await give_back(session, owner, event, friday)
    assert (await waiting.standing(session, one, event, now=friday)).reason == "closing"
    with pytest.raises(errors.SeatsFree):
        await waiting.join(session, two, event, now=friday)
    await service.book_seat(session, one, event, now=friday)
    assert await state(session, one, event) == "left"
    assert await make.counters(session, event) == (1, 0, 0)


async def test_no_offer_runs_out_at_night() -> None:
    closes = at(date(2026, 8, 26), 10)
    friday = at(date(2026, 8, 7), 15)
    assert rules_waiting.offer_until(friday, closes, held) == at(date(2026, 8, 10), 8, 30)
    assert rules_waiting.offer_until(closes - timedelta(hours=1), closes, held) == closes
    assert rules_waiting.offer_until(closes - timedelta(minutes=59), closes, held) is None
    assert rules_waiting.offer_until(at(date(2026, 8, 25), 19), closes, held) == closes


async def test_who_cannot_come_is_passed_over_and_keeps_the_place(session: AsyncSession) -> None:
    event, [owner], [one, two] = await full(session, 2)
    await waiting.join(session, one, event, now=NOW)
    await waiting.join(session, two, event, now=NOW + timedelta(minutes=1))
    other = await make.workshop(session, starts_at=at(date(2026, 8, 26), 12))
    clash = await service.book_seat(session, one, other, now=NOW)
    await give_back(session, owner, event)
    assert await state(session, two, event) == "offered"
    assert (await waiting.standing(session, one, event, now=NOW)).reason == "own_time"
    await service.cancel(session, clash.booking_id, one, reason="other", now=NOW)
    await waiting.leave(session, two, event, now=NOW)
    assert [await state(session, member, event) for member in (one, two)] == ["offered", "declined"]


async def test_the_audience_is_looked_at_again(session: AsyncSession) -> None:
    event, [owner], [one] = await full(session, 1)
    await waiting.join(session, one, event, now=NOW)
    await session.execute(
        text("UPDATE activity_session SET audience = '{\"it_member\": true}' WHERE id = :e"), {"e": event}
    )
    await give_back(session, owner, event)
    assert (await waiting.standing(session, one, event, now=NOW)).reason == "audience"
    assert await make.counters(session, event) == (0, 0, 0)


async def test_the_line_ends_when_booking_closes(session: AsyncSession) -> None:
    event, [owner], [one, two] = await full(session, 2)
    await waiting.join(session, one, event, now=NOW)
    await waiting.join(session, two, event, now=NOW + timedelta(minutes=1))
    await give_back(session, owner, event)
    closed = at(date(2026, 8, 25), 10)
    assert await waiting.due(session, now=closed) == [event]
    await waiting.roll(session, event, now=closed)
    assert [await state(session, member, event) for member in (one, two)] == ["closed", "closed"]
    assert await make.counters(session, event) == (0, 0, 0)
    assert await waiting.due(session, now=closed) == []


async def test_who_may_join(session: AsyncSession) -> None:
    event, [owner], [one] = await full(session, 1)
    with pytest.raises(errors.AlreadyBooked):
        await waiting.join(session, owner, event, now=NOW)
    await waiting.join(session, one, event, now=NOW)
    with pytest.raises(errors.AlreadyInLine):
        await waiting.join(session, one, event, now=NOW)
    await waiting.leave(session, one, event, now=NOW)
    with pytest.raises(NotFound):
        await waiting.leave(session, one, event, now=NOW)
    with pytest.raises(NotFound):
        await waiting.standing(session, one, event, now=NOW)
    await give_back(session, owner, event)
    with pytest.raises(errors.SeatsFree):
        await waiting.join(session, one, event, now=NOW)
