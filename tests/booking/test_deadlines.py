from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import deadlines, errors, outages, rules_deadlines, service
from backend.booking.deadlines import NewDeadline
from backend.booking.rules_deadlines import Deadline
from backend.errors import NotFound
from tests import factories
from tests.booking import factories as make
from tests.booking.factories import NOW, at

pytestmark = pytest.mark.db
DUE = date(2026, 8, 11)


def day(n: int) -> datetime:
    """Ten o'clock on a day of August 2026."""
    return at(date(2026, 8, n), 10)


async def told(session: AsyncSession) -> tuple[UUID, UUID]:
    """A member told on 3 August to book the CV talk."""
    branch = await factories.branch(session)
    await make.adviser(session, branch)
    member = await make.member(session, branch)
    item = (await make.items(session, member))["cv_job"]
    assert len(await deadlines.set_many(session, [NewDeadline(item, member)], now=NOW)) == 1
    return member, item


async def stored(session: AsyncSession, item: UUID) -> tuple[str, date]:
    rows = await session.execute(
        text("SELECT state, due_on FROM booking_deadline WHERE obligation_id = :i"), {"i": item}
    )
    state, due_on = rows.one()
    return state, due_on


async def book(session: AsyncSession, member: UUID, item: UUID, **more: Any) -> UUID:
    wish: dict[str, Any] = {"starts_at": at(date(2026, 8, 14), 9), "form": "personal", "now": NOW} | more
    return (await service.book_talk(session, member, [item], **wish)).booking_id


def test_eight_days_at_least() -> None:
    assert rules_deadlines.first(date(2026, 8, 3), None) == DUE
    assert rules_deadlines.first(date(2026, 8, 3), date(2026, 8, 5)) == DUE
    assert rules_deadlines.first(date(2026, 8, 3), date(2026, 8, 14)) == date(2026, 8, 14)
    assert rules_deadlines.first(date(2026, 12, 28), None) == date(2027, 1, 5)
    assert rules_deadlines.first(date(2028, 2, 25), None) == date(2028, 3, 4)


def test_an_outage_gives_back_the_days_it_touched() -> None:
    held = Deadline(date(2026, 8, 3), DUE)
    assert rules_deadlines.outage(held, day(5), day(5) + timedelta(hours=1), day(5)) == date(2026, 8, 12)
    assert rules_deadlines.outage(held, day(1), day(4), day(4)) == date(2026, 8, 13)
    assert rules_deadlines.outage(held, day(12), day(13), day(13)) == DUE
    assert rules_deadlines.outage(held, day(10), day(20), day(20)) == date(2026, 8, 21)
    # Local days: an outage from 23:30 to 00:30 in Denmark touches two.
    night = at(date(2026, 8, 5), 23, 30)
    assert rules_deadlines.outage(held, night, night + timedelta(hours=1), day(6)) == date(2026, 8, 13)


async def test_the_database_knows_the_eight_days(session: AsyncSession) -> None:
    _, item = await told(session)
    with pytest.raises(IntegrityError, match="eight_days"):
        async with session.begin_nested():
            await session.execute(
                text("UPDATE booking_deadline SET due_on = '2026-08-10' WHERE obligation_id = :i"), {"i": item}
            )


async def test_booking_meets_it_and_giving_back_opens_it_again(session: AsyncSession) -> None:
    member, item = await told(session)
    booking = await book(session, member, item)
    assert await stored(session, item) == ("met", DUE)
    assert await deadlines.missed_many(session, now=day(20)) == []
    await service.cancel(session, booking, member, reason="job_interview", now=day(10))
    assert await stored(session, item) == ("open", date(2026, 8, 18))


