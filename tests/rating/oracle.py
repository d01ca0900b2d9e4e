"""The rule a second time, day by day and entry by entry, straight from its text. Slow, naive, and nothing shared.

It reads the same facts and policy as backend.rating but none of its code: not the calendar, not the masks, not the order
of evaluation. The tests hold the two against each other.
"""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

FULL = "ferie sygdom barsel mindre_intensiv_indsats jobrettet_uddannelse_6_uger afmeldt fuldtidsarbejde".split()
FULL += ["arbejdsfordeling", "joblog_fritaget"]
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
    zero = 0
    for monday, sunday in reversed(weeks):
        if due_in(monday, sunday) < policy.week_due_min_days:
            continue
        if any(monday <= entry.applied_on <= sunday for entry in inside):
            break
        zero += 1
    if mode == "event" and any(entry.applied_on >= this_monday for entry in inside):
        zero = 0

    colour, reasons = colour_of(
        facts, policy, today, mode, w0, w1, effective, due_days, weeks, entries, inside, required, zero
    )
    return {
        "colour": colour,
        "counted": counted,
        "required": required,
        "due_days": due_days,
        "trailing_zero_weeks": zero,
        "reasons": reasons,
        "actions": actions(facts.previous, colour, reasons),
    }


def colour_of(
    facts: Any,
    policy: Any,
    today: date,
    mode: str,
    w0: date,
    w1: date,
    effective: date,
    due_days: int,
    weeks: list[tuple[date, date]],
    entries: list[Any],
    inside: list[Any],
    required: int,
    zero: int,
) -> tuple[str, set[str]]:
    # 6. Early outs
    if facts.override is not None and today <= facts.override.until:
        return facts.override.colour, {"caseworker_override"}
    for each in facts.exemptions:
        if covers(each, today):
            return "paused", {"exempt:" + each.type}
    if sum(1 for day in days(facts.start, w1) if due(facts, day)) < policy.grace_due_days:
        return "none", {"new_member_grace"}
    # 7. comes first here: the colour held for want of days follows the same replacement.
    previous = "green" if facts.previous in ("none", "paused") else facts.previous
    if due_days < policy.min_due_days_window:
        return previous, {"insufficient_basis"}

    reasons: set[str] = set()
    # 8. Side criteria
    posted = [entry for entry in inside if entry.channel == "posted"]
    if len(posted) < floor(Fraction(facts.min_posted_per_week) * due_days / 5):
        reasons.add("too_few_posted")
    if today.day >= policy.upload_grace_day:
        month_last = date(today.year, today.month, 1) - timedelta(days=1)
        month = days(date(month_last.year, month_last.month, 1), month_last)
        share = Fraction(sum(due(facts, day) for day in month), sum(working(day) for day in month))
        uploads = [entry for entry in entries if entry.applied_on in month and entry.doc]
        if len(uploads) < floor(Fraction(facts.uploads_per_month) * share):
            reasons.add("upload_missing")
    side = bool(reasons)

    # 9. Candidate; nothing required is nothing missing.
    def reaches(ratio: float) -> bool:
        return required == 0 or Fraction(len(inside), required) >= Fraction(str(ratio))

    if zero >= policy.red_zero_weeks:
        colour = "red"
        reasons.add("zero_weeks")
    elif not reaches(policy.red_ratio):
        colour = "red"
        reasons.add("far_below_agreement")
    elif zero >= policy.yellow_zero_weeks:
        colour = "yellow"
        reasons.add("zero_week")
    elif side:
        colour = "yellow"
    elif reaches(policy.green_enter_ratio):
        colour = "green"
        reasons.add("meets_agreement")
    elif previous == "green" and reaches(policy.green_stay_ratio):
        colour = "green"
        reasons.add("below_agreement")
    else:
        colour = "yellow"
        reasons.add("below_agreement")

    # 10. Ladder
    ages = [(today - day).days for day in facts.calls if day <= today]
    if colour == "green" and previous == "red":
        colour = "yellow"
        reasons.add("via_yellow")
    elif colour == "yellow" and previous == "yellow":
        if any(age >= 7 * policy.yellow_max_weeks_after_call for age in ages):
            colour = "red"
            reasons.add("yellow_persisted")
    elif colour == "red" and previous == "green":
        due_weeks = 0
        for monday, sunday in weeks:
            if sum(due(facts, day) for day in days(monday, sunday) if day >= effective) >= policy.week_due_min_days:
                due_weeks += 1
        if not (len(inside) == 0 and due_weeks >= 3):
            colour = "yellow"
            reasons.add("fast_track")

    # 11. Worsening
    if ORDER.index(colour) > ORDER.index(previous):
        if mode == "event":
            colour = previous
            reasons.add("no_worsening_between_runs")
        elif ages and min(ages) < policy.call_protection_days:
            colour = previous
            reasons.add("call_protection")
    return colour, reasons


def actions(before: str, now: str, reasons: set[str]) -> set[str]:
    todo: set[str] = set()
    if before != now:
        if now == "yellow" and before != "red":
            todo |= {"task:service_call_fast" if "fast_track" in reasons else "task:service_call", "notify:SM_YELLOW"}
        if now == "yellow" and before == "red":
            todo |= {"task:review_cancel_call_in", "notify:SM_IMPROVED"}
        if now == "red":
            todo |= {"task:call_in_review", "notify:SM_RED"}
        if now == "green" and before in ("yellow", "red"):
            todo |= {"task:close_follow_up", "notify:SM_GREEN"}
        if now == "paused" and before in ("yellow", "red"):
            todo |= {"task:suspend_follow_up"}
    if now == "green" and "below_agreement" in reasons:
        todo |= {"notify:SM_HINT"}
    return todo
