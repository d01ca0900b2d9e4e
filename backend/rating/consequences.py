"""What follows from a rating: only a change of colour acts. Pure; followup/ turns the codes into tasks and messages."""

from collections.abc import Sequence

from backend.rating.figures import Colour


def actions(previous: Colour, colour: Colour, reasons: Sequence[str]) -> tuple[str, ...]:
    """The codes of what is to be done, in the rule's order."""
    done = _of_change(previous, colour, reasons) if colour != previous else ()
    hint = colour == "green" and "below_agreement" in reasons
    return (*done, "notify:SM_HINT") if hint else done


def _of_change(previous: Colour, colour: Colour, reasons: Sequence[str]) -> tuple[str, ...]:
    from_follow_up = previous in ("yellow", "red")
    match colour:
        case "yellow" if previous == "red":
            return "task:review_cancel_call_in", "notify:SM_IMPROVED"
        case "yellow":
            return "task:service_call_fast" if "fast_track" in reasons else "task:service_call", "notify:SM_YELLOW"
        case "red":
            return "task:call_in_review", "notify:SM_RED"
        case "green" if from_follow_up:
            return "task:close_follow_up", "notify:SM_GREEN"
        case "paused" if from_follow_up:
            return ("task:suspend_follow_up",)
    return ()
