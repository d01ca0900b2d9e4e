"""What a rating knows before it has seen a member: the window, the month and their working days. One per run."""

from datetime import date, timedelta
from functools import lru_cache

import msgspec

from backend import calendar
from backend.rating.figures import Mode
from backend.rating.policy_values import Policy


class Context(msgspec.Struct, frozen=True):
    """Days are bits: bit 0 is `base`, the earlier of the window's and last month's first day. Ordinals count days."""

    policy: Policy
    today: date
    mode: Mode
    window_first: date
    window_last: date
    last_counting_day: date
    month_first: date
    month_last: date
    mondays: tuple[date, ...]
    holidays: tuple[date, ...]
    base: date
    base_ordinal: int
    window_ordinal: int
    working: int
    window_mask: int
    month_mask: int
    month_working_days: int
    until_window_mask: int
    uploads_in_force: bool

    @staticmethod
    def of(policy: Policy, today: date, mode: Mode) -> "Context":
        """The context of a day; kept, so that the members of a run share it."""
        return _build(policy, today, mode)


def span(base: int, first: date, last: date) -> int:
    """The days from `first` to `last` as bits counted from the ordinal `base`; earlier days are cut off."""
    low = max(first.toordinal() - base, 0)
    length = last.toordinal() - base + 1 - low
    return ((1 << length) - 1) << low if length > 0 else 0


@lru_cache(maxsize=64)
def _build(policy: Policy, today: date, mode: Mode) -> Context:
    this_monday = calendar.monday(today)
    mondays = tuple(this_monday - calendar.WEEK * n for n in range(policy.window_weeks, 0, -1))
    first, last = mondays[0], this_monday - calendar.DAY
    month_first, month_last = calendar.month_before(today)
    base = min(first, month_first)
    start = base.toordinal()
    days = (first + timedelta(days=n) for n in range(7 * policy.window_weeks))
    return Context(
        policy=policy,
        today=today,
        mode=mode,
        window_first=first,
        window_last=last,
        last_counting_day=last if mode == "weekly" else today,
        month_first=month_first,
        month_last=month_last,
        mondays=mondays,
        holidays=tuple(day for day in days if day.weekday() < 5 and calendar.is_public_holiday(day)),
        base=base,
        base_ordinal=start,
        window_ordinal=first.toordinal(),
        working=calendar.working_mask(base, max(last, month_last)),
        window_mask=span(start, first, last),
        month_mask=span(start, month_first, month_last),
        month_working_days=calendar.working_days(month_first, month_last),
        until_window_mask=span(start, base, last),
        uploads_in_force=today.day >= policy.upload_grace_day,
    )
