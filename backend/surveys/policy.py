"""How often and when a member may be asked: the numbers, as data with a day from which they apply."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import time, timedelta
from typing import Any

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Invitation rules. `reserved_for_rare` of the invitations in the window are kept for rare touchpoints.

    `count_dont_know`: 1 where "don't know" counts among those who answered, 0 where it does not.
    """

    earliest_hours: int = 2
    latest_hours: int = 24
    opens_hour: int = 9
    closes_hour: int = 19
    between_days: int = 14
    window_days: int = 90
    most_in_window: int = 3
    reserved_for_rare: int = 1
    rare_ahead_days: int = 14
    same_touchpoint_days: int = 60
    remind_after_days: int = 4
    remind_until_days: int = 10
    quiet_hours: int = 48
    opt_out_days: int = 365
    answer_days: int = 14
    most_questions: int = 3
    count_dont_know: int = 1

    @property
    def opens(self) -> time:
        return time(self.opens_hour)

    @property
    def closes(self) -> time:
        return time(self.closes_hour)


STANDARD = Policy()


def from_mapping(numbers: Mapping[str, Any]) -> Policy:
    """The policy as stored. Raises ValueError for a number that is missing, unknown or negative."""
    names = {field.name for field in fields(Policy)}
    if numbers.keys() != names:
        raise ValueError(f"The survey policy needs {sorted(names)}.")
    if any(type(value) is not int or value < 0 for value in numbers.values()):
        raise ValueError("The survey policy's numbers are whole and not negative.")
    return Policy(**numbers)
