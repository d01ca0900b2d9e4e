"""What made-up members do on a day. Every draw comes from one generator: the same seed draws the same."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from uuid import UUID

# How members search, in per cent, and by how much of their agreement: most as agreed, some less, some hardly at all.
DILIGENCE = ((1.25, 62), (0.95, 18), (0.6, 12), (0.25, 6), (0.0, 2))
# Of a hundred members so many have the app, and so many of these have it on two phones.
WITH_APP, TWO_PHONES = 0.85, 0.15
# Chances a day: a new phone beside the old, the app taken off a phone, a change for better or worse in the search.
NEW_PHONE, TAKEN_OFF, CHANGE = 0.0008, 0.0006, 0.004
# Chances: that what is in the inbox is read in an evening, that the card is sent on a day on which it can be.
READS, SENDS_CARD = 0.55, 0.35
# Members who want no pushes of some category; members whose own quiet time begins earlier in the evening.
OPTS_OUT, OWN_QUIET = 0.08, 0.05
# Exempt from digital communication.
ON_PAPER = 0.02


class Entry(NamedTuple):
    """An application that a member logs."""

    member_id: UUID
    applied_on: date
    employer: str
    title: str
    document: bool


@dataclass(slots=True)
class Person:
    """A member as the simulation knows them. `diligence`: how much of the agreement they fulfil on average."""

    member_id: UUID
    per_week: int
    diligence: float
    phones: list[str] = field(default_factory=list)


def draw_people(chance: random.Random, members: Iterable[tuple[UUID, int]]) -> list[Person]:
    """A person for each (member, agreed applications a week)."""
    values, weights = [value for value, _ in DILIGENCE], [weight for _, weight in DILIGENCE]
    return [Person(member_id, per_week, chance.choices(values, weights)[0]) for member_id, per_week in members]


def applications(chance: random.Random, people: Sequence[Person], day: date, number: int) -> list[Entry]:
    """What is logged on a day, mostly on working days. `number` makes employers differ."""
    weight = 0.21 if day.weekday() < 5 else 0.02
    found: list[Entry] = []
    for person in people:
        if chance.random() < CHANGE:
            person.diligence = chance.choices([v for v, _ in DILIGENCE], [w for _, w in DILIGENCE])[0]
        for _ in range(person.per_week + 1):
            if chance.random() < person.diligence * weight * person.per_week / (person.per_week + 1):
                found.append(
                    Entry(person.member_id, day, f"Firma {number}-{len(found)}", "Svejser", chance.random() < 0.8)
                )
    return found
