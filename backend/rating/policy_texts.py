"""What each value of the rule is called and does, in words for those who decide on it. English msgids."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from backend.i18n import N_

Unit = Literal["weeks", "days", "times", "day of the month", "statuses"]


class Words(NamedTuple):
    label: str
    meaning: str
    unit: Unit


# In the order in which the rule uses them.
WORDS: Mapping[str, Words] = {
    "window_weeks": Words(
        N_("Weeks looked at"),
        N_("How many whole weeks before the rating are looked at. More weeks make the colour calmer and slower."),
        "weeks",
    ),
    "green_enter_ratio": Words(
        N_("To become green"),
        N_("Applications that count, as a part of those agreed, to become green. 1 is exactly what was agreed."),
        "times",
    ),
    "green_stay_ratio": Words(
        N_("To stay green"),
        N_("The same for somebody who is green already. Lower, so that one bad week changes nothing."),
        "times",
    ),
    "red_ratio": Words(
        N_("Red below"),
        N_("Below this part of what was agreed the colour is red."),
        "times",
    ),
    "yellow_zero_weeks": Words(
        N_("Yellow after empty weeks"),
        N_("So many weeks in a row without an application that counts give yellow."),
        "weeks",
    ),
    "red_zero_weeks": Words(
        N_("Red after empty weeks"),
        N_("So many weeks in a row without an application that counts give red."),
        "weeks",
    ),
    "week_due_min_days": Words(
        N_("Days that make a week count"),
        N_("A week with fewer days of job search (holidays, illness) is never an empty week."),
        "days",
    ),
    "grace_due_days": Words(
        N_("Days before the first colour"),
        N_("Days of job search from the start of the unemployment before a new member has a colour."),
        "days",
    ),
    "min_due_days_window": Words(
        N_("Days needed to judge"),
        N_("With fewer days of job search in the weeks looked at the colour stays as it was."),
        "days",
    ),
    "upload_grace_day": Words(
        N_("Uploads are looked at from"),
        N_("The day of the month from which last month's uploaded applications are asked for."),
        "day of the month",
    ),
    "duplicate_days": Words(
        N_("Days between the same applications"),
        N_("Applying for the same job at the same employer again counts only after so many days."),
        "days",
    ),
    "call_protection_days": Words(
        N_("Days of rest after a call"),
        N_("So many days after a service call the colour does not get worse."),
        "days",
    ),
    "yellow_max_weeks_after_call": Words(
        N_("Weeks from a call to a talk"),
        N_("Who is still yellow so many weeks after the first call becomes red and is proposed for a talk."),
        "weeks",
    ),
    "counting_statuses": Words(
        N_("Statuses that count"),
        N_("Applications in the job log with one of these statuses count."),
        "statuses",
    ),
}
UNITS: Mapping[Unit, str] = {
    "weeks": N_("weeks"),
    "days": N_("days"),
    "times": N_("times what was agreed"),
    "day of the month": N_("day of the month"),
    "statuses": N_("statuses"),
}
STATUSES: Mapping[str, str] = {
    "planned": N_("Planned"),
    "applied": N_("Applied"),
    "interview": N_("Interview"),
    "rejected": N_("Rejected"),
    "hired": N_("Hired"),
    "withdrawn": N_("Withdrawn"),
}
