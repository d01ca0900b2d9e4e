"""What a group's answers to one question come to, with everything that must stand beside it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.surveys import scales, statistics
from backend.surveys.forms import Question
from backend.surveys.scales import Counts
from backend.surveys.statistics import COUNTING, Counting, Difference, Interval, Note, Proportion, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One question of one group. With note "#" all the rest is empty: too few have answered.

    `share` is the positive share of a scale question, `mean` that of a 0 to 10 question; `by_code` counts each answer.
    `before` compares with the period before, `elsewhere` with the same touchpoint outside the group.
    """

    question: Question
    note: Note
    n: int | None = None
    share: float | None = None
    interval: Interval | None = None
    dont_know: float | None = None
    mean: float | None = None
    by_code: dict[str, int] | None = None
    before: Difference | None = None
    elsewhere: Difference | None = None
    verdict: Verdict | None = None


def figure(
    question: Question,
    counts: Counts,
    *,
    before: Counts | None = None,
    elsewhere: Counts | None = None,
    target: float | None = None,
    counting: Counting = COUNTING,
) -> Figure:
    """Made of sums of blocks only."""
    note = statistics.note(counts.answered, counting)
    if note == "#":
        return Figure(question=question, note="#", verdict="too_few" if target is not None else None)
    by_code = {code: counts.by_code.get(code, 0) for code in scales.codes_of(question.kind, question.options)}
    if question.kind != "scale":
        mean = scales.mean(counts) if question.kind == "number" else None
        return Figure(question=question, note=note, n=counts.answered, mean=mean, by_code=by_code)
    tally = scales.tally(counts)
    found = statistics.proportion(tally, counting)
    return Figure(
        question=question,
        note=note,
        n=counts.answered,
        share=found.share if found else None,
        interval=statistics.wilson(found, counting) if found else None,
        dont_know=statistics.dont_know_share(tally),
        by_code=by_code,
        before=_against(counts, before, counting),
        elsewhere=_against(counts, elsewhere, counting),
        verdict=statistics.verdict(found, target, counting) if target is not None else None,
    )


def weighted(groups: Sequence[Counts], weights: Sequence[float], counting: Counting = COUNTING) -> Proportion | None:
    """The positive share of groups that each carry a weight, on Kish's effective number."""
    return statistics.weighted([scales.tally(counts) for counts in groups], weights, counting)


def _against(counts: Counts, other: Counts | None, counting: Counting) -> Difference | None:
    if other is None:
        return None
    return statistics.trend(scales.tally(counts), scales.tally(other), counting)
