"""When members are reminded of what they booked: over the days on which clocks change, holidays and the year's end."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import service
from backend.clock import COPENHAGEN, local_date
from backend.followup import reminders
from backend.notifications.sending import held, is_quiet_day
from tests import factories
from tests.booking import factories as make
from tests.booking.factories import NOW, at

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def walls(starts_at: datetime) -> list[str]:
    return [f"{one.at.astimezone(COPENHAGEN):%Y-%m-%d %H:%M}" for one in reminders.planned(starts_at)]


@pytest.mark.parametrize(
    ("starts_at", "expected"),
    [
        # An ordinary Friday: Wednesday at eight, and three hours before, but not before eight.
        (at(date(2026, 11, 20), 13), ["2026-11-18 08:00", "2026-11-20 10:00"]),
        (at(date(2026, 11, 20), 9), ["2026-11-18 08:00", "2026-11-20 08:00"]),
        (at(date(2026, 11, 20), 8), ["2026-11-18 08:00"]),
        # Mondays after the clocks changed.
        (at(date(2026, 3, 30), 12), ["2026-03-26 08:00", "2026-03-30 09:00"]),
        (at(date(2026, 10, 26), 12), ["2026-10-22 08:00", "2026-10-26 09:00"]),
        # Easter, Christmas with its eve, the turn of the year, 29 February.
        (at(date(2026, 4, 7), 12), ["2026-03-31 08:00", "2026-04-07 09:00"]),
        (at(date(2026, 12, 29), 12), ["2026-12-23 08:00", "2026-12-29 09:00"]),
        (at(date(2027, 1, 4), 12), ["2026-12-29 08:00", "2027-01-04 09:00"]),
        (at(date(2028, 3, 2), 12), ["2028-02-29 08:00", "2028-03-02 09:00"]),
    ],
)
def test_two_working_days_before_and_on_the_day(starts_at: datetime, expected: list[str]) -> None:
    assert walls(starts_at) == expected


def test_who_just_booked_is_not_reminded_of_what_they_know() -> None:
    start = at(date(2026, 11, 20), 13)
    early, same_day = at(date(2026, 11, 18), 8), at(date(2026, 11, 20), 10)
    assert reminders.due(start, LONG_AGO, early - timedelta(seconds=1)) is None
    assert reminders.due(start, LONG_AGO, early) == "early"
    assert reminders.due(start, early + timedelta(minutes=1), early + timedelta(minutes=5)) is None
    assert reminders.due(start, LONG_AGO, early + timedelta(hours=12)) is None
    assert reminders.due(start, early + timedelta(minutes=1), same_day) == "same_day"
    assert reminders.due(start, LONG_AGO, same_day + timedelta(hours=2)) is None
    assert reminders.due(start, LONG_AGO, start) is None


@given(st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1)))
def test_no_reminder_comes_at_night_after_the_start_or_twice(wall: datetime) -> None:
    starts_at = wall.replace(tzinfo=COPENHAGEN).astimezone(UTC)
    found = list(reminders.planned(starts_at))
    assert [one.which for one in found][:1] == ["early"]
    assert all(one.at.astimezone(UTC) < starts_at and one.at <= one.until for one in found)
    early = found[0]
    assert not is_quiet_day(local_date(early.at))
    assert held(early.at) == early.at
    assert starts_at - early.at.astimezone(UTC) < reminders.AHEAD


@pytest.mark.db
async def test_the_reminder_says_when_and_where_once_and_anew_when_it_moves(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    await make.adviser(session, branch)
    member = await make.member(session, branch, language="en")
    item = (await make.items(session, member))["cv_job"]
    start = at(date(2026, 8, 14), 9)
    placed = await service.book_talk(session, member, [item], starts_at=start, form="personal", now=NOW)
    await service.book_seat(session, await make.member(session, branch), await make.workshop(session), now=NOW)
    early = at(date(2026, 8, 12), 8)
    assert [await reminders.remind(session, now=early + timedelta(minutes=m)) for m in (-1, 0, 5)] == [0, 1, 0]
    later = at(date(2026, 8, 14), 12)
    await service.move_talk(session, placed.booking_id, member, starts_at=later, form="personal", now=early)
    assert await reminders.remind(session, now=at(date(2026, 8, 14), 8)) == 0
    assert await reminders.remind(session, now=at(date(2026, 8, 14), 9)) == 1
    rows = await session.execute(text("SELECT params, cause FROM message WHERE key = 'N05' ORDER BY created_at"))
    told = [(row.params["place"], datetime.fromisoformat(row.cause["at"])) for row in rows]
    assert told == [("Vejle", start), ("Vejle", later)]
