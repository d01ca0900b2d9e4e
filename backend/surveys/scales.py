"""The kinds of question, what may be answered to each, and how answers are counted. Pure.

An answer is stored as codes: a scale answer is "5" (very satisfied, fully agree) to "1" or "0" (don't know), a number
"0" to "10", a choice the code of its option. Text is kept apart and never counted.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from backend.surveys.statistics import Tally

Kind = Literal["scale", "number", "single", "multiple", "text"]
KINDS: tuple[Kind, ...] = ("scale", "number", "single", "multiple", "text")
DONT_KNOW = "0"
POSITIVE = frozenset({"5", "4"})
SCALE = ("5", "4", "3", "2", "1", DONT_KNOW)
NUMBERS = tuple(str(n) for n in range(11))
LONGEST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Counts:
    """How many answered, and how many chose each code; with several choices these add up to more."""

    answered: int = 0
    by_code: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.answered + other.answered, dict(Counter(self.by_code) + Counter(other.by_code)))


def count(answers: Iterable[Sequence[str]]) -> Counts:
    """Count the answers to one question, each the codes that one person chose."""
    given = [set(codes) for codes in answers if codes]
    return Counts(len(given), dict(Counter(code for codes in given for code in codes)))


def tally(counts: Counts) -> Tally:
    """A scale question's answers as the statistics want them."""
    positive = sum(counts.by_code.get(code, 0) for code in POSITIVE)
    return Tally(counts.answered, positive, counts.by_code.get(DONT_KNOW, 0))


def mean(counts: Counts) -> float | None:
    """The mean of a 0 to 10 question."""
    if not counts.answered:
        return None
    return sum(int(code) * n for code, n in counts.by_code.items()) / counts.answered


def codes_of(kind: Kind, options: Iterable[str]) -> tuple[str, ...]:
    """All codes that may be answered."""
    if kind == "scale":
        return SCALE
    return NUMBERS if kind == "number" else tuple(options)


def acceptable(kind: Kind, options: Iterable[str], codes: Sequence[str]) -> bool:
    """Whether these codes answer a counted question: known ones, none twice, and one alone unless several may be."""
    if kind == "text" or not codes or len(set(codes)) != len(codes):
        return False
    return (kind == "multiple" or len(codes) == 1) and set(codes) <= set(codes_of(kind, options))
