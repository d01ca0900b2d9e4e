"""The demo fund as an export of its CRM: five CSV files, imported as any fund's are. Dates are relative to today."""

import csv
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from backend.calendar import monday
from backend.demo.names import EMPLOYERS, FIRST, LAST, TITLES, TOWNS
from backend.intake.layout import BRANCHES, COLUMNS, EXEMPTIONS, LOG, MEMBERS, STAFF

MEMBERS_IN_ALL, WEEKS = 1_700, 13
HEAD_OFFICES, FIRST_BRANCH, FIRST_MEMBER = 30, 100, 700_000
STAFF_COUNTS = {
    "jobvejleder": 78, "jobkonsulent": 7, "workshopansvarlig": 7, "koordinator": 2, "leder": 9, "kontaktcenter": 4,
}  # fmt: skip
WITH_BRANCH = ("jobvejleder", "leder")
# How members search, in per cent: as agreed, less, not any more, again after a pause, and those who just came.
HABITS = {"steady": 77, "little": 11, "stopped": 5, "back": 4, "new": 3}
LONG_EXEMPTIONS = ("ferie", "sygdom", "mindre_intensiv_indsats", "virksomhedspraktik", "jobrettet_uddannelse_6_uger")
Row = list[str]


class Person(NamedTuple):
    """What the log is made from. `turn`: the habit began so many weeks ago."""

    number: str
    start: date
    per_week: int
    habit: str
    turn: int
    hours: str


def write(folder: Path, *, today: date, seed: int = 1, members: int = MEMBERS_IN_ALL) -> None:
    """Write the export. The same day, seed and number of members give the same files."""
    chance = random.Random(seed)  # noqa: S311 -- a demo, nothing secret
    staff = list(_staff(chance))
    people = [_person(chance, n, today) for n in range(members)]
    rows: dict[str, Iterator[Row]] = {
        BRANCHES: _branches(),
        STAFF: iter(staff),
        MEMBERS: _members(chance, people, staff, today),
        EXEMPTIONS: _exemptions(chance, people, today),
        LOG: _log(chance, people, today),
    }
    for name, lines in rows.items():
        with (folder / name).open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
            writer.writerow(COLUMNS[name])
            writer.writerows(lines)


def _dk(day: date) -> str:
    return day.strftime("%d-%m-%Y")


def _name(chance: random.Random) -> str:
    return f"{chance.choice(FIRST)} {chance.choice(LAST)}"


# The first members are those whom visitors sign in as: they read what most members read.
VISITED = 5


def _spread(n: int) -> str:
    """Six digits that do not look counted. With 13 and 14 before them they are of the Danish plan's spare series."""
    return f"{(n + 1) * 370_261 % 1_000_000:06d}"


def _branches() -> Iterator[Row]:
    for n, (postcode, town) in enumerate(TOWNS):
        number = str(FIRST_BRANCH + n)
        kind = "hovedkontor" if n < HEAD_OFFICES else "satellitkontor"
        yield [number, f"Afdeling {town}", kind, postcode, town, f"afdeling{number}@fund.example", f"13{_spread(n)}"]


def _staff(chance: random.Random) -> Iterator[Row]:
    roles = [role for role, count in STAFF_COUNTS.items() for _ in range(count)]
    for n, role in enumerate(roles):
        branch = str(FIRST_BRANCH + n % len(TOWNS)) if role in WITH_BRANCH else ""
        yield [f"S{n + 1:04d}", _name(chance), f"s{n + 1:04d}@fund.example", role, branch]


def _person(chance: random.Random, n: int, today: date) -> Person:
    habit = chance.choices(list(HABITS), list(HABITS.values()))[0]
    days = chance.randrange(1, 12) if habit == "new" else int(chance.triangular(75, 700, 120))
    per_week = chance.choices([1, 2, 3], [1, 16, 3])[0] if habit == "steady" else chance.choice([2, 2, 2, 3])
    turn = {"stopped": chance.randrange(2, 6), "back": chance.randrange(3, 6)}.get(habit, chance.randrange(3, 9))
    hours = chance.choices(["fuldtid", "deltid"], [19, 1])[0]
    return Person(str(FIRST_MEMBER + n), today - timedelta(days=days), per_week, habit, turn, hours)


