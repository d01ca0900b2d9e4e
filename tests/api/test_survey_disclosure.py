"""Whoever may ask everything, at every moment, in every format, learns of no fewer than five people.

The numbers are those of the API's own answers and files. Each must be the sum over whole blocks; then linear algebra
tries to solve for what is hidden, with the answers of those who wished to be contacted known one by one.
"""

import csv
import io
import zipfile
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations, product
from random import Random
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import msgspec
import numpy as np
import pytest
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.surveys import catalogue, counting
from tests import factories
from tests.api.conftest import NOW, Client
from tests.api.survey_support import ASKED, QUARTER, Headers, answers, event, got, person
from tests.surveys.builders import DAY

pytestmark = [pytest.mark.db, pytest.mark.slow]

COLOURS = ("green", "red")
NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
# A group of people, as anybody can name one: the place, and whether the contact was compulsory.
Node = tuple[str, ...]
LEDGER = text("""
SELECT a.response_id, r.contact_wanted, q.key, a.code, a.block_id, t.branch_id, t.series_key, t.event_key,
    t.compulsory, t.colour
FROM survey_answer a JOIN survey_question q ON q.id = a.question_id
JOIN survey_response r ON r.id = a.response_id JOIN survey_invitation i ON i.id = r.invitation_id
JOIN survey_attendance t ON t.id = i.attendance_id ORDER BY a.response_id, q.key
""")


@dataclass(frozen=True)
class Told:
    """A number that somebody was shown: of which group, to which question, how many (`code`: of those, gave it).

    `colour`: of whom it was asked alone, "" where of everybody.
    """

    node: Node
    compulsory: bool
    colour: str
    question: str
    code: str | None
    n: int


@dataclass
class World:
    """Who answered what where, and the people who ask."""

    branches: dict[str, UUID]
    events: dict[str, tuple[str | None, str]]  # event → branch name (none: the job team) and series
    manager: Headers
    coordinator: Headers
    organiser: Headers
    advisers: dict[str, tuple[str, Headers]]  # key → branch name and headers


async def world(session: AsyncSession, random: Random) -> World:
    branches = {name: (await factories.branch(session, name=name)).id for name in ("North", "South")}
    organiser, headers = await person(session, "organiser")
    _, manager = await person(session, "manager")
    _, coordinator = await person(session, "coordinator")
    events: dict[str, tuple[str | None, str]] = {}
    for name in ("North", "South", None):
        series: UUID | None = None
        for _ in range(3):
            made = await event(session, organiser, branch_id=branches[name] if name else None)
            series = series or made
            events[str(made)] = (name, str(series))
    advisers = {}
    for name, branch_id in branches.items():
        made_by, own = await person(session, "adviser", branch_id=branch_id, name=f"Adviser {name}")
        advisers[str(made_by.id)] = (name, own)
    await split_by_colour(session)
    found = World(branches, events, manager, coordinator, headers, advisers)
    await some_answers(session, found, random)
    return found


async def split_by_colour(session: AsyncSession) -> None:
    """Theme days can be looked at by the smiley of the time."""
    await catalogue.load(session)
    theme_day = next(one for one in catalogue.standard().survey if one.key == "T5")
    split = msgspec.structs.replace(theme_day, version=2, valid_from=QUARTER, split_by_colour=True)
    await catalogue.publish(session, (), (split,))


async def some_answers(session: AsyncSession, found: World, random: Random) -> None:
    """A few answers at each event and with each adviser."""
    for key, (name, series) in found.events.items():
        codes = "".join(random.choices("554210", k=random.choice((0, 1, 2, 3, 4, 6))))
        branch_id = found.branches[name] if name else None
        compulsory = random.random() < 0.2
        place = {"series_key": series, "event_key": key, "compulsory": compulsory, "colour": random.choice(COLOURS)}
        await answers(session, branch_id, codes, random.randrange(3), wishes=random.randrange(3), **place)
    for key, (name, _) in found.advisers.items():
        codes = "".join(random.choices("554210", k=random.randrange(5)))
        place = {"series_key": key, "event_key": key, "touchpoint": "T1", "compulsory": True}
        await answers(session, found.branches[name], codes, 1, wishes=random.randrange(2), **place)


