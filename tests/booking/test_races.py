"""Many at once on real connections: never a seat or a time too many, and every success is a row."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import errors, service, waiting
from backend.booking.places import Placed
from backend.db.engine import Sessions, make_engine, make_sessions, transaction
from backend.errors import DomainError
from tests import factories
from tests.booking import factories as make
from tests.booking.factories import NOW, at

pytestmark = pytest.mark.db
Attempt = Callable[[AsyncSession], Awaitable[Placed]]

SOUND = text("""
    SELECT
        (SELECT count(*) FROM activity_session AS s
         WHERE s.taken <> (SELECT count(*) FROM booking AS b WHERE b.session_id = s.id AND b.state = 'booked')
            OR s.held <> (SELECT count(*) FROM booking AS b WHERE b.session_id = s.id AND b.state = 'held')
            OR s.offered <> (SELECT count(*) FROM waiting_entry AS w WHERE w.session_id = s.id AND w.state = 'offered')
            OR s.taken + s.held + s.offered > s.capacity) AS miscounted,
        (SELECT count(*) FROM staff_time AS a JOIN staff_time AS b ON a.staff_id = b.staff_id AND a.span && b.span
         WHERE a.session_id < b.session_id) AS advisers_double,
        (SELECT count(*) FROM member_time AS a JOIN member_time AS b ON a.member_id = b.member_id AND a.span && b.span
         WHERE a.booking_id < b.booking_id) AS members_double,
        (SELECT count(*) FROM booking AS b FULL JOIN member_time AS t ON t.booking_id = b.id
         WHERE (b.state IN ('held', 'booked')) <> (t.booking_id IS NOT NULL)) AS times_astray,
        (SELECT count(*) FROM activity_session AS s FULL JOIN staff_time AS t ON t.session_id = s.id
         WHERE s.kind = 'talk' AND (s.taken + s.held = 1) <> (t.session_id IS NOT NULL)) AS talks_astray
""")


async def assert_sound(session: AsyncSession) -> None:
    row = (await session.execute(SOUND)).one()
    assert tuple(row) == (0, 0, 0, 0, 0)


async def attempt(sessions: Sessions, act: Attempt) -> Placed | str:
    try:
        async with transaction(sessions) as session:
            return await act(session)
    except DomainError as refused:
        return refused.type


async def rush(sessions: Sessions, acts: Sequence[Attempt]) -> tuple[list[Placed], list[str]]:
    results = await asyncio.gather(*(attempt(sessions, act) for act in acts))
    return [r for r in results if isinstance(r, Placed)], [r for r in results if isinstance(r, str)]


async def test_20_seats_and_500_attempts_while_holds_run_out(fresh_database: str) -> None:
    engine = make_engine(fresh_database, pool_size=20)
    sessions = make_sessions(engine)
    async with transaction(sessions) as session:
        event = await make.workshop(session, capacity=20)
        crowd = await make.crowd(session, await factories.branch(session), 500)
        for member in crowd[:8]:
            await service.book_seat(session, member, event, now=NOW, hold=True)

    def act(n: int, member: UUID) -> Attempt:
        # A quarter come before the holds run out, the others after; some only hold.
        now = NOW + timedelta(minutes=5 if n % 4 == 0 else 11)
        return lambda session: service.book_seat(session, member, event, now=now, hold=n % 5 == 0)

    done, refused = await rush(sessions, [act(n, member) for n, member in enumerate(crowd)])
    assert set(refused) <= {"session-full", "already-booked"}
    async with transaction(sessions) as session:
        await assert_sound(session)
        taken, held, _ = await make.counters(session, event)
        assert taken + held == 20
        rows = await session.execute(
            text("SELECT id FROM booking WHERE session_id = :e AND state IN ('held', 'booked')"), {"e": event}
        )
        assert {one.booking_id for one in done} <= set(rows.scalars())
    await engine.dispose()


async def test_the_last_time_of_an_adviser_and_100_attempts(fresh_sessions: Sessions) -> None:
    async with transaction(fresh_sessions) as session:
        branch = await factories.branch(session)
        await make.adviser(session, branch, 9, 10)
        crowd = await make.crowd(session, branch, 100)
        items = [(await make.items(session, member))["cv_job"] for member in crowd]
        early = await service.book_talk(
            session, crowd[0], [items[0]], starts_at=at(date(2026, 8, 5), 9), form="personal", now=NOW, hold=True
        )

    def act(n: int) -> Attempt:
        return lambda session: service.book_talk(
            session, crowd[n], [items[n]], starts_at=at(date(2026, 8, 5), 9), form="personal",
            now=NOW + timedelta(minutes=11), hold=n % 3 == 0,
        )  # fmt: skip

    done, refused = await rush(fresh_sessions, [act(n) for n in range(1, 100)])
    assert len(done) == 1
    assert set(refused) == {"slot-taken"}
    async with transaction(fresh_sessions) as session:
        await assert_sound(session)
        rows = await session.execute(text("SELECT session_id FROM staff_time"))
        assert list(rows.scalars()) == [done[0].session_id] != [early.session_id]


async def test_one_member_at_two_places_at_once(fresh_sessions: Sessions) -> None:
    """A phone that sends twice, and an adviser who books meanwhile: one booking, and a word for the others."""
    async with transaction(fresh_sessions) as session:
        events = [await make.workshop(session) for _ in range(4)]
        [member] = await make.crowd(session, await factories.branch(session), 1)

    def act(n: int) -> Attempt:
        return lambda session: service.book_seat(session, member, events[n % 4], now=NOW)

    done, refused = await rush(fresh_sessions, [act(n) for n in range(16)])
    assert len(done) == 1
    assert sorted(set(refused)) == ["already-booked", "own-time-taken"]
    async with transaction(fresh_sessions) as session:
        await assert_sound(session)


async def test_any_adviser_fills_every_slot_exactly_once(fresh_sessions: Sessions) -> None:
    async with transaction(fresh_sessions) as session:
        branch = await factories.branch(session)
        for _ in range(3):
            await make.adviser(session, branch, 9, 12)
        crowd = await make.crowd(session, branch, 40)
        items = [(await make.items(session, member))["cv_job"] for member in crowd]

    def act(n: int) -> Attempt:
        return lambda session: service.book_talk(
            session, crowd[n], [items[n]], starts_at=at(date(2026, 8, 5), 9 + n % 3), form="personal", now=NOW
        )

    done, _ = await rush(fresh_sessions, [act(n) for n in range(40)])
    assert len(done) == 9
    async with transaction(fresh_sessions) as session:
        await assert_sound(session)


async def test_changing_places_ends_in_no_circle(fresh_sessions: Sessions) -> None:
    """Each wants the other's time: both are refused, nobody waits for ever, nobody loses a talk."""
    async with transaction(fresh_sessions) as session:
        branch = await factories.branch(session)
        advisers = [await make.adviser(session, branch) for _ in range(2)]
        crowd = await make.crowd(session, branch, 2)
        items = [(await make.items(session, member))["cv_job"] for member in crowd]
        when = at(date(2026, 8, 5), 9)
        placed = [
            await service.book_talk(
                session, crowd[n], [items[n]], starts_at=when, form="personal", now=NOW, staff_id=advisers[n].id
            )
            for n in range(2)
        ]

    def act(n: int) -> Attempt:
        return lambda session: service.move_talk(
            session, placed[n].booking_id, crowd[n], starts_at=when, form="personal", now=NOW,
            staff_id=advisers[1 - n].id,
        )  # fmt: skip

    for _ in range(5):
        begun = asyncio.get_running_loop().time()
        done, refused = await rush(fresh_sessions, [act(0), act(1)])
        assert (done, refused) == ([], ["slot-taken", "slot-taken"])
        assert asyncio.get_running_loop().time() - begun < 0.9  # The server would find a deadlock after a second.
    async with transaction(fresh_sessions) as session:
        await assert_sound(session)


