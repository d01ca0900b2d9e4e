"""Who could help where: advisers with time to spare lent to branches that are short, found by a solver. Pure.

Whole hours are lent, at least two to a branch in a week, and by an adviser to one other branch in a week at most. With
the same relief, fewer people are asked to help. No week depends on another, so each is solved by itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from ortools.sat.python import cp_model

HOUR = 60
FEWEST_HOURS = 2
# So much of what a branch needs it keeps free beside, before it lends.
RESERVE = 0.1
# The relief of one hour outweighs any number of people asked.
RELIEF = 1_000
# A bound on the search that does not depend on the machine, so that the same facts give the same suggestion.
EFFORT = 1.0


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
    found: list[Loan] = []
    for week in sorted({week for _, week in short}):
        needed = {where: minutes for where, minutes in short.items() if where[1] == week}
        found += _in_one_week(needed, surplus, sorted(one for one in helpers if one.week == week))
    return found


def _in_one_week(short: Mapping[Where, float], surplus: Mapping[Where, float], helpers: Sequence[Spare]) -> list[Loan]:
    model = cp_model.CpModel()
    chosen = _choices(model, short, helpers)
    if not chosen:
        return []
    _within(model, chosen, surplus)
    model.maximize(_relief(model, chosen, short) - sum(used for used, _ in chosen.values()))
    return _solved(model, chosen)


Choice = tuple[Spare, UUID]
Chosen = dict[Choice, tuple[cp_model.IntVar, cp_model.IntVar]]


def _choices(model: cp_model.CpModel, short: Mapping[Where, float], helpers: Sequence[Spare]) -> Chosen:
    """For each adviser and branch in need: whether they help there, and for how many hours."""
    found: Chosen = {}
    towards = sorted((branch_id for branch_id, _ in short), key=str)
    for one in helpers:
        for branch_id in towards:
            most = int(one.minutes // HOUR)
            used, hours = model.new_bool_var(""), model.new_int_var(0, most, "")
            model.add(hours >= FEWEST_HOURS * used)
            model.add(hours <= most * used)
            found[one, branch_id] = (used, hours)
        model.add_at_most_one(found[one, branch_id][0] for branch_id in towards)
    return found


def _within(model: cp_model.CpModel, chosen: Chosen, surplus: Mapping[Where, float]) -> None:
    """A branch lends no more than it can spare."""
    lent: dict[Where, list[cp_model.IntVar]] = {}
    for (one, _), (_, hours) in chosen.items():
        lent.setdefault((one.branch_id, one.week), []).append(hours)
    for where, hours_lent in lent.items():
        model.add(sum(hours_lent) <= int(surplus.get(where, 0.0) // HOUR))


def _relief(model: cp_model.CpModel, chosen: Chosen, short: Mapping[Where, float]) -> cp_model.LinearExpr:
    """Hours of shortage that are covered."""
    total: list[cp_model.LinearExprT] = []
    for (branch_id, _), minutes in sorted(short.items(), key=str):
        covered = model.new_int_var(0, -int(-minutes // HOUR), "")
        model.add(covered <= sum(hours for (_, to), (_, hours) in chosen.items() if to == branch_id))
        total.append(covered * RELIEF)
    return cp_model.LinearExpr.sum(total)


def _solved(model: cp_model.CpModel, chosen: Chosen) -> list[Loan]:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = EFFORT
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return []
    loans = [
        Loan(one.staff_id, one.branch_id, to, one.week, solver.value(hours) * HOUR)
        for (one, to), (used, hours) in chosen.items()
        if solver.value(used)
    ]
    return sorted(loans, key=lambda loan: (loan.week, str(loan.to_branch), str(loan.staff_id)))
