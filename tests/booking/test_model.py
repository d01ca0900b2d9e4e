"""Booking against a model in plain Python: in whatever order people act, what is done was allowed, what is refused was
not, and the database says the same as the model. Offers are read, and held against the rules of the line."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from backend.booking import expiry, service, waiting
from backend.db.engine import make_engine
from backend.errors import DomainError, NotFound
from backend.notifications.sending import held as may_send
from tests import factories
from tests.booking import factories as make
from tests.booking.factories import at
from tests.booking.test_races import assert_sound

pytestmark = pytest.mark.db
# Two events that overlap and one the day after; booking closes a day before each.
STARTS = [at(date(2026, 8, 26), 9), at(date(2026, 8, 26), 10), at(date(2026, 8, 27), 9)]
CAPACITY = [1, 2, 1]
BEGIN = at(date(2026, 8, 24), 9)
# Most happens around the first event, which begins full and with a line: there the offers are.
WHO, WHICH = st.integers(0, 3), st.sampled_from([0, 0, 0, 1, 2])
LINE = text("""
    SELECT session_id, member_id, state, offered_at, offer_until, blocked FROM waiting_entry
    WHERE state IN ('waiting', 'offered') ORDER BY priority, joined_at, id
""")
ACTIVE = text("SELECT session_id, member_id, held_until FROM booking WHERE state IN ('held', 'booked')")


one_session = partial(AsyncSession, expire_on_commit=False, autoflush=False, join_transaction_mode="create_savepoint")


async def awaited(act: Awaitable[Any]) -> Any:
    return await act


async def begun(connection: AsyncConnection) -> Any:
    """The world, made once: what an example does to it is undone at its end."""
    outer = await connection.begin()
    async with one_session(connection) as session:
        branch = await factories.branch(session)
        Booking.members = [await make.member(session, branch) for _ in range(4)]
        seats = zip(CAPACITY, STARTS, strict=True)
        Booking.events = [await make.workshop(session, capacity=n, starts_at=start) for n, start in seats]
        await session.commit()
    return outer


class Booking(RuleBasedStateMachine):
    """`seats` maps (event, member) to when a hold runs out, None for a booking. Time only goes forward."""

    runner: asyncio.Runner
    connection: AsyncConnection
    members: list[UUID]
    events: list[UUID]

    def __init__(self) -> None:
        super().__init__()
        self.now = BEGIN
        self.seats: dict[tuple[int, int], datetime | None] = {}

    def run(self, act: Awaitable[Any]) -> Any:
        return self.runner.run(awaited(act))

    @initialize()
    def begin(self) -> None:
        self.session = one_session(self.connection)
        self.example = self.run(self.connection.begin_nested())
        self.book(0, 0, hold=False)
        for member in (1, 2):
            self.joins(0, member)

    def teardown(self) -> None:
        if hasattr(self, "example"):
            self.run(self.session.close())
            self.run(self.example.rollback())

    def attempt(self, act: Callable[[], Awaitable[Any]]) -> str:
        """What came of it: "done", or the type of the refusal, which leaves nothing behind."""

        async def tried() -> str:
            try:
                async with self.session.begin_nested():
                    await act()
            except DomainError as refused:
                return refused.type
            return "done"

        return str(self.run(tried()))

    def taken(self, event: int) -> int:
        return sum(until is None or until > self.now for (e, _), until in self.seats.items() if e == event)

    def line(self) -> list[Any]:
        return list(self.run(self.session.execute(LINE)).all())

    def offers(self, event: int) -> int:
        return sum(row.session_id == self.events[event] and row.state == "offered" for row in self.line())

    def has(self, event: int, member: int) -> bool:
        until = self.seats.get((event, member), self.now)
        return until is None or until > self.now

    def clash(self, event: int, member: int, but: int | None = None) -> bool:
        return any(
            STARTS[e].date() == STARTS[event].date() and self.has(e, member) for e in range(3) if e not in (but, event)
        )

    def closed(self, event: int) -> bool:
        return self.now >= STARTS[event] - timedelta(hours=24)

    def expected(self, event: int, member: int, *, but: int | None = None) -> set[str]:
        """How a try to book must end, as far as the model knows."""
        if self.closed(event):
            return {"booking-closed"}
        if self.has(event, member):
            return {"already-booked"}
        if self.clash(event, member, but):
            return {"own-time-taken"}
        if self.taken(event) + self.offers(event) >= CAPACITY[event]:
            return {"session-full"}
        # Offers that ran out but were not rolled yet still take their seats, and those in line go first while an offer
        # can still reach them.
        kept = may_send(self.now) + timedelta(hours=1) <= STARTS[event] - timedelta(hours=24)
        return {"done", "line-first"} if kept and self.waiting(event) else {"done"}

    def waiting(self, event: int) -> bool:
        return any(row.session_id == self.events[event] and row.state == "waiting" for row in self.line())

    def book(self, event: int, member: int, *, hold: bool) -> None:
        expected = self.expected(event, member)
        which, who = self.events[event], self.members[member]
        found = self.attempt(lambda: service.book_seat(self.session, who, which, now=self.now, hold=hold))
        assert found in expected
        if found == "done":
            self.seats[event, member] = self.now + timedelta(minutes=10) if hold else None

    @rule(event=WHICH, member=WHO, hold=st.booleans())
    def books(self, event: int, member: int, hold: bool) -> None:
        self.book(event, member, hold=hold)

    @rule(event=WHICH, member=WHO)
    def confirms(self, event: int, member: int) -> None:
        booking = self.booking(event, member)
        if booking is None:
            return
        found = self.attempt(lambda: service.confirm(self.session, booking, self.members[member], now=self.now))
        assert found == ("done" if self.has(event, member) else "hold-over")
        if found == "done":
            self.seats[event, member] = None

    @rule(event=WHICH, member=WHO)
    def cancels(self, event: int, member: int) -> None:
        booking = self.booking(event, member)
        if booking is None:
            return
        who = self.members[member]
        found = self.attempt(lambda: service.cancel(self.session, booking, who, reason="other", now=self.now))
        assert found == ("done" if self.now < STARTS[event] else "talk-begun")
        if found == "done":
            del self.seats[event, member]
            self.nobody_waits_for_a_free_seat(event)

    def nobody_waits_for_a_free_seat(self, event: int) -> None:
        late = STARTS[event] - timedelta(hours=24) - self.now < timedelta(hours=1)
        if late or may_send(self.now) > self.now:
            return
        stand = [r for r in self.line() if r.session_id == self.events[event]]
        if any(row.state == "waiting" and row.blocked is None for row in stand):
            assert self.taken(event) + self.offers(event) == CAPACITY[event]

    @rule(event=WHICH, to=WHICH, member=WHO)
    def moves(self, event: int, to: int, member: int) -> None:
        booking = self.booking(event, member)
        if booking is None or event == to or self.seats[event, member] is not None or self.now >= STARTS[event]:
            return
        expected = self.expected(to, member, but=event)
        which, who = self.events[to], self.members[member]
        found = self.attempt(lambda: service.move_seat(self.session, booking, who, which, now=self.now))
        assert found in expected
        if found == "done":
            del self.seats[event, member]
            self.seats[to, member] = None

    @rule(event=WHICH, member=WHO)
    def joins(self, event: int, member: int) -> None:
        which, who = self.events[event], self.members[member]
        found = self.attempt(lambda: waiting.join(self.session, who, which, now=self.now))
        if self.closed(event):
            assert found == "booking-closed"
        elif self.has(event, member):
            assert found == "already-booked"
        else:
            assert found in {"done", "own-time-taken", "seats-free", "already-in-line"}

    @rule(event=WHICH, member=WHO)
    def leaves(self, event: int, member: int) -> None:
        which, who = self.events[event], self.members[member]
        stood = any(row.session_id == which and row.member_id == who for row in self.line())
        found = self.attempt(lambda: waiting.leave(self.session, who, which, now=self.now))
        assert found == ("done" if stood else NotFound.type)

    @rule(event=WHICH, member=WHO)
    def accepts(self, event: int, member: int) -> None:
        which, who = self.events[event], self.members[member]
        offered = any(
            row.session_id == which and row.member_id == who and row.state == "offered" and row.offer_until > self.now
            for row in self.line()
        )
        found = self.attempt(lambda: waiting.accept(self.session, who, which, now=self.now))
        if not offered:
            assert found == "offer-over"
        elif self.clash(event, member):
            assert found == "own-time-taken"
        else:
            assert found == "done"
            self.seats[event, member] = None

    @rule(yes=st.booleans())
    def somebody_answers_an_offer(self, yes: bool) -> None:
        for row in self.line():
            if row.state == "offered":
                event, member = self.events.index(row.session_id), self.members.index(row.member_id)
                (self.accepts if yes else self.leaves)(event, member)
                return

    @rule()
    def somebody_gives_up_a_seat_of_the_first_event(self) -> None:
        for event, member in sorted(self.seats):
            if event == 0 and self.has(event, member):
                self.cancels(event, member)
                return

    @rule(minutes=st.sampled_from([1, 5, 11, 120, 720, 1000]))
    def time_goes_by(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def the_sweep_runs(self) -> None:
        async def sweep() -> None:
            await expiry.sweep(self.session, now=self.now)
            for event in sorted(await waiting.due(self.session, now=self.now)):
                await waiting.roll(self.session, event, now=self.now)

        assert self.attempt(sweep) == "done"
        self.seats = {key: until for key, until in self.seats.items() if until is None or until > self.now}
        for row in self.line():
            event = self.events.index(row.session_id)
            assert not self.closed(event)
            assert row.state == "waiting" or row.offer_until > self.now
            self.nobody_waits_for_a_free_seat(event)

    def booking(self, event: int, member: int) -> UUID | None:
        if (event, member) not in self.seats:
            return None
        statement = text("""
            SELECT id FROM booking WHERE session_id = :e AND member_id = :m AND state IN ('held', 'booked')""")
        params = {"e": self.events[event], "m": self.members[member]}
        found: UUID | None = self.run(self.session.scalar(statement, params))
        return found

    @invariant()
    def the_database_is_sound_and_says_the_same(self) -> None:
        self.run(assert_sound(self.session))
        rows = self.run(self.session.execute(ACTIVE)).all()
        stored = {(self.events.index(e), self.members.index(m)): until for e, m, until in rows}
        live = {key: until for key, until in stored.items() if until is None or until > self.now}
        assert live == {key: until for key, until in self.seats.items() if until is None or until > self.now}

    @invariant()
    def offers_keep_to_the_rules_of_the_line(self) -> None:
        passed: dict[UUID, bool] = {}
        for row in self.line():
            if row.state == "offered":
                assert may_send(row.offered_at) == row.offered_at
                assert row.offer_until - row.offered_at >= timedelta(hours=1)
                assert not (passed.get(row.session_id) and row.offered_at == self.now)
            elif row.blocked is None:
                passed[row.session_id] = True


def test_booking_agrees_with_its_model(database_url: str) -> None:
    with asyncio.Runner() as runner:
        engine = make_engine(database_url)
        Booking.runner = runner
        Booking.connection = runner.run(engine.connect().start())
        outer = runner.run(begun(Booking.connection))
        try:
            run_state_machine_as_test(
                Booking, settings=settings(max_examples=50, stateful_step_count=30, deadline=None, derandomize=True)
            )
        finally:
            runner.run(outer.rollback())
            runner.run(Booking.connection.close())
            runner.run(engine.dispose())
