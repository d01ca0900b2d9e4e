"""What may be said about answers that were counted: shares, intervals, differences, targets. Pure.

The rules are those of the published evaluation: the positive share is the answers in the two best categories of all who
answered the question, "don't know" included; who did not answer is never counted. Differences are two-sided z-tests of
two proportions, with stars for 5, 1 and 0.1 per cent. Nothing here says that one thing caused another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, sqrt
from statistics import NormalDist
from typing import Literal

Note = Literal["", "caution", "#"]
Verdict = Literal["reached", "not_reached", "too_few"]
STARS = ((0.001, "***"), (0.01, "**"), (0.05, "*"))


@dataclass(frozen=True, slots=True)
class Counting:
    """How it is counted: policy, kept with each release."""

    count_dont_know: bool = True
    suppress_under: int = 5
    caution_under: int = 30
    level: float = 0.95


COUNTING = Counting()


@dataclass(frozen=True, slots=True)
class Tally:
    """The answers of a group to one question: how many, and of these how many positive and how many "don't know"."""

    answered: int = 0
    positive: int = 0
    dont_know: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.answered + other.answered, self.positive + other.positive, self.dont_know + other.dont_know)


@dataclass(frozen=True, slots=True)
class Proportion:
    """A share between 0 and 1 and the (effective) number of answers it rests on."""

    share: float
    n: float


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """`points`: first minus second share, between -1 and 1. `stars` is empty for what may be chance."""

    points: float
    z: float
    p: float
    stars: str


def proportion(tally: Tally, counting: Counting = COUNTING) -> Proportion | None:
    """The positive share; None where nobody answered (or only "don't know", when these are left out)."""
    n = tally.answered if counting.count_dont_know else tally.answered - tally.dont_know
    return Proportion(tally.positive / n, n) if n else None


def dont_know_share(tally: Tally) -> float | None:
    return tally.dont_know / tally.answered if tally.answered else None


def response_rate(answered: int, asked: int) -> float | None:
    return answered / asked if asked else None


def wilson(found: Proportion, counting: Counting = COUNTING) -> Interval:
    """Wilson's score interval: holds its level for small groups and never leaves 0 to 1."""
    z = NormalDist().inv_cdf((1 + counting.level) / 2)
    p, n = found.share, found.n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return Interval(max(0.0, middle - reach), min(1.0, middle + reach))


def difference(first: Proportion, second: Proportion) -> Difference:
    """Two-sided z-test of two proportions with the pooled variance. With weights, n is the effective number.

    Where all of both groups answer alike there is no variance and no difference: z is 0, p is 1.
    """
    points = first.share - second.share
    pooled = (first.share * first.n + second.share * second.n) / (first.n + second.n)
    variance = pooled * (1 - pooled) * (1 / first.n + 1 / second.n)
    z = points / sqrt(variance) if variance > 0 else 0.0
    p = erfc(abs(z) / sqrt(2))
    return Difference(points, z, p, stars(p))


def stars(p: float) -> str:
    return next((shown for limit, shown in STARS if p < limit), "")


def trend(now: Tally, before: Tally, counting: Counting = COUNTING) -> Difference | None:
    """This period against the one before; None where either may not be shown."""
    present, past = proportion(now, counting), proportion(before, counting)
    if present is None or past is None or "#" in {note(present.n, counting), note(past.n, counting)}:
        return None
    return difference(present, past)


def effective_n(weights: Sequence[float], counts: Sequence[int] | None = None) -> float:
    """Kish's effective sample size of persons with these weights; `counts`: so many persons share each weight."""
    many = counts if counts is not None else [1] * len(weights)
    total = sum(w * n for w, n in zip(weights, many, strict=True))
    squares = sum(w * w * n for w, n in zip(weights, many, strict=True))
    return total * total / squares if squares else 0.0


def weighted(tallies: Sequence[Tally], weights: Sequence[float], counting: Counting = COUNTING) -> Proportion | None:
    """The positive share where all of a tally's persons carry its weight, on Kish's effective number of answers."""
    counts = [tally.answered - (0 if counting.count_dont_know else tally.dont_know) for tally in tallies]
    total = sum(w * n for w, n in zip(weights, counts, strict=True))
    if not total:
        return None
    positive = sum(w * tally.positive for w, tally in zip(weights, tallies, strict=True))
    return Proportion(positive / total, effective_n(weights, counts))


def note(n: float, counting: Counting = COUNTING) -> Note:
    """What must stand beside a figure: "#" in its place (too few), "caution" for a small number of answers."""
    if n < counting.suppress_under:
        return "#"
    return "caution" if n < counting.caution_under else ""


def verdict(found: Proportion | None, target: float, counting: Counting = COUNTING) -> Verdict:
    """Whether a target (a share) is reached; "too_few" below the number that calls for caution."""
    if found is None or found.n < counting.caution_under:
        return "too_few"
    return "reached" if found.share >= target else "not_reached"
