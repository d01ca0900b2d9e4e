"""Blocks as answers arrive and when a quarter closes, and the figures made of them."""

from dataclasses import replace
from datetime import date
from itertools import product
from random import Random
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import Conflict
from backend.surveys import attendance, catalogue, counting, invitations, reports, suppression, texts
from backend.surveys.invitations import Known
from backend.surveys.reports import Scope
from backend.surveys.suppression import Place
from tests import factories
from tests.surveys.builders import DAY, TUESDAY
from tests.surveys.factories import NOON, answer, invited, rows, went

pytestmark = pytest.mark.db

QUARTER = date(2026, 7, 1)
OVER = TUESDAY + 60 * DAY
FUND = Scope(quarter=QUARTER, touchpoint="T5", compulsory=False)


async def answered(session: AsyncSession, branch_id: UUID, codes: str, *, silent: int = 3, **values: object) -> None:
    """As many answer as there are codes, each the same to every question; `silent` more were asked and did not."""
    asked = await invited(session, len(codes) + silent, branch_id, **values)  # type: ignore[arg-type]
    for invitation_id, code in zip(asked, codes, strict=False):
        await answer(session, invitation_id, code)


def at(*place: object) -> Scope:
    return Scope(quarter=QUARTER, touchpoint="T5", compulsory=False, place=tuple(str(part) for part in place))


async def shown(session: AsyncSession, scope: Scope) -> list[tuple[int | None, float | None]]:
    """n and share of every question."""
    return [(figure.n, figure.share) for figure in (await reports.report(session, scope)).figures]


