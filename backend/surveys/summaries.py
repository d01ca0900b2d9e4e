"""Many events at a glance: how many were asked, what share answered, and how the first question stands to its target.

Made of blocks, like every figure; one statement for the blocks and one for those who were asked, whatever the number.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.surveys import catalogue, figures, reports, targets
from backend.surveys.figures import Figure
from backend.surveys.forms import Form, Question
from backend.surveys.reports import Block
from backend.surveys.scales import Counts
from backend.surveys.statistics import Counting
from backend.surveys.targets import Target


class Key(NamedTuple):
    """Whom a summary is of: compulsory and voluntary contacts of an event are never added up."""

    event_key: str
    touchpoint: str
    quarter: date
    compulsory: bool


class Counted(NamedTuple):
    """What a summary is made of: how many were asked, the blocks, and how they are counted."""

    asked: int
    blocks: Sequence[Block]
    counting: Counting


@dataclass(frozen=True, slots=True)
class Summary:
    """`first` is the newest figure of the question that everybody is asked, `figures` those of all that are counted.

    `rate` is None where fewer than five have answered. `low` counts the questions that are clearly under the target.
    """

    key: Key
    form: Form
    asked: int
    rate: float | None
    first: Figure | None
    figures: Sequence[Figure]
    target: float | None

    @property
    def low(self) -> int:
        return sum(is_low(one, self.target) for one in self.figures)


def is_low(found: Figure, target: float | None) -> bool:
    """Whether a figure is clearly under its target: the whole of its interval is, so that it is hardly chance."""
    return target is not None and found.interval is not None and found.interval.high < target


async def of_events(session: AsyncSession, event_keys: Sequence[str]) -> Mapping[str, Sequence[Summary]]:
    """The summaries of each of these events, compulsory contacts first. A few statements for any number."""
    asked = (await session.execute(_ASKED, {"events": list(event_keys)})).all()
    blocks: dict[Key, list[Block]] = defaultdict(list)
    for row in await session.execute(_BLOCKS, {"events": list(event_keys)}):
        blocks[_key(row)].append(Block(row.question_id, (), Counts(row.answered, row.by_code)))
    quarters = {row.quarter for row in asked}
    in_force = {quarter: await _forms(session, quarter) for quarter in quarters}
    counting = {quarter: await reports.counting_of(session, quarter) for quarter in quarters}
    aims = await targets.listed(session)
    found: dict[str, list[Summary]] = defaultdict(list)
    for row in asked:
        versions = in_force[row.quarter].get(row.touchpoint)
        if versions:
            counted = Counted(row.asked, blocks[_key(row)], counting[row.quarter])
            found[row.event_key].append(_summary(_key(row), versions, counted, aims))
    return found


def _summary(key: Key, versions: Sequence[Form], counted: Counted, aims: Sequence[Target]) -> Summary:
    target = _aim(key, versions[0], aims)
    found = {one.id: _figure(one, counted, target) for one in reports.questions(versions, counted.blocks)}
    firsts = [found[one] for one in reports.firsts(versions) if one in found]
    first = next((one for one in firsts if one.n), firsts[0] if firsts else None)
    rate = reports.rate(versions, counted.blocks, counted.asked)
    return Summary(key, versions[0], counted.asked, rate, first, list(found.values()), target)


def _figure(question: Question, counted: Counted, target: float | None) -> Figure:
    counts = reports.total(counted.blocks, question.id, lambda _place: True)
    aim = target if question.kind == "scale" else None
    return figures.figure(question, counts, target=aim, counting=counted.counting)


def _aim(key: Key, form: Form, aims: Sequence[Target]) -> float | None:
    """The latest target that was set by the quarter's first day, else the survey's own (as `targets.on`)."""
    for one in aims:
        if one.touchpoint == key.touchpoint and one.valid_from <= key.quarter:
            return one.share
    return form.target


def _key(row: Row[Any]) -> Key:
    return Key(row.event_key, row.touchpoint, row.quarter, row.compulsory)


async def _forms(session: AsyncSession, quarter: date) -> Mapping[str, Sequence[Form]]:
    return await catalogue.during(session, quarter, reports.next_quarter(quarter) - calendar.DAY)


_ASKED = text("""
SELECT event_key, touchpoint, quarter, compulsory, count(*) AS asked FROM survey_attendance
WHERE event_key = ANY(:events) AND state = 'invited'
GROUP BY 1, 2, 3, 4 ORDER BY event_key, compulsory DESC, quarter DESC, touchpoint
""")
_BLOCKS = text("""
SELECT event_key, touchpoint, quarter, compulsory, question_id, answered, by_code FROM survey_block
WHERE event_key = ANY(:events)
""")
