"""How the pushes that a member may still get are shared out among the messages that want one. Pure.

Nothing is dropped: what finds no place waits for the next day or week, and what has waited is told of in one push.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from types import MappingProxyType
from typing import Final, Literal
from uuid import UUID

from backend import calendar
from backend.notifications.message_type import Klass
from backend.notifications.policy import Policy

CAPPED: Final = "CAPPED"
SMILEY_LIMIT: Final = "SMILEY_LIMIT"
SUPERSEDED: Final = "SUPERSEDED"
# Why a message that waits for another day does.
Wait = Literal["CAPPED", "SMILEY_LIMIT"]


@dataclass(frozen=True, slots=True)
class Slot:
    """A push that a member got, or is about to get, of one message."""

    message_id: UUID
    member_id: UUID
    day: date
    day_slot: int
    week_slot: int
    smiley: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """A message that wants a push now, to so many `phones`. `waited`: it wanted one before and had to wait."""

    message_id: UUID
    member_id: UUID
    klass: Klass
    valid_until: datetime
    phones: int = 1
    smiley: bool = False
    waited: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """A push for the message, in these places of the day and the week; it tells of `others` as well."""

    message_id: UUID
    member_id: UUID
    day_slot: int
    week_slot: int
    smiley: bool
    others: tuple[UUID, ...] = ()


@dataclass(slots=True)
class Plan:
    """What becomes of each wish: a push (its own or a shared one), a later day, another channel, or nothing."""

    grants: list[Grant] = field(default_factory=list)
    held: dict[UUID, tuple[date, Wait]] = field(default_factory=dict)
    elsewhere: list[UUID] = field(default_factory=list)
    superseded: list[UUID] = field(default_factory=list)


def share_out(
    wishes: Iterable[Wish],
    taken: Iterable[Slot],
    today: date,
    policy: Policy,
    told: Mapping[UUID, date] = MappingProxyType({}),
) -> Plan:
    """Give each wish its place. `taken` are the slots of these members since the Monday and in the smiley's days;
    `told` the days on which members were last told of their colour otherwise than by a push.
    """
    plan = Plan()
    slots: dict[UUID, list[Slot]] = {}
    for slot in taken:
        slots.setdefault(slot.member_id, []).append(slot)
    ordered = sorted(wishes, key=lambda wish: (wish.member_id, wish.message_id))
    for member_id, own in groupby(ordered, key=lambda wish: wish.member_id):
        had = slots.get(member_id, [])
        days = [slot.day for slot in had if slot.smiley] + ([told[member_id]] if member_id in told else [])
        left = _one_smiley(plan, list(own), max(days, default=None), today, policy)
        _of_member(plan, left, had, today, policy)
    return plan


def _of_member(plan: Plan, wishes: Sequence[Wish], taken: Sequence[Slot], today: date, policy: Policy) -> None:
    free = _free(taken, today, policy)
    legal = [wish for wish in wishes if wish.klass == "L"]
    plan.elsewhere += [wish.message_id for wish in legal[len(free) :]]
    groups = [[wish] for wish in legal[: len(free)]]
    groups += _groups([wish for wish in wishes if wish.klass != "L"], len(free) - len(groups))
    for group, (day_slot, week_slot) in zip(groups, free, strict=False):
        plan.grants.append(_grant(group, day_slot, week_slot))
    granted = {wish.message_id for group in groups for wish in group} | set(plan.elsewhere)
    for wish in wishes:
        if wish.message_id not in granted:
            plan.held[wish.message_id] = (_next_free_day(taken, today, policy), CAPPED)


def _one_smiley(plan: Plan, wishes: Sequence[Wish], last: date | None, today: date, policy: Policy) -> Sequence[Wish]:
    """Of messages about the colour the newest alone, and that one not before so many days after the `last`."""
    smileys = [wish.message_id for wish in wishes if wish.smiley]
    if not smileys:
        return wishes
    plan.superseded += smileys[:-1]
    again = today if last is None else last + timedelta(days=policy.smiley_days)
    if again > today:
        plan.held[smileys[-1]] = (again, SMILEY_LIMIT)
        return [wish for wish in wishes if not wish.smiley]
    return [wish for wish in wishes if wish.message_id not in smileys[:-1]]


def _free(taken: Sequence[Slot], today: date, policy: Policy) -> list[tuple[int, int]]:
    """The free places of the day and the week, in pairs."""
    monday = calendar.monday(today)
    days = {slot.day_slot for slot in taken if slot.day == today}
    weeks = {slot.week_slot for slot in taken if slot.day >= monday}
    left = min(policy.pushes_a_day - len(days), policy.pushes_a_week - len(weeks))
    pairs = zip(_unused(days), _unused(weeks), strict=True)
    return [pair for pair, _ in zip(pairs, range(left), strict=False)]


def _unused(used: set[int]) -> list[int]:
    return [number for number in range(1, len(used) + 6) if number not in used][:5]


def _groups(wishes: Sequence[Wish], places: int) -> list[list[Wish]]:
    """One push for all that has waited, one for each of the rest; where places are short, the last is for several."""
    waited = [wish for wish in wishes if wish.waited]
    fresh = sorted((wish for wish in wishes if not wish.waited), key=lambda wish: (wish.klass, wish.valid_until))
    groups = ([waited] if waited else []) + [[wish] for wish in fresh]
    if places <= 0:
        return []
    if len(groups) <= places:
        return groups
    return [*groups[: places - 1], [wish for group in groups[places - 1 :] for wish in group]]


def _grant(group: Sequence[Wish], day_slot: int, week_slot: int) -> Grant:
    """The push goes out as that of the message with the most phones, of these the one that is worth reading longest."""
    carrier = max(group, key=lambda wish: (wish.phones, wish.valid_until))
    others = tuple(wish.message_id for wish in group if wish is not carrier)
    smiley = any(wish.smiley for wish in group)
    return Grant(carrier.message_id, carrier.member_id, day_slot, week_slot, smiley, others)


def _next_free_day(taken: Sequence[Slot], today: date, policy: Policy) -> date:
    monday = calendar.monday(today)
    this_week = [slot for slot in taken if slot.day >= monday]
    return monday + calendar.WEEK if len(this_week) >= policy.pushes_a_week else today + calendar.DAY
