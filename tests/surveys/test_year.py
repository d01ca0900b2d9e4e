"""A simulated year: nobody is asked against a rule, and of each activity it is known what became of it.

The checks are written from the published rules with plain arithmetic; they share nothing with the product's rules.
"""

from datetime import datetime, time, timedelta
from itertools import pairwise
from random import Random

import pytest
from holidays import country_holidays

from backend.clock import COPENHAGEN
from backend.surveys.rules import REASONS
from tests.surveys import year
from tests.surveys.year import Life

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CLOSED = country_holidays("DK", years=(2026, 2027))


@pytest.fixture(scope="module")
def lives() -> list[Life]:
    random = Random(5)
    made = [year.life(random) for _ in range(90)]
    for one in made:
        year.live(one, random)
    return made


def test_every_activity_is_asked_about_or_has_its_reason(lives: list[Life], capsys: pytest.CaptureFixture[str]) -> None:
    for one in lives:
        invited = {a.id for _, _, a in one.invited}
        assert invited | one.skipped.keys() == {a.id for a in one.activities}
        assert not invited & one.skipped.keys()
        assert len(invited) == len(one.invited)
        assert set(one.skipped.values()) <= set(REASONS)
    with capsys.disabled():
        for touchpoint, counted in sorted(year.count(lives).items()):
            print(f"\n{touchpoint} ({counted.total()}): " + ", ".join(f"{k} {v}" for k, v in counted.most_common()))


def test_never_too_often(lives: list[Life]) -> None:
    for one in lives:
        at = [when for _, when, _ in one.invited]
        assert all(b - a >= 14 * DAY for a, b in pairwise(at))
        assert all(d - a >= 90 * DAY for a, d in zip(at, at[3:], strict=False))
        for touchpoint in {t for t, _, _ in one.invited}:
            mine = [when for t, when, _ in one.invited if t == touchpoint]
            assert all(b - a >= 60 * DAY for a, b in pairwise(mine))


def test_only_in_open_hours_and_soon_after(lives: list[Life]) -> None:
    asked = [(when, a) for one in lives for _, when, a in one.invited]
    assert len(asked) > 300
    for when, activity in asked:
        assert is_open(when)
        assert when - activity.ended_at >= 2 * HOUR
        if when - activity.ended_at >= 24 * HOUR:
            assert not any(is_open(activity.ended_at + 2 * HOUR + n * HOUR / 4) for n in range(88))


def is_open(when: datetime) -> bool:
    local = when.astimezone(COPENHAGEN)
    eve = (local.month, local.day) in {(12, 24), (12, 31)}
    return local.weekday() < 5 and not eve and local.date() not in CLOSED and time(9) <= local.time() < time(19)


def test_never_after_something_hard_nor_against_their_wish(lives: list[Life]) -> None:
    for one in lives:
        told = [when for _, when, _ in one.invited] + [when for _, when in one.reminded]
        assert not any(timedelta(0) <= when - hard < 48 * HOUR for when in told for hard in one.sensitive)
        assert not (one.exempt and told)
        assert not any(one.opted_out_from and when >= one.opted_out_from for when in told)


def test_reminders(lives: list[Life]) -> None:
    reminders = [pair for one in lives for pair in one.reminded]
    assert len(reminders) > 150
    assert all(4 * DAY <= when - invited < 10 * DAY and is_open(when) for invited, when in reminders)
    assert len({id(one) for one in lives for _ in one.reminded}) > 50
    assert all(len({invited for invited, _ in one.reminded}) == len(one.reminded) for one in lives)


def test_rare_touchpoints_are_not_starved(lives: list[Life]) -> None:
    """Of what may be asked about at all, a larger share of the rare than of the common ones is."""
    counted = year.count(lives)
    share = {t: c["invited"] / (c.total() - c["middle_of_series"] - c["digital_exempt"]) for t, c in counted.items()}
    assert min(share["T3"], share["T5"]) > 0.5 > max(share["T1"], share["T2"], share["T4"])