def told_by(node: Node, report: dict[str, Any]) -> set[Told]:
    found = set()
    for figure in report["figures"]:
        if figure["answered"] is None:
            rest = {
                name: figure[name]
                for name in ("share", "low", "high", "dontKnow", "mean", "counts", "before", "elsewhere")
            }
            assert set(rest.values()) == {None}, rest
            continue
        of = (node, report["compulsory"], report.get("colour", ""), figure["key"])
        found.add(Told(*of, None, figure["answered"]))
        found |= {Told(*of, count["code"], count["n"]) for count in figure["counts"]}
        positive = sum(count["n"] for count in figure["counts"] if count["code"] in ("5", "4"))
        assert figure["share"] == pytest.approx(positive / figure["answered"])
    return found


async def everything(client: Client, found: World) -> set[Told]:
    """Every number that those who lead, the organiser and the advisers can get, whatever they ask for."""
    told = await of_tables(client, found) | await of_trends(client, found) | await of_events(client, found)
    told |= await of_lists(client, found)
    for one in await got(client, "/v1/staff/survey-figures/people", found.manager, touchpoint="T1", quarter="2026-4"):
        told |= told_by(("T1", found.advisers[one["staffId"]][0], one["staffId"]), one["report"])
    for key, (name, headers) in found.advisers.items():
        for report in await got(client, "/v1/staff/survey-talks", headers):
            told |= told_by(("T1", name, key), report)
    return told


async def of_tables(client: Client, found: World) -> set[Told]:
    told = set()
    for touchpoint, colour in ((None, None), ("T1", None), *product(("T5",), (None, *COLOURS))):
        asked = {"quarter": "2026-4", "touchpoint": touchpoint, "colour": colour}
        asked = {name: value for name, value in asked.items() if value}
        for table in await got(client, "/v1/staff/survey-figures", found.manager, **asked):
            kind = table["fund"]["touchpoint"]
            told |= told_by((kind,), table["fund"])
            for line in table["branches"]:
                told |= told_by((kind, line["branchName"] or ""), line["report"])
    return told


async def of_trends(client: Client, found: World) -> set[Told]:
    told = set()
    places = [(name, {"branch": str(branch_id)}) for name, branch_id in found.branches.items()]
    for (name, place), compulsory in product([*places, ("", {"team": "true"})], (True, False)):
        params = {"touchpoint": "T5", "compulsory": compulsory, "quarters": 2, **place}
        for report in await got(client, "/v1/staff/survey-figures/trend", found.manager, **params):
            if report["quarter"] == "2026-4":
                told |= told_by(("T5", name), report)
    return told


async def of_lists(client: Client, found: World) -> set[Told]:
    """What stands beside each event in the list of them."""
    told = set()
    for headers in (found.organiser, found.coordinator):
        for one in (await got(client, "/v1/staff/survey-events", headers, limit=100))["items"]:
            name, series = found.events[one["id"]]
            for short in one["summaries"]:
                report = {"compulsory": short["compulsory"], "figures": [short["first"]]}
                told |= told_by(("T5", name or "", series, one["id"]), report)
    return told


async def of_events(client: Client, found: World) -> set[Told]:
    told = set()
    for key, (name, series) in found.events.items():
        place = ("T5", name or "", series)
        for headers in (found.organiser, found.coordinator):
            for report in (await got(client, f"/v1/staff/survey-events/{key}", headers))["reports"]:
                told |= told_by((*place, key), report)
        for report in (await got(client, f"/v1/staff/survey-series/{series}", found.organiser))["reports"]:
            told |= told_by(place, report)
    return told


