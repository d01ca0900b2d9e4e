"""What booking says in words: reasons, and what happened to a deadline."""

from collections.abc import Mapping

from backend.booking.rules_waiting import Reason
from backend.i18n import N_, text

CANCEL_REASONS: Mapping[str, str] = {
    "at_work": N_("I am at work"),
    "job_interview": N_("I have a job interview"),
    "in_offer": N_("I am in work placement, a wage subsidy or education"),
    "other_meeting": N_("I am called to another meeting, as with the jobcentre"),
    "sick": N_("I am ill"),
    "child_sick": N_("My child is ill"),
    "other": N_("Something else"),
}
# Reasons that are not the member's own.
OTHERS: Mapping[str, str] = {
    "replanned": N_("Your course has changed"),
    "spell_ended": N_("You are no longer unemployed"),
    "skipped": N_("You do not need it after all"),
    "session_cancelled": N_("We had to cancel it"),
}
LINE: Mapping[Reason, str] = {
    "offered": N_("There is a seat for you. Take it in time."),
    "full": N_("All seats are taken. We tell you when there is one for you."),
    "quiet": N_("There may be a seat soon. We make offers on weekdays between 8 and 20."),
    "audience": N_("It is for other members than you, or you have no more need of it."),
    "own_time": N_("You have another booking at that time."),
    "closing": N_("Booking closes soon: a seat that is free now is for whoever books it first."),
}
DEADLINE: Mapping[str, str] = {
    "set": N_("You were told to book"),
    "paused": N_("The deadline was paused"),
    "resumed": N_("The deadline runs again"),
    "extended": N_("You were given longer"),
    "no_slot": N_("No time was free, so you were given longer"),
    "outage": N_("You could not book for a while, so you were given longer"),
    "met": N_("You have booked"),
    "missed": N_("The deadline passed"),
    "lifted": N_("You need not book this any more"),
}


def cancelled(language: str, reason: str) -> str:
    """Why a booking ended, in words."""

    return text(language, OTHERS.get(reason) or CANCEL_REASONS.get(reason, CANCEL_REASONS["other"]))
