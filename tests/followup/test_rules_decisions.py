"""When decisions about call-ins say that nobody decides; and when there are too few to say anything."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.alerts import words
from backend.alerts.queries import open_by_kind
from backend.casework import history
from backend.db.types import new_id
from backend.followup import rules_decisions as rules
from backend.followup.figures import READING_TIME, Decisions
from backend.jobs import watch_decisions
from backend.jobs.job import Moment
from backend.settings import Settings
from tests import factories
from tests.casework.factories import NOW


@pytest.mark.parametrize(("approved", "rejected", "hasty", "kinds"), [
    (9, 0, 9, []),  # too few to tell
    (10, 1, 2, []),  # two slips
    (40, 2, 3, []),  # less than a tenth
    (30, 2, 3, [rules.HASTY]),
    (49, 0, 0, []),  # none of forty-nine may be chance
    (50, 0, 0, [rules.FEW_REJECTIONS]),
    (99, 1, 0, [rules.FEW_REJECTIONS]),
    (98, 2, 0, []),  # two per cent is enough
    (60, 0, 30, [rules.HASTY, rules.FEW_REJECTIONS]),
    (0, 60, 0, []),
])  # fmt: skip
def test_what_decisions_say(approved: int, rejected: int, hasty: int, kinds: list[str]) -> None:
    found = rules.findings(Decisions(approved, rejected, hasty, 0, 0))
    assert [one.kind for one in found] == kinds
    for one in found:
        words.check(*one)


@pytest.mark.db
async def test_hasty_approvals_are_an_alert_until_they_are_no_habit(session: AsyncSession) -> None:
    adviser, member = await factories.staff(session), await factories.member(session)

    async def approve(reading: timedelta) -> None:
        case_id = new_id()
        for event, at in (("opened", NOW - reading), ("approved", NOW)):
            line = history.Entry("call_in", case_id, member.id, event, "proposed", "proposed", adviser.id)
            await history.add(session, [line], now=at)

    moment = Moment(NOW, NOW, timely=True)
    for n in range(10):
        await approve(READING_TIME / 2 if n < 3 else READING_TIME * 2)
    assert await watch_decisions.work(session, [], moment=moment, settings=Settings()) == {"found": 1, "new": 1}
    assert await open_by_kind(session) == {rules.HASTY: 1}
    assert await watch_decisions.work(session, [], moment=moment, settings=Settings()) == {"found": 1, "new": 0}
    for _ in range(21):
        await approve(READING_TIME * 2)
    assert await watch_decisions.work(session, [], moment=moment, settings=Settings()) == {"found": 0, "new": 0}
    assert await open_by_kind(session) == {}