def _members(chance: random.Random, people: list[Person], staff: list[Row], today: date) -> Iterator[Row]:
    advisers: dict[str, list[str]] = {}
    for number, _, _, role, branch in staff:
        if role == "jobvejleder":
            advisers.setdefault(branch, []).append(number)
    for n, person in enumerate(people):
        branch = str(FIRST_BRANCH + chance.randrange(len(TOWNS)))
        born = today - timedelta(days=chance.randrange(20 * 365, 64 * 365))
        language = chance.choices(["da", "en", "pl", "uk"], [17, 1, 1, 1])[0]
        language = "da" if n < VISITED else language
        yield [
            person.number, _name(chance), _dk(born), f"m{person.number}@mail.example", f"+4514{_spread(n)}", language,
            branch, chance.choice(advisers[branch]), _dk(person.start), person.hours,
            chance.choice(["lav", "lav", "høj"]), chance.choices(["nej", "ja"], [7, 1])[0],
            chance.choices(["nej", "ja"], [7, 1])[0],
            str(person.per_week), str(person.per_week // 2), "1",
        ]  # fmt: skip


def _exemptions(chance: random.Random, people: list[Person], today: date) -> Iterator[Row]:
    for person in people:
        drawn = chance.random()
        if person.habit == "new" or drawn > 0.15:
            continue
        kind = chance.choices(LONG_EXEMPTIONS, [8, 6, 2, 2, 2])[0]
        if drawn < 0.06:  # runs today; sickness has no last day yet
            first = today - timedelta(days=chance.randrange(0, 12))
            last = "" if kind == "sygdom" else _dk(today + timedelta(days=chance.randrange(1, 14)))
        else:
            first = today - timedelta(days=chance.randrange(20, 60))
            last = _dk(first + timedelta(days=chance.randrange(2, 12)))
        yield [person.number, kind, _dk(max(first, person.start)), last]


def _log(chance: random.Random, people: list[Person], today: date) -> Iterator[Row]:
    number, this_week = 0, monday(today)
    for person in people:
        jobs = [(employer, title) for employer in EMPLOYERS for title in chance.sample(TITLES, 2)]
        chance.shuffle(jobs)
        for ago in range(WEEKS, -1, -1):
            week = this_week - timedelta(weeks=ago)
            for _ in range(_entries(chance, person, ago)):
                day = week + timedelta(days=int(chance.triangular(0, 5.9, 2)))
                if person.start <= day < today:
                    number += 1
                    yield [f"D{number:08d}", person.number, *_entry(chance, person, day, today, jobs.pop())]


def _entries(chance: random.Random, person: Person, ago: int) -> int:
    """How many applications in the week so many weeks ago."""
    match person.habit:
        case "little" if ago <= person.turn:
            return 1 + (ago % 4 == 0)
        case "stopped" if ago <= person.turn:
            return 0
        case "back" if person.turn <= ago <= person.turn + 3:
            return 0
    return person.per_week + chance.choice((0, 0, 1, 1, 2))


def _entry(chance: random.Random, person: Person, day: date, today: date, job: tuple[str, str]) -> Row:
    logged = min(day + timedelta(days=chance.choices([0, 1, 4], [14, 4, 1])[0]), today - timedelta(days=1))
    at = f"{_dk(logged)} {chance.randrange(7, 22):02d}:{chance.randrange(60):02d}"
    return [
        _dk(day), at, *job, chance.choice(TOWNS)[0], "DK",
        chance.choices(["opslået", "uopfordret", "netværk", "vikarbureau"], [16, 2, 1, 1])[0], person.hours,
        chance.choices(["ja", "nej"], [4, 1])[0], chance.choices(["søgt", "samtale", "afslag"], [72, 8, 16])[0],
    ]  # fmt: skip
