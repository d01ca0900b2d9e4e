"""What people are asked to do. A colour makes tasks and proposals only; a person decides."""

from backend import calendar
from backend.followup.outcomes import CloseCalls, FlagCallIn, OpenCall, ProposeCallIn, SuspendCalls
from backend.rating.service import Rated

CALL_WITHIN = 3
FAST_CALL_WITHIN = 1


def service_call(rated: Rated) -> OpenCall | None:
    """Due in Danish working days after the day rated."""
    if "task:service_call_fast" in rated.actions:
        return OpenCall(calendar.add_working_days(rated.rated_on, FAST_CALL_WITHIN), fast=True)
    if "task:service_call" in rated.actions:
        return OpenCall(calendar.add_working_days(rated.rated_on, CALL_WITHIN), fast=False)
    return None


def no_call_needed(rated: Rated) -> CloseCalls | None:
    """Green closes what is open, and what was suspended too: from paused the rule has no code for it."""
    return CloseCalls("improved") if rated.changed and rated.after == "green" else None


def calls_wait(rated: Rated) -> SuspendCalls | None:
    return SuspendCalls() if "task:suspend_follow_up" in rated.actions else None


def call_in(rated: Rated) -> ProposeCallIn | None:
    return ProposeCallIn() if "task:call_in_review" in rated.actions else None


def call_in_overtaken(rated: Rated) -> FlagCallIn | None:
    """Any change to yellow or green: what was proposed while red, before a pause perhaps, is out of date."""
    return FlagCallIn() if rated.changed and rated.after in ("yellow", "green") else None
