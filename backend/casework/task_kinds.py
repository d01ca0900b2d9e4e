"""Every kind of task, and what it is called. A task of a kind that is not listed is not opened."""

from collections.abc import Mapping

from backend.i18n import N_, text

# A new kind needs its line here and nothing else.
TITLES: Mapping[str, str] = {
    "unread_notice": N_("Ring the member: an important message is unread"),
    "booking_missed": N_("Ring the member: a time was not booked by the deadline"),
    "agreement": N_("Follow up on an agreement"),
    "contact_me": N_("The member asks to be contacted"),
    "benefit_card": N_("Ring the member: the benefit card is missing, and today is the last day"),
    "no_show": N_("Ring the member today: they did not come to a talk"),
    "not_ready": N_("Ring the member: the first talk is near, and they are not ready for it"),
    "talk_to_close": N_("Say who came to a talk, and close its minutes"),
    "decision_letter": N_("Read a decision about the member, and send it or send it back"),
    "hearing_over": N_("The time to answer a hearing is over: go on with the case"),
    "plan_review": N_("Look at the member's plan"),
}


def title(language: str, kind: str) -> str:
    """What is to be done, in words."""
    return text(language, TITLES[kind])