async def test_missed_the_day_after_and_not_while_a_time_is_held(session: AsyncSession) -> None:
    member, item = await told(session)
    assert await deadlines.missed_many(session, now=day(11)) == []
    after = at(date(2026, 8, 12), 0, 1)
    await book(session, member, item, now=after - timedelta(minutes=5), hold=True)
    assert await deadlines.missed_many(session, now=after) == []
    [missed] = await deadlines.missed_many(session, now=after + timedelta(minutes=10))
    assert (missed.member_id, missed.obligation_id, missed.due_on) == (member, item, DUE)
    assert await deadlines.missed_many(session, now=after + timedelta(minutes=10)) == []
    with pytest.raises(errors.DeadlineOver):
        await deadlines.pause(session, item, reason="ill", staff_id=None, now=day(13))
    # Late is better than never.
    await book(session, member, item, now=day(13))
    assert (await stored(session, item))[0] == "met"


async def test_a_pause_stops_the_clock(session: AsyncSession) -> None:
    _, item = await told(session)
    await deadlines.pause(session, item, reason="ill", staff_id=None, now=day(6))
    assert await deadlines.missed_many(session, now=day(30)) == []
    assert await deadlines.resume(session, item, staff_id=None, now=day(16)) == date(2026, 8, 21)
    assert await deadlines.resume(session, item, staff_id=None, now=day(17)) == date(2026, 8, 21)


async def test_staff_can_extend_never_shorten(session: AsyncSession) -> None:
    staff = await factories.staff(session)
    _, item = await told(session)
    for due_on in (DUE, date(2026, 8, 10)):
        with pytest.raises(errors.DeadlineTooShort):
            await deadlines.extend(session, item, due_on, reason="x", staff_id=staff.id, now=NOW)
    await deadlines.extend(session, item, date(2026, 8, 20), reason="No IT at home", staff_id=staff.id, now=NOW)
    assert await stored(session, item) == ("open", date(2026, 8, 20))
    with pytest.raises(NotFound):
        await deadlines.extend(session, UUID(int=1), DUE, reason="x", staff_id=staff.id, now=NOW)


async def test_no_time_was_free(session: AsyncSession) -> None:
    _, item = await told(session)
    assert await deadlines.no_slot(session, item, now=day(10)) == date(2026, 8, 18)
    assert await deadlines.no_slot(session, item, now=day(10) + timedelta(hours=3)) == date(2026, 8, 18)
    assert await deadlines.no_slot(session, item, now=day(11)) == date(2026, 8, 19)
    assert await deadlines.no_slot(session, UUID(int=1), now=NOW) is None
    kinds = await session.execute(text("SELECT kind FROM deadline_change ORDER BY at, due_on"))
    assert list(kinds.scalars()) == ["set", "no_slot", "no_slot"]


async def test_an_outage_extends_by_itself_and_once(session: AsyncSession) -> None:
    _, item = await told(session)
    outage = await outages.begin(session, from_at=day(10), note=None)
    assert await deadlines.missed_many(session, now=day(12)) == []
    assert await outages.end(session, outage, to_at=day(12), now=day(12)) == 1
    assert await outages.end(session, outage, to_at=day(12), now=day(12)) == 0
    assert await stored(session, item) == ("open", date(2026, 8, 13))
    with pytest.raises(NotFound):
        await outages.end(session, UUID(int=1), to_at=day(12), now=day(12))


async def test_what_was_missed_because_of_an_outage_is_open_again(session: AsyncSession) -> None:
    _, item = await told(session)
    await deadlines.missed_many(session, now=day(12))
    outage = await outages.begin(session, from_at=day(11), note="entered afterwards")
    assert await outages.end(session, outage, to_at=day(11) + timedelta(hours=2), now=day(13)) == 1
    assert await stored(session, item) == ("open", date(2026, 8, 14))


async def test_a_deadline_is_set_once_and_lifted(session: AsyncSession) -> None:
    member, item = await told(session)
    assert await deadlines.set_many(session, [NewDeadline(item, member)], now=day(5)) == []
    await deadlines.lift_many(session, [item], reason="replanned", now=day(5))
    assert (await stored(session, item))[0] == "lifted"
    assert await deadlines.missed_many(session, now=day(30)) == []
