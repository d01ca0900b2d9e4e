"""What can follow from a rating: plain values that a rule gives and the service carries out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True)
class Tell:
    """A message of the catalogue, once per rating or once per ISO week."""

    key: str
    once_per: Literal["rating", "week"] = "rating"
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ShowColour:
    """The new colour on the member's timeline."""


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A service call that somebody makes by `due_on`; `fast` when the colour fell two steps at once."""

    due_on: date
    fast: bool


@dataclass(frozen=True, slots=True)
class CloseCalls:
    """No call is needed any more, suspended ones neither."""

    reason: str


@dataclass(frozen=True, slots=True)
class SuspendCalls:
    """Calls wait while the member is exempt."""


@dataclass(frozen=True, slots=True)
class ProposeCallIn:
    """A call-in for a person to decide on."""


@dataclass(frozen=True, slots=True)
class FlagCallIn:
    """What was proposed has improved before anybody decided."""


Outcome = Tell | ShowColour | OpenCall | CloseCalls | SuspendCalls | ProposeCallIn | FlagCallIn
