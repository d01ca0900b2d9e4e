"""Counting answers into blocks: as they arrive, and what is left when a quarter is released. See suppression.py."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.types import new_id
from backend.errors import Conflict
from backend.i18n import N_
from backend.surveys import catalogue, forms, reports, scales, suppression
from backend.surveys.forms import Form
from backend.surveys.policy import Policy
from backend.surveys.scales import Counts, Kind
from backend.surveys.statistics import COUNTING, Counting
from backend.surveys.suppression import Leftover, Place

# Any number: two counts must not form blocks of the same answers.
LOCK = 7_401_971


class Stratum(NamedTuple):
    """Answers that may share a block: never those of two of these."""

    quarter: date
    touchpoint: str
    question_id: UUID
    compulsory: bool
    colour: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """The answers of one event to one question that are in no block, by response.

    `hidden`: who gave each of those that nobody reads one by one. The others came with a wish to be contacted: whoever
    follows it knows them, and could take them from a sum.
    """

    stratum: Stratum
    place: Place
    kind: Kind
    answers: Mapping[UUID, Sequence[str]]
    hidden: Mapping[UUID, UUID]

    @property
    def counts(self) -> Counts:
        return scales.count(codes for response, codes in self.answers.items() if response in self.hidden)

    @property
    def read(self) -> int:
        return len(self.answers) - len(self.hidden)

    @property
    def people(self) -> frozenset[UUID]:
        return frozenset(self.hidden.values())


@dataclass(frozen=True, slots=True)
class NewBlock:
    stratum: Stratum
    place: Place
    members: tuple[Waiting, ...]


async def close_ripe(session: AsyncSession, *, now: datetime, counting: Counting = COUNTING) -> int:
    """Make a block of every event's waiting answers that are enough; how many blocks. Repeating it adds nothing."""
    await _alone(session)
    waiting = await _waiting(session, None)
    ripe = [one for one in waiting if suppression.ripe(len(one.people), counting)]
    return await _store(session, [NewBlock(one.stratum, one.place, (one,)) for one in ripe], now)


async def release(session: AsyncSession, quarter: date, *, now: datetime) -> int:
    """Close a quarter: pool what is left of its answers. How many blocks were added; a second time none.

    Raises Conflict while somebody can still be asked about it or answer.
    """
    if (await session.execute(_UNFINISHED, {"quarter": quarter, "now": now})).scalar_one():
        raise Conflict(N_("The quarter cannot be closed yet: answers can still come."))
    counting = await reports.counting_of(session, quarter)
    made = await close_ripe(session, now=now, counting=counting)
    values = {"quarter": quarter, "now": now, "counting": json.dumps(asdict(counting))}
    if (await session.execute(_RELEASE, values)).first() is None:
        return made
    return made + await _store(session, await _pooled(session, quarter, counting), now)


async def releasable(session: AsyncSession, *, now: datetime) -> list[date]:
    """The quarters that can be closed and are not, the oldest first."""
    quarters = (await session.execute(_OPEN_QUARTERS)).scalars().all()
    return [q for q in quarters if not (await session.execute(_UNFINISHED, {"quarter": q, "now": now})).scalar_one()]


async def _pooled(session: AsyncSession, quarter: date, counting: Counting) -> list[NewBlock]:
    waiting = await _waiting(session, quarter)
    unseen = await _unseen(session, quarter)
    blocks: list[NewBlock] = []
    for stratum in sorted({one.stratum for one in waiting}):
        at = {one.place: one for one in waiting if one.stratum == stratum}
        kind = next(iter(at.values())).kind
        asked = {place: n for (of, place), n in unseen.items() if of == stratum}
        lefts = [_leftover(place, kind, at.get(place), n) for place, n in asked.items()]
        blocks += [
            NewBlock(stratum, pool.place, tuple(at[x.place] for x in pool.leftovers if x.place in at))
            for pool in suppression.pools(lefts, counting)
        ]
    return blocks


def _leftover(place: Place, kind: Kind, waiting: Waiting | None, unseen: int) -> Leftover:
    if waiting is None:
        return Leftover(place, kind, Counts(), unseen)
    return Leftover(place, kind, waiting.counts, unseen - waiting.read, waiting.people, waiting.read)


async def _waiting(session: AsyncSession, quarter: date | None) -> list[Waiting]:
    found: dict[tuple[Stratum, Place, Kind], tuple[dict[UUID, list[str]], dict[UUID, UUID]]] = {}
    for row in await session.execute(_WAITING, {"quarter": quarter}):
        stratum = Stratum(row.quarter, row.touchpoint, row.question_id, row.compulsory, row.colour)
        place = suppression.place_of(row.branch_id, row.series_key, row.event_key)
        answers, hidden = found.setdefault((stratum, place, row.kind), ({}, {}))
        answers.setdefault(row.response_id, []).append(row.code)
        if not row.contact_wanted:
            hidden[row.response_id] = row.member_id
    return [Waiting(stratum, place, kind, *both) for (stratum, place, kind), both in found.items()]


async def _unseen(session: AsyncSession, quarter: date) -> dict[tuple[Stratum, Place], int]:
    """Per question and event: how many were asked, less those whose answer is in a block."""
    rows = (await session.execute(_ASKED, {"quarter": quarter})).all()
    ids, versions = {row.survey_id for row in rows}, {row.policy_version for row in rows}
    asked_in = {survey_id: await catalogue.form_of(session, survey_id) for survey_id in ids}
    policies = {version: await catalogue.policy_of(session, version) for version in versions}
    left: dict[tuple[Stratum, Place], int] = {}
    for row in rows:
        for question_id in _questions(asked_in[row.survey_id], row.variant, policies[row.policy_version]):
            stratum = Stratum(quarter, row.touchpoint, question_id, row.compulsory, row.colour)
            place = suppression.place_of(row.branch_id, row.series_key, row.event_key)
            left[stratum, place] = left.get((stratum, place), 0) + row.asked
    for row in await session.execute(_BLOCKED, {"quarter": quarter}):
        stratum = Stratum(quarter, row.touchpoint, row.question_id, row.compulsory, row.colour)
        left[stratum, suppression.place_of(row.branch_id, row.series_key, row.event_key)] -= row.answered
    return left


