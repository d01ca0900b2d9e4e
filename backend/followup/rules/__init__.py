"""What follows from a rating: every rule is a pure function from a rating to an outcome or none, all listed here."""

from collections.abc import Callable

from backend.followup.outcomes import Outcome
from backend.followup.rules import messages, tasks
from backend.rating.service import Rated

RULES: tuple[Callable[[Rated], Outcome | None], ...] = (
    messages.show_colour,
    messages.hint,
    messages.yellow,
    messages.red,
    messages.improved,
    tasks.service_call,
    tasks.no_call_needed,
    tasks.calls_wait,
    tasks.call_in,
    tasks.call_in_overtaken,
)


def outcomes(rated: Rated) -> list[Outcome]:
    """All that follows from one rating, in the order of the rules."""
    found = (rule(rated) for rule in RULES)
    return [outcome for outcome in found if outcome is not None]
