"""Steps 1 and 2 of the rule: on which days a member had to search for work."""

from collections.abc import Sequence
from datetime import date

import msgspec

from backend import calendar
from backend.rating.context import Context, span
from backend.rating.figures import FULLY_EXEMPTING, Exemption, Facts

ONE_WEEK = 0b1111111


class DueDays(msgspec.Struct, frozen=True):
    """Counts of due days: in the window from its effective first day, per window week, last month, in the whole spell.

    The spell is counted to the window's end, and exactly only below the policy's grace, which is all that it decides.
    """

    first: date
    window: int
    weeks: tuple[int, ...]
    month: int
    spell: int


def due_days(context: Context, facts: Facts) -> DueDays:
    start = facts.start.toordinal() - context.base_ordinal
    due = _from(context.working & ~_exempt(context.base_ordinal, context.today, facts.exemptions), start)
    first = _effective_first(context, facts)
    offset = first.toordinal() - context.base_ordinal
    window = _from(due & context.window_mask, offset) >> (context.window_ordinal - context.base_ordinal)
    return DueDays(
        first,
        window.bit_count(),
        tuple([(window >> 7 * n & ONE_WEEK).bit_count() for n in range(context.policy.window_weeks)]),
        (due & context.month_mask).bit_count(),
        _spell(context, facts, (due & context.until_window_mask).bit_count()),
    )


def exempt_today(context: Context, exemptions: Sequence[Exemption]) -> str | None:
    """The type of the first given exemption that wholly exempts today, or None."""
    for each in exemptions:
        if each.type in FULLY_EXEMPTING and each.first <= context.today <= (each.last or context.today):
            return each.type
    return None


def in_window(context: Context, exemptions: Sequence[Exemption]) -> tuple[Exemption, ...]:
    """The fully exempting periods, cut to the window."""
    low, high = context.window_first, context.window_last
    found = []
    for each in exemptions:
        first, last = max(each.first, low), min(each.last or high, high)
        if each.type in FULLY_EXEMPTING and first <= last:
            found.append(Exemption(each.type, first, last))
    return tuple(found)


def _effective_first(context: Context, facts: Facts) -> date:
    first = max(context.window_first, facts.start)
    return max(first, facts.reset_on + calendar.DAY) if facts.reset_on else first


def _from(days: int, place: int) -> int:
    """The bits at `place` and above."""
    return days >> place << place if place > 0 else days


def _exempt(base: int, today: date, exemptions: Sequence[Exemption]) -> int:
    mask = 0
    for each in exemptions:
        if each.type in FULLY_EXEMPTING:
            mask |= span(base, each.first, each.last or today)
    return mask


def _spell(context: Context, facts: Facts, recent: int) -> int:
    """Due days from `start` to the window's end; days before `base` are looked at only while the grace is in doubt."""
    if recent >= context.policy.grace_due_days or facts.start >= context.base:
        return recent
    base = facts.start.toordinal()
    earlier = calendar.working_mask(facts.start, context.base - calendar.DAY)
    return recent + (earlier & ~_exempt(base, context.today, facts.exemptions)).bit_count()