async def test_five_answers_are_shown_and_four_are_not(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    await answered(session, branch.id, "5542")
    assert await counting.close_ripe(session, now=NOON) == 0
    assert await shown(session, at(branch.id)) == [(None, None)] * 3
    await answered(session, branch.id, "1")
    assert await counting.close_ripe(session, now=NOON) == 3
    assert await counting.close_ripe(session, now=NOON) == 0
    for scope in (FUND, at(branch.id), at(branch.id, "S1"), at(branch.id, "S1", "E1")):
        assert await shown(session, scope) == [(5, 0.6)] * 3


async def test_an_answer_that_somebody_reads_covers_nobody(session: AsyncSession) -> None:
    """Whoever follows a wish to be contacted reads that answer, and could take it from the sum of five."""
    branch = await factories.branch(session)
    await answered(session, branch.id, "5542")
    [wisher] = await invited(session, 1, branch.id)
    await answer(session, wisher, "1", contact_wanted=True)
    assert await counting.close_ripe(session, now=NOON) == 0
    await answered(session, branch.id, "1")
    assert await counting.close_ripe(session, now=NOON) == 3
    assert (await shown(session, FUND))[0] == (6, 0.5)


async def test_five_answers_are_those_of_five_people(session: AsyncSession) -> None:
    """Within a quarter the same adviser may be met twice, and be asked about after sixty days."""
    branch, first = await factories.branch(session), await factories.member(session)
    await answered(session, branch.id, "552")
    early = TUESDAY - 62 * DAY
    for ended_at in (early, TUESDAY):
        await attendance.record(session, [went(first.id, branch.id, ended_at=ended_at)], now=ended_at)
        await invitations.invite(session, {first.id: Known()}, now=ended_at + (NOON - TUESDAY))
    for row in await rows(session, "survey_invitation", "id, member_id, invited_at"):
        if row["member_id"] == first.id:
            await answer(session, row["id"], "1", now=row["invited_at"])
    assert await counting.close_ripe(session, now=NOON) == 0
    await answered(session, branch.id, "1")
    assert await counting.close_ripe(session, now=NOON) == 3


async def test_what_comes_later_waits_for_five_more(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    await answered(session, branch.id, "55421")
    await counting.close_ripe(session, now=NOON)
    await answered(session, branch.id, "1111")
    assert await counting.close_ripe(session, now=NOON) == 0
    assert (await shown(session, FUND))[0] == (5, 0.6)
    await answered(session, branch.id, "1")
    await counting.close_ripe(session, now=NOON)
    assert (await shown(session, FUND))[0] == (10, 0.3)


async def test_a_quarter_pools_what_is_left(session: AsyncSession) -> None:
    one, other, small = [await factories.branch(session) for _ in range(3)]
    await answered(session, one.id, "5542155", event_key="E1")
    await answered(session, one.id, "112", series_key="S2", event_key="E2")
    await answered(session, other.id, "5554", event_key="E3")
    await answered(session, small.id, "1", event_key="E4")
    await counting.close_ripe(session, now=NOON)
    assert await counting.release(session, QUARTER, now=OVER) > 0
    # E1 has seven in a block of its own; nothing in branch one joins the three of E2, nor the others in their branches.
    assert (await shown(session, at(one.id, "S1", "E1")))[0] == (7, 5 / 7)
    assert (await shown(session, at(one.id)))[0] == (7, 5 / 7)
    assert (await shown(session, at(other.id)))[0] == (None, None)
    assert (await shown(session, at(small.id)))[0] == (None, None)
    assert (await shown(session, FUND))[0] == (15, 9 / 15)
    blocks = await rows(session, "survey_block", "answered, branch_id, event_key")
    assert [tuple(b.values()) for b in blocks] == [(7, one.id, "E1")] * 3 + [(8, None, None)] * 3


async def test_a_release_happens_once_and_not_too_early(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    await answered(session, branch.id, "55421")
    with pytest.raises(Conflict):
        await counting.release(session, QUARTER, now=NOON + 3 * DAY)
    with pytest.raises(Conflict):
        await counting.release(session, QUARTER, now=TUESDAY + 15 * DAY)
    assert await counting.release(session, QUARTER, now=OVER) == 3
    assert await counting.release(session, QUARTER, now=OVER) == 0
    [released] = await rows(session, "survey_release")
    assert released["counting"]["suppress_under"] == 5


async def test_compulsory_and_voluntary_contacts_never_mix(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    await answered(session, branch.id, "5541", compulsory=True)
    await answered(session, branch.id, "5541", compulsory=False)
    await counting.close_ripe(session, now=NOON)
    await counting.release(session, QUARTER, now=OVER)
    assert await rows(session, "survey_block") == []


async def test_of_one_colour_every_place_is_listed(session: AsyncSession) -> None:
    """Else a line of hashes would tell that somebody red was there."""
    await catalogue.load(session)
    theme_day = next(one for one in catalogue.standard().survey if one.key == "T5")
    split = msgspec.structs.replace(theme_day, version=2, valid_from=QUARTER, split_by_colour=True)
    await catalogue.publish(session, (), (split,))
    one, other = [await factories.branch(session) for _ in range(2)]
    await answered(session, one.id, "55421", colour="green")
    await answered(session, other.id, "1", silent=0, colour="red", event_key="E2")
    await counting.close_ripe(session, now=NOON)
    found = {colour: await reports.by_branch(session, replace(FUND, colour=colour)) for colour in ("green", "red")}
    assert [set(lines) for lines in found.values()] == [{one.id, other.id}] * 2
    assert {n: (r.asked, r.rate) for n, r in found["red"].items()} == {one.id: (None, None), other.id: (None, None)}
    assert [found[colour][one.id].figures[0].n for colour in found] == [5, None]


async def test_a_block_is_never_below_five_and_never_changes(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    await answered(session, branch.id, "55421")
    await counting.close_ripe(session, now=NOON)
    for statement in ("UPDATE survey_block SET answered = 6", "DELETE FROM survey_block"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with session.begin_nested():
                await session.execute(text(statement))
    [first, *_] = await rows(session, "survey_block")
    values = ", ".join(f":{name}" for name in ("id", "quarter", "touchpoint", "question_id", "closed_at"))
    with pytest.raises(IntegrityError, match="five"):
        async with session.begin_nested():
            await session.execute(
                text(
                    "INSERT INTO survey_block (id, quarter, touchpoint, question_id, closed_at, compulsory, colour, "
                    f"answered, by_code) VALUES ({values}, false, '', 4, '{{}}')"
                ),
                first | {"id": branch.id},
            )


async def test_a_report_compares(session: AsyncSession) -> None:
    good, bad = [await factories.branch(session) for _ in range(2)]
    await answered(session, good.id, "5" * 27 + "111", event_key="E1")
    await answered(session, bad.id, "5" * 9 + "1" * 20 + "0", event_key="E2")
    await counting.close_ripe(session, now=NOON)
    found = await reports.report(session, at(good.id))
    assert (found.asked, found.rate) == (33, 30 / 33)
    first = found.figures[0]
    assert (first.n, first.share, first.note, first.dont_know, first.verdict) == (30, 0.9, "", 0, "reached")
    assert first.by_code == {"5": 27, "4": 0, "3": 0, "2": 0, "1": 3, "0": 0}
    assert first.elsewhere is not None
    assert (round(first.elsewhere.points, 2), first.elsewhere.stars) == (0.6, "***")
    assert first.before is None
    other = (await reports.report(session, at(bad.id))).figures[0]
    assert (other.verdict, other.dont_know) == ("not_reached", 1 / 30)
    both = await reports.by_branch(session, FUND)
    assert {branch: report.figures[0].n for branch, report in both.items()} == {good.id: 30, bad.id: 30}
    assert (await reports.report(session, FUND)).figures[0].elsewhere is None


async def test_the_trend_is_against_the_quarter_before(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    july, october = NOON - 60 * DAY, NOON + 30 * DAY
    await answered_at(session, branch.id, "5" * 9 + "1", july)
    await answered_at(session, branch.id, "5" + "1" * 9, october)
    await counting.close_ripe(session, now=october)
    scope = Scope(quarter=date(2026, 10, 1), touchpoint="T5", compulsory=False)
    before = (await reports.report(session, scope)).figures[0].before
    assert before is not None
    assert (round(before.points, 2), before.stars) == (-0.8, "***")


async def answered_at(session: AsyncSession, branch_id: UUID, codes: str, now: object) -> None:
    asked = await invited(session, len(codes), branch_id, now=now, ended_at=now - (NOON - TUESDAY))  # type: ignore[arg-type, operator]
    for invitation_id, code in zip(asked, codes, strict=True):
        await answer(session, invitation_id, code, now=now)  # type: ignore[arg-type]


async def test_a_branch_that_answers_little_counts_by_whom_it_asked(session: AsyncSession) -> None:
    busy, quiet = [await factories.branch(session) for _ in range(2)]
    await answered(session, busy.id, "5" * 10, silent=0, event_key="E1")
    await answered(session, quiet.id, "1" * 5, silent=15, event_key="E2")
    await counting.close_ripe(session, now=NOON)
    question = (await reports.report(session, FUND)).figures[0].question
    found = await reports.weighted_share(session, FUND, question.id)
    assert found is not None
    assert found.share == pytest.approx(10 / 30)
    # Ten with weight 1 and five with weight 4.
    assert found.n == pytest.approx(30**2 / (10 + 5 * 16))


async def test_texts_are_shown_once_five_answers_are(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    reader = await factories.staff(session)
    for invitation_id in await invited(session, 5, branch.id):
        await answer(session, invitation_id, "5", texts={"TEXT": "Fin dag"})
    for one in await texts.to_confirm(session, "E1"):
        await texts.confirm(session, one.response_id, one.question_id, one.body, reader.id, now=NOON)
    assert await texts.shown(session, "E1") == []
    await counting.close_ripe(session, now=NOON)
    assert await texts.shown(session, "E1") == ["Fin dag"] * 5


async def test_a_partial_answer_counts_where_it_answers(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    for number, invitation_id in enumerate(await invited(session, 5, branch.id)):
        await answer(session, invitation_id, {"Q9": ["5"]} | ({} if number else {"Q2": ["5"]}))
    await counting.close_ripe(session, now=NOON)
    found = {f.question.key: f.n for f in (await reports.report(session, FUND)).figures}
    assert found == {"Q9": 5, "Q2": None, "Q10": None}


async def test_a_touchpoint_without_survey(session: AsyncSession) -> None:
    await invited(session, 1, (await factories.branch(session)).id)
    with pytest.raises(LookupError):
        await reports.report(session, Scope(quarter=QUARTER, touchpoint="T9", compulsory=False))


async def test_subtracting_a_part_from_a_whole_leaves_none_or_five(session: AsyncSession) -> None:
    """Every count that reports give at four moments: a part, then or earlier, taken from a whole, now or later."""
    random = Random(3)
    branches = [await factories.branch(session) for _ in range(2)]
    places = [(b.id, f"S{s}", f"{b.branch_no}{s}{e}") for b in branches for s in range(2) for e in range(2)]
    moments: list[set[tuple[Place, str, int]]] = []
    for _ in range(3):
        for branch_id, series, event in places:
            codes = "".join(random.choices("554210", k=random.randrange(5)))
            await answered(session, branch_id, codes, silent=1, series_key=series, event_key=event)
        await counting.close_ripe(session, now=NOON)
        moments.append(await everything(session, places))
    await counting.release(session, QUARTER, now=OVER)
    moments.append(await everything(session, places))
    known = [(when, *one) for when, seen in enumerate(moments) for one in seen]
    left = {
        whole[3] - part[3]
        for whole, part in product(known, known)
        if whole[2] == part[2] and whole[0] >= part[0] and suppression.within(part[1], whole[1])
    }
    assert len(known) > 100
    assert {n for n in left if n < 5} == {0}
    assert min(one[3] for one in known) >= 5


async def everything(session: AsyncSession, places: list[tuple[UUID, str, str]]) -> set[tuple[Place, str, int]]:
    """Place, question and count of every figure that is shown, and of what lies elsewhere."""
    nodes = {tuple(str(part) for part in place[:depth]) for place in places for depth in range(4)}
    found = [await reports.report(session, at(*node)) for node in sorted(nodes)]
    return {(r.scope.place, f.question.key, f.n) for r in found for f in r.figures if f.n is not None}
