"""The rule a second time, day by day and entry by entry, straight from its text. Slow, naive, and nothing shared.

It reads the same facts and policy as backend.rating but none of its code: no calendar, no masks, no order of
evaluation. The tests hold the two against each other.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from itertools import takewhile
from types import SimpleNamespace as World
from typing import Any

FULL = ["ferie", "sygdom", "barsel", "mindre_intensiv_indsats", "jobrettet_uddannelse_6_uger", "afmeldt"]
FULL += ["fuldtidsarbejde", "arbejdsfordeling", "joblog_fritaget"]
ORDER = ["green", "yellow", "red"]


def easter(year: int) -> date:
    """Gauss, for 1900–2099."""
    d = (19 * (year % 19) + 24) % 30
    e = (2 * (year % 4) + 4 * (year % 7) + 6 * d + 5) % 7
    day = 22 + d + e
    if (day, d) == (57, 29):
        day = 50
    if (day, d) == (56, 28) and year % 19 > 10:
        day = 49
    return date(year, 3, 1) + timedelta(days=day - 1)


def holiday(day: date) -> bool:
    if (day.month, day.day) in [(1, 1), (12, 25), (12, 26)]:
        return True
    after = (day - easter(day.year)).days
    return after in (-3, -2, 0, 1, 39, 49, 50) or (after == 26 and day.year < 2024)


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def covers(exemption: Any, day: date) -> bool:
    ended = exemption.last is not None and exemption.last < day
    return exemption.type in FULL and exemption.first <= day and not ended


def working(day: date) -> bool:
    return day.isoweekday() <= 5 and not holiday(day)


def due(facts: Any, day: date) -> bool:
    return working(day) and day >= facts.start and not any(covers(each, day) for each in facts.exemptions)


def floor(number: Fraction) -> int:
    return number.numerator // number.denominator


def counted_entries(facts: Any, policy: Any, today: date) -> list[Any]:
    def place(entry: Any) -> Any:
        return (entry.applied_on, 0 if entry.doc else 1, 0 if entry.channel == "posted" else 1, entry.logged_on)

    kept: list[Any] = []
    for entry in sorted(facts.entries, key=place):
        if entry.deleted:
            continue
        if entry.logged_on > today or entry.applied_on > today:
            continue
        if entry.applied_on < facts.start:
            continue
        if entry.status not in policy.counting_statuses:
            continue
        if facts.insurance == "full" and entry.hours == "part":
            continue
        if entry.country != "DK":
            continue
        if entry.duplicate_key is not None and any(
            earlier.duplicate_key == entry.duplicate_key
            and (entry.applied_on - earlier.applied_on).days <= policy.duplicate_days
            for earlier in kept
        ):
            continue
        kept.append(entry)
    return kept


def rate(facts: Any, policy: Any, today: date, mode: str) -> dict[str, Any]:
    # 1. Window
    this_monday = today
    while this_monday.isoweekday() != 1:
        this_monday -= timedelta(days=1)
    w0, w1 = this_monday - timedelta(weeks=policy.window_weeks), this_monday - timedelta(days=1)
    effective = max([w0, facts.start] + ([facts.reset_on + timedelta(days=1)] if facts.reset_on else []))

    # 2. Due days
    def due_in(first: date, last: date) -> int:
        return sum(1 for day in days(max(first, effective), last) if due(facts, day))

    due_days = due_in(w0, w1)
    weeks = [(w0 + timedelta(weeks=n), w0 + timedelta(weeks=n, days=6)) for n in range(policy.window_weeks)]

    # 3. Counted entries
    entries = counted_entries(facts, policy, today)
    end = w1 if mode == "weekly" else today
    inside = [entry for entry in entries if effective <= entry.applied_on <= end]
    counted = len(inside)

    # 4. Required
    required = 0
    if due_days:
        required = max(1, floor(Fraction(facts.min_per_week) * due_days / 5))

    # 5. Trailing zero weeks
    due_weeks = [week for week in weeks if due_in(*week) >= policy.week_due_min_days]
    empty = takewhile(lambda week: not any(week[0] <= entry.applied_on <= week[1] for entry in inside), due_weeks[::-1])
    zero = len(list(empty))
    if mode == "event" and any(entry.applied_on >= this_monday for entry in inside):
        zero = 0

    world = World(
        facts=facts, policy=policy, today=today, mode=mode, w1=w1, due_days=due_days, due_weeks=due_weeks,
        entries=entries, inside=inside, required=required, zero=zero,
        # 7. comes first here: the colour held for want of days follows the same replacement.
        previous="green" if facts.previous in ("none", "paused") else facts.previous,
        ages=[(today - day).days for day in facts.calls if day <= today],
    )  # fmt: skip
    colour, reasons = colour_of(world)
    return {
        "colour": colour,
        "counted": counted,
        "required": required,
        "due_days": due_days,
        "trailing_zero_weeks": zero,
        "reasons": reasons,
        "actions": actions(facts.previous, colour, reasons),
    }


def colour_of(w: World) -> tuple[str, set[str]]:
    for out in early_outs(w):
        return out
    failed = side_criteria(w)
    colour, reason = candidate(w, failed)
    climbed, ladder = ladder_of(w, colour)
    final, worsening = worsening_of(w, climbed)
    return final, failed | reason | ladder | worsening


def early_outs(w: World) -> Iterator[tuple[str, set[str]]]:
    """Step 6, in its order; the first one is taken."""
    if w.facts.override is not None and w.today <= w.facts.override.until:
        yield w.facts.override.colour, {"caseworker_override"}
    for each in w.facts.exemptions:
        if covers(each, w.today):
            yield "paused", {"exempt:" + each.type}
    if sum(1 for day in days(w.facts.start, w.w1) if due(w.facts, day)) < w.policy.grace_due_days:
        yield "none", {"new_member_grace"}
    if w.due_days < w.policy.min_due_days_window:
        yield w.previous, {"insufficient_basis"}


def side_criteria(w: World) -> set[str]:
    """Step 8."""
    failed = set()
    posted = [entry for entry in w.inside if entry.channel == "posted"]
    if len(posted) < floor(Fraction(w.facts.min_posted_per_week) * w.due_days / 5):
        failed.add("too_few_posted")
    month_last = date(w.today.year, w.today.month, 1) - timedelta(days=1)
    month = days(date(month_last.year, month_last.month, 1), month_last)
    share = Fraction(sum(due(w.facts, day) for day in month), sum(working(day) for day in month))
    uploads = [entry for entry in w.entries if entry.applied_on in month and entry.doc]
    asked = w.today.day >= w.policy.upload_grace_day
    if asked and len(uploads) < floor(Fraction(w.facts.uploads_per_month) * share):
        failed.add("upload_missing")
    return failed


def reaches(w: World, ratio: float) -> bool:
    """Nothing required is nothing missing."""
    return w.required == 0 or Fraction(len(w.inside), w.required) >= Fraction(str(ratio))


def candidate(w: World, failed: set[str]) -> tuple[str, set[str]]:
    """Step 9."""
    if w.zero >= w.policy.red_zero_weeks:
        return "red", {"zero_weeks"}
    if not reaches(w, w.policy.red_ratio):
        return "red", {"far_below_agreement"}
    if w.zero >= w.policy.yellow_zero_weeks:
        return "yellow", {"zero_week"}
    if failed:
        return "yellow", set()
    if reaches(w, w.policy.green_enter_ratio):
        return "green", {"meets_agreement"}
    stays = w.previous == "green" and reaches(w, w.policy.green_stay_ratio)
    return "green" if stays else "yellow", {"below_agreement"}


def ladder_of(w: World, colour: str) -> tuple[str, set[str]]:
    """Step 10."""
    step = (w.previous, colour)
    if step == ("red", "green"):
        return "yellow", {"via_yellow"}
    if step == ("yellow", "yellow") and any(age >= 7 * w.policy.yellow_max_weeks_after_call for age in w.ages):
        return "red", {"yellow_persisted"}
    if step == ("green", "red") and not (len(w.inside) == 0 and len(w.due_weeks) >= 3):
        return "yellow", {"fast_track"}
    return colour, set()


def worsening_of(w: World, colour: str) -> tuple[str, set[str]]:
    """Step 11."""
    if ORDER.index(colour) <= ORDER.index(w.previous):
        return colour, set()
    if w.mode == "event":
        return w.previous, {"no_worsening_between_runs"}
    if w.ages and min(w.ages) < w.policy.call_protection_days:
        return w.previous, {"call_protection"}
    return colour, set()


def actions(before: str, now: str, reasons: set[str]) -> set[str]:
    todo: set[str] = set()
    table = {
        "yellow": {"task:service_call_fast" if "fast_track" in reasons else "task:service_call", "notify:SM_YELLOW"},
        "red": {"task:call_in_review", "notify:SM_RED"},
        "green": {"task:close_follow_up", "notify:SM_GREEN"} if before in ("yellow", "red") else set(),
        "paused": {"task:suspend_follow_up"} if before in ("yellow", "red") else set(),
        "none": set(),
    }
    if before != now:
        todo = table[now]
    if (before, now) == ("red", "yellow"):
        todo = {"task:review_cancel_call_in", "notify:SM_IMPROVED"}
    return todo | ({"notify:SM_HINT"} if now == "green" and "below_agreement" in reasons else set())
