from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import errors, publishing, recurrence, service, session_list, waiting
from backend.booking.recurrence import Rule
from backend.booking.tables import ActivitySession
from backend.booking.tables_calendar import SessionTemplate, TemplateException
from backend.clock import COPENHAGEN
from backend.db.types import new_id
from backend.errors import NotFound
from tests import factories
from tests.booking import factories as make
from tests.booking.factories import NOW, at

WEDNESDAYS = Rule(date(2026, 8, 5), None, 1, time(9), COPENHAGEN)


def days(rule: Rule, first: date, last: date, exceptions: dict[date, datetime | None] | None = None) -> list[date]:
    return [one.planned.date() for one in recurrence.occurrences(rule, exceptions or {}, first, last)]


def test_every_other_week_from_the_first_day_on() -> None:
    rule = WEDNESDAYS._replace(every_weeks=2, last_on=date(2026, 9, 16))
    every_other = [date(2026, 8, 5) + timedelta(days=14 * n) for n in range(4)]
    assert days(rule, date(2026, 1, 1), date(2026, 12, 31)) == every_other
    assert days(rule, date(2026, 8, 6), date(2026, 9, 1)) == [date(2026, 8, 19)]


def test_no_sessions_on_public_holidays_over_the_year_s_end() -> None:
    fridays = WEDNESDAYS._replace(first_on=date(2026, 12, 18))
    assert days(fridays, date(2026, 12, 1), date(2027, 1, 8)) == [date(2026, 12, 18), date(2027, 1, 8)]


def test_29_february() -> None:
    tuesdays = WEDNESDAYS._replace(first_on=date(2028, 2, 22))
    assert days(tuesdays, date(2028, 2, 23), date(2028, 3, 7)) == [date(2028, 2, 29), date(2028, 3, 7)]


@pytest.mark.parametrize("sunday", [date(2026, 3, 29), date(2026, 10, 25)])
def test_the_wall_time_stays_over_a_clock_change(sunday: date) -> None:
    rule = WEDNESDAYS._replace(first_on=sunday - timedelta(days=4))
    one, two = recurrence.occurrences(rule, {}, sunday - timedelta(days=4), sunday + timedelta(days=3))
    assert [o.starts_at.astimezone(COPENHAGEN).hour for o in (one, two)] == [9, 9]
    assert abs(two.starts_at - one.starts_at - timedelta(days=7)) == timedelta(hours=1)


def test_a_time_that_the_clock_skips_is_the_moment_after() -> None:
    assert recurrence.instant(datetime(2026, 3, 29, 2, 30), COPENHAGEN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_one_falls_away_and_one_is_moved() -> None:
    exceptions = {date(2026, 8, 5): None, date(2026, 8, 12): datetime(2026, 8, 13, 13)}
    found = recurrence.occurrences(WEDNESDAYS, exceptions, date(2026, 8, 1), date(2026, 8, 19))
    assert [one.local_start for one in found] == [datetime(2026, 8, 13, 13), datetime(2026, 8, 19, 9)]


async def template(session: AsyncSession, **values: Any) -> UUID:
    made = SessionTemplate(
        **{
            "id": new_id(), "activity": "cafe", "kind": "net_cafe", "branch_id": None, "staff_id": None,
            "first_on": date(2026, 8, 26), "last_on": None, "every_weeks": 1, "at": time(9),
            "zone": "Europe/Copenhagen",
            "minutes": 120, "form": "personal", "place": "Vejle", "language": "da", "audience": {}, "capacity": 2,
            "closes_hours": 24,
        }
        | values
    )  # fmt: skip
    session.add(made)
    await session.flush()
    return made.id


AUGUST = {"first": date(2026, 8, 1), "last": date(2026, 9, 9)}


@pytest.mark.db
async def test_published_twice_it_is_there_once(session: AsyncSession) -> None:
    one = await template(session)
    session.add(TemplateException(template_id=one, on=date(2026, 9, 2), moved_to=None))
    await session.flush()
    made = await publishing.publish(session, one, **AUGUST)
    assert (len(made.sessions), made.conflicts) == (2, ())
    assert (await publishing.publish(session, one, **AUGUST)).sessions == ()
    stored = (await session.scalars(select(ActivitySession).order_by(ActivitySession.starts_at))).all()
    assert [row.local_start for row in stored] == [datetime(2026, 8, 26, 9), datetime(2026, 9, 9, 9)]
    assert stored[0].closes_at == at(date(2026, 8, 25), 9)
    with pytest.raises(NotFound):
        await publishing.publish(session, UUID(int=1), **AUGUST)


@pytest.mark.db
async def test_an_adviser_who_is_busy_holds_no_session_and_no_talk_beside_one(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    adviser, member = await make.adviser(session, branch), await make.member(session, branch)
    item = (await make.items(session, member))["avail_job"]
    wish: dict[str, Any] = {"form": "personal", "now": NOW}
    await service.book_talk(session, member, [item], starts_at=at(date(2026, 9, 30), 9, 45), **wish)
    one = await template(session, staff_id=adviser.id, first_on=date(2026, 9, 23))
    made = await publishing.publish(session, one, first=date(2026, 9, 23), last=date(2026, 9, 30))
    assert (len(made.sessions), made.conflicts) == (1, (datetime(2026, 9, 30, 9),))
    assert (await publishing.publish(session, one, first=date(2026, 9, 23), last=date(2026, 9, 30))).sessions == ()
    other = await make.member(session, branch)
    item = (await make.items(session, other))["avail_job"]
    with pytest.raises(errors.SlotTaken):
        await service.book_talk(session, other, [item], starts_at=at(date(2026, 9, 23), 9), by=adviser.id, **wish)


@pytest.mark.db
async def test_a_jobcentres_consultant_who_is_in_another_talk_is_a_conflict_too(session: AsyncSession) -> None:
    partner = await session_list.add_partner(session, "Vejle", "Bo", email=None, phone=None)
    joint: dict[str, Any] = {"kind": "joint_talk", "partner_id": partner.id, "own_minutes": 15}
    first, second = await template(session, **joint), await template(session, **joint)
    days = {"first": date(2026, 8, 26), "last": date(2026, 8, 26)}
    assert len((await publishing.publish(session, first, **days)).sessions) == 1
    assert await publishing.publish(session, first, **days) == publishing.Published((), ())
    for _ in range(2):
        made = await publishing.publish(session, second, **days)
        assert (made.sessions, made.conflicts) == ((), (datetime(2026, 8, 26, 9),))


@pytest.mark.db
async def test_a_session_taken_off_frees_everybody(session: AsyncSession) -> None:
    branch, staff = await factories.branch(session), await factories.staff(session)
    event = await make.workshop(session, capacity=1)
    one, two = await make.member(session, branch), await make.member(session, branch)
    placed = await service.book_seat(session, one, event, now=NOW)
    await waiting.join(session, two, event, now=NOW)
    told = await publishing.cancel_session(session, event, reason="ill", staff_id=staff.id, now=NOW)
    assert list(told) == [one]
    assert await make.counters(session, event) == (0, 0, 0)
    with pytest.raises(errors.BookingOver):
        await service.cancel(session, placed.booking_id, one, reason="sick", now=NOW)
    with pytest.raises(NotFound):
        await waiting.standing(session, two, event, now=NOW)
    again = await make.workshop(session)
    await service.book_seat(session, one, again, now=NOW)
    with pytest.raises(errors.Begun):
        await publishing.cancel_session(session, again, reason="ill", staff_id=staff.id, now=at(date(2026, 8, 26), 10))