def _questions(form: Form, variant: int, policy: Policy) -> Iterable[UUID]:
    return (question.id for question in forms.asked(form, variant, policy.most_questions))


async def _store(session: AsyncSession, blocks: Sequence[NewBlock], now: datetime) -> int:
    ids = [new_id() for _ in blocks]
    counts = [scales.count(c for one in block.members for c in one.answers.values()) for block in blocks]
    places = [(*block.place, None, None, None)[:3] for block in blocks]
    await session.execute(
        _BLOCKS,
        {
            "ids": ids,
            "quarters": [block.stratum.quarter for block in blocks],
            "touchpoints": [block.stratum.touchpoint for block in blocks],
            "questions": [block.stratum.question_id for block in blocks],
            "compulsory": [block.stratum.compulsory for block in blocks],
            "colours": [block.stratum.colour for block in blocks],
            "branches": [UUID(place[0]) if place[0] else None for place in places],
            "series": [place[1] for place in places],
            "events": [place[2] for place in places],
            "answered": [count.answered for count in counts],
            "codes": [json.dumps(count.by_code) for count in counts],
            "now": now,
        },
    )
    pairs = [(ids[n], r, b.stratum.question_id) for n, b in enumerate(blocks) for one in b.members for r in one.answers]
    columns = {"ids": [p[0] for p in pairs], "responses": [p[1] for p in pairs], "questions": [p[2] for p in pairs]}
    await session.execute(_COUNTED, columns)
    return len(blocks)


async def _alone(session: AsyncSession) -> None:
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


_WAITING = text("""
SELECT t.quarter, t.touchpoint, a.question_id, t.compulsory, t.colour, t.branch_id, t.series_key, t.event_key, q.kind,
    a.response_id, a.code, r.contact_wanted, i.member_id
FROM survey_answer a
JOIN survey_question q ON q.id = a.question_id
JOIN survey_response r ON r.id = a.response_id
JOIN survey_invitation i ON i.id = r.invitation_id
JOIN survey_attendance t ON t.id = i.attendance_id
WHERE a.block_id IS NULL AND t.quarter = COALESCE(CAST(:quarter AS date), t.quarter)
    AND (CAST(:quarter AS date) IS NOT NULL OR NOT EXISTS (SELECT FROM survey_release WHERE quarter = t.quarter))
ORDER BY a.response_id, a.code
""")
_UNFINISHED = text("""
SELECT EXISTS (SELECT FROM survey_attendance WHERE quarter = :quarter AND state = 'waiting')
    OR EXISTS (
        SELECT FROM survey_invitation i JOIN survey_attendance t ON t.id = i.attendance_id
        WHERE t.quarter = :quarter AND i.answered_at IS NULL AND i.expires_at > :now
    ) OR (CAST(:quarter AS date) + interval '3 months') AT TIME ZONE 'Europe/Copenhagen' > :now
""")
_OPEN_QUARTERS = text("""
SELECT DISTINCT quarter FROM survey_attendance AS a
WHERE NOT EXISTS (SELECT FROM survey_release AS r WHERE r.quarter = a.quarter) ORDER BY quarter
""")
_RELEASE = text("""
INSERT INTO survey_release (quarter, released_at, counting) VALUES (:quarter, :now, CAST(:counting AS jsonb))
ON CONFLICT (quarter) DO NOTHING RETURNING quarter
""")
_ASKED = text("""
SELECT t.touchpoint, t.compulsory, t.colour, t.branch_id, t.series_key, t.event_key, i.survey_id, i.variant,
    i.policy_version, count(*) AS asked
FROM survey_invitation i JOIN survey_attendance t ON t.id = i.attendance_id
WHERE t.quarter = :quarter GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
""")
_BLOCKED = text("""
SELECT touchpoint, question_id, compulsory, colour, branch_id, series_key, event_key, sum(answered) AS answered
FROM survey_block WHERE quarter = :quarter AND event_key IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6, 7
""")
_BLOCKS = text("""
INSERT INTO survey_block (id, quarter, touchpoint, question_id, compulsory, colour, branch_id, series_key, event_key,
    answered, by_code, closed_at)
SELECT b.id, b.quarter, b.touchpoint, b.question_id, b.compulsory, b.colour, b.branch_id, b.series_key, b.event_key,
    b.answered, CAST(b.by_code AS jsonb), :now
FROM unnest(
    CAST(:ids AS uuid[]), CAST(:quarters AS date[]), CAST(:touchpoints AS text[]), CAST(:questions AS uuid[]),
    CAST(:compulsory AS boolean[]), CAST(:colours AS text[]), CAST(:branches AS uuid[]), CAST(:series AS text[]),
    CAST(:events AS text[]), CAST(:answered AS int[]), CAST(:codes AS text[])
) AS b (id, quarter, touchpoint, question_id, compulsory, colour, branch_id, series_key, event_key, answered, by_code)
""")
_COUNTED = text("""
UPDATE survey_answer a SET block_id = c.block_id
FROM unnest(CAST(:ids AS uuid[]), CAST(:responses AS uuid[]), CAST(:questions AS uuid[]))
    AS c (block_id, response_id, question_id)
WHERE a.response_id = c.response_id AND a.question_id = c.question_id AND a.block_id IS NULL
""")
