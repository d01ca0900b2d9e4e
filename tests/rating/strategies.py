"""Random members for the rule: close to its edges rather than evenly spread."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from backend.rating.figures import Colour, Entry, Exemption, Facts, Mode, Override, duplicate_key
from backend.rating.policy_values import Policy

COLOURS: tuple[Colour, ...] = ("none", "green", "yellow", "red", "paused")
MODES: tuple[Mode, ...] = ("weekly", "event")
# Easter, General Prayer Day, Whitsun, Christmas, the turn of the year, both changes of the clock, the first of a month.
ANCHORS = [
    date(2026, 4, 15), date(2023, 5, 24), date(2024, 5, 22), date(2026, 6, 10), date(2026, 1, 7), date(2027, 1, 13),
    date(2026, 4, 1), date(2026, 11, 4), date(2026, 11, 18), date(2025, 1, 1), date(2024, 3, 6), date(2026, 9, 9),
]  # fmt: skip
EXEMPTIONS = ["ferie", "sygdom", "joblog_fritaget", "afmeldt", "virksomhedspraktik", "afventer_tidlig_pension"]


def _back(today: date, low: int, high: int) -> st.SearchStrategy[date]:
    return st.integers(low, high).map(lambda n: today - timedelta(days=n))


@st.composite
def todays(draw: st.DrawFn) -> date:
    return draw(st.sampled_from(ANCHORS)) + timedelta(days=draw(st.integers(-8, 8)))


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    if draw(st.booleans()):
        return Policy()
    ratios = [0.0, 0.25, 0.3, 0.375, 0.5, 0.7, 0.75, 1.0, 1.1]
    return Policy(
        window_weeks=draw(st.integers(1, 6)),
        green_enter_ratio=draw(st.sampled_from(ratios)),
        green_stay_ratio=draw(st.sampled_from(ratios)),
        red_ratio=draw(st.sampled_from(ratios)),
        yellow_zero_weeks=draw(st.integers(1, 3)),
        red_zero_weeks=draw(st.integers(1, 4)),
        week_due_min_days=draw(st.integers(1, 5)),
        grace_due_days=draw(st.integers(0, 25)),
        min_due_days_window=draw(st.integers(0, 12)),
        upload_grace_day=draw(st.integers(1, 31)),
        duplicate_days=draw(st.sampled_from([0, 1, 7, 28])),
        call_protection_days=draw(st.integers(0, 14)),
        yellow_max_weeks_after_call=draw(st.integers(0, 5)),
        counting_statuses=draw(st.sampled_from([frozenset({"applied"}), Policy().counting_statuses])),
    )


def entries(today: date, reach: int = 75) -> st.SearchStrategy[Entry]:
    odd = st.sampled_from
    return st.builds(
        lambda ago, late, *rest: Entry(today - timedelta(days=ago), today - timedelta(days=ago - late), *rest),
        st.integers(-2, reach),
        odd([0, 0, 0, 0, 1, 9]),
        odd([None, None, None, *[duplicate_key(name, "Smed") for name in "abc"], duplicate_key(" A", "SMED ")]),
        odd(["applied"] * 6 + ["interview", "hired", "planned", "withdrawn"]),
        odd(["posted", "posted", "posted", "unsolicited", "network", "agency", "contacted"]),
        odd(["full"] * 5 + ["part"]),
        odd(["DK"] * 8 + ["SE"]),
        st.booleans(),
        odd([False] * 9 + [True]),
    )


@st.composite
def exemptions(draw: st.DrawFn, today: date) -> Exemption:
    first = draw(_back(today, -3, 60))
    length = draw(st.one_of(st.none(), st.integers(-1, 25), st.integers(0, 4)))
    last = None if length is None else first + timedelta(days=length)
    return Exemption(draw(st.sampled_from(EXEMPTIONS)), first, last)


@st.composite
def logs(draw: st.DrawFn, today: date) -> list[Entry]:
    """Nothing, a jumble, or steady search with a gap in it and a few odd entries."""
    if draw(st.booleans()):
        return draw(st.lists(entries(today), max_size=draw(st.sampled_from([0, 4, 16]))))
    step, newest, gap = draw(st.sampled_from([2, 3, 4, 6])), draw(st.integers(0, 12)), draw(st.integers(0, 30))
    width = draw(st.sampled_from([0, 0, 7, 12]))
    channel, doc = draw(st.sampled_from(["posted", "posted", "network"])), draw(st.booleans())
    steady = [
        Entry(today - timedelta(days=ago), today - timedelta(days=ago), channel=channel, doc=doc)
        for ago in range(newest, 60, step)
        if not gap <= ago < gap + width
    ]
    return steady + draw(st.lists(entries(today), max_size=4))


amounts: list[int | Fraction] = [0, 0, 1, 1, 1, 2, 2, 2, 3, Fraction(1, 2), Fraction(3, 2), Fraction(7, 10)]
quantities = st.sampled_from(amounts)


@st.composite
def members(draw: st.DrawFn, /, today: date, **fixed: Any) -> Facts:
    """A member; those who search, those who do not, those who are new, away, called, reset or overridden."""
    drawn: dict[str, Any] = {
        "start": draw(st.one_of(_back(today, -3, 60), _back(today, 60, 500), _back(today, 60, 90))),
        "insurance": draw(st.sampled_from(["full", "full", "part"])),
        "min_per_week": draw(quantities),
        "min_posted_per_week": draw(quantities),
        "uploads_per_month": draw(quantities),
        "previous": draw(st.sampled_from(COLOURS)),
        "reset_on": draw(st.one_of(st.none(), st.none(), _back(today, 0, 40))),
        "entries": draw(logs(today)),
        "exemptions": draw(st.lists(exemptions(today), max_size=draw(st.sampled_from([0, 0, 3])))),
        "calls": draw(st.lists(_back(today, -2, 45), max_size=draw(st.sampled_from([0, 0, 2])))),
        "override": None,
    }
    if draw(st.integers(0, 9)) == 9:
        drawn["override"] = Override(draw(st.sampled_from(COLOURS)), draw(_back(today, -3, 3)))
    return Facts(**(drawn | fixed))


@st.composite
def situations(draw: st.DrawFn, /, **fixed: Any) -> tuple[Facts, Policy, date]:
    today = draw(todays())
    return draw(members(today, **fixed)), draw(policies()), today
