"""What the member is told. The codes are those of the rating rule's own consequences."""

from backend.followup.outcomes import ShowColour, Tell
from backend.rating.service import Rated


def show_colour(rated: Rated) -> ShowColour | None:
    return ShowColour() if rated.changed else None


def hint(rated: Rated) -> Tell | None:
    """Green, but below the agreement: at most one a week."""
    if "notify:SM_HINT" not in rated.actions:
        return None
    return Tell("N10", once_per="week", params={"n": rated.required - rated.counted})


def yellow(rated: Rated) -> Tell | None:
    return Tell("N11") if "notify:SM_YELLOW" in rated.actions else None


def red(rated: Rated) -> Tell | None:
    return Tell("N14") if "notify:SM_RED" in rated.actions else None


def improved(rated: Rated) -> Tell | None:
    better = {"notify:SM_GREEN", "notify:SM_IMPROVED"}
    return Tell("N15") if not better.isdisjoint(rated.actions) else None
