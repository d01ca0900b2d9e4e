"""What must hold for every member, whatever the figures."""

from datetime import date, timedelta

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from backend.rating import rules
from backend.rating.context import Context
from backend.rating.figures import Entry, Facts, Mode, Result
from backend.rating.policy_values import Policy
from backend.rating.rules import RANK
from tests.rating.strategies import MODES, exemptions, situations

Situation = tuple[Facts, Policy, date]
modes = st.sampled_from(MODES)
bounded = settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def _rank(result: Result) -> int:
    return RANK.get(result.colour, 0)


@bounded
@given(situations(), modes, st.randoms(use_true_random=False))
def test_the_order_of_entries_does_not_matter(situation: Situation, mode: Mode, random: object) -> None:
    facts, policy, today = situation
    named = [replace(entry, id=n) for n, entry in enumerate(facts.entries)]
    shuffled = named.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = replace(facts, entries=named), replace(facts, entries=shuffled)
    assert rules.rate(one, policy, today, mode) == rules.rate(other, policy, today, mode)


@bounded
@given(situations(), modes, st.integers(0, 45), st.booleans(), st.sampled_from(["posted", "network"]))
def test_another_qualifying_entry_never_worsens(
    situation: Situation, mode: Mode, ago: int, doc: bool, channel: str
) -> None:
    facts, policy, today = situation
    more = Entry(today - timedelta(days=ago), today, channel=channel, doc=doc)
    before = rules.rate(facts, policy, today, mode)
    after = rules.rate(replace(facts, entries=[*facts.entries, more]), policy, today, mode)
    assert _rank(after) <= _rank(before)
    assert after.counted >= before.counted
    assert after.trailing_zero_weeks <= before.trailing_zero_weeks


@bounded
@given(situations(override=None), modes)
def test_green_turns_red_only_when_nothing_at_all_is_logged(situation: Situation, mode: Mode) -> None:
    facts, policy, today = situation
    for previous in ("green", "none", "paused"):
        result = rules.rate(replace(facts, previous=previous), policy, today, mode)
        if result.colour == "red":
            assert mode == "weekly"
            assert result.counted == 0
            assert sum(week.is_due_week for week in result.figures.weeks) >= 3


@bounded
@given(situations(override=None))
def test_an_event_never_worsens(situation: Situation) -> None:
    facts, policy, today = situation
    result = rules.rate(facts, policy, today, "event")
    assume(result.colour in RANK)
    assert _rank(result) <= RANK.get(facts.previous, 0)


@bounded
@given(situations(), modes, st.data())
def test_an_exemption_never_raises_what_is_required(situation: Situation, mode: Mode, data: st.DataObject) -> None:
    facts, policy, today = situation
    more = data.draw(exemptions(today))
    before = rules.rate(facts, policy, today, mode)
    after = rules.rate(replace(facts, exemptions=[*facts.exemptions, more]), policy, today, mode)
    assert after.due_days <= before.due_days
    assert after.required <= before.required
    assert after.figures.posted_required <= before.figures.posted_required
    assert after.figures.uploads_required <= before.figures.uploads_required


@bounded
@given(situations(), modes)
def test_holidays_never_raise_what_is_required(situation: Situation, mode: Mode) -> None:
    facts, policy, today = situation
    context = Context.of(policy, today, mode)
    days = (context.base + timedelta(days=n) for n in range(400))
    weekdays = sum(1 << n for n, day in enumerate(days) if day.weekday() < 5)
    without = replace(context, working=weekdays)
    with_holidays, plain = rules.rate_in(context, facts), rules.rate_in(without, facts)
    assert with_holidays.due_days <= plain.due_days
    assert with_holidays.required <= plain.required
    assert with_holidays.figures.posted_required <= plain.figures.posted_required


@bounded
@given(situations(), modes, st.integers(0, 60), st.sampled_from(["deleted", "status", "country", "future", "early"]))
def test_what_does_not_count_changes_nothing(situation: Situation, mode: Mode, ago: int, odd: str) -> None:
    facts, policy, today = situation
    key = facts.entries[0].duplicate_key if facts.entries else None
    plain = Entry(today - timedelta(days=ago), today, key, doc=True)
    changed = {
        "deleted": replace(plain, deleted=True),
        "status": replace(plain, status="planned"),
        "country": replace(plain, country="NO"),
        "future": replace(plain, logged_on=today + timedelta(days=1)),
        "early": replace(plain, applied_on=facts.start - timedelta(days=1)),
    }[odd]
    before = rules.rate(facts, policy, today, mode)
    after = rules.rate(replace(facts, entries=[changed, *facts.entries]), policy, today, mode)
    skipped = replace(before.figures, skipped=after.figures.skipped)
    assert after == replace(before, figures=skipped)


@bounded
@given(situations(), modes)
def test_the_week_s_figures_add_up(situation: Situation, mode: Mode) -> None:
    facts, policy, today = situation
    result = rules.rate(facts, policy, today, mode)
    figures = result.figures
    assert sum(week.due_days for week in figures.weeks) == result.due_days
    assert sum(week.counted for week in figures.weeks) + figures.counted_this_week == result.counted
    assert len(figures.weeks) == policy.window_weeks
    assert list(result.reasons) == sorted(set(result.reasons))
