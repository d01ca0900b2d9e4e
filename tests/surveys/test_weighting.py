"""Weights meet their margins, and equal those of a second, plain writing of iterative proportional fitting."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.errors import Invalid
from backend.surveys import weighting
from backend.surveys.weighting import Group

BRANCHES, MONTHS = ("B1", "B2", "B3"), ("07", "08")


def fitted(groups: list[Group], margins: dict[str, dict[str, float]]) -> list[float]:
    """Iterative proportional fitting as the textbook has it: scale to each margin in turn until nothing moves."""
    totals = [float(group.answered) for group in groups]
    for _ in range(2000):
        for trait, levels in margins.items():
            for level, wanted in levels.items():
                members = [n for n, group in enumerate(groups) if group.traits[trait] == level]
                held = sum(totals[n] for n in members)
                for n in members:
                    totals[n] *= wanted / held
    return [total / group.answered for total, group in zip(totals, groups, strict=True)]


counts = st.lists(st.integers(1, 60), min_size=6, max_size=6)
asked = st.lists(st.integers(1, 90), min_size=6, max_size=6)


@settings(max_examples=25)
@given(counts, asked)
def test_raking_equals_the_textbook(answered: list[int], invited: list[int]) -> None:
    cells = [(branch, month) for branch in BRANCHES for month in MONTHS]
    groups = [Group(n, {"branch": b, "month": m}) for n, (b, m) in zip(answered, cells, strict=True)]
    margins = {
        "branch": {b: float(sum(n for n, c in zip(invited, cells, strict=True) if c[0] == b)) for b in BRANCHES},
        "month": {m: float(sum(n for n, c in zip(invited, cells, strict=True) if c[1] == m)) for m in MONTHS},
    }
    weights = weighting.rake(groups, margins)
    assert weights == pytest.approx(fitted(groups, margins), rel=1e-5)
    for trait, levels in margins.items():
        for level, wanted in levels.items():
            held = sum(w * g.answered for w, g in zip(weights, groups, strict=True) if g.traits[trait] == level)
            assert held == pytest.approx(wanted, rel=1e-6)


def test_post_stratification_is_asked_over_answered() -> None:
    groups = [Group(10, {"branch": "B1"}), Group(40, {"branch": "B2"})]
    assert weighting.post_stratify(groups, {"B1": 50.0, "B2": 80.0}, "branch") == pytest.approx([5.0, 2.0])


def test_a_level_where_nobody_answered_is_left_out_and_the_total_kept() -> None:
    groups = [Group(10, {"branch": "B1"}), Group(10, {"branch": "B2"})]
    weights = weighting.post_stratify(groups, {"B1": 30.0, "B2": 60.0, "B3": 10.0}, "branch")
    assert weights == pytest.approx([100 / 3 / 10, 200 / 3 / 10])


def test_an_answer_outside_the_margins_is_refused() -> None:
    with pytest.raises(Invalid):
        weighting.post_stratify([Group(3, {"branch": "B9"})], {"B1": 30.0}, "branch")


def test_margins_that_contradict_the_answers_are_refused() -> None:
    # All of B1 answered in July and all of B2 in August, so the two margins cannot differ.
    groups = [Group(5, {"branch": "B1", "month": "07"}), Group(5, {"branch": "B2", "month": "08"})]
    with pytest.raises(Invalid):
        weighting.rake(groups, {"branch": {"B1": 50.0, "B2": 50.0}, "month": {"07": 90.0, "08": 10.0}})


def test_nothing_to_weigh() -> None:
    assert weighting.rake([], {"branch": {"B1": 3.0}}) == []
