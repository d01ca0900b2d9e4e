"""The smiley rule, steps 4 to 12, as pure functions. Steps 1 and 2 are in due_days.py, step 3 in entries.py.

The rating is a signal for help, never a decision about benefit. Everything here is exact and a function of its inputs.
"""

from datetime import date
from math import inf

import msgspec

from backend.rating.consequences import actions
from backend.rating.context import Context
from backend.rating.due_days import DueDays, due_days, exempt_today, in_window
from backend.rating.entries import Tally, tally
from backend.rating.figures import Colour, Facts, Figures, Mode, Quantity, Result, Week
from backend.rating.policy_values import Policy

RANK = {"green": 0, "yellow": 1, "red": 2}
FAST_TRACK_DUE_WEEKS = 3


class _Basis(msgspec.Struct, frozen=True):
    """What steps 1 to 5 found, for the steps that choose a colour."""

    context: Context
    facts: Facts
    days: DueDays
    tally: Tally
    required: int
    posted_required: int
    uploads_required: int
    zero_weeks: int
    previous: Colour
    calls: list[date]

    @property
    def ratio(self) -> float:
        return self.tally.counted / self.required if self.required else inf


def rate(facts: Facts, policy: Policy, today: date, mode: Mode) -> Result:
    """The rating of one member on a day: `weekly` is the scheduled run, `event` follows a change about the member."""
    return rate_in(Context.of(policy, today, mode), facts)


def rate_in(context: Context, facts: Facts) -> Result:
    """As `rate`, for a run over many members that share one context."""
    basis = _basis(context, facts)
    colour, reasons = _early(basis) or _decide(basis)
    listed = tuple(sorted(reasons))
    return Result(
        colour,
        facts.previous,
        basis.tally.counted,
        basis.required,
        basis.days.window,
        basis.zero_weeks,
        listed,
        actions(facts.previous, colour, listed),
        basis.ratio if basis.required else None,
        _figures(basis),
    )


def _basis(context: Context, facts: Facts) -> _Basis:
    days = due_days(context, facts)
    found = tally(context, facts, days.first)
    held = facts.previous
    return _Basis(
        context,
        facts,
        days,
        found,
        max(1, _share(facts.min_per_week, days.window, 5)) if days.window else 0,
        _share(facts.min_posted_per_week, days.window, 5),
        _share(facts.uploads_per_month, days.month, context.month_working_days),
        _trailing_zero_weeks(context, days, found),
        held if held in RANK else "green",
        [day for day in facts.calls if day <= context.today],
    )


def _share(amount: Quantity, part: int, whole: int) -> int:
    """Rounded down; exact for whole numbers and fractions alike."""
    return amount * part // whole


def _trailing_zero_weeks(context: Context, days: DueDays, found: Tally) -> int:
    if found.weeks[-1]:  # the current week, which is counted in event mode only
        return 0
    zero, least = 0, context.policy.week_due_min_days
    for n in range(context.policy.window_weeks - 1, -1, -1):
        if days.weeks[n] >= least:
            if found.weeks[n]:
                break
            zero += 1
    return zero


def _early(basis: _Basis) -> tuple[Colour, list[str]] | None:
    """Step 6: the cases that are settled before the figures are weighed."""
    facts, policy = basis.facts, basis.context.policy
    if facts.override and facts.override.until >= basis.context.today:
        return facts.override.colour, ["caseworker_override"]
    exemption = exempt_today(basis.context, facts.exemptions)
    if exemption:
        return "paused", [f"exempt:{exemption}"]
    if basis.days.spell < policy.grace_due_days:
        return "none", ["new_member_grace"]
    if basis.days.window < policy.min_due_days_window:
        return basis.previous, ["insufficient_basis"]
    return None


def _decide(basis: _Basis) -> tuple[Colour, list[str]]:
    """Steps 8 to 12. Each step adds its reason; none takes one away."""
    reasons = _side_criteria(basis)
    colour = _candidate(basis, reasons)
    colour = _ladder(basis, colour, reasons)
    return _hold_back(basis, colour, reasons), reasons


