"""Figures for organisers and managers. Everything here is read from blocks, so any question may be asked of it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from operator import add
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.surveys import catalogue, figures, suppression, targets, weighting
from backend.surveys.figures import Figure
from backend.surveys.forms import Form, Question
from backend.surveys.scales import Counts
from backend.surveys.statistics import COUNTING, Counting, Proportion, response_rate
from backend.surveys.suppression import Place
from backend.surveys.weighting import Group

# Answers that were counted across branches.
SEVERAL = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose answers: a touchpoint in a quarter, compulsory or voluntary contacts (never both), of one colour or all.

    `place` is () for the fund, (branch id,), (branch id, series) or (branch id, series, event), with NO_BRANCH for what
    the job team holds. `colour` narrows a survey that is split by it; "" is all of them together.
    """

    quarter: date
    touchpoint: str
    compulsory: bool
    place: Place = ()
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """`asked` and `rate` are those of the question that everybody is asked; the rate is None where too few answered.

    `form` is the newest of the quarter; where it was changed meanwhile, what was counted of older questions stands
    behind its own. Of one colour both are None: how many members of a colour took part somewhere is nobody's to see.
    """

    scope: Scope
    form: Form
    asked: int | None
    rate: float | None
    figures: Sequence[Figure]
    target: float | None = None
    counting: Counting = COUNTING


@dataclass(frozen=True, slots=True)
class _Data:
    """All that reports of one touchpoint, quarter, kind of contact and colour are made of."""

    forms: Sequence[Form]
    target: float | None
    now: Sequence["Block"]
    before: Sequence["Block"]
    asked: Mapping[Place, int]
    counting: Counting


@dataclass(frozen=True, slots=True)
class Block:
    question_id: UUID
    place: Place
    counts: Counts


async def report(session: AsyncSession, scope: Scope) -> Report:
    """All questions of one scope, against the quarter before and against the same touchpoint elsewhere.

    Raises LookupError for a touchpoint that had no survey in the quarter.
    """
    return _report(await _read(session, scope), scope)


async def by_branch(session: AsyncSession, scope: Scope) -> dict[UUID | None, Report]:
    """The report of every branch (None: the job team) where somebody was asked, "#" where too few answered."""
    data = await _read(session, scope)
    branches = sorted({place[0] for place in data.asked})
    return {_branch(one): _report(data, replace(scope, place=(one,))) for one in branches}


async def by_series(session: AsyncSession, scope: Scope) -> dict[Place, Report]:
    """The report of every series in the scope's place where somebody was asked: of talks, of every adviser."""
    data = await _read(session, scope)
    places = sorted({place[:2] for place in data.asked if suppression.within(place, scope.place)})
    return {place: _report(data, replace(scope, place=place)) for place in places}


async def across(session: AsyncSession, scope: Scope, quarters: int) -> list[Report]:
    """The same scope in so many quarters up to its own, the oldest first; those without a survey are left out."""
    found, at = [], scope
    for _ in range(quarters):
        with suppress(LookupError):
            found.append(await report(session, at))
        at = _quarter_before(at)
    return found[::-1]


async def strata(session: AsyncSession, *, event: str | None = None, series: str | None = None) -> list[Scope]:
    """The scopes in which somebody was asked at an event or in a series, the latest quarter first.

    An event's or a series' place is within its branch; advisers who moved have one for each.
    """
    rows = await session.execute(_STRATA, {"event": event, "series": series})
    return [
        Scope(
            quarter=row.quarter,
            touchpoint=row.touchpoint,
            compulsory=row.compulsory,
            place=suppression.place_of(row.branch_id, row.series_key, event),
        )
        for row in rows
    ]


async def weighted_share(session: AsyncSession, scope: Scope, question_id: UUID) -> Proportion | None:
    """The fund's positive share with each branch counting by how many it asked, on the effective number of answers.

    Weights belong to blocks, so this says nothing that the blocks do not.
    """
    rows = await session.execute(_ASKED_BY_BRANCH, _values(scope))
    asked = {str(row.branch_id or suppression.NO_BRANCH): row.asked for row in rows}
    mine = [block for block in await blocks(session, scope) if block.question_id == question_id]
    seen = {block.place[0] for block in mine if block.place}
    # Blocks of several branches stand for those that have none of their own.
    totals = {b: float(n) for b, n in asked.items() if b in seen} | {
        SEVERAL: float(sum(n for b, n in asked.items() if b not in seen))
    }
    used = [block for block in mine if totals.get((*block.place, SEVERAL)[0], 0) > 0]
    groups = [Group(block.counts.answered, {"branch": (*block.place, SEVERAL)[0]}) for block in used]
    # Away from the event loop: the library is large, and loaded at the first weighing.
    weights = await asyncio.to_thread(weighting.post_stratify, groups, totals, "branch")
    return figures.weighted([block.counts for block in used], weights, await counting_of(session, scope.quarter))


async def blocks(session: AsyncSession, scope: Scope) -> list[Block]:
    """All blocks of the scope's touchpoint, quarter, kind of contact and colour, wherever they lie."""
    return [_block(row) for row in await session.execute(_BLOCKS, _values(scope))]


def total(found: Sequence[Block], question_id: UUID, inside: Callable[[Place], bool]) -> Counts:
    """The sum of the question's blocks whose place is inside."""
    mine = (block.counts for block in found if block.question_id == question_id and inside(block.place))
    return reduce(add, mine, Counts())


