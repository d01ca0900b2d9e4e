"""Course plans as versioned data: which activities a target group is given, and in which weeks of the spell.

A set (`metal`, `bupl`) is one fund's plans; its files lie in plan_data/, one per version.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from typing import Literal

import msgspec

Requirement = Literal["mandatory", "course", "by_need", "continuous"]
Kind = Literal["talk", "joint_talk", "talk_series", "task", "net_cafe", "workshop", "theme_day"]
Provider = Literal["local", "team", "adviser"]
Risk = Literal["low", "high"]
DATA = resources.files("backend.course") / "plan_data"


@dataclass(frozen=True, slots=True)
class Activity:
    """What can be booked or done. `talks` are the statutory talks that it counts for, `minutes` how long one takes.

    `open`: in no plan; whoever the session is for may book a seat.
    """

    da: str
    en: str
    kind: Kind
    talks: tuple[str, ...] = ()
    touchpoint: str | None = None
    group_size: tuple[int, int] | None = None
    minutes: int | None = None
    open: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One activity of a plan. `weeks` is first and last week of the spell, from 1."""

    activity: str
    weeks: tuple[int, int]
    provider: Provider
    requirement: Requirement
    confidence: Literal["high", "medium", "low"]
    audience: str | None = None
    may_be_earlier: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    da: str
    en: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Conditions:
    """All that are given must hold; those left out do not matter. Ages are of the spell's first day."""

    risk: Risk | None = None
    age_from: int | None = None
    age_below: int | None = None
    it_member: bool | None = None
    newly_qualified: bool | None = None
    complex_challenges: bool | None = None
    no_education: bool | None = None
    no_dependent_children: bool | None = None


@dataclass(frozen=True, slots=True)
class Group:
    plan: str
    when: Conditions


@dataclass(frozen=True, slots=True)
class PlanSet:
    """One version of a fund's plans, for spells that start on `starts_from` or later (until a later version's)."""

    set: str
    version: int
    starts_from: date
    regimes: tuple[str, ...]
    catalogue: Mapping[str, Activity]
    groups: tuple[Group, ...]
    plans: Mapping[str, Plan] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Person:
    """What decides a member's target group. What only a person can judge is False until the clarification says so."""

    born_on: date
    risk: str
    it_member: bool = False
    newly_qualified: bool = False
    complex_challenges: bool = False
    no_education: bool = False
    no_dependent_children: bool = False


@cache
def versions(name: str) -> tuple[PlanSet, ...]:
    """All versions of a set, the oldest first. Raises ValueError for a set that does not exist or is not sound."""
    files = [file for file in DATA.iterdir() if file.name.rsplit("-", 1)[0] == name and file.name.endswith(".yaml")]
    found = [msgspec.yaml.decode(file.read_bytes(), type=PlanSet) for file in files]
    if not found:
        raise ValueError(f"There is no set of course plans named {name}.")
    for one in found:
        _check(one)
    return tuple(sorted(found, key=lambda one: one.version))


def for_start(name: str, started_on: date) -> PlanSet:
    """The version for a spell that starts that day. Raises ValueError where none reaches back so far."""
    for one in reversed(versions(name)):
        if one.starts_from <= started_on:
            return one
    raise ValueError(f"The course plans of {name} do not reach back to {started_on}.")


def earliest(name: str) -> date:
    """The first day for which the set has plans; spells that began before are not planned."""
    return min(one.starts_from for one in versions(name))


def of_version(name: str, version: int) -> PlanSet:
    return next(one for one in versions(name) if one.version == version)


def catalogue(name: str) -> Mapping[str, Activity]:
    """The activities that can be held now: those of the newest version."""
    return versions(name)[-1].catalogue


def group_of(plan_set: PlanSet, person: Person, started_on: date) -> str:
    """The key of the plan for a person: the first group whose conditions all hold."""
    age = age_on(person.born_on, started_on)
    return next(group.plan for group in plan_set.groups if _holds(group.when, person, age))


def title(name: str, activity: str, language: str) -> str:
    """What an activity is called; an open event, which is in no catalogue, by its own name."""
    known = versions(name)[-1].catalogue.get(activity)
    if known is None:
        return activity
    return known.en if language == "en" else known.da


def age_on(born_on: date, day: date) -> int:
    """Whole years; someone born on 29 February is a year older on 1 March of other years."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def _holds(when: Conditions, person: Person, age: int) -> bool:
    if when.age_from is not None and age < when.age_from:
        return False
    if when.age_below is not None and age >= when.age_below:
        return False
    names = ("risk", "it_member", "newly_qualified", "complex_challenges", "no_education", "no_dependent_children")
    return all(getattr(when, name) in (None, getattr(person, name)) for name in names)


def _check(plan_set: PlanSet) -> None:
    """A set that names what it does not hold must not start the program."""
    unknown = {group.plan for group in plan_set.groups} - plan_set.plans.keys()
    for plan in plan_set.plans.values():
        unknown |= {item.activity for item in plan.items} - plan_set.catalogue.keys()
        if any(not 1 <= item.weeks[0] <= item.weeks[1] for item in plan.items):
            raise ValueError(f"{plan_set.set}-{plan_set.version}: weeks run from 1, the first before the last.")
    if unknown:
        raise ValueError(f"{plan_set.set}-{plan_set.version} names what it does not hold: {sorted(unknown)}")
