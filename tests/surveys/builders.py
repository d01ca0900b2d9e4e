"""Values that tests of the invitation rules need."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from backend.clock import COPENHAGEN
from backend.surveys.policy import STANDARD
from backend.surveys.rules import Attended, Decision, Setting, Standing, decide

NAMES = UUID("00000000-0000-0000-0000-000000000001")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# A Tuesday in an ordinary week.
TUESDAY = datetime(2026, 9, 15, 10, 0, tzinfo=COPENHAGEN)
SETTINGS = {
    "T1": Setting(touchpoint="T1", priority=30),
    "T2": Setting(touchpoint="T2", priority=40),
    "T3": Setting(touchpoint="T3", priority=10, rare=True, ends_of_series_only=True),
    "T4": Setting(touchpoint="T4", priority=50),
    "T5": Setting(touchpoint="T5", priority=20, rare=True),
}


def attended(touchpoint: str = "T1", at: datetime = TUESDAY, **values: Any) -> Attended:
    name = f"{touchpoint} {at.isoformat()} {values}"
    return Attended(id=uuid5(NAMES, name), touchpoint=touchpoint, ended_at=at, **values)


def decided(now: datetime, *waiting: Attended, **standing: Any) -> list[Decision]:
    return decide(waiting, Standing(**standing), SETTINGS, STANDARD, now)


def said(now: datetime, *waiting: Attended, **standing: Any) -> list[str]:
    """Action or reason of each."""
    return [decision.reason or decision.action for decision in decided(now, *waiting, **standing)]