async def _read(session: AsyncSession, scope: Scope) -> _Data:
    rows = await session.execute(_ASKED, _values(scope))
    return _Data(
        forms=await _forms(session, scope),
        target=await targets.on(session, scope.touchpoint, scope.quarter),
        now=await blocks(session, scope),
        before=await blocks(session, _quarter_before(scope)),
        asked={suppression.place_of(row.branch_id, row.series_key, row.event_key): row.asked for row in rows},
        counting=await counting_of(session, scope.quarter),
    )


async def counting_of(session: AsyncSession, quarter: date) -> Counting:
    """How a quarter is counted: by the policy of its first day, so that what was shown is not counted anew."""
    _, policy = await catalogue.policy_on(session, quarter)
    return Counting(count_dont_know=bool(policy.count_dont_know))


def _report(data: _Data, scope: Scope) -> Report:
    mine = [block for block in data.now if suppression.within(block.place, scope.place)]
    found = [_figure(question, data, scope.place) for question in questions(data.forms, mine)]
    form = data.forms[0]
    if scope.colour:
        return Report(scope, form, None, None, found, data.target, data.counting)
    asked = sum(n for place, n in data.asked.items() if suppression.within(place, scope.place))
    return Report(scope, form, asked, rate(data.forms, mine, asked), found, data.target, data.counting)


def questions(versions: Sequence[Form], found: Sequence[Block]) -> list[Question]:
    """Those of the newest version that are counted, then those of older ones that something was counted of."""
    counted = {block.question_id for block in found}
    older = (question for form in versions[1:] for question in form.counted if question.id in counted)
    return list({question.id: question for question in (*versions[0].counted, *older)}.values())


def rate(versions: Sequence[Form], found: Sequence[Block], asked: int) -> float | None:
    """What share answered, by the question that everybody is asked: of each version the first."""
    answered = sum(total(found, question_id, _anywhere).answered for question_id in firsts(versions))
    return response_rate(answered, asked) if answered else None


def firsts(versions: Sequence[Form]) -> list[UUID]:
    """The question of each version that everybody is asked, each once."""
    return list(dict.fromkeys(form.counted[0].id for form in versions if form.counted))


def _anywhere(_place: Place) -> bool:
    return True


def _figure(question: Question, data: _Data, node: Place) -> Figure:
    def inside(place: Place) -> bool:
        return suppression.within(place, node)

    return figures.figure(
        question,
        total(data.now, question.id, inside),
        # An event is held once: it is compared with the whole series in the quarter before.
        before=total(data.before, question.id, lambda place: suppression.within(place, node[:2])),
        elsewhere=total(data.now, question.id, lambda place: not inside(place)) if node else None,
        target=data.target if question.kind == "scale" else None,
        counting=data.counting,
    )


def _block(row: Row[Any]) -> Block:
    place = suppression.place_of(row.branch_id, row.series_key, row.event_key)
    return Block(row.question_id, place, Counts(row.answered, row.by_code))


def _branch(part: str) -> UUID | None:
    return None if part == suppression.NO_BRANCH else UUID(part)


async def _forms(session: AsyncSession, scope: Scope) -> Sequence[Form]:
    last = next_quarter(scope.quarter) - calendar.DAY
    found = (await catalogue.during(session, scope.quarter, last)).get(scope.touchpoint)
    if found is None:
        raise LookupError(f"{scope.touchpoint} had no survey in the quarter.")
    return found


def _quarter_before(scope: Scope) -> Scope:
    last = scope.quarter - calendar.DAY
    return replace(scope, quarter=date(last.year, last.month - 2, 1))


def next_quarter(quarter: date) -> date:
    """The first day of the quarter after."""
    return date(quarter.year + (quarter.month == 10), (quarter.month + 2) % 12 + 1, 1)


def _values(scope: Scope) -> dict[str, object]:
    return {
        "quarter": scope.quarter,
        "touchpoint": scope.touchpoint,
        "compulsory": scope.compulsory,
        "colour": scope.colour,
    }


_STRATA = text("""
SELECT DISTINCT quarter, touchpoint, compulsory, branch_id, series_key FROM survey_attendance
WHERE state = 'invited' AND (event_key = CAST(:event AS text) OR series_key = CAST(:series AS text))
ORDER BY quarter DESC, touchpoint, compulsory, branch_id
""")
_BLOCKS = text("""
SELECT question_id, branch_id, series_key, event_key, answered, by_code FROM survey_block
WHERE quarter = :quarter AND touchpoint = :touchpoint AND compulsory = :compulsory
    AND (:colour = '' OR colour = :colour)
""")
# Of whatever colour: which places a report of one colour lists must not tell where somebody of that colour was.
_ASKED = text("""
SELECT branch_id, series_key, event_key, count(*) AS asked FROM survey_attendance
WHERE quarter = :quarter AND touchpoint = :touchpoint AND compulsory = :compulsory AND state = 'invited'
GROUP BY 1, 2, 3
""")
_ASKED_BY_BRANCH = text("""
SELECT branch_id, count(*) AS asked FROM survey_attendance
WHERE quarter = :quarter AND touchpoint = :touchpoint AND compulsory = :compulsory AND state = 'invited'
    AND (:colour = '' OR colour = :colour) GROUP BY 1
""")
