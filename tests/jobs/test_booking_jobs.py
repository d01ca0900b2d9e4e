"""The jobs of booking, and whether what their messages say still holds when they are sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import service, waiting
from backend.booking.tables_calendar import SessionTemplate
from backend.clock import COPENHAGEN
from backend.db.engine import Sessions, transaction
from backend.db.types import new_id
from backend.jobs import (
    ask_to_book,
    miss_deadlines,
    publish_sessions,
    remind_booked,
    still_true,
    sweep_bookings,
    watch_capacity,
)  # fmt: skip
from backend.jobs.job import Counts, Moment, Work
from backend.notifications.outbox import Claimed
from backend.settings import Settings
from tests import factories
from tests.booking import factories as make
from tests.booking.factories import NOW, at
from tests.booking.test_races import assert_sound

pytestmark = pytest.mark.db
SETTINGS = Settings()


async def work(job: Work, session: AsyncSession, now: datetime, members: list[UUID] | None = None) -> Counts:
    return await job(session, members or [], moment=Moment(now, now), settings=SETTINGS)


async def sweep(sessions: Sessions, now: datetime) -> Counts:
    return await sweep_bookings.outside(sessions, moment=Moment(now, now), settings=SETTINGS)


async def test_members_are_asked_on_working_days_only(session: AsyncSession) -> None:
    member = await make.member(session, await factories.branch(session))
    sunday = at(date(2026, 8, 2), 8)
    assert await work(ask_to_book.work, session, sunday, [member]) == {}
    counts = await work(ask_to_book.work, session, NOW, [member])
    assert counts == {"deadlines": 1, "messages": 1, "tasks": 0, "reminders": 0}
    assert (await work(ask_to_book.work, session, at(date(2026, 8, 10), 8), [member]))["reminders"] == 1
    assert await work(miss_deadlines.work, session, at(date(2026, 8, 12), 0)) == {"missed": 1}
    assert await work(remind_booked.work, session, NOW) == {"messages": 0}


async def test_holds_that_ran_out_become_offers_and_offers_roll_on(sessions: Sessions) -> None:
    async with transaction(sessions) as session:
        branch = await factories.branch(session)
        holder, first, second = [await make.member(session, branch) for _ in range(3)]
        event = await make.workshop(session, capacity=1)
        await service.book_seat(session, holder, event, now=NOW, hold=True)
        for number, member in enumerate((first, second)):
            await waiting.join(session, member, event, now=NOW + timedelta(minutes=number))
    assert await sweep(sessions, NOW + timedelta(minutes=9)) == {"freed": 0, "offers": 0, "failed": 0}
    assert await sweep(sessions, NOW + timedelta(minutes=10)) == {"freed": 1, "offers": 1, "failed": 0}
    assert await sweep(sessions, NOW + timedelta(minutes=12)) == {"freed": 0, "offers": 0, "failed": 0}
    assert await sweep(sessions, NOW + timedelta(days=1, minutes=11)) == {"freed": 0, "offers": 1, "failed": 0}
    async with transaction(sessions) as session:
        await assert_sound(session)
        rows = await session.execute(text("SELECT member_id FROM message WHERE key = 'N22' ORDER BY created_at"))
        assert [row.member_id for row in rows] == [first, second]
        states = await session.scalars(
            text("SELECT params ->> 'state' FROM timeline_item WHERE kind = 'waiting_list' ORDER BY member_id = :m"),
            {"m": second},
        )
        assert list(states) == ["ended", "offered"]


async def test_one_broken_line_stops_no_other(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    async with transaction(sessions) as session:
        branch = await factories.branch(session)
        events = [await make.workshop(session, capacity=1, starts_at=at(date(2026, 8, 26 + n), 9)) for n in range(2)]
        for event in events:
            holder, waits = [await make.member(session, branch) for _ in range(2)]
            await service.book_seat(session, holder, event, now=NOW, hold=True)
            await waiting.join(session, waits, event, now=NOW)
    roll = waiting.roll

    async def broken(session: AsyncSession, session_id: UUID, **values: Any) -> Any:
        if session_id == events[0]:
            raise ValueError
        return await roll(session, session_id, **values)

    monkeypatch.setattr(waiting, "roll", broken)
    assert await sweep(sessions, NOW + timedelta(minutes=11)) == {"freed": 2, "offers": 1, "failed": 1}


def template(weekday: date, **values: Any) -> SessionTemplate:
    made = {
        "id": new_id(), "activity": "ws_write", "kind": "workshop", "first_on": weekday, "last_on": None,
        "every_weeks": 1, "at": time(10), "zone": "Europe/Copenhagen", "minutes": 180, "form": "personal",
        "language": "da", "audience": {}, "capacity": 20, "closes_hours": 24,
    }  # fmt: skip
    return SessionTemplate(**made | values)


async def test_templates_are_published_ahead_by_the_clock_on_the_wall(session: AsyncSession) -> None:
    session.add_all([template(date(2026, 8, 5)), template(date(2026, 8, 5), last_on=date(2026, 8, 1) + timedelta(8))])
    await session.flush()
    now = at(date(2026, 8, 3), 4, 40)
    counts = await work(publish_sessions.work, session, now)
    assert counts == {"sessions": 17, "conflicts": 0, "failed": 0}
    assert (await work(publish_sessions.work, session, now))["sessions"] == 0
    assert (await work(publish_sessions.work, session, now + timedelta(days=7)))["sessions"] == 1
    rows = (await session.scalars(text("SELECT starts_at FROM activity_session ORDER BY starts_at"))).all()
    assert {start.astimezone(COPENHAGEN).hour for start in rows} == {10}
    assert {start.hour for start in rows} == {8, 9}  # In UTC, before and after the last Sunday of October.


@dataclass(frozen=True)
class Row:
    """What the rules look at of a claimed delivery."""

    key: str
    cause: Mapping[str, Any]
    member_id: UUID = field(default_factory=new_id)
    params: Mapping[str, Any] = field(default_factory=dict)
    period: str = "p"
    id: UUID = field(default_factory=new_id)


async def untrue(session: AsyncSession, *rows: Row) -> list[bool]:
    found = await still_true.untrue(session, cast("list[Claimed]", list(rows)))
    return [row.id in found for row in rows]


async def test_a_message_about_a_booking_holds_while_its_time_does(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    await make.adviser(session, branch)
    member = await make.member(session, branch)
    item = (await make.items(session, member))["cv_job"]
    wish: dict[str, Any] = {"form": "personal", "now": NOW}
    start = at(date(2026, 8, 5), 9)
    booking = (await service.book_talk(session, member, [item], starts_at=start, **wish)).booking_id
    said = Row("N05", {"booking": str(booking), "at": start.isoformat()})
    other = Row("N05", {"booking": str(new_id()), "at": start.isoformat()})
    to_book = Row("N21", {"obligation": str(item)})
    assert await untrue(session, said, other, to_book) == [False, True, True]
    await service.move_talk(session, booking, member, starts_at=at(date(2026, 8, 5), 11), **wish)
    moved = Row("N06.changed", {"booking": str(booking), "at": at(date(2026, 8, 5), 11).isoformat()})
    assert await untrue(session, said, moved) == [True, False]
    await service.cancel(session, booking, member, reason="sick", now=NOW)
    assert await untrue(session, moved, to_book) == [True, False]
    absent = Row("N07", {"no_show": str(booking)})
    assert await untrue(session, absent) == [True]
    await session.execute(text("UPDATE booking SET state = 'absent', lawful = NULL"))
    assert await untrue(session, absent) == [False]


async def test_a_message_about_a_deadline_or_an_offer_holds_while_it_does(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    member, waits = [await make.member(session, branch) for _ in range(2)]
    await work(ask_to_book.work, session, NOW, [member])
    deadline = await session.scalar(text("SELECT id FROM booking_deadline"))
    said = Row("N03", {"deadline": str(deadline), "due_on": "2026-08-11"})
    assert await untrue(session, said) == [False]
    await session.execute(text("UPDATE booking_deadline SET due_on = '2026-08-12'"))
    assert await untrue(session, said, Row("N02", {"deadline": str(deadline)})) == [True, False]
    await session.execute(text("UPDATE booking_deadline SET paused_on = '2026-08-05'"))
    assert await untrue(session, Row("N02", {"deadline": str(deadline)})) == [True]
    event = await make.workshop(session, capacity=1)
    booked = await service.book_seat(session, member, event, now=NOW)
    await waiting.join(session, waits, event, now=NOW)
    entry = await session.scalar(text("SELECT id FROM waiting_entry"))
    assert await untrue(session, Row("N22", {"seat": str(entry)})) == [True]
    await service.cancel(session, booked.booking_id, member, reason="other", now=NOW)
    assert await untrue(session, Row("N22", {"seat": str(entry)})) == [False]


async def test_parts_of_a_seat_in_many_branches_are_one_alert(session: AsyncSession) -> None:
    """Three members, each of a branch of their own, may come to a net café: one and two thirds seats are lacking."""
    for _ in range(3):
        await make.member(session, await factories.branch(session), risk="high")
    for _ in range(2):
        await work(watch_capacity.work, session, at(date(2026, 8, 10), 7))
    rows = await session.execute(text("SELECT key, params ->> 'n' AS n FROM alert WHERE key LIKE 'netcafe%'"))
    assert [tuple(row) for row in rows] == [("netcafe 2026-W34 team", "2")]
