"""Short ways to say what a member did, around Wednesday 18 November 2026: the window is 19 October to 15 November."""

from datetime import date, timedelta
from typing import Any

from backend.rating import rules
from backend.rating.figures import Entry, Exemption, Facts, Mode, Result
from backend.rating.policy_values import Policy

TODAY = date(2026, 11, 18)
MONDAYS = [date(2026, 10, 19), date(2026, 10, 26), date(2026, 11, 2), date(2026, 11, 9)]
W0, W1 = date(2026, 10, 19), date(2026, 11, 15)
FULL_AGREEMENT = (2, 2, 2, 2)


def day(text: str) -> date:
    """`day("11-09")` is 9 November 2026; with a year it is what it says."""
    return date.fromisoformat(text if len(text) > 5 else f"2026-{text}")


def entry(applied_on: str | date, **fields: Any) -> Entry:
    on = day(applied_on) if isinstance(applied_on, str) else applied_on
    return Entry(**({"applied_on": on, "logged_on": on} | fields))


def weeks(*counts: int, **fields: Any) -> list[Entry]:
    """So many entries in each week of the window (a fifth number is the current week), from its Monday on."""
    mondays = [*MONDAYS, date(2026, 11, 16)]
    return [entry(mondays[n] + timedelta(days=k % 5), **fields) for n, count in enumerate(counts) for k in range(count)]


def exempt(first: str, last: str | None, kind: str = "ferie") -> Exemption:
    return Exemption(kind, day(first), day(last) if last else None)


def facts(*entries: Entry, **fields: Any) -> Facts:
    """Two a week agreed, unemployed since August, green."""
    given: dict[str, Any] = {"start": date(2026, 8, 3), "min_per_week": 2, "previous": "green", "entries": entries}
    return Facts(**(given | fields))


def weekly(member: Facts, policy: Policy = Policy(), today: date = TODAY) -> Result:  # noqa: B008 - frozen
    return rules.rate(member, policy, today, "weekly")


def event(member: Facts, policy: Policy = Policy(), today: date = TODAY) -> Result:  # noqa: B008 - frozen
    return rules.rate(member, policy, today, "event")


def rated(member: Facts, mode: Mode = "weekly", today: date = TODAY, **policy: Any) -> Result:
    return rules.rate(member, Policy(**policy), today, mode)
