"""The way back is the shortest, and honest when there is none."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from backend.rating.figures import Entry, Facts, Override
from backend.rating.policy_values import Policy
from backend.rating.rules import rate
from backend.rating.way_back import WayBack, next_run, way_back
from tests.rating import oracle
from tests.rating.builders import TODAY, day, entry, exempt, facts, weeks
from tests.rating.strategies import policies, situations

ORDER = ["green", "yellow", "red"]
DEFAULT = Policy()


def _back(member: Facts, today: date = TODAY) -> WayBack:
    return way_back(member, Policy(), today)


def test_two_more_by_sunday() -> None:
    back = _back(facts(*weeks(2, 2, 1, 1), previous="yellow"))
    assert (back.target, back.when, back.entries, back.uploads) == ("green", "now", 2, 0)
    assert (back.on, back.by) == (TODAY, day("11-22"))


def test_from_red_the_way_is_to_yellow() -> None:
    back = _back(facts(previous="red"))
    assert (back.colour, back.target, back.entries) == ("red", "yellow", 3)


def test_documents_are_attached_to_what_is_logged_already() -> None:
    log = [entry("10-20", id="old"), entry("10-30", id="new"), *weeks(0, 0, 3, 3), entry("11-01", id="other")]
    back = _back(facts(*log, previous="yellow", uploads_per_month=1))
    assert (back.entries, back.uploads, back.late_uploads, back.documents) == (0, 1, 0, ("new",))
    both = _back(facts(*log, previous="yellow", uploads_per_month=2))
    assert (both.uploads, both.documents) == (2, ("new", "old"))


def test_uploads_beyond_what_is_logged_are_late_ones() -> None:
    log = [entry("10-30", id="new"), entry("10-29", id="has", doc=True), *weeks(0, 0, 3, 3)]
    back = _back(facts(*log, previous="yellow", uploads_per_month=3))
    assert (back.entries, back.uploads, back.late_uploads, back.documents) == (0, 2, 1, ("new",))


def test_entries_and_uploads_together() -> None:
    log = [*weeks(1, 1, 2, 2, id=1)]
    back = _back(facts(*log, previous="yellow", uploads_per_month=1))
    assert (back.entries, back.uploads) == (2, 1)


def test_posted_ones_are_needed_although_there_are_enough() -> None:
    back = _back(facts(*weeks(3, 3, 3, 3, channel="network"), previous="yellow", min_posted_per_week=1))
    assert (back.target, back.entries) == ("green", 4)


def test_nothing_more_is_needed() -> None:
    back = _back(facts(*weeks(2, 2, 2, 2), previous="yellow"))
    assert (back.target, back.when, back.entries, back.uploads) == ("green", "now", 0, 0)


def test_a_status_that_counts_is_meant() -> None:
    only_hired = Policy(counting_statuses=frozenset({"hired"}))
    assert way_back(facts(previous="red"), only_hired, TODAY).entries == 3


@pytest.mark.parametrize(
    ("member", "obstacle"),
    [
        (facts(*weeks(2, 2, 2, 2)), "already_green"),
        (facts(), "already_green"),
        (facts(previous="none"), "already_green"),
        (facts(previous="yellow", exemptions=[exempt("11-01", None)]), "paused"),
        (facts(previous="yellow", start=day("11-10")), "not_rated_yet"),
        (facts(previous="yellow", override=Override("yellow", day("12-01"))), "override"),
    ],
)
def test_nothing_that_is_logged_helps(member: Facts, obstacle: str) -> None:
    back = _back(member)
    assert (back.obstacle, back.target, back.entries, back.uploads) == (obstacle, None, 0, 0)


def test_an_override_says_how_long() -> None:
    assert _back(facts(previous="red", override=Override("red", day("12-01")))).until == day("12-01")


def test_too_few_days_now_but_the_next_run_sees_more() -> None:
    member = facts(previous="yellow", reset_on=day("11-10"))
    back = _back(member, today=day("11-19"))
    assert (back.target, back.when, back.on, back.entries) == ("green", "next_run", day("11-25"), 3)
    assert back.by == day("11-22")


def test_too_few_days_also_in_the_next_run() -> None:
    assert _back(facts(previous="yellow", reset_on=TODAY)).obstacle == "insufficient_basis"


def test_a_policy_may_ask_for_more_than_was_agreed() -> None:
    strict = Policy(green_enter_ratio=10, green_stay_ratio=10)
    back = way_back(facts(*weeks(2, 2, 2, 2), previous="yellow", reset_on=day("11-08")), strict, TODAY)
    assert (back.target, back.entries) == ("green", 18)


@pytest.mark.parametrize(
    ("today", "run"), [("11-17", "11-18"), ("11-18", "11-25"), ("11-19", "11-25"), ("11-22", "11-25")]
)
def test_the_next_run_is_the_next_wednesday(today: str, run: str) -> None:
    assert next_run(day(today)) == day(run)


def test_by_stops_where_the_same_no_longer_helps() -> None:
    """On Monday 7 December no upload is asked for yet; on Tuesday the 8th November's is missing."""
    log = [entry(date(2026, 11, 9) + timedelta(days=n)) for n in range(27)]
    back = _back(facts(*log[:4], *log[7:10], previous="yellow", uploads_per_month=1), today=day("12-07"))
    assert (back.target, back.entries, back.uploads) == ("green", 1, 0)
    assert back.by == day("12-07")


