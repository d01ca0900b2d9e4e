"""When a notice is best sent."""

from datetime import datetime

import pytest

from backend.clock import COPENHAGEN
from backend.notices.rules import is_good_time


@pytest.mark.parametrize(("at", "good"), [
    ("2026-11-16T08:00", True),   # Monday
    ("2026-11-19T14:59", True),   # Thursday
    ("2026-11-19T15:00", False),
    ("2026-11-17T07:59", False),
    ("2026-11-20T10:00", False),  # Friday: the weekend would eat the deadline
    ("2026-11-22T10:00", False),
    ("2026-05-14T10:00", False),  # Ascension, a Thursday
])  # fmt: skip
def test_monday_to_thursday_in_office_hours(at: str, good: bool) -> None:
    assert is_good_time(datetime.fromisoformat(at).replace(tzinfo=COPENHAGEN)) is good
