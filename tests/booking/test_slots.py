from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.booking import slots
from backend.booking.slots import Hours, Slot, Span
from backend.clock import COPENHAGEN

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
ALWAYS = date(2020, 1, 1)


def never(_: date) -> bool:
    return False


def hours(weekday: int, start: time = time(9), end: time = time(12)) -> Hours:
    return Hours(weekday, start, end, ALWAYS, None, frozenset(("personal",)), "Vejle")


def walls(found: list[Slot]) -> list[str]:
    return [slot.start.astimezone(COPENHAGEN).strftime("%m-%d %H:%M") for slot in found]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=COPENHAGEN)


def free(own: list[Hours], first: date, last: date, busy: list[Span] | None = None, **more: object) -> list[Slot]:
    given: dict[str, object] = {"minutes": 60, "not_before": LONG_AGO} | more
    return slots.free(own, busy or [], first, last, **given)  # type: ignore[arg-type]


MONDAY = date(2026, 8, 3)


def test_hours_less_what_is_booked_and_absent() -> None:
    busy = [Span(at(MONDAY, 10), at(MONDAY, 10, 30))]
    assert walls(free([hours(1)], MONDAY, MONDAY, busy)) == ["08-03 09:00", "08-03 11:00"]
    away = [Span(at(MONDAY, 0), at(date(2026, 8, 4), 0))]
    assert free([hours(1)], MONDAY, MONDAY, away) == []


def test_what_ends_when_the_slot_begins_does_not_touch_it() -> None:
    busy = [Span(at(MONDAY, 8), at(MONDAY, 9)), Span(at(MONDAY, 12), at(MONDAY, 13))]
    assert len(free([hours(1)], MONDAY, MONDAY, busy)) == 3


def test_bookings_shift_no_slot_and_nothing_begins_too_soon() -> None:
    found = free([hours(1)], MONDAY, MONDAY, [Span(at(MONDAY, 9), at(MONDAY, 9, 10))], minutes=45)
    assert walls(found) == ["08-03 09:45", "08-03 10:30", "08-03 11:15"]
    assert walls(free([hours(1)], MONDAY, MONDAY, not_before=at(MONDAY, 10, 1))) == ["08-03 11:00"]


def test_hours_hold_on_their_weekday_and_dates() -> None:
    own = Hours(1, time(9), time(10), date(2026, 8, 10), date(2026, 8, 17), frozenset(("phone",)))
    assert walls(free([own], date(2026, 8, 1), date(2026, 8, 31))) == ["08-10 09:00", "08-17 09:00"]


def test_no_talks_on_public_holidays_and_closed_days() -> None:
    every_day = [hours(weekday, time(9), time(10)) for weekday in range(1, 8)]
    found = {wall[:5] for wall in walls(free(every_day, date(2026, 12, 21), date(2027, 1, 4)))}
    assert found == {"12-21", "12-22", "12-23", "12-28", "12-29", "12-30", "01-04"}


def test_29_february() -> None:
    found = walls(free([hours(2, time(9), time(10))], date(2028, 2, 28), date(2028, 3, 1)))
    assert found == ["02-29 09:00"]


@pytest.mark.parametrize(("sunday", "offsets"), [(date(2026, 3, 29), (1, 2)), (date(2026, 10, 25), (2, 1))])
def test_the_same_wall_time_on_both_sides_of_a_clock_change(sunday: date, offsets: tuple[int, int]) -> None:
    saturday, monday = sunday - timedelta(days=1), sunday + timedelta(days=1)
    own = [hours(6, time(9), time(10)), hours(1, time(9), time(10))]
    found = free(own, saturday, monday, closed=never)
    assert [wall[-5:] for wall in walls(found)] == ["09:00", "09:00"]
    assert [slot.start.hour for slot in found] == [9 - offsets[0], 9 - offsets[1]]


@pytest.mark.parametrize(
    ("sunday", "expected"),
    [
        (date(2026, 3, 29), ["01:00", "03:00"]),  # The hour from two to three is not there.
        (date(2026, 10, 25), ["01:00", "02:00", "02:00", "03:00"]),  # It is there twice, as two different hours.
    ],
)
def test_the_night_of_a_clock_change(sunday: date, expected: list[str]) -> None:
    found = free([hours(7, time(1), time(4))], sunday, sunday, closed=never)
    assert [wall[-5:] for wall in walls(found)] == expected
    assert all(slot.end - slot.start == timedelta(hours=1) for slot in found)
    assert len({slot.start for slot in found}) == len(found)
    gone = free([hours(7, time(1), time(4))], sunday, sunday, [Span(found[1].start, found[1].end)], closed=never)
    assert [slot.start for slot in gone] == [slot.start for n, slot in enumerate(found) if n != 1]


minutes_of_day = st.integers(0, 24 * 12)


@given(st.lists(st.tuples(minutes_of_day, minutes_of_day), max_size=8), st.sampled_from([15, 30, 45, 60]))
def test_free_is_what_no_busy_minute_is_in(pairs: list[tuple[int, int]], length: int) -> None:
    day = at(MONDAY, 0)
    busy = [
        Span(day + timedelta(minutes=5 * min(p)), day + timedelta(minutes=5 * max(p))) for p in pairs if p[0] != p[1]
    ]
    found = {slot.start for slot in free([hours(1, time(8), time(16))], MONDAY, MONDAY, busy, minutes=length)}
    start = at(MONDAY, 8)
    while start + timedelta(minutes=length) <= at(MONDAY, 16):
        end = start + timedelta(minutes=length)
        assert (start in found) == (not any(b.start < end and start < b.end for b in busy))
        start = end
    assert len(found) == len({s for s in found if at(MONDAY, 8) <= s < at(MONDAY, 16)})
