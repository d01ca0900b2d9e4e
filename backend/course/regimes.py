"""Talk regimes: what the law asks of talks, keyed by the day on which the spell starts. Dated data, never code."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import cache

import msgspec

from backend.course import plans

FORMS = ("personal", "phone", "video", "letter")
# What is no statutory talk may be held in any way in which people meet.
FREE_FORMS = frozenset(("personal", "phone", "video"))
MOST_MERGED = 2


class Regime(msgspec.Struct, frozen=True):
    """`merges` are pairs of talks that may be held as one; `forms` how each statutory talk may be held."""

    first_day: date = msgspec.field(name="from")
    fund_talks_min: int
    merges: tuple[frozenset[str], ...]
    forms: dict[str, frozenset[str]]
    eased: frozenset[str]
    last_day: date | None = msgspec.field(name="to", default=None)
    first_talk_within_days: int | None = None
    handover_hours: dict[str, int] | None = None
    share_with_talks: float | None = None

    def covers(self, day: date) -> bool:
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


@cache
def all_regimes() -> Mapping[str, Regime]:
    return msgspec.yaml.decode((plans.DATA / "regimes.yaml").read_bytes(), type=dict[str, Regime])


def for_start(plan_set: plans.PlanSet, started_on: date) -> str:
    """The regime of a spell: the first of those the fund takes part in that covers its first day. Raises ValueError."""
    known = all_regimes()
    for name in plan_set.regimes:
        if known[name].covers(started_on):
            return name
    raise ValueError(f"No talk regime of {plan_set.set} covers {started_on}.")


def may_merge(regime: Regime, talks: Collection[str]) -> bool:
    """Whether these statutory talks may be held as one. One alone always may; three never, nor a pair not listed."""
    distinct = frozenset(talks)
    if len(distinct) <= 1:
        return True
    return len(distinct) == MOST_MERGED and distinct in regime.merges


def forms_allowed(regime: Regime, talks: Iterable[str], *, eased: bool) -> frozenset[str]:
    """How a talk that counts for these statutory talks may be held."""
    statutory = frozenset(talks)
    if not statutory:
        return FREE_FORMS
    if eased:
        return regime.eased
    return frozenset.intersection(*(regime.forms[talk] for talk in statutory))
