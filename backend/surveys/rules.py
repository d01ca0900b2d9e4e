"""Who is asked about what, and when: one rule per function, all of them in RULES. Pure.

A rule answers from when on it no longer stands against an invitation. When that comes within the activity's own window
the invitation waits for it; when not, the activity is passed over and the rule's name is the recorded reason.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Literal
from uuid import UUID

from backend.surveys import hours
from backend.surveys.policy import DAY, HOUR, Policy

ALWAYS = datetime.min.replace(tzinfo=UTC)
NEVER = datetime.max.replace(tzinfo=UTC)
Series = Literal["first", "middle", "last", "single"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How a touchpoint is surveyed. Lower priority goes first; `sampling`: the share of its activities asked about."""

    touchpoint: str
    priority: int
    rare: bool = False
    sampling: float = 1.0
    ends_of_series_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Attended:
    """An activity that the member took part in; `ended_at` is when it was over. Absence makes none."""

    id: UUID
    touchpoint: str
    ended_at: datetime
    series: Series = "single"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What else is known of the member.

    `invited`: touchpoint and instant of earlier invitations. `sensitive_at`: the latest red smiley, call-in, decision
    or complaint. `rare_ahead_at`: when the next rare touchpoint that they have a seat at begins.
    """

    invited: Sequence[tuple[str, datetime]] = ()
    opted_out_until: datetime | None = None
    digital_exempt: bool = False
    sensitive_at: datetime | None = None
    rare_ahead_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Case:
    attended: Attended
    setting: Setting | None
    standing: Standing
    policy: Policy
    now: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """invite, or wait, or skip with the reason."""

    attended_id: UUID
    action: Literal["invite", "wait", "skip"]
    reason: str = ""


Rule = Callable[[Case], datetime]


def no_survey(case: Case) -> datetime:
    return ALWAYS if case.setting else NEVER


def middle_of_series(case: Case) -> datetime:
    ends_only = case.setting is not None and case.setting.ends_of_series_only
    return NEVER if ends_only and case.attended.series == "middle" else ALWAYS


def digital_exempt(case: Case) -> datetime:
    return NEVER if case.standing.digital_exempt else ALWAYS


def opted_out(case: Case) -> datetime:
    return case.standing.opted_out_until or ALWAYS


def not_sampled(case: Case) -> datetime:
    return ALWAYS if case.setting is None or _in_sample(case.attended.id, case.setting.sampling) else NEVER


def quiet(case: Case) -> datetime:
    """Never within 48 hours after a red smiley, call-in, decision or complaint."""
    at = case.standing.sensitive_at
    return at + case.policy.quiet_hours * HOUR if at else ALWAYS


def asked_lately(case: Case) -> datetime:
    """At most one invitation in 14 days."""
    return max((at + case.policy.between_days * DAY for _, at in case.standing.invited), default=ALWAYS)


def asked_often(case: Case) -> datetime:
    """At most three in 90 days."""
    return _until_below(case, case.policy.most_in_window)


def same_touchpoint(case: Case) -> datetime:
    """The same touchpoint not again within 60 days."""
    mine = [at for touchpoint, at in case.standing.invited if touchpoint == case.attended.touchpoint]
    return max(mine) + case.policy.same_touchpoint_days * DAY if mine else ALWAYS


def reserved_for_rare(case: Case) -> datetime:
    """The last of the three is kept for a rare touchpoint, which would else seldom find one free."""
    if case.setting is None or case.setting.rare:
        return ALWAYS
    return _until_below(case, case.policy.most_in_window - case.policy.reserved_for_rare)


def rare_ahead(case: Case) -> datetime:
    """Not about something common when a seat at something rare is so near that it would have to be passed over."""
    at = case.standing.rare_ahead_at
    if at is None or case.setting is None or case.setting.rare or at < case.now:
        return ALWAYS
    return NEVER if at < case.now + case.policy.rare_ahead_days * DAY else ALWAYS


# In the order in which a reason is recorded, where several rules stand against it.
RULES: tuple[Rule, ...] = (
    no_survey,
    middle_of_series,
    digital_exempt,
    opted_out,
    not_sampled,
    quiet,
    asked_lately,
    asked_often,
    same_touchpoint,
    reserved_for_rare,
    rare_ahead,
)
TOO_LATE, LOWER_PRIORITY, NOT_THERE = "too_late", "lower_priority", "not_there"
REASONS = (*(rule.__name__ for rule in RULES), TOO_LATE, LOWER_PRIORITY, NOT_THERE)


def decide(
    waiting: Sequence[Attended], standing: Standing, settings: Mapping[str, Setting], policy: Policy, now: datetime
) -> list[Decision]:
    """What becomes of each activity of one member that nothing was decided about yet. At most one is invited to."""
    cases = [Case(attended, settings.get(attended.touchpoint), standing, policy, now) for attended in waiting]
    alone = {case.attended.id: _alone(case) for case in cases}
    in_order = sorted((c for c in cases if alone[c.attended.id].action != "skip"), key=_rank)
    for place, case in enumerate(in_order):
        alone[case.attended.id] = _among(case, in_order[:place], alone)
    return [alone[attended.id] for attended in waiting]


def may_remind(invited_at: datetime, standing: Standing, policy: Policy, now: datetime) -> bool:
    """Whether the one reminder may go out now, to a member who has not answered."""
    window = hours.reminder_window(invited_at, policy)
    quiet_until = standing.sensitive_at + policy.quiet_hours * HOUR if standing.sensitive_at else ALWAYS
    free = max(quiet_until, standing.opted_out_until or ALWAYS) <= now and not standing.digital_exempt
    return free and window.opens <= now < window.closes and hours.is_open(now, policy)


def _alone(case: Case) -> Decision:
    """What the rules say of this activity, whatever else the member attended."""
    window = hours.invitation_window(case.attended.ended_at, case.policy)
    if case.now >= window.closes:
        return Decision(case.attended.id, "skip", TOO_LATE)
    free = [(rule(case), rule.__name__) for rule in RULES]
    against = next((name for until, name in free if _first_chance(until, case) >= window.closes), None)
    if against:
        return Decision(case.attended.id, "skip", against)
    ready = max(window.opens, *(until for until, _ in free)) <= case.now and hours.is_open(case.now, case.policy)
    return Decision(case.attended.id, "invite" if ready else "wait")


def _among(case: Case, better: Sequence[Case], decided: Mapping[UUID, Decision]) -> Decision:
    """Given what was decided of those that go before it."""
    mine = decided[case.attended.id]
    if any(decided[other.attended.id].action == "invite" for other in better):
        return Decision(case.attended.id, "skip", LOWER_PRIORITY)
    held_back = any(decided[other.attended.id].action == "wait" for other in better)
    return Decision(case.attended.id, "wait") if held_back else mine


def _first_chance(until: datetime, case: Case) -> datetime:
    return until if until in {ALWAYS, NEVER} else hours.next_open(until, case.policy)


def _rank(case: Case) -> tuple[bool, int, datetime, UUID]:
    assert case.setting is not None
    return not case.setting.rare, case.setting.priority, case.attended.ended_at, case.attended.id


def _until_below(case: Case, most: int) -> datetime:
    """When fewer than `most` invitations lie within the window."""
    if most <= 0:
        return NEVER
    latest = sorted((at for _, at in case.standing.invited), reverse=True)
    return latest[most - 1] + case.policy.window_days * DAY if len(latest) >= most else ALWAYS


def _in_sample(attended_id: UUID, share: float) -> bool:
    """The same activity always falls the same way, however often it is looked at."""
    drawn = int.from_bytes(blake2b(attended_id.bytes, digest_size=8).digest(), "big")
    return drawn < share * 2**64
