"""The counter of hours and the day of the handover, worked by hand; the agenda's order."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.talks import rules_agenda, rules_handover
from backend.talks.rules_agenda import Known

START = date(2026, 8, 3)


def months(*hours: float) -> dict[date, float]:
    return {date(2026, 8 + n, 1): paid for n, paid in enumerate(hours)}


@pytest.mark.parametrize(
    ("paid", "insurance", "today", "expected"),
    [
        # Nothing known: August nearly whole (21 working days of 21), 160.33 · 3 = 481 > 410 in October.
        ({}, "full", START, (0.0, 410, date(2026, 10, 31), False)),
        # Part-time insured: 130 · 3 = 390 > 333 in October, too.
        ({}, "part", START, (0.0, 333, date(2026, 10, 31), False)),
        # Exactly the limit is not more than it: November.
        (months(130, 140, 140), "full", date(2026, 11, 2), (410.0, 410, date(2026, 11, 30), False)),
        (months(130, 140, 140.01), "full", date(2026, 11, 2), (410.01, 410, date(2026, 10, 31), True)),
        # Half-time work since September: 60 a month. 100+60+60=220; four more months pass 410 in February.
        (months(100, 60, 60), "full", date(2026, 11, 2), (220.0, 410, date(2027, 2, 28), False)),
        # In a job: nothing is paid, and nobody can say when.
        (months(100, 0, 0), "full", date(2026, 11, 2), (100.0, 410, None, False)),
        # By whole months it would be over, and no figure was ever given: nobody can say.
        ({}, "full", date(2027, 1, 15), (0.0, 410, None, False)),
        # Late figures: the forecast is never a month that is over.
        (months(100, 150), "full", date(2027, 1, 15), (250.0, 410, date(2027, 1, 31), False)),
    ],
)
def test_the_forecast(paid: dict[date, float], insurance: str, today: date, expected: tuple[object, ...]) -> None:
    limit = {"full": 410, "part": 333}[insurance]
    assert tuple(rules_handover.forecast(paid, limit, insurance, START, today)) == expected


def test_a_month_that_the_spell_begins_late_in_counts_less() -> None:
    late = rules_handover.forecast({}, 410, "full", date(2026, 8, 28), date(2026, 8, 28))
    assert late.handover_on == date(2026, 11, 30)


def test_hours_before_a_job_go_on_counting() -> None:
    paid = {date(2026, 1, 1): 160.33, date(2026, 2, 1): 160.33}
    again = rules_handover.forecast(paid, 410, "full", START, START)
    assert again.handover_on == date(2026, 8, 31)


@given(st.lists(st.floats(8, 250), min_size=1, max_size=12), st.sampled_from(["full", "part"]))
def test_more_hours_never_put_the_handover_off(hours: list[float], insurance: str) -> None:
    today = date(2026, 8, 3)
    paid = {date(2026 + n // 12, n % 12 + 1, 1): one for n, one in enumerate(hours)}
    one = rules_handover.forecast(paid, 410, insurance, date(2026, 1, 5), today)
    assert one.handover_on is not None
    assert one.certain == (sum(paid[m] for m in sorted(paid) if m <= one.handover_on) > 410)


def test_the_two_notices() -> None:
    on = date(2026, 10, 31)
    days = {n: rules_handover.stage(on, date.fromordinal(on.toordinal() - n)) for n in range(23)}
    assert days[22] is None
    assert days[0] is None
    assert {days[n] for n in range(8, 22)} == {"3"}
    assert {days[n] for n in range(1, 8)} == {"1"}


def codes(**known: object) -> list[str]:
    return [one.code for one in rules_agenda.agenda(Known(**known))]  # type: ignore[arg-type]


def test_the_agenda_puts_the_members_wish_first_and_ends_with_jobs() -> None:
    assert codes() == ["jobs"]
    everything = codes(
        wish=True, absent_last_time=True, open_agreements=2, overdue_agreements=1, empty_weeks=2, uploads_missing=1,
        cards_missing=(date(2026, 9, 1),), cv="missing", plan_missing=("plan",),
    )  # fmt: skip
    assert everything == ["wish", "absence", "agreements", "card", "jobs"]
    assert codes(colour="red") == ["search", "jobs"]
    assert codes(colour="red", empty_weeks=1, cv="returned") == ["log_gaps", "cv_returned", "jobs"]