async def test_bookings_cancellations_and_offers_at_once(fresh_sessions: Sessions) -> None:
    chance = random.Random(4)
    async with transaction(fresh_sessions) as session:
        branch = await factories.branch(session)
        events = [await make.workshop(session, capacity=3, starts_at=at(date(2026, 8, 26 + n), 9)) for n in range(2)]
        crowd = await make.crowd(session, branch, 12)

    async def client(member: UUID) -> int:
        done = 0
        for n in range(12):
            now = NOW + timedelta(minutes=4 * n)
            act = chance.choice([_book, _book, _hold, _cancel, _move, _join, _accept, _leave])
            try:
                async with transaction(fresh_sessions) as session:
                    await act(session, member, events, now)
                    done += 1
            except DomainError:
                continue
        return done

    done = await asyncio.gather(*(client(member) for member in crowd))
    assert sum(done) > 10
    async with transaction(fresh_sessions) as session:
        await assert_sound(session)


async def _book(session: AsyncSession, member: UUID, events: list[UUID], now: datetime) -> None:
    await service.book_seat(session, member, events[member.int % 2], now=now)


async def _hold(session: AsyncSession, member: UUID, events: list[UUID], now: datetime) -> None:
    await service.book_seat(session, member, events[1 - member.int % 2], now=now, hold=True)


async def _own(session: AsyncSession, member: UUID) -> tuple[UUID, UUID]:
    rows = await session.execute(
        text("SELECT id, session_id FROM booking WHERE member_id = :m AND state = 'booked' LIMIT 1"), {"m": member}
    )
    row = rows.one_or_none()
    if row is None:
        raise errors.BookingOver
    return row.id, row.session_id


async def _cancel(session: AsyncSession, member: UUID, events: list[UUID], now: datetime) -> None:
    booking, _ = await _own(session, member)
    await service.cancel(session, booking, member, reason="other", now=now)


async def _move(session: AsyncSession, member: UUID, events: list[UUID], now: datetime) -> None:
    booking, event = await _own(session, member)
    await service.move_seat(session, booking, member, next(e for e in events if e != event), now=now)


async def _join(session: AsyncSession, member: UUID, events: list[UUID], now: datetime) -> None:
    await waiting.join(session, member, events[member.int % 2], now=now)


async def _accept(session: AsyncSession, member: UUID, events: list[UUID], now: datetime) -> None:
    await waiting.accept(session, member, events[member.int % 2], now=now)


async def _leave(session: AsyncSession, member: UUID, events: list[UUID], now: datetime) -> None:
    await waiting.leave(session, member, events[member.int % 2], now=now)
