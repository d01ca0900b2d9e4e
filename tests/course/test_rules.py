"""What can be agreed and excused: the edges of each bound."""

from datetime import date, timedelta

import pytest

from backend.course import errors, rules
from backend.course.rules import Numbers

TODAY = date(2026, 11, 18)
DAY = timedelta(days=1)


@pytest.mark.parametrize("numbers", [Numbers(0, 0, 0), Numbers(20, 20, 40), Numbers(2, 1, 2)])
@pytest.mark.parametrize("valid_from", [TODAY, TODAY + 365 * DAY])
def test_agreements_within_their_bounds(numbers: Numbers, valid_from: date) -> None:
    rules.check_requirement(numbers, valid_from, TODAY)


@pytest.mark.parametrize(("numbers", "field"), [
    (Numbers(21, 0, 0), "minPerWeek"), (Numbers(2, -1, 0), "minPostedPerWeek"), (Numbers(2, 0, -1), "uploadsPerMonth"),
])  # fmt: skip
def test_numbers_beyond_their_bounds_name_the_field(numbers: Numbers, field: str) -> None:
    with pytest.raises(errors.NumbersNotPossible) as refused:
        rules.check_requirement(numbers, TODAY, TODAY)
    assert refused.value.field == field


def test_an_agreement_never_reaches_back() -> None:
    for day in (TODAY - DAY, TODAY + 366 * DAY):
        with pytest.raises(errors.StartNotPossible):
            rules.check_requirement(Numbers(2, 1, 2), day, TODAY)


def test_the_edges_of_an_exemption() -> None:
    rules.check_exemption(TODAY - 90 * DAY, TODAY - 90 * DAY, TODAY)
    rules.check_exemption(TODAY + 365 * DAY, None, TODAY)
    for first, last in ((TODAY - 91 * DAY, None), (TODAY + 366 * DAY, None), (TODAY, TODAY - DAY)):
        with pytest.raises(errors.PeriodNotPossible):
            rules.check_exemption(first, last, TODAY)


def test_an_exemption_is_only_ever_shortened() -> None:
    rules.check_end(TODAY, None, TODAY + 30 * DAY)
    rules.check_end(TODAY, TODAY + DAY, TODAY)
    for new_end in (TODAY - DAY, TODAY + 2 * DAY):
        with pytest.raises(errors.EndNotPossible):
            rules.check_end(TODAY, TODAY + DAY, new_end)