def _side_criteria(basis: _Basis) -> list[str]:
    failed = []
    if basis.tally.posted < basis.posted_required:
        failed.append("too_few_posted")
    if basis.context.uploads_in_force and basis.tally.uploads < basis.uploads_required:
        failed.append("upload_missing")
    return failed


def _candidate(basis: _Basis, reasons: list[str]) -> Colour:
    """Step 9. `reasons` holds the side criteria that failed and takes the reason for the colour."""
    policy, ratio = basis.context.policy, basis.ratio
    side_failed = bool(reasons)
    if basis.zero_weeks >= policy.red_zero_weeks:
        reasons.append("zero_weeks")
        return "red"
    if ratio < policy.red_ratio:
        reasons.append("far_below_agreement")
        return "red"
    if basis.zero_weeks >= policy.yellow_zero_weeks:
        reasons.append("zero_week")
        return "yellow"
    return "yellow" if side_failed else _by_ratio(policy, ratio, basis.previous, reasons)


def _by_ratio(policy: Policy, ratio: float, previous: Colour, reasons: list[str]) -> Colour:
    if ratio >= policy.green_enter_ratio:
        reasons.append("meets_agreement")
        return "green"
    reasons.append("below_agreement")
    return "green" if previous == "green" and ratio >= policy.green_stay_ratio else "yellow"


def _ladder(basis: _Basis, candidate: Colour, reasons: list[str]) -> Colour:
    """Step 10: one step at a time, but for those who log nothing and those who stay yellow long after a call."""
    match basis.previous, candidate:
        case "red", "green":
            reasons.append("via_yellow")
            return "yellow"
        case "yellow", "yellow" if _called_long_ago(basis):
            reasons.append("yellow_persisted")
            return "red"
        case "green", "red" if not _nothing_at_all(basis):
            reasons.append("fast_track")
            return "yellow"
    return candidate


def _called_long_ago(basis: _Basis) -> bool:
    wait = 7 * basis.context.policy.yellow_max_weeks_after_call
    return bool(basis.calls) and (basis.context.today - min(basis.calls)).days >= wait


def _nothing_at_all(basis: _Basis) -> bool:
    least = basis.context.policy.week_due_min_days
    due_weeks = sum(1 for days in basis.days.weeks if days >= least)
    return not basis.tally.counted and due_weeks >= FAST_TRACK_DUE_WEEKS


def _hold_back(basis: _Basis, colour: Colour, reasons: list[str]) -> Colour:
    """Step 11: a colour gets worse only in the weekly run, and not in the days after a service call."""
    if RANK[colour] <= RANK[basis.previous]:
        return colour
    if basis.context.mode == "event":
        reasons.append("no_worsening_between_runs")
        return basis.previous
    if basis.calls and (basis.context.today - max(basis.calls)).days < basis.context.policy.call_protection_days:
        reasons.append("call_protection")
        return basis.previous
    return colour


def _figures(basis: _Basis) -> Figures:
    context, facts = basis.context, basis.facts
    return Figures(
        context.today,
        context.mode,
        context.window_first,
        context.window_last,
        basis.days.first,
        _weeks(basis),
        basis.tally.weeks[-1],
        basis.tally.posted,
        basis.posted_required,
        basis.tally.uploads,
        basis.uploads_required,
        context.uploads_in_force,
        context.month_first,
        context.month_last,
        basis.tally.skipped,
        in_window(context, facts.exemptions),
        context.holidays,
        basis.days.spell,
        facts.reset_on,
        max(basis.calls) if basis.calls else None,
        min(basis.calls) if basis.calls else None,
        facts.override.until if facts.override else None,
    )


def _weeks(basis: _Basis) -> tuple[Week, ...]:
    least, mondays, counts = basis.context.policy.week_due_min_days, basis.context.mondays, basis.tally.weeks
    return tuple([Week(mondays[n], due, due >= least, counts[n]) for n, due in enumerate(basis.days.weeks)])
