"""Who could help where: advisers with time to spare lent to branches that are short, found by a solver. Pure.

Whole hours are lent, at least two to a branch in a week, and by an adviser to one other branch in a week at most. With
the same relief, fewer people are asked to help. No week depends on another, so each is solved by itself.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple
from uuid import UUID

HOUR = 60
FEWEST_HOURS = 2
# So much of what a branch needs it keeps free beside, before it lends.
RESERVE = 0.1
# The relief of one hour outweighs any number of people asked.
RELIEF = 1_000
# A bound on the search that does not depend on the machine, so that the same facts give the same suggestion.
EFFORT = 0.2


class Spare(NamedTuple):
    """Minutes that an adviser of a branch has free in a week."""

    staff_id: UUID
    branch_id: UUID
    week: date
    minutes: float


class Loan(NamedTuple):
    """An adviser of one branch takes talks for another in a week, so many minutes of them."""

    staff_id: UUID
    from_branch: UUID
    to_branch: UUID
    week: date
    minutes: int


Where = tuple[UUID, date]


def suggest(short: Mapping[Where, float], surplus: Mapping[Where, float], spare: Iterable[Spare]) -> list[Loan]:
    """Loans that relieve most of what is short (minutes by branch and week), within what each branch can do without.

    Sorted by week and branch. Nothing is lent by a branch that is short itself in that week.
    """
    helpers = [one for one in spare if one.minutes >= FEWEST_HOURS * HOUR and (one.branch_id, one.week) not in short]
    from backend.booking.allocation_solver import in_one_week  # nearly a second, which only who asks should wait for

    found: list[Loan] = []
    for week in sorted({week for _, week in short}):
        needed = {where: minutes for where, minutes in short.items() if where[1] == week}
        found += in_one_week(needed, surplus, sorted(one for one in helpers if one.week == week))
    return found