@pytest.mark.parametrize(("already", "entries", "posted"), [(8, 1, 0), (3, 1, 1), (2, 2, 2), (0, 4, 4)])
def test_no_more_advertised_jobs_are_asked_for_than_needed(already: int, entries: int, posted: int) -> None:
    """Four of eight are to be to advertised jobs; seven are logged."""
    log = [replace(e, channel="posted" if n < already else "network") for n, e in enumerate(weeks(2, 2, 2, 1))]
    back = _back(facts(*log, previous="yellow", min_posted_per_week=1))
    assert (back.target, back.entries, back.posted) == ("green", entries, posted)


def _done(member: Facts, entries: int, uploads: int, today: date, on: date, posted: int | None = None) -> Facts:
    """The same hypothesis, made by hand: documents first on what counts in the month before, then late entries."""
    last = on.replace(day=1) - timedelta(days=1)
    month = (last.replace(day=1), last)
    counting = oracle.counted_entries(member, DEFAULT, today)
    bare = [e for e in counting if not e.doc and month[0] <= e.applied_on <= month[1]][:uploads]
    log = [replace(e, doc=True) if any(e is b for b in bare) else e for e in member.entries]
    new = [Entry(today, today, doc=True) for _ in range(entries)]
    new += [Entry(min(last, today), today, doc=True) for _ in range(uploads - len(bare))]
    least = len(new) if posted is None else posted
    log += [replace(e, channel="posted" if n < least else "agency") for n, e in enumerate(new)]
    return replace(member, entries=log)


def _better(
    member: Facts, entries: int, uploads: int, today: date, on: date, mode: str, posted: int | None = None
) -> bool:
    colour = oracle.rate(_done(member, entries, uploads, today, on, posted), DEFAULT, on, mode)["colour"]
    return colour in ORDER and ORDER.index(colour) < ORDER.index(member.previous)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(situations(override=None), st.sampled_from(["yellow", "yellow", "red"]))
def test_no_shorter_way_exists(situation: tuple[Facts, Policy, date], previous: str) -> None:
    drawn, _, today = situation
    member = replace(drawn, previous=previous)
    back = way_back(member, DEFAULT, today)
    most = 6
    if back.obstacle in (None, "insufficient_basis"):
        tried = [
            (e, u) for e, u in product(range(most), range(3)) if e + u < back.entries + back.uploads or not back.target
        ]
        assert not any(_better(member, e, u, today, today, "event") for e, u in tried)
        if back.when != "now":
            run = next_run(today)
            assert not any(_better(member, e, u, today, run, "weekly") for e, u in tried)
    if back.target:
        assert back.on
        mode = "event" if back.when == "now" else "weekly"
        assert _better(member, back.entries, back.uploads, today, back.on, mode, back.posted)
        if back.posted:
            assert not _better(member, back.entries, back.uploads, today, back.on, mode, back.posted - 1)
        assert len(back.documents) == back.uploads - back.late_uploads


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(situations(), policies())
def test_a_way_or_an_obstacle_under_any_policy(situation: tuple[Facts, Policy, date], policy: Policy) -> None:
    facts_, _, today = situation
    back = way_back(facts_, policy, today)
    assert (back.target is None) == (back.obstacle is not None)
    if back.obstacle == "insufficient_basis":
        assert rate(facts_, policy, today, "event").reasons == ("insufficient_basis",)
    if back.target:
        assert ORDER.index(back.target) < ORDER.index(facts_.previous)
        assert back.by is not None
        assert today <= back.by <= today + timedelta(days=6)
