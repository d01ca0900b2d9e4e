"""The statistics equal statsmodels' on random tables, and the published evaluation's example."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint, proportions_ztest

from backend.surveys import statistics
from backend.surveys.statistics import Counting, Proportion, Tally

tallies = st.integers(1, 3000).flatmap(
    lambda n: st.integers(0, n).flatmap(
        lambda positive: st.builds(Tally, st.just(n), st.just(positive), st.integers(0, n - positive))
    )
)


@given(tallies, st.sampled_from([0.9, 0.95, 0.99]))
def test_wilson_is_that_of_statsmodels(tally: Tally, level: float) -> None:
    found = statistics.proportion(tally)
    assert found is not None
    interval = statistics.wilson(found, Counting(level=level))
    low, high = proportion_confint(tally.positive, tally.answered, alpha=1 - level, method="wilson")
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-9)
    assert 0 <= interval.low <= found.share + 1e-12
    assert found.share - 1e-12 <= interval.high <= 1


@given(tallies, tallies)
def test_the_z_test_is_that_of_statsmodels(one: Tally, other: Tally) -> None:
    first, second = statistics.proportion(one), statistics.proportion(other)
    assert first is not None
    assert second is not None
    found = statistics.difference(first, second)
    if one.positive + other.positive in {0, one.answered + other.answered}:
        assert (found.z, found.p, found.stars) == (0.0, 1.0, "")
        return
    z, p = proportions_ztest([one.positive, other.positive], [one.answered, other.answered])
    assert (found.z, found.p) == pytest.approx((z, p), abs=1e-9)
    assert found.points == pytest.approx(first.share - second.share)


@pytest.mark.parametrize(
    ("positive", "other", "n", "z", "stars"), [(63, 46, 100, 2.41, "*"), (630, 460, 1000, 7.63, "***")]
)
def test_the_evaluations_example(positive: int, other: int, n: int, z: float, stars: str) -> None:
    found = statistics.difference(Proportion(positive / n, n), Proportion(other / n, n))
    assert round(found.z, 2) == z
    assert found.stars == stars


def test_the_examples_p_value() -> None:
    assert round(statistics.difference(Proportion(0.63, 100), Proportion(0.46, 100)).p, 3) == 0.016


@pytest.mark.parametrize(
    ("p", "stars"), [(0.05, ""), (0.0499, "*"), (0.01, "*"), (0.0099, "**"), (0.001, "**"), (0.0009, "***")]
)
def test_stars_begin_below_their_limit(p: float, stars: str) -> None:
    assert statistics.stars(p) == stars


def test_dont_know_counts_among_those_who_answered_unless_switched_off() -> None:
    tally = Tally(10, 6, 2)
    assert statistics.proportion(tally) == Proportion(0.6, 10)
    assert statistics.proportion(tally, Counting(count_dont_know=False)) == Proportion(0.75, 8)
    assert statistics.dont_know_share(tally) == 0.2


def test_nobody_answered() -> None:
    assert statistics.proportion(Tally()) is None
    assert statistics.proportion(Tally(3, 0, 3), Counting(count_dont_know=False)) is None
    assert statistics.dont_know_share(Tally()) is None
    assert statistics.response_rate(0, 0) is None


def test_response_rate_of_the_evaluation() -> None:
    assert statistics.response_rate(2873, 9268) == pytest.approx(0.31, abs=0.001)


@pytest.mark.parametrize(("n", "shown"), [(0, "#"), (3, "#"), (4, "#"), (5, "caution"), (29, "caution"), (30, "")])
def test_few_answers_are_marked(n: int, shown: str) -> None:
    assert statistics.note(n) == shown


def test_trend_is_the_difference_from_the_period_before() -> None:
    now, before = Tally(100, 63), Tally(100, 46)
    assert statistics.trend(now, before) == statistics.difference(Proportion(0.63, 100), Proportion(0.46, 100))
    assert statistics.trend(now, Tally(4, 2)) is None
    assert statistics.trend(Tally(4, 2), before) is None


def test_four_points_on_small_groups_are_not_significant() -> None:
    found = statistics.trend(Tally(150, 96), Tally(150, 90))
    assert found is not None
    assert round(found.points, 2) == 0.04
    assert found.stars == ""


@pytest.mark.parametrize(
    ("share", "n", "said"), [(0.65, 100, "reached"), (0.649, 100, "not_reached"), (0.9, 29, "too_few")]
)
def test_targets(share: float, n: int, said: str) -> None:
    assert statistics.verdict(Proportion(share, n), 0.65) == said
    assert statistics.verdict(None, 0.65) == "too_few"


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=50))
def test_kish_lies_between_one_and_all(weights: list[float]) -> None:
    found = statistics.effective_n(weights)
    assert 1 - 1e-9 <= found <= len(weights) + 1e-9
    assert statistics.effective_n([7.0] * len(weights)) == pytest.approx(len(weights))
    assert statistics.effective_n([1.0, 3.0], [2, 2]) == statistics.effective_n([1.0, 1.0, 3.0, 3.0])


def test_kish_by_hand() -> None:
    # (1+1+2)² / (1+1+4) = 16/6
    assert statistics.effective_n([1, 1, 2]) == pytest.approx(16 / 6)
    assert statistics.effective_n([]) == 0


def test_a_weighted_share_rests_on_the_effective_number() -> None:
    found = statistics.weighted([Tally(10, 8), Tally(30, 6)], [3.0, 1.0])
    assert found is not None
    assert found.share == pytest.approx((24 + 6) / 60)
    assert found.n == pytest.approx(60**2 / (10 * 9 + 30))
    assert statistics.weighted([], []) is None


def test_equal_weights_change_nothing() -> None:
    found = statistics.weighted([Tally(10, 8, 1), Tally(30, 6, 2)], [2.0, 2.0], Counting(count_dont_know=False))
    plain = statistics.proportion(Tally(40, 14, 3), Counting(count_dont_know=False))
    assert found is not None
    assert plain is not None
    assert (found.share, found.n) == pytest.approx((plain.share, plain.n))
    assert math.isclose(plain.n, 37)
