"""Step 3 of the rule: which job log entries count."""

from collections.abc import Hashable, Sequence
from datetime import date
from typing import Any

import msgspec

from backend.rating.context import Context
from backend.rating.figures import Entry, Facts, Skipped


class Tally(msgspec.Struct, frozen=True):
    """What counted. `weeks` holds the window's weeks and, last, the current one (filled in event mode only)."""

    counted: int
    posted: int
    uploads: int
    weeks: list[int]
    skipped: tuple[Skipped, ...]


def tally(context: Context, facts: Facts, first: date) -> Tally:
    """Count the entries from the effective first day on; uploads are those of last month, wherever the window lies."""
    entries, skipped = counting_entries(context, facts)
    last, start = context.last_counting_day, context.window_ordinal
    month_first, month_last = context.month_first, context.month_last
    weeks = [0] * (context.policy.window_weeks + 1)
    posted = uploads = 0
    for entry in entries:
        day = entry.applied_on
        if first <= day <= last:
            weeks[(day.toordinal() - start) // 7] += 1
            posted += entry.channel == "posted"
        if entry.doc and month_first <= day <= month_last:
            uploads += 1
    return Tally(sum(weeks), posted, uploads, weeks, skipped)


def counting_entries(context: Context, facts: Facts) -> tuple[list[Entry], tuple[Skipped, ...]]:
    """The entries of the spell that count, and those since the window's or last month's first day that do not."""
    today, start, statuses = context.today, facts.start, context.policy.counting_statuses
    full = facts.insurance == "full"
    counting: list[Entry] = []
    failing: list[Entry] = []
    groups: dict[Hashable, list[Entry]] = {}
    for entry in facts.entries:
        if (
            entry.deleted or entry.logged_on > today or entry.applied_on > today or entry.applied_on < start
            or entry.status not in statuses or (full and entry.hours == "part") or entry.country != "DK"
        ):  # fmt: skip
            failing.append(entry)
        elif (key := entry.duplicate_key) is None:
            counting.append(entry)
        elif (group := groups.get(key)) is None:
            groups[key] = [entry]
        else:
            group.append(entry)
    repeats: list[Entry] = []
    for group in groups.values():
        _split(group, context.policy.duplicate_days, counting, repeats)
    return counting, _skipped(context, facts, failing, repeats)


def _split(group: list[Entry], days: int, counting: list[Entry], repeats: list[Entry]) -> None:
    """Sort applications of one job into those that count and those too soon after one that counted."""
    if len(group) == 1:
        counting.append(group[0])
        return
    group.sort(key=_order)
    latest = None
    for entry in group:
        if latest is None or (entry.applied_on - latest).days > days:
            counting.append(entry)
            latest = entry.applied_on
        else:
            repeats.append(entry)


def _order(entry: Entry) -> tuple[Any, ...]:
    return (entry.applied_on, not entry.doc, entry.channel != "posted", entry.logged_on, entry.id is None, entry.id)


def _skipped(context: Context, facts: Facts, failing: list[Entry], repeats: list[Entry]) -> tuple[Skipped, ...]:
    base = context.base
    found = [Skipped(e.id, e.applied_on, _why(e, context, facts)) for e in failing if e.applied_on >= base]
    found += [Skipped(e.id, e.applied_on, "duplicate") for e in repeats if e.applied_on >= base]
    if len(found) > 1:
        found.sort(key=lambda each: (each.applied_on, each.reason, each.id is None, each.id))
    return tuple(found)


def _why(entry: Entry, context: Context, facts: Facts) -> str:
    """The first cause, in the rule's order, for which an entry does not count."""
    tests: Sequence[tuple[bool, str]] = (
        (entry.deleted, "deleted"),
        (entry.logged_on > context.today or entry.applied_on > context.today, "future"),
        (entry.applied_on < facts.start, "before_start"),
        (entry.status not in context.policy.counting_statuses, "status"),
        (facts.insurance == "full" and entry.hours == "part", "part_time"),
    )
    return next((code for failed, code in tests if failed), "country")
