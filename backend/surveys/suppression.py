"""Few answers are never shown, and cannot be worked out from what is shown. Pure.

An answer is counted in public only as part of a *block* of answers of at least five people. A block never changes and
never overlaps another, and every published number (page, export or API, at any time, under any filter) is a sum of
blocks. Whatever is added and subtracted, only sums over whole blocks come out: so nothing can be found out about fewer
than five people. An answer that came with a wish to be contacted is read by whoever follows it, so it is no cover for
the others: a block needs five people beside it.
docs/decisions/an-answer-is-counted-in-a-block-of-five.md has the argument in full.

While answers arrive, an event's waiting answers become a block as soon as they are five (`ripe`). What is left at the
end of the quarter is pooled with the leftovers of the same series, else branch, else the whole fund (`pools`), and
where that does not make a safe block either it is never shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from uuid import UUID

from backend.surveys import scales
from backend.surveys.scales import Counts, Kind
from backend.surveys.statistics import COUNTING, Counting

# Where an answer was given: branch (NO_BRANCH for the job team), series (or adviser, for talks), event. A block's place
# is as much of it as all its answers share: () is the fund.
Place = tuple[str, ...]
DEPTH = 3
NO_BRANCH = ""


@dataclass(frozen=True, slots=True)
class Leftover:
    """An event's answers that are in no block, perhaps none. `unseen`: those asked there who are in no block either.

    An event where nobody answered belongs in it as well: from outside it could have. `people` gave the `counts`; `read`
    more answers, which somebody knows one by one, are in neither of them.
    """

    place: Place
    kind: Kind
    counts: Counts
    unseen: int
    people: frozenset[UUID] = frozenset()
    read: int = 0


@dataclass(frozen=True, slots=True)
class Pool:
    """Leftovers that become one block at the place they have in common."""

    place: Place
    leftovers: tuple[Leftover, ...]

    @property
    def counts(self) -> Counts:
        return _sum(self.leftovers)


def ripe(people: int, counting: Counting = COUNTING) -> bool:
    """Whether the waiting answers of so many people at an event may become a block."""
    return people >= counting.suppress_under


def pools(leftovers: Iterable[Leftover], counting: Counting = COUNTING) -> list[Pool]:
    """The blocks that can be made of the leftovers, each as near to its events as is safe; the rest stays unshown."""
    made: list[Pool] = []
    left = [leftover for leftover in leftovers if leftover.unseen or leftover.read]
    for depth in range(DEPTH - 1, -1, -1):
        safe = [pool for pool in _at(depth, left) if is_safe(pool, counting)]
        taken = {leftover.place for pool in safe for leftover in pool.leftovers}
        left = [leftover for leftover in left if leftover.place not in taken]
        made += safe
    return made


def _at(depth: int, leftovers: Sequence[Leftover]) -> list[Pool]:
    places = sorted({leftover.place[:depth] for leftover in leftovers})
    return [Pool(place, tuple(x for x in leftovers if x.place[:depth] == place)) for place in places]


def is_safe(pool: Pool, counting: Counting = COUNTING) -> bool:
    """Whether the pool's sum tells nothing sure of any one of its leftovers, each of which is too small to be shown.

    - It is answers of at least five people, of at least two events.
    - Nobody can conclude how many answered at one of them, even knowing who was asked and that a leftover is below
      five: the sum is less than the most that there could be.
    - Not all answered alike, which would tell the share of each.
    """
    counts = pool.counts
    most = sum(min(leftover.unseen, counting.suppress_under - 1) for leftover in pool.leftovers)
    events = sum(leftover.counts.answered > 0 for leftover in pool.leftovers)
    people = frozenset[UUID]().union(*(leftover.people for leftover in pool.leftovers))
    enough = len(people) >= counting.suppress_under and events >= 2
    return enough and counts.answered < most and _mixed(pool.leftovers[0].kind, counts)


def _mixed(kind: Kind, counts: Counts) -> bool:
    if kind == "scale":
        tally = scales.tally(counts)
        return 0 < tally.positive < tally.answered - tally.dont_know
    return max(counts.by_code.values(), default=0) < counts.answered


def place_of(branch_id: UUID | None, series_key: str | None, event_key: str | None) -> Place:
    """The place that three columns name; those that are null are not shared. A pool of the job team is the fund's."""
    if branch_id is None and series_key is None:
        return ()
    parts = (str(branch_id) if branch_id else NO_BRANCH, series_key, event_key)
    return tuple(part for part in parts if part is not None)


def within(place: Place, node: Place) -> bool:
    """Whether a block at `place` lies wholly in `node`: () is the fund, ("B1",) a branch, …"""
    return place[: len(node)] == node


def _sum(leftovers: Sequence[Leftover]) -> Counts:
    return reduce(add, (leftover.counts for leftover in leftovers), Counts())
