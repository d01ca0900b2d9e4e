"""When a phone may ring, on Danish wall time through both changes of the clock."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.clock import COPENHAGEN
from backend.db.types import new_id
from backend.notifications import sending
from backend.notifications.policy import STANDARD, Policy
from backend.notifications.sending import OwnQuiet


def wall(day: str, at: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(at), tzinfo=COPENHAGEN).astimezone(UTC)


@pytest.mark.parametrize(
    ("day", "at", "then_day", "then_at"),
    [
        ("2026-11-18", "12:00", "2026-11-18", "12:00"),  # an ordinary Wednesday
        ("2026-11-18", "08:00", "2026-11-18", "08:00"),
        ("2026-11-18", "07:59:59", "2026-11-18", "08:30"),
        ("2026-11-18", "06:00", "2026-11-18", "08:30"),  # the weekly rating
        ("2026-11-18", "19:59:59", "2026-11-18", "19:59:59"),
        ("2026-11-18", "20:00", "2026-11-19", "08:30"),
        ("2026-11-20", "20:00", "2026-11-23", "08:30"),  # Friday evening
        ("2026-11-21", "12:00", "2026-11-23", "08:30"),  # Saturday
        ("2026-12-23", "21:00", "2026-12-28", "08:30"),  # 24 to 27 December: Eve, two holidays, Sunday
        ("2026-12-31", "09:00", "2027-01-04", "08:30"),  # Thursday, New Year's Day, weekend
        ("2026-04-01", "20:30", "2026-04-07", "08:30"),  # before Easter
        ("2024-02-28", "23:00", "2024-02-29", "08:30"),  # a leap day is a day
        ("2026-06-05", "10:00", "2026-06-05", "10:00"),  # Constitution Day is no public holiday
        ("2026-03-27", "20:00", "2026-03-30", "08:30"),  # over the night that lacks an hour
        ("2026-03-29", "01:30", "2026-03-30", "08:30"),
        ("2026-10-23", "20:00", "2026-10-26", "08:30"),  # over the night that has one more
        ("2026-10-25", "02:30", "2026-10-26", "08:30"),
    ],
)
def test_held_until_phones_may_ring(day: str, at: str, then_day: str, then_at: str) -> None:
    assert sending.held(wall(day, at)) == wall(then_day, then_at)


def test_the_morning_is_by_the_wall_and_not_by_the_hours_between() -> None:
    assert sending.held(wall("2026-03-27", "20:00")).isoformat() == "2026-03-30T06:30:00+00:00"
    assert sending.held(wall("2026-10-23", "20:00")).isoformat() == "2026-10-26T07:30:00+00:00"


instants = st.datetimes(datetime(2023, 1, 1), datetime(2032, 12, 31), timezones=st.just(UTC))


@given(at=instants, member=st.uuids(), burst=st.booleans())
def test_due_is_never_early_never_in_a_quiet_hour_and_within_a_long_holiday(
    at: datetime, member: UUID, burst: bool
) -> None:
    due = sending.due_at(at, member, burst=burst)
    assert at <= due < at + timedelta(days=6)
    local = due.astimezone(COPENHAGEN)
    assert time(8) <= local.time() < time(20)
    assert local.weekday() < 5
    assert (local.month, local.day) not in {(12, 24), (12, 25), (12, 26), (12, 31), (1, 1)}
    assert sending.held(due) == due


@given(at=instants)
def test_what_may_go_now_goes_now(at: datetime) -> None:
    if sending.held(at) == at:
        assert sending.due_at(at, new_id(), burst=False) == at
        assert at <= sending.due_at(at, new_id(), burst=True)


OWN = OwnQuiet(time(17), time(10, 15))
TODAY = date(2026, 11, 18)


def of_the_day(today: date, *about: date) -> sending.Window:
    found = sending.window(STANDARD, "same_day", "push", OWN, today=today, about=about)
    assert found is not None
    return found


SAME_DAY = of_the_day(TODAY, TODAY)


@pytest.mark.parametrize(
    ("day", "at", "then_day", "then_at"),
    [
        ("2026-11-18", "10:15", "2026-11-18", "10:15"),
        ("2026-11-18", "09:00", "2026-11-18", "10:15"),
        ("2026-11-18", "16:59", "2026-11-18", "16:59"),
        ("2026-11-18", "17:00", "2026-11-19", "10:15"),
        ("2026-10-23", "17:00", "2026-10-26", "10:15"),  # over the night that has an hour more
        ("2024-02-28", "18:00", "2024-02-29", "10:15"),
    ],
)
def test_a_members_own_quiet_hours_come_on_top(day: str, at: str, then_day: str, then_at: str) -> None:
    assert sending.held(wall(day, at), sending.office(STANDARD, OWN)) == wall(then_day, then_at)


@pytest.mark.parametrize(
    ("day", "at", "then_day", "then_at"),
    [
        ("2026-11-18", "06:59", "2026-11-18", "07:00"),
        ("2026-11-18", "07:00", "2026-11-18", "07:00"),
        ("2026-11-18", "19:59", "2026-11-18", "19:59"),  # whatever the member's own hours
        ("2026-11-18", "20:00", "2026-11-19", "07:00"),
        ("2026-11-21", "12:00", "2026-11-21", "12:00"),  # on a Saturday too
        ("2026-03-29", "01:30", "2026-03-29", "07:00"),
    ],
)
def test_a_change_on_the_day_itself_may_ring_from_seven(day: str, at: str, then_day: str, then_at: str) -> None:
    assert sending.held(wall(day, at), SAME_DAY) == wall(then_day, then_at)


@pytest.mark.parametrize(
    ("day", "at", "then_day", "then_at"),
    [
        ("2026-11-18", "08:30", "2026-11-18", "09:00"),
        ("2026-11-18", "18:59", "2026-11-18", "18:59"),
        ("2026-11-18", "19:00", "2026-11-19", "09:00"),
        ("2026-11-20", "19:30", "2026-11-23", "09:00"),
    ],
)
def test_a_question_comes_in_the_daytime(day: str, at: str, then_day: str, then_at: str) -> None:
    asked = sending.window(STANDARD, "daytime", "push", sending.NONE_OF_ONES_OWN, today=TODAY)
    assert sending.held(wall(day, at), asked) == wall(then_day, then_at)


def test_on_another_day_such_a_change_keeps_the_office_hours() -> None:
    assert of_the_day(TODAY, TODAY - timedelta(days=1)) == sending.office(STANDARD, OWN)
    tomorrow = of_the_day(TODAY, TODAY + timedelta(days=1))
    assert sending.held(wall("2026-11-18", "11:00"), tomorrow) == wall("2026-11-18", "11:00")
    assert sending.held(wall("2026-11-18", "09:00"), tomorrow) == wall("2026-11-18", "10:15")


@pytest.mark.parametrize(
    ("day", "at", "about", "then_day", "then_at"),
    [
        ("2026-11-18", "19:00", "2026-11-19", "2026-11-19", "07:00"),  # a talk of tomorrow is called off in the evening
        ("2026-11-21", "12:00", "2026-11-23", "2026-11-23", "07:00"),  # on a Saturday, the talk of Monday
        ("2026-11-20", "21:00", "2026-11-21", "2026-11-21", "07:00"),  # the talk itself is on a Saturday
        ("2026-11-20", "21:00", "2026-11-25", "2026-11-23", "10:15"),  # there is a working day before
        ("2026-03-28", "12:00", "2026-03-29", "2026-03-29", "07:00"),  # a day that lacks an hour
    ],
)
def test_a_change_that_waits_does_not_wait_past_the_early_morning_of_its_day(
    day: str, at: str, about: str, then_day: str, then_at: str
) -> None:
    window = of_the_day(date.fromisoformat(day), date.fromisoformat(about))
    assert sending.held(wall(day, at), window) == wall(then_day, then_at)
    due = sending.due_at(wall(day, at), new_id(), burst=True, hours=window)
    assert wall(then_day, then_at) <= due < wall(then_day, then_at) + sending.SPREAD


def test_ones_own_reminders_and_what_makes_no_sound_are_never_held() -> None:
    night = wall("2026-12-24", "23:30")
    for hours, channel in (("own", "push"), ("office", "mailbox"), ("office", "paper")):
        window = sending.window(STANDARD, hours, channel, OWN, today=TODAY)  # type: ignore[arg-type]
        assert sending.held(night, window) == night
    for channel in ("push", "sms", "email"):
        window = sending.window(STANDARD, "office", channel, OWN, today=TODAY)  # type: ignore[arg-type]
        assert sending.held(night, window) == wall("2026-12-28", "10:15")


def test_what_a_message_is_about_is_a_day_in_denmark() -> None:
    late = datetime(2026, 11, 17, 23, 30, tzinfo=UTC)  # 00:30 on the 18th in Denmark
    assert sending.days([3, "x", late], {}) == {date(2026, 11, 18)}
    assert sending.days([date(2026, 11, 20)], {"was": late.isoformat()}) == {date(2026, 11, 18), date(2026, 11, 20)}
    assert sending.days([], {"at": late.isoformat()}) == set()


windows = st.builds(
    lambda begins, ends: sending.office(STANDARD, OwnQuiet(begins, ends)),
    st.none() | st.times(time(16), time(20)),
    st.none() | st.times(time(8), time(12)),
)


@given(at=instants, window=windows, member=st.uuids(), burst=st.booleans())
def test_no_choice_of_hours_lets_a_phone_ring_when_it_may_not(
    at: datetime, window: sending.Window, member: UUID, burst: bool
) -> None:
    due = sending.due_at(at, member, burst=burst, hours=window)
    local = due.astimezone(COPENHAGEN)
    assert at <= due
    assert window.opens <= local.time() < window.closes
    assert not sending.is_quiet_day(local.date())
    assert sending.held(due, window) == due


@given(at=instants, minutes=st.integers(1, 60 * 24 * 4), member=st.uuids())
def test_spreading_alone_makes_nothing_late(at: datetime, minutes: int, member: UUID) -> None:
    until = at + timedelta(minutes=minutes)
    due = sending.due_at(at, member, burst=True, until=until)
    assert due < until or sending.held(at) >= until


def test_a_stricter_policy_is_kept() -> None:
    strict = Policy(version=2, quiet_from=time(18), quiet_until=time(9), held_until=time(9, 30))
    assert sending.held(wall("2026-11-18", "18:00"), sending.office(strict)) == wall("2026-11-19", "09:30")


def test_a_burst_is_spread_evenly_over_the_window_and_the_same_each_time() -> None:
    noon = wall("2026-11-18", "12:00")
    members = [new_id() for _ in range(2000)]
    waits = [sending.due_at(noon, member, burst=True) - noon for member in members]
    assert waits == [sending.due_at(noon, member, burst=True) - noon for member in members]
    minutes = [sum(wait // timedelta(minutes=1) == minute for wait in waits) for minute in range(10)]
    assert sum(minutes) == 2000
    assert min(minutes) > 120


def test_a_burst_just_before_eight_in_the_evening_does_not_spill_into_the_night() -> None:
    edge = wall("2026-11-18", "19:55")
    dues = {sending.due_at(edge, new_id(), burst=True) for _ in range(200)}
    tomorrow = {due for due in dues if due >= wall("2026-11-19", "08:30")}
    assert all(due < wall("2026-11-18", "20:00") for due in dues - tomorrow)
    assert tomorrow


def test_a_repeated_try_draws_anew() -> None:
    delivery = new_id()
    draws = {sending.jitter(delivery, attempt) for attempt in range(1, 50)}
    assert len(draws) == 49
    assert all(0 <= draw < 1 for draw in draws)
