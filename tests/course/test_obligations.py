from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend import calendar
from backend.course import obligations, plans, regimes
from backend.course.obligations import Dated, Existing, Period
from backend.db.types import new_id

METAL = plans.for_start("metal", date(2026, 8, 3))
REGIME = regimes.all_regimes()["flexible_2026"]


def made(plan: str, start: date) -> dict[str, Dated]:
    return {item.activity: item for item in obligations.generate(METAL, plan, start, REGIME)}


def test_a_spell_from_monday_3_august_2026() -> None:
    items = made("bilag_6", date(2026, 8, 3))
    assert items["cv_job"].due_on == date(2026, 8, 16)
    windows = {name: (item.window_from, item.window_to) for name, item in items.items()}
    assert windows == {
        "cv_job": (date(2026, 8, 3), date(2026, 8, 16)),
        "netcafe": (date(2026, 8, 17), date(2026, 8, 23)),
        "ws_write": (date(2026, 8, 24), date(2026, 8, 30)),
        "follow_up": (date(2026, 8, 24), date(2026, 11, 1)),
        "ws_talk": (date(2026, 8, 31), date(2026, 9, 6)),
        "ws_linkedin": (date(2026, 8, 31), date(2026, 10, 18)),
        "my_way": (date(2026, 9, 14), date(2026, 9, 27)),
        "avail_job": (date(2026, 9, 28), date(2026, 10, 11)),
        "td_it": (date(2026, 10, 5), date(2026, 10, 11)),
        "joint_1": (date(2026, 10, 12), date(2026, 10, 25)),
    }
    assert {name for name, item in items.items() if item.statutory} == {"cv_job", "avail_job", "joint_1"}
    assert items["avail_job"].talks == ("availability_talk", "job_talk")


def test_weeks_count_from_the_first_day_whatever_weekday() -> None:
    items = made("bilag_9", date(2027, 12, 30))
    assert (items["cv_job"].window_from, items["cv_job"].due_on) == (date(2027, 12, 30), date(2028, 1, 12))
    assert items["avail_job"].window_from == date(2028, 2, 24)
    assert items["avail_job"].window_to == date(2028, 3, 8)  # Over 29 February.


def test_the_law_may_ask_for_the_first_talk_sooner_than_the_plan() -> None:
    sooner = obligations.generate(METAL, "bilag_9", date(2026, 8, 3), _within(10))
    assert sooner[0].due_on == date(2026, 8, 13)
    assert [item.due_on for item in sooner][2:] == [item.window_to for item in sooner][2:]


def _within(days: int) -> regimes.Regime:
    return regimes.Regime(REGIME.first_day, 2, REGIME.merges, REGIME.forms, REGIME.eased, first_talk_within_days=days)


def test_the_same_activity_again_is_another_occurrence() -> None:
    bupl = plans.for_start("bupl", date(2026, 8, 3))
    items = obligations.generate(bupl, "bupl_at_risk", date(2026, 8, 3), REGIME)
    assert [(i.occurrence, i.window_to) for i in items if i.activity == "sparring"] == [
        (1, date(2026, 8, 30)), (2, date(2026, 9, 13)), (3, date(2026, 10, 11)),
    ]  # fmt: skip


def test_a_new_plan_keeps_what_is_done_and_cancels_the_rest() -> None:
    """From low risk to high in week 5: what was done or goes on stays, what has passed is not asked for."""
    start = date(2026, 8, 3)
    ids = [new_id() for _ in range(5)]
    old = [
        Existing(ids[0], "cv_job", 1, "done"),
        Existing(ids[1], "avail_job", 1, "booked"),
        Existing(ids[2], "netcafe", 1, "cancelled"),
        Existing(ids[3], "td_graduate", 1, "booked"),
        Existing(ids[4], "sparring", 1, "missed"),
    ]
    change = obligations.replan(old, obligations.generate(METAL, "bilag_8", start, REGIME), date(2026, 8, 31))
    assert change.kept == (ids[0],)
    assert [(moved, item.activity) for moved, item in change.moved] == [(ids[1], "avail_job")]
    assert [one.id for one in change.ended] == [ids[3], ids[4]]
    assert [item.activity for item in change.added] == ["follow_up", "ws_talk", "ws_linkedin", "my_way", "joint_1"]


def test_the_same_plan_again_changes_nothing() -> None:
    wanted = obligations.generate(METAL, "bilag_4", date(2026, 8, 3), REGIME)
    old = [Existing(new_id(), item.activity, item.occurrence, "planned") for item in wanted]
    change = obligations.replan(old, wanted, date(2026, 8, 3))
    assert (change.kept, change.ended, change.added) == ((), (), ())
    assert [item for _, item in change.moved] == list(wanted)


WEEK_4 = (date(2026, 8, 24), date(2026, 8, 30))


@pytest.mark.parametrize(
    ("exempt", "due_on"),
    [
        ([], date(2026, 8, 30)),
        ([Period(date(2026, 8, 24), date(2026, 8, 27))], date(2026, 8, 30)),  # Four days.
        ([Period(date(2026, 8, 24), date(2026, 8, 28))], date(2026, 9, 4)),  # Five.
        # Two that overlap count each day once.
        (
            [Period(date(2026, 8, 24), date(2026, 8, 26)), Period(date(2026, 8, 25), date(2026, 8, 27))],
            date(2026, 8, 30),
        ),
        # Days given back are days on which the member is there.
        ([Period(date(2026, 8, 24), date(2026, 9, 4))], date(2026, 9, 11)),
        ([Period(date(2026, 8, 17), None)], date(2026, 8, 30)),
    ],
)
def test_sickness_and_holiday_give_days_back(exempt: list[Period], due_on: date) -> None:
    assert obligations.extended(*WEEK_4, exempt) == due_on


def test_public_holidays_are_no_days_lost_nor_given_back() -> None:
    window = (date(2026, 3, 30), date(2026, 4, 12))  # Easter: 2, 3 and 6 April are public holidays.
    assert obligations.extended(*window, [Period(date(2026, 3, 30), date(2026, 4, 6))]) == date(2026, 4, 12)
    assert obligations.extended(*window, [Period(date(2026, 3, 30), date(2026, 4, 8))]) == date(2026, 4, 17)


@given(
    st.dates(date(2024, 1, 1), date(2029, 12, 31)),
    st.integers(0, 60),
    st.lists(st.tuples(st.integers(-20, 60), st.integers(0, 40)), max_size=3),
)
def test_as_many_usable_days_are_given_back_as_were_lost(
    first: date, length: int, spans: list[tuple[int, int]]
) -> None:
    due_on = first + timedelta(days=length)
    exempt = [Period(first + timedelta(days=a), first + timedelta(days=a + n)) for a, n in spans]
    now_due = obligations.extended(first, due_on, exempt)

    def usable(day: date) -> bool:
        return calendar.is_working_day(day) and not any(p.from_on <= day <= (p.to_on or day) for p in exempt)

    span = [first + timedelta(days=n) for n in range(length + 1)]
    lost = sum(calendar.is_working_day(day) and not usable(day) for day in span)
    given_back = sum(usable(due_on + timedelta(days=n)) for n in range(1, (now_due - due_on).days + 1))
    assert given_back == (lost if lost >= 5 else 0)
