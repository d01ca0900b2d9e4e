from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from backend.booking import errors, rules
from backend.booking.rules import Audience, Candidate, Facts, Item
from backend.clock import COPENHAGEN
from backend.course import regimes

TRIAL, NOW_LAW = regimes.all_regimes()["trial_2020"], regimes.all_regimes()["flexible_2026"]
ONE, TWO, THREE = (UUID(int=n) for n in (1, 2, 3))


def item(*talks: str, kind: str = "talk", booked: bool = False, **values: Any) -> Item:
    made = Item(
        UUID(int=9), "x", kind, talks, "local", requirement="mandatory", may_be_earlier=False,
        window_from=date(2026, 8, 17), due_on=date(2026, 8, 23), booked=booked,
    )  # fmt: skip
    return made._replace(**values)


CV, AVAILABILITY, JOINT = item("cv_talk", "job_talk"), item("availability_talk"), item("joint_talk", kind="joint_talk")


def test_a_merged_talk_counts_for_both_and_a_forbidden_pair_is_refused() -> None:
    rules.check_talk([CV], TRIAL, "personal", eased=False)
    rules.check_talk([AVAILABILITY, JOINT], TRIAL, "personal", eased=False)
    for pair in ([CV, JOINT], [CV, AVAILABILITY], [item("job_talk"), JOINT], [CV, item()]):
        with pytest.raises(errors.MergeNotAllowed):
            rules.check_talk(pair, TRIAL, "personal", eased=False)
    with pytest.raises(errors.MergeNotAllowed):
        rules.check_talk([AVAILABILITY, JOINT], NOW_LAW, "personal", eased=False)


def test_how_a_talk_may_be_held_follows_from_the_regime() -> None:
    with pytest.raises(errors.FormNotAllowed):
        rules.check_talk([CV], NOW_LAW, "phone", eased=False)
    rules.check_talk([CV], NOW_LAW, "phone", eased=True)
    rules.check_talk([item(kind="talk_series")], NOW_LAW, "video", eased=False)


def test_what_is_booked_or_no_talk_cannot_be_booked_as_one() -> None:
    with pytest.raises(errors.AlreadyBooked):
        rules.check_talk([item("cv_talk", booked=True)], NOW_LAW, "personal", eased=False)
    for nothing in ([], [item(kind="workshop")]):
        with pytest.raises(errors.NothingToBook):
            rules.check_talk(nothing, NOW_LAW, "personal", eased=False)


@pytest.mark.parametrize(
    ("day", "ok"),
    [(date(2026, 8, 16), False), (date(2026, 8, 17), True), (date(2026, 8, 23), True), (date(2026, 8, 24), False)],
)
def test_members_book_within_the_window(day: date, ok: bool) -> None:
    at = datetime(day.year, day.month, day.day, 9, tzinfo=COPENHAGEN)
    rules.check_window([CV], at, by_staff=True)
    if ok:
        rules.check_window([CV], at, by_staff=False)
    else:
        with pytest.raises(errors.OutsideWindow):
            rules.check_window([CV], at, by_staff=False)


def test_what_may_be_earlier_may() -> None:
    early = datetime(2026, 8, 5, 9, tzinfo=COPENHAGEN)
    rules.check_window([item("joint_talk", may_be_earlier=True)], early, by_staff=False)


def test_nobody_waits_more_than_45_minutes_for_a_joint_talk() -> None:
    assert [rules.joint_capacity(n) for n in (10, 15, 20, 30, 45, 60)] == [4, 4, 3, 2, 2, 1]
    for minutes in range(5, 61):
        assert rules.joint_wait(rules.joint_capacity(minutes), minutes) <= timedelta(minutes=45)


SOMEONE = Facts(date(1976, 8, 20), newly_qualified=False, it_member=True, basic_it=False)


def test_the_audience_is_checked_on_the_day_of_the_session() -> None:
    over_50 = Audience(age_from=50)
    assert not rules.fits(over_50, SOMEONE, date(2026, 8, 19))
    assert rules.fits(over_50, SOMEONE, date(2026, 8, 20))
    assert not rules.fits(Audience(age_below=50), SOMEONE, date(2026, 8, 20))
    assert rules.fits(Audience(it_member=True), SOMEONE, date(2026, 8, 20))
    assert not rules.fits(Audience(basic_it=True), SOMEONE, date(2026, 8, 20))
    assert not rules.fits(Audience(newly_qualified=True), SOMEONE, date(2026, 8, 20))
    assert rules.fits(Audience(), SOMEONE, date(2026, 8, 20))


def test_lawful_reasons() -> None:
    assert [r for r in rules.CANCEL_REASONS if not rules.is_lawful(r)] == ["child_sick", "other"]
    with pytest.raises(errors.ReasonUnknown):
        rules.is_lawful("rain")


def test_the_same_adviser_first_then_who_has_least_to_do() -> None:
    found = [Candidate(ONE, 5), Candidate(TWO, 1), Candidate(THREE, 0)]
    assert rules.prefer(found, [ONE]) == [ONE, THREE, TWO]
    assert rules.prefer(found, []) == [THREE, TWO, ONE]
    assert rules.prefer([Candidate(TWO, 0), Candidate(ONE, 0)], [THREE]) == [ONE, TWO]
