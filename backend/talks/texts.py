"""What talks say in words: kinds, forms, reasons, the checklist, the agenda. In the reader's language."""

from collections.abc import Mapping

from backend.booking import texts as booking_texts
from backend.i18n import N_, text
from backend.talks.rules_agenda import Point

TYPES: Mapping[str, str] = {
    "cv_talk": N_("CV talk"),
    "job_talk": N_("Job talk"),
    "availability_talk": N_("Availability talk"),
    "joint_talk": N_("Joint talk with the jobcentre"),
    "sparring_talk": N_("Sparring talk"),
    "follow_up": N_("Follow-up"),
}
FORMS: Mapping[str, str] = {
    "personal": N_("In person"),
    "phone": N_("By phone"),
    "video": N_("By video"),
    "letter": N_("By letter"),
}
CHAIRS: Mapping[str, str] = {
    "fund": N_("The fund"),
    "jobcentre": N_("The jobcentre"),
    "other_provider": N_("Another provider"),
}
UNKNOWN = N_("Nobody has heard why")
POINTS: Mapping[str, str] = {
    "cv": N_("Your CV is ready on Jobnet"),
    "plan_draft": N_("You have written a draft of your plan on Jobnet"),
    "form": N_("You have filled in the preparation form"),
}
AGENDA: Mapping[str, str] = {
    "wish": N_("What the member wishes to talk about"),
    "absence": N_("Why the last talk was missed, and how to make the next one easier"),
    "agreements": N_("What was agreed last time: {n} open, {overdue} past their day"),
    "card": N_("The benefit card of {month:month} is missing"),
    "log_gaps": N_("Weeks without entries in the job log: {n} of the last 4"),
    "search": N_("The job search compared with the agreement, and what would help"),
    "uploads": N_("Applications to upload: {n} are missing"),
    "cv_missing": N_("The CV: look at it together and approve it"),
    "cv_returned": N_("The CV: what was to be better"),
    "prepare": N_("What is not ready yet for the first talk"),
    "plan": N_("The plan: goals, effort and a detailed strategy"),
    "handover": N_("The handover to the jobcentre around {date}"),
    "jobs": N_("Jobs to apply for now"),
}


def absence(language: str, reason: str) -> str:
    """Why the member was absent, in words."""
    return text(language, UNKNOWN) if reason == "unknown" else booking_texts.cancelled(language, reason)


def point(language: str, one: Point) -> str:
    """A point of the agenda as a line."""
    return text(language, AGENDA[one.code], **one.params)