async def sheets(client: Client, found: World) -> list[list[str]]:
    """The lines of the manager's spreadsheets in both formats."""
    path, english = "/v1/staff/survey-figures/export?quarter=2026-4", found.manager | {"Accept-Language": "en"}
    plain = (await client.get(f"{path}&format=csv", headers=english)).content.decode("utf-8-sig")
    book = (await client.get(f"{path}&format=xlsx", headers=english)).content
    return [*list(csv.reader(io.StringIO(plain), delimiter=";"))[1:], *xlsx(book)[1:]]


def xlsx(raw: bytes) -> list[list[str]]:
    """The cells of the first sheet, as a spreadsheet program reads them."""
    with zipfile.ZipFile(io.BytesIO(raw)) as book:
        strings = [node.text or "" for node in ElementTree.fromstring(book.read("xl/sharedStrings.xml")).iter(f"{NS}t")]
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    lines = []
    for row in sheet.iter(f"{NS}row"):
        cells = {str(cell.get("r")).rstrip("0123456789"): cell for cell in row.iter(f"{NS}c")}
        lines.append([_cell(cells.get(column), strings) for column in "ABCDEFGHIJKLMNOPQRS"])
    return lines


def _cell(cell: ElementTree.Element | None, strings: list[str]) -> str:
    value = cell.find(f"{NS}v") if cell is not None else None
    if cell is None or value is None or value.text is None:
        return ""
    return strings[int(value.text)] if cell.get("t") == "s" else value.text


async def ledger(session: AsyncSession, found: World) -> list[dict[str, Any]]:
    """The truth: each answer with its group and its block."""
    names = {branch_id: name for name, branch_id in found.branches.items()}
    rows = []
    for row in (await session.execute(LEDGER)).mappings():
        kind = "T1" if row["event_key"] in found.advisers else "T5"
        place = (kind, names.get(row["branch_id"], ""), row["series_key"], row["event_key"])
        rows.append(dict(row) | {"place": place})
    return rows


async def counted_places(session: AsyncSession, found: World) -> dict[UUID, Node]:
    names = {branch_id: name for name, branch_id in found.branches.items()}
    places = {}
    for row in await session.execute(text("SELECT * FROM survey_block")):
        parts: list[str | None] = [names.get(row.branch_id), row.series_key, row.event_key]
        if row.branch_id is None and row.series_key is not None:
            parts[0] = ""
        places[row.id] = (row.touchpoint, *(part for part in parts if part is not None))
    return places


def vector(one: Told, rows: list[dict[str, Any]], places: dict[UUID, Node], people: dict[UUID, int]) -> np.ndarray:
    """The people whom a number is the sum over: those in blocks that lie in its group. Checked against the number."""
    row = np.zeros(len(people))
    held = 0
    for answer in rows:
        block = answer["block_id"]
        inside = block is not None and places[block][: len(one.node)] == one.node
        same = answer["compulsory"] == one.compulsory and one.colour in ("", answer["colour"])
        if inside and same and answer["key"] == one.question:
            row[people[answer["response_id"]]] = 1
            held += one.code in (None, answer["code"])
    assert held == one.n, one
    return row


def span(rows: np.ndarray) -> np.ndarray:
    """An orthonormal basis of all that can be made of these sums by adding, subtracting and weighing."""
    _, sizes, basis = np.linalg.svd(rows, full_matrices=False)
    return basis[sizes > 1e-9]


def determined(basis: np.ndarray, wanted: np.ndarray) -> bool:
    """Whether the sum over `wanted` follows from sums with this span: whether nothing of it lies outside."""
    return bool(np.linalg.norm(wanted - basis.T @ (basis @ wanted)) < 1e-6)


