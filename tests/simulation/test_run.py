"""Some weeks of a small fund, over the end of daylight saving, keep every rule; the report says what there was."""

from datetime import date

import pytest

from backend.db.engine import Sessions, transaction
from backend.rating.policy_values import Policy
from backend.settings import Settings
from backend.simulation.run import Wanted, simulate
from backend.surveys import catalogue

pytestmark = [pytest.mark.db, pytest.mark.slow]


async def test_three_weeks_of_a_small_fund(fresh_sessions: Sessions) -> None:
    async with transaction(fresh_sessions) as session:
        await catalogue.load(session)
    days: list[int] = []
    wanted = Wanted(60, 21, 3, date(2026, 10, 19), Policy(green_stay_ratio=0.9))
    report = await simulate(fresh_sessions, Settings(), wanted, lambda done, _: days.append(done))
    assert {rule: found for rule, found in report["breaches"].items() if found} == {}
    assert set(days) == set(range(1, 22))
    assert report["arrived"]["push"] > 20
    assert sum(report["messages"].values()) >= report["ended"]["sent"] / 3
    assert sum(n for month in report["colours"].values() for n in month.values()) == 3 * 60
