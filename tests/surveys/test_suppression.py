"""An attacker who holds every number ever published, at every moment, under every filter, learns of nobody."""

from dataclasses import dataclass, field
from itertools import count, product
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from backend.surveys import scales, suppression
from backend.surveys.scales import Counts
from backend.surveys.statistics import Counting
from backend.surveys.suppression import Leftover, Place, Pool

_numbers = count(1)


def people(many: int) -> frozenset[UUID]:
    """So many who answered nowhere else."""
    return frozenset(UUID(int=next(_numbers)) for _ in range(many))


def leftover(place: str, by_code: dict[str, int], unseen: int = 20, **values: Any) -> Leftover:
    counts = Counts(sum(by_code.values()), by_code)
    given = {"people": people(counts.answered), **values}
    return Leftover(tuple(place.split("/")), "scale", counts, unseen, **given)


def test_an_events_answers_wait_until_they_are_of_five() -> None:
    assert [n for n in range(8) if suppression.ripe(n)] == [5, 6, 7]
    assert not suppression.ripe(9, Counting(suppress_under=10))


def test_leftovers_are_pooled_as_near_to_their_events_as_they_can() -> None:
    made = suppression.pools(
        [
            leftover("B1/S1/E1", {"5": 2, "2": 1}),
            leftover("B1/S1/E2", {"4": 3}),
            leftover("B1/S2/E3", {"1": 2}),
            leftover("B1/S3/E4", {"5": 4}),
            leftover("B2/S4/E5", {"3": 4}),
        ]
    )
    assert [(pool.place, [x.place[2] for x in pool.leftovers]) for pool in made] == [
        (("B1", "S1"), ["E1", "E2"]),
        (("B1",), ["E3", "E4"]),
    ]
    assert made[0].counts == Counts(6, {"5": 2, "2": 1, "4": 3})


@pytest.mark.parametrize(
    ("why", "leftovers"),
    [
        ("four answers", [leftover("B/S/1", {"5": 2}), leftover("B/S/2", {"2": 2})]),
        ("one event", [leftover("B/S/1", {"5": 3, "2": 3})]),
        ("all positive", [leftover("B/S/1", {"5": 3}), leftover("B/S/2", {"4": 3})]),
        ("none positive", [leftover("B/S/1", {"1": 3}), leftover("B/S/2", {"3": 3})]),
        ("positive or don't know", [leftover("B/S/1", {"5": 3}), leftover("B/S/2", {"0": 3})]),
        ("everybody answered", [leftover("B/S/1", {"5": 3}, unseen=3), leftover("B/S/2", {"2": 3}, unseen=3)]),
        ("each must be four", [leftover("B/S/1", {"5": 4}), leftover("B/S/2", {"2": 4})]),
    ],
)
def test_what_is_unsafe_is_never_shown(why: str, leftovers: list[Leftover]) -> None:
    assert suppression.pools(leftovers) == [], why


def test_one_person_twice_is_no_two_people() -> None:
    same = people(4)
    twice = [leftover("B/S/1", {"5": 2, "2": 2}, people=same), leftover("B/S/2", {"4": 2, "1": 2}, people=same)]
    assert suppression.pools(twice) == []
    assert len(suppression.pools([*twice, leftover("B/S/3", {"3": 1})])) == 1


def test_answers_that_somebody_reads_come_along_but_cover_nobody() -> None:
    four = [leftover("B/S/1", {"5": 2}, read=2), leftover("B/S/2", {"2": 2}, read=3)]
    assert suppression.pools(four) == []
    [pool] = suppression.pools([*four, leftover("B/S/3", {"1": 1}), leftover("B/S/4", {}, unseen=0, read=1)])
    assert [x.place[2] for x in pool.leftovers] == ["1", "2", "3", "4"]


def test_one_more_possible_answer_makes_it_safe() -> None:
    assert suppression.pools([leftover("B/S/1", {"5": 3}, unseen=3), leftover("B/S/2", {"2": 3}, unseen=4)]) != []


def test_where_nobody_answered_somebody_could_have() -> None:
    """Talks, one person each: who of those asked answered stays open, as long as not all did."""
    talks = [leftover(f"B/S/{n}", {"5" if n % 2 else "1": 1}, unseen=1) for n in range(5)]
    assert suppression.pools(talks) == []
    [pool] = suppression.pools([*talks, leftover("B/S/silent", {}, unseen=1)])
    assert (pool.counts.answered, len(pool.leftovers)) == (5, 6)


def test_choices_may_not_be_unanimous_in_a_pool() -> None:
    same = [Leftover(("B", "S", str(n)), "single", Counts(3, {"a": 3}), 9, people(3)) for n in range(2)]
    mixed = [*same, Leftover(("B", "S", "9"), "single", Counts(1, {"b": 1}), 9, people(1))]
    assert suppression.pools(same) == []
    assert len(suppression.pools(mixed)) == 1


