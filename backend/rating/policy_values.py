"""The numbers of the smiley rule. A policy is dated data: a version of these values and its first day."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from backend.errors import Invalid
from backend.i18n import N_


class PolicyError(Invalid):
    """A value of the rule that cannot be; `field` names it as it stands in the mapping."""

    type = "invalid-policy"
    message = N_("The rating rule has a value that is not as it should be.")


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """The policy values of the rule, with its defaults. Days and weeks are whole numbers, ratios counted ÷ required."""

    window_weeks: int = 4
    green_enter_ratio: float = 1.0
    green_stay_ratio: float = 0.75
    red_ratio: float = 0.375
    yellow_zero_weeks: int = 1
    red_zero_weeks: int = 2
    week_due_min_days: int = 3
    grace_due_days: int = 10
    min_due_days_window: int = 5
    upload_grace_day: int = 8
    duplicate_days: int = 28
    call_protection_days: int = 7
    yellow_max_weeks_after_call: int = 4
    counting_statuses: frozenset[str] = frozenset({"applied", "interview", "rejected", "hired"})

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> "Policy":
        """A policy from stored or typed values; what is left out has its default. Raises PolicyError."""
        return cls(**{name: _checked(name, value) for name, value in values.items()})

    def to_mapping(self) -> dict[str, Any]:
        """The values as JSON can hold them; `from_mapping` gives the same policy back."""
        return msgspec.structs.asdict(self) | {"counting_statuses": sorted(self.counting_statuses)}


def _whole(low: int, high: int) -> Callable[[str, Any], int]:
    def check(name: str, value: Any) -> int:
        if type(value) is not int or not low <= value <= high:
            raise PolicyError(
                N_("{name} must be a whole number from {low} to {high}."), field=name, name=name, low=low, high=high
            )
        return value

    return check


def _ratio(name: str, value: Any) -> float:
    if type(value) not in (int, float) or not 0 <= value <= 10:
        raise PolicyError(N_("{name} must be a number from 0 to 10."), field=name, name=name)
    return float(value)


def _statuses(name: str, value: Any) -> frozenset[str]:
    listed = isinstance(value, list | tuple | set | frozenset)
    if not listed or not value or not all(isinstance(status, str) and status for status in value):
        raise PolicyError(N_("{name} must be a list of at least one status."), field=name, name=name)
    return frozenset(value)


# The whole numbers, from the lowest to the highest that each can be.
LIMITS: Mapping[str, tuple[int, int]] = {
    "window_weeks": (1, 52),
    "yellow_zero_weeks": (1, 52),
    "red_zero_weeks": (1, 52),
    "week_due_min_days": (1, 5),
    "grace_due_days": (0, 366),
    "min_due_days_window": (0, 260),
    "upload_grace_day": (1, 31),
    "duplicate_days": (0, 3660),
    "call_protection_days": (0, 366),
    "yellow_max_weeks_after_call": (0, 520),
}
RATIOS = ("green_enter_ratio", "green_stay_ratio", "red_ratio")

_CHECKS: Mapping[str, Callable[[str, Any], Any]] = {
    **{name: _whole(low, high) for name, (low, high) in LIMITS.items()},
    **dict.fromkeys(RATIOS, _ratio),
    "counting_statuses": _statuses,
}


def _checked(name: str, value: Any) -> Any:
    if name not in _CHECKS:
        raise PolicyError(N_("The rating rule has no value named {name}."), field=name, name=name)
    return _CHECKS[name](name, value)