@pytest.mark.parametrize("seed", [5])
async def test_no_combination_of_what_anybody_can_get_tells_of_fewer_than_five(
    client: Client, session: AsyncSession, seed: int
) -> None:
    random = Random(seed)
    found = await world(session, random)
    seen: list[tuple[set[Told], list[dict[str, Any]], dict[UUID, Node]]] = []
    for moment in range(3):
        if moment == 1:
            await some_answers(session, found, random)
        await counting.close_ripe(session, now=ASKED)
        if moment == 2:
            await counting.release(session, QUARTER, now=NOW + 60 * DAY)
        await session.commit()
        told = await everything(client, found)
        seen.append((told, await ledger(session, found), await counted_places(session, found)))
    final = seen[-1][1]
    people = {response: n for n, response in enumerate(sorted({row["response_id"] for row in final}))}
    assert sum(len(told) for told, _, _ in seen) > 100
    assert {one.colour for told, _, _ in seen for one in told} >= {"", *COLOURS}
    assert min(one.n for told, _, _ in seen for one in told if one.code is None) >= 5
    for question in ("Q9", "Q1"):
        vectors = [
            vector(one, rows, places, people)
            for told, rows, places in seen
            for one in told
            if one.question == question and one.code is None
        ]
        known = np.unique(np.array(vectors).reshape(-1, len(people)), axis=0)
        attack(known, [row for row in final if row["key"] == question], people)
    check_codes(seen, people)
    await check_files(client, found, seen[-1][0])


def attack(known: np.ndarray, answers_: list[dict[str, Any]], people: dict[UUID, int]) -> None:
    """Solve for every group's answers, for what is not yet shown of it, and for every single person."""
    read = sorted({people[row["response_id"]] for row in answers_ if row["contact_wanted"]})
    assert all(np.delete(row, read).sum() >= 5 for row in known)
    known = span(np.vstack([known, np.eye(len(people))[read]]))
    answers_ = [row for row in answers_ if not row["contact_wanted"]]
    groups: dict[Node, list[dict[str, Any]]] = defaultdict(list)
    for row in answers_:
        for depth in range(1, 5):
            groups[(*row["place"][:depth], str(row["compulsory"]))].append(row)
            groups[(*row["place"][:depth], str(row["compulsory"]), row["colour"])].append(row)
    hidden = 0
    for rows in groups.values():
        for part in (rows, [row for row in rows if row["block_id"] is None]):
            if 0 < len(part) < 5:
                wanted = np.zeros(len(people))
                wanted[[people[row["response_id"]] for row in part]] = 1
                assert not determined(known, wanted)
                hidden += 1
    for few in (1, 2):
        for some in combinations({people[row["response_id"]] for row in answers_[:12]}, few):
            wanted = np.zeros(len(people))
            wanted[list(some)] = 1
            assert not determined(known, wanted)
    assert hidden > 2
    assert read


def check_codes(seen: list[tuple[set[Told], list[dict[str, Any]], dict[UUID, Node]]], people: dict[UUID, int]) -> None:
    """Counts of single answers are sums over the same whole blocks."""
    for told, rows, places in seen:
        for one in sorted(told, key=str)[::5]:
            vector(one, rows, places, people)


async def check_files(client: Client, found: World, told: set[Told]) -> None:
    """Files say what the pages say: numbers that are known from there, and # where those say nothing."""
    numbers = {one.n for one in told if one.code is None}
    for line in await sheets(client, found):
        assert line[6] == "<5" or int(line[6]) in numbers, line
        assert (line[6] == "<5") == (line[7] == "#")
    for key in list(found.events)[::3]:
        pages = await got(client, f"/v1/staff/survey-events/{key}", found.organiser)
        hidden = sum(f["note"] == "#" for report in pages["reports"] for f in report["figures"])
        raw = await client.get(f"/v1/staff/survey-events/{key}/export?format=pdf", headers=found.organiser)
        words = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(raw.content)).pages)
        assert words.count("<5") == hidden


async def test_the_attacker_finds_what_a_careless_report_gives_away() -> None:
    whole, part, rest = [1.0] * 7, [1.0] * 5 + [0.0] * 2, [0.0] * 5 + [1.0] * 2
    assert determined(span(np.array([whole, part])), np.array(rest))
    assert not determined(span(np.array([whole, part])), np.array([1.0] * 4 + [0.0] * 3))
