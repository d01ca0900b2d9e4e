"""New versions from a file: from a day to come, of other questions from a quarter on, and repeated without effect."""

from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import Conflict, Invalid
from backend.surveys import catalogue, counting, figures, publishing, reports
from tests import factories
from tests.surveys.builders import DAY, TUESDAY
from tests.surveys.factories import NOON, answer, invited
from tests.surveys.test_counting import FUND

pytestmark = pytest.mark.db

TODAY = TUESDAY.date()
SIXTH = """
[[survey]]
key = "T6"
version = 2
valid_from = 2026-09-20
da = "vores opkald"
en = "our call"
questions = ["Q1", "Q4", "Q11", "TEXT"]
priority = 25
rare = true
sampling = 0.5
after = "service_call"
"""
OTHER = SIXTH.replace('"Q4", ', "")


@pytest.fixture(autouse=True)
async def loaded(session: AsyncSession) -> None:
    await catalogue.load(session)


async def adopt(session: AsyncSession, raw: str) -> None:
    await publishing.adopt(session, publishing.read(raw), today=TODAY)


async def test_a_version_applies_from_its_day_and_is_stored_once(session: AsyncSession) -> None:
    for _ in range(2):
        await adopt(session, SIXTH)
    before, after = [(await catalogue.in_force(session, TODAY + n * DAY)).forms["T6"] for n in (0, 5)]
    assert [(f.en, f.after, f.setting.sampling) for f in (before, after)] == [
        ("your first joint talk", "", 1.0),
        ("our call", "service_call", 0.5),
    ]
    with pytest.raises(Conflict):
        await adopt(session, SIXTH.replace("our call", "the call"))


async def test_nothing_applies_backwards(session: AsyncSession) -> None:
    for raw in (SIXTH, POLICY):
        with pytest.raises(Invalid, match="tomorrow"):
            await adopt(session, raw.replace("2026-09-20", TODAY.isoformat()))


async def test_a_quarters_figures_are_of_the_same_questions(session: AsyncSession) -> None:
    with pytest.raises(Invalid, match="quarter"):
        async with session.begin_nested():
            await adopt(session, OTHER)
    await adopt(session, OTHER.replace("2026-09-20", "2026-10-01"))
    later = (await catalogue.in_force(session, date(2026, 10, 1))).forms["T6"]
    assert [question.key for question in later.questions] == ["Q1", "Q11", "TEXT"]


@pytest.mark.parametrize("raw", ["survey = 1", "[[survey]]\nkey = 'T6'", SIXTH + "sampeling = 1.0\n", "x ="])
def test_what_is_no_such_file_is_said(raw: str) -> None:
    with pytest.raises(Invalid, match="no file of surveys"):
        publishing.read(raw)


POLICY = """
[[policy]]
version = 2
valid_from = 2026-09-20
numbers = {between_days = 21, count_dont_know = 0}
"""


async def test_a_policy_keeps_the_numbers_that_it_does_not_name(session: AsyncSession) -> None:
    for _ in range(2):
        await adopt(session, POLICY)
    _, before = await catalogue.policy_on(session, TODAY)
    version, after = await catalogue.policy_on(session, date(2026, 9, 20))
    assert (before.between_days, before.count_dont_know) == (14, 1)
    assert (version, after.between_days, after.most_in_window, after.count_dont_know) == (2, 21, 3, 0)
    with pytest.raises(Conflict):
        await adopt(session, POLICY.replace("21", "28"))
    with pytest.raises(Invalid, match="no file of surveys"):
        await adopt(session, POLICY.replace("between_days", "days").replace("version = 2", "version = 3"))


async def test_a_quarter_counts_dont_know_as_the_policy_of_its_first_day_says(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    shown: list[figures.Figure] = []
    for invitation_id, code in zip(await invited(session, 6, branch.id), "555100", strict=True):
        await answer(session, invitation_id, code)
    await counting.close_ripe(session, now=NOON)
    for first_day in ("2026-09-20", "2026-07-01"):
        raw = POLICY.replace("2026-09-20", first_day).replace("version = 2", f"version = {2 + len(shown)}")
        await publishing.adopt(session, publishing.read(raw), today=date(2026, 6, 1))
        shown.append((await reports.report(session, FUND)).figures[0])
    assert [(f.n, f.share, f.dont_know) for f in shown] == [(6, 0.5, 2 / 6), (6, 0.75, 2 / 6)]
