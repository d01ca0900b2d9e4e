"""What one value of the export means."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.intake import checks
from backend.intake.checks import Fault

TODAY = date(2026, 11, 18)


@pytest.mark.parametrize(
    "value", ["31-02-2026", "2026-11-18", "1-2-2026", "", "18-11-26", "18/11/2026", "١٨-11-2026", "01-01-0001"]
)
def test_what_is_not_a_day_is_a_fault(value: str) -> None:
    with pytest.raises(Fault, match="bad_date"):
        checks.day(value)


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_every_day_of_two_centuries_is_read(day: date) -> None:
    assert checks.day(day.strftime("%d-%m-%Y").rjust(10, "0")) == day


def test_today_is_no_future_but_tomorrow_is() -> None:
    assert checks.past_day("18-11-2026", TODAY) == TODAY
    with pytest.raises(Fault, match="future_date"):
        checks.past_day("19-11-2026", TODAY)


@pytest.mark.parametrize(
    ("wall", "instant"),
    [
        ("03-08-2026 10:15", datetime(2026, 8, 3, 8, 15, tzinfo=UTC)),
        ("25-10-2026 02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # the repeated hour: the first one
        ("25-10-2026 03:00", datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
        ("03-11-2026 00:30", datetime(2026, 11, 2, 23, 30, tzinfo=UTC)),
    ],
)
def test_a_moment_is_the_clock_on_the_wall_in_denmark(wall: str, instant: datetime) -> None:
    found = checks.moment(wall, TODAY)
    assert found == instant
    assert checks.wall_date(found) == checks.day(wall[:10])


@pytest.mark.parametrize("value", ["03-08-2026", "03-08-2026 24:00", "03-08-2026 10:60", "03-08-2026T10:00", "x"])
def test_what_is_not_a_moment_is_a_fault(value: str) -> None:
    with pytest.raises(Fault, match="bad_date"):
        checks.moment(value, TODAY)


@pytest.mark.parametrize(
    ("check", "reason", "value"),
    [
        (lambda: checks.identifier("  "), "missing_id", ""),
        (lambda: checks.identifier("7" * 41), "bad_id", "7" * 40),
        (lambda: checks.text("Ter\0ma"), "bad_text", "Terma"),
        (lambda: checks.text("x" * 501), "bad_text", "x" * 20),
        (lambda: checks.number("21", 20), "bad_number", "21"),
        (lambda: checks.number("-1", 20), "bad_number", "-1"),
        (lambda: checks.number("²", 20), "bad_number", "²"),
        (lambda: checks.country("Danmark"), "bad_country", "Danmark"),
        (lambda: checks.period("02-11-2026", "01-11-2026"), "bad_period", "01-11-2026"),
        (lambda: checks.code("brevdue", {"opslået": "posted"}, "unknown_channel"), "unknown_channel", "brevdue"),
    ],
)
def test_a_fault_names_its_reason_and_the_value_alone(check: Callable[[], object], reason: str, value: str) -> None:
    with pytest.raises(Fault) as caught:
        check()
    assert (caught.value.reason, caught.value.value) == (reason, value)