@dataclass
class World:
    """Persons who answer one after another, and what the product's functions make public meanwhile."""

    places: list[Place]
    answers: list[tuple[int, str]]  # place, code: in order of arrival
    unseen_extra: list[int]
    blocks: list[tuple[Place, list[int]]] = field(default_factory=list)
    pools: list[Pool] = field(default_factory=list)
    snapshots: list[list[int]] = field(default_factory=list)

    def run(self, batch: int) -> None:
        waiting: dict[int, list[int]] = {n: [] for n in range(len(self.places))}
        for person, (place, _) in enumerate(self.answers):
            waiting[place].append(person)
            if person % batch == 0:
                self._look(waiting)
        self._look(waiting)
        self._release(waiting)

    def _look(self, waiting: dict[int, list[int]]) -> None:
        for place, persons in waiting.items():
            if suppression.ripe(len(persons)):
                self.blocks.append((self.places[place], list(persons)))
                persons.clear()
        self._publish()

    def _release(self, waiting: dict[int, list[int]]) -> None:
        lefts = [self._leftover(place, persons) for place, persons in waiting.items()]
        at = {self.places[place]: persons for place, persons in waiting.items()}
        self.pools = suppression.pools(lefts)
        for pool in self.pools:
            self.blocks.append((pool.place, [p for x in pool.leftovers for p in at[x.place]]))
        self._publish()

    def _leftover(self, place: int, persons: list[int]) -> Leftover:
        counts = scales.count([[self.answers[p][1]] for p in persons])
        who = frozenset(UUID(int=p) for p in persons)
        return Leftover(self.places[place], "scale", counts, len(persons) + self.unseen_extra[place], who)

    def _publish(self) -> None:
        """Every figure that any page, export or filter could show now: each node of the hierarchy, and each block."""
        nodes = {place[:depth] for place, _ in self.blocks for depth in range(4)}
        for node in nodes:
            shown = [persons for place, persons in self.blocks if suppression.within(place, node)]
            self._note([p for persons in shown for p in persons])
        for _, persons in self.blocks:
            self._note(persons)

    def _note(self, persons: list[int]) -> None:
        row = [0] * len(self.answers)
        for person in persons:
            row[person] += 1
        self.snapshots.append(row)


PLACES = [tuple(f"B{b}/S{b}{s}/E{b}{s}{e}".split("/")) for b, s, e in product("12", "12", "12")]
worlds = st.builds(
    World,
    st.just(PLACES),
    st.lists(st.tuples(st.integers(0, 7), st.sampled_from(scales.SCALE)), min_size=1, max_size=45),
    st.lists(st.integers(0, 4), min_size=8, max_size=8),
)


def determined(rows: np.ndarray, wanted: np.ndarray) -> bool:
    """Whether the sum over `wanted` follows from the sums over `rows`: whether it lies in their span."""
    if not wanted.any():
        return False
    return bool(np.linalg.matrix_rank(np.vstack([rows, wanted])) == np.linalg.matrix_rank(rows))


@settings(max_examples=60)
@given(worlds, st.integers(1, 9), st.data())
def test_no_sum_over_fewer_than_five_people_follows_from_all_that_was_published(
    world: World, batch: int, data: st.DataObject
) -> None:
    world.run(batch)
    rows = np.unique(np.array(world.snapshots, dtype=float).reshape(-1, len(world.answers)), axis=0)
    of_place = np.array([place for place, _ in world.answers])
    blocked = {p for _, persons in world.blocks for p in persons}
    for node in {place[:depth] for place in PLACES for depth in range(4)}:
        here = [n for n, place in enumerate(PLACES) if suppression.within(place, node)]
        inside = np.isin(of_place, here)
        tail = inside & np.array([p not in blocked for p in range(len(world.answers))])
        for hidden in (inside, tail):
            if hidden.sum() < 5:
                assert not determined(rows, hidden.astype(float)), node
    for _ in range(5):
        some = data.draw(st.sets(st.integers(0, len(world.answers) - 1), min_size=1, max_size=4))
        assert not determined(rows, np.array([float(p in some) for p in range(len(world.answers))]))


@settings(max_examples=30)
@given(worlds)
def test_bounds_on_a_pooled_cell_stay_open_even_knowing_who_was_asked(world: World) -> None:
    world.run(7)
    for pool in world.pools:
        caps = [min(x.unseen, 4) for x in pool.leftovers]
        for cell in range(len(caps)):
            low, high = bounds(caps, pool.counts.answered, cell)
            assert high - low > 0.5
            assert len(shares(caps, pool, cell)) > 1


def bounds(caps: list[int], total: int, cell: int) -> tuple[float, float]:
    """What linear programming can say of one cell's number of answers."""
    goal = [float(n == cell) for n in range(len(caps))]
    limits = [(0, cap) for cap in caps]
    low = linprog(goal, A_eq=[[1.0] * len(caps)], b_eq=[total], bounds=limits)
    high = linprog([-x for x in goal], A_eq=[[1.0] * len(caps)], b_eq=[total], bounds=limits)
    return low.fun, -high.fun


def shares(caps: list[int], pool: Pool, cell: int) -> set[float]:
    """Every positive share that the cell may have, by trying all whole numbers that fit the pool's sums."""
    tally = scales.tally(pool.counts)
    others = sum(cap for n, cap in enumerate(caps) if n != cell)
    found = set()
    for n in range(1, caps[cell] + 1):
        rest = tally.answered - n
        if 0 <= rest <= others:
            found |= {p / n for p in range(n + 1) if 0 <= tally.positive - p <= rest}
    return found


def test_the_attacker_finds_what_a_careless_table_gives_away() -> None:
    """The test's own attacker works: a total with one hidden cell is solved at once."""
    total, shown, hidden = [1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 0, 0], [0, 0, 0, 0, 0, 1, 1]
    assert determined(np.array([total, shown], dtype=float), np.array(hidden, dtype=float))
    assert bounds([4, 4], 8, 0) == (4, 4)
