"""Weights that make those who answered resemble those who were asked: post-stratification and raking, by svy.

The unit is a group with one weight (a block of answers), not a person: weighted figures are then made of numbers that
are public already and can reveal nothing more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from backend.errors import Invalid
from backend.i18n import N_

Margins = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Group:
    """So many who answered, and where they belong: {"branch": "B1", "month": "2026-08"}."""

    answered: int
    traits: Mapping[str, str]


def rake(groups: Sequence[Group], margins: Margins) -> list[float]:
    """A weight per person of each group, so that the sums match every margin: {"branch": {"B1": 120.0, …}, …}.

    Levels where nobody answered cannot be weighted and are left out, the rest of that margin being scaled to the same
    total. Raises Invalid when no weights match all margins.
    """
    if not groups:
        return []
    wanted = _reachable(groups, margins)
    return _ratios(groups, _raked(_frame(groups, list(margins)), wanted))


def post_stratify(groups: Sequence[Group], totals: Mapping[str, float], trait: str) -> list[float]:
    """As `rake`, for one trait whose totals are known."""
    return rake(groups, {trait: totals})


def _reachable(groups: Sequence[Group], margins: Margins) -> dict[str, dict[str, float]]:
    total = float(sum(next(iter(margins.values())).values()))
    return {trait: _scaled(levels, {g.traits[trait] for g in groups}, total) for trait, levels in margins.items()}


def _scaled(levels: Mapping[str, float], seen: set[str], total: float) -> dict[str, float]:
    missing = seen - {level for level, wanted in levels.items() if wanted > 0}
    if missing:
        raise Invalid(N_("Somebody answered who is in no margin."))
    kept = sum(levels[level] for level in seen)
    return {level: levels[level] * total / kept for level in sorted(seen)}


def _frame(groups: Sequence[Group], traits: Sequence[str]) -> Any:
    import polars as pl

    columns: dict[str, Any] = {trait: [group.traits[trait] for group in groups] for trait in traits}
    return pl.DataFrame(columns | {"answered": [float(group.answered) for group in groups]})


def _raked(frame: Any, margins: dict[str, dict[str, float]]) -> list[float]:
    # Imported here: a process that never weighs does not carry the 60 MB.
    import svy

    sample = svy.Sample(frame, svy.Design(wgt="answered"))
    try:
        made = sample.weighting.rake(controls=cast("Any", margins), wgt_name="weight", tol=1e-9, max_iter=1000)
    except svy.SvyError as fault:
        raise Invalid(N_("No weights match all margins.")) from fault
    return [float(value) for value in cast("Any", made.data)["weight"]]


def _ratios(groups: Sequence[Group], totals: Sequence[float]) -> list[float]:
    return [total / group.answered for total, group in zip(totals, groups, strict=True)]
