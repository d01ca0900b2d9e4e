"""The dated items of a spell, made from its plan. Pure: dates in, dates out; days are inclusive."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from backend import calendar
from backend.course.plans import Item, PlanSet
from backend.course.regimes import Regime

State = Literal["planned", "booked", "done", "missed", "skipped", "cancelled"]
# What is not over yet, and so may be moved or cancelled.
OPEN: tuple[State, ...] = ("planned", "booked", "missed")
# Whoever is deregistered or in full-time work for a while has the spell paused: the days are given back as well.
EXTENDING = frozenset(("ferie", "sygdom", "afmeldt", "fuldtidsarbejde"))
LEAST_DAYS_LOST = 5
# A spell that is learnt of later than this has had its first talk, or will have it by other ways.
LATE_WEEKS = 4


class Dated(NamedTuple):
    """One item with its dates: to be held within the window, at the latest on `due_on`. `occurrence` counts from 1."""

    activity: str
    occurrence: int
    kind: str
    talks: tuple[str, ...]
    provider: str
    requirement: str
    statutory: bool
    audience: str | None
    may_be_earlier: bool
    window_from: date
    window_to: date
    due_on: date


class Existing(NamedTuple):
    """An item as it stands in the database."""

    id: UUID
    activity: str
    occurrence: int
    state: State


class Period(NamedTuple):
    """A time in which the member need not take part; open without `to_on`."""

    from_on: date
    to_on: date | None


class Change(NamedTuple):
    """What a new plan does to the items: `kept` stay, `moved` get the dates of the new plan, `ended` are cancelled."""

    kept: tuple[UUID, ...]
    moved: tuple[tuple[UUID, Dated], ...]
    ended: tuple[Existing, ...]
    added: tuple[Dated, ...]


def generate(plan_set: PlanSet, plan: str, started_on: date, regime: Regime) -> tuple[Dated, ...]:
    """All items of a plan for a spell that starts that day, in the order of the plan."""
    seen: dict[str, int] = {}
    first = _first_talk(plan_set, plan)
    found = []
    for item in plan_set.plans[plan].items:
        seen[item.activity] = seen.get(item.activity, 0) + 1
        latest = None
        if item is first and regime.first_talk_within_days is not None:
            latest = started_on + timedelta(days=regime.first_talk_within_days)
        found.append(_dated(plan_set, item, seen[item.activity], started_on, latest))
    return tuple(found)


def _first_talk(plan_set: PlanSet, plan: str) -> Item | None:
    talks = [item for item in plan_set.plans[plan].items if item.requirement == "mandatory"]
    return min(talks, key=lambda item: item.weeks, default=None)


def _dated(plan_set: PlanSet, item: Item, occurrence: int, started_on: date, latest: date | None) -> Dated:
    activity = plan_set.catalogue[item.activity]
    window_from = started_on + (item.weeks[0] - 1) * calendar.WEEK
    window_to = started_on + item.weeks[1] * calendar.WEEK - calendar.DAY
    return Dated(
        item.activity, occurrence, activity.kind, activity.talks, item.provider, item.requirement,
        item.requirement == "mandatory", item.audience, item.may_be_earlier, window_from, window_to,
        window_to if latest is None else min(window_to, latest),
    )  # fmt: skip


def ahead(items: Iterable[Dated], started_on: date, today: date) -> tuple[Dated, ...]:
    """The items to begin a spell with on a day: those whose window has not passed.

    Nobody is asked to have done what they were never told. Statutory talks of a spell younger than four weeks stay:
    late as they are, they must be held.
    """
    young = today < started_on + LATE_WEEKS * calendar.WEEK
    return tuple(item for item in items if item.window_to >= today or (young and item.statutory))


def replan(existing: Iterable[Existing], wanted: Iterable[Dated], today: date) -> Change:
    """Go over to another plan: what is done or need not be done stays, what both plans hold goes on, the rest ends.

    An item whose window has passed already is not added: nobody is asked to have done what they were never told.
    """
    new = {(item.activity, item.occurrence): item for item in wanted}
    kept, moved, ended = [], [], []
    for old in existing:
        item = new.pop((old.activity, old.occurrence), None) if old.state != "cancelled" else None
        if old.state == "done":
            kept.append(old.id)
        elif old.state in OPEN and item is not None:
            moved.append((old.id, item))
        elif old.state in OPEN:
            ended.append(old)
    added = tuple(item for item in new.values() if item.window_to >= today)
    return Change(tuple(kept), tuple(moved), tuple(ended), added)


def extended(window_from: date, due_on: date, exempt: Sequence[Period]) -> date:
    """The last day when sickness and holiday took five working days or more of the window: as many are given back.

    Only days on which the member can take part count as given back. Fewer than five lost days change nothing.
    """
    lost = len(_working_days(window_from, due_on, exempt))
    if lost < LEAST_DAYS_LOST:
        return due_on
    day = due_on
    while lost:
        day += calendar.DAY
        if any(one.to_on is None and one.from_on <= day for one in exempt):
            return due_on  # The end of the exemption is not known: it is looked at again when it is.
        lost -= calendar.is_working_day(day) and not _covered(day, exempt)
    return day


def _working_days(first: date, last: date, exempt: Sequence[Period]) -> list[date]:
    days = (first + n * calendar.DAY for n in range((last - first).days + 1))
    return [day for day in days if calendar.is_working_day(day) and _covered(day, exempt)]


def _covered(day: date, exempt: Sequence[Period]) -> bool:
    return any(one.from_on <= day and (one.to_on is None or day <= one.to_on) for one in exempt)
