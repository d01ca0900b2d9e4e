"""Who could help where: nothing is lent that is needed at home, and as much as can be is relieved."""

from datetime import date
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.booking.allocation import FEWEST_HOURS, HOUR, Loan, Spare, suggest

WEEK = date(2026, 11, 23)
NEXT = date(2026, 11, 30)
A, B, C = (UUID(int=n) for n in (1, 2, 3))
ANN, BO, CARL = (UUID(int=n) for n in (11, 12, 13))


def test_an_adviser_with_time_helps_the_branch_that_is_short() -> None:
    found = suggest({(A, WEEK): 100}, {(B, WEEK): 600}, [Spare(BO, B, WEEK, 500)])
    assert found == [Loan(BO, B, A, WEEK, 120)]


def test_a_branch_lends_no_more_than_it_can_spare() -> None:
    spare = [Spare(ANN, B, WEEK, 400), Spare(BO, B, WEEK, 400)]
    found = suggest({(A, WEEK): 600}, {(B, WEEK): 250}, spare)
    assert sum(one.minutes for one in found) == 240


def test_one_person_is_asked_where_one_is_enough() -> None:
    spare = [Spare(ANN, B, WEEK, 300), Spare(BO, B, WEEK, 300), Spare(CARL, C, WEEK, 600)]
    found = suggest({(A, WEEK): 600}, {(B, WEEK): 600, (C, WEEK): 600}, spare)
    assert [one.staff_id for one in found] == [CARL]


def test_nobody_is_lent_by_a_branch_that_is_short_itself_or_in_another_week() -> None:
    assert suggest({(A, WEEK): 600, (B, WEEK): 60}, {(B, NEXT): 600}, [Spare(BO, B, WEEK, 600)]) == []
    assert suggest({(A, WEEK): 600}, {(B, NEXT): 600}, [Spare(BO, B, NEXT, 600)]) == []
    assert suggest({(A, WEEK): 600}, {(B, WEEK): 600}, [Spare(BO, B, WEEK, 119)]) == []


minutes = st.integers(0, 1200)
branches = st.sampled_from([A, B, C])


@given(
    short=st.dictionaries(st.tuples(branches, st.just(WEEK)), st.integers(1, 1200), max_size=2),
    surplus=st.dictionaries(st.tuples(branches, st.just(WEEK)), minutes),
    free=st.lists(st.tuples(st.sampled_from([ANN, BO, CARL]), branches, minutes), unique_by=lambda one: one[0]),
)
@settings(max_examples=60)
def test_whatever_the_week_is_like(
    short: dict[tuple[UUID, date], int],
    surplus: dict[tuple[UUID, date], int],
    free: list[tuple[UUID, UUID, int]],
) -> None:
    found = suggest(short, surplus, [Spare(who, home, WEEK, left) for who, home, left in free])
    own = {who: (home, left) for who, home, left in free}
    assert len({one.staff_id for one in found}) == len(found)
    for one in found:
        home, left = own[one.staff_id]
        assert one.from_branch == home != one.to_branch
        assert (one.to_branch, WEEK) in short
        assert (home, WEEK) not in short
        assert FEWEST_HOURS * HOUR <= one.minutes <= left
    for branch in (A, B, C):
        given_away = sum(one.minutes for one in found if one.from_branch == branch)
        assert given_away <= surplus.get((branch, WEEK), 0)
    _nothing_left_undone(found, short, surplus, own)


def _nothing_left_undone(
    found: list[Loan],
    short: dict[tuple[UUID, date], int],
    surplus: dict[tuple[UUID, date], int],
    own: dict[UUID, tuple[UUID, int]],
) -> None:
    """Nobody who could still help stands idle while a branch is short by an hour or more."""
    helped = {branch: sum(one.minutes for one in found if one.to_branch == branch) for branch, _ in short}
    still = [branch for (branch, _), need in short.items() if need - helped[branch] > HOUR]
    lent = {one.staff_id for one in found}
    for who, (home, left) in own.items():
        away = sum(one.minutes for one in found if one.from_branch == home)
        can = (home, WEEK) not in short and surplus.get((home, WEEK), 0) - away >= FEWEST_HOURS * HOUR
        assert not (still and who not in lent and can and left >= FEWEST_HOURS * HOUR)
