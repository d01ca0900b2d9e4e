"""Which loans relieve most in one week, as a model for OR-tools' constraint solver. Pure."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from ortools.sat.python import cp_model

from backend.booking.allocation import EFFORT, FEWEST_HOURS, HOUR, RELIEF, Loan, Spare, Where

Choice = tuple[Spare, UUID]
Chosen = dict[Choice, tuple[cp_model.IntVar, cp_model.IntVar]]


def in_one_week(short: Mapping[Where, float], surplus: Mapping[Where, float], helpers: Sequence[Spare]) -> list[Loan]:
    """The loans of a week, minutes as in `allocation.suggest`; none when no solution is found within EFFORT."""
    model = cp_model.CpModel()
    chosen = _choices(model, short, helpers)
    if not chosen:
        return []
    _within(model, chosen, surplus)
    model.maximize(_relief(model, chosen, short) - sum(used for used, _ in chosen.values()))
    return _solved(model, chosen)


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
