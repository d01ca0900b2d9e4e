"""What codes of the API are called on the pages of staff: English msgids by code."""

from collections.abc import Mapping

from backend.booking.texts import CANCEL_REASONS, OTHERS
from backend.i18n import N_
from backend.talks.texts import FORMS

Words = Mapping[str, str]

EXEMPTIONS: Words = {
    "ferie": N_("Holiday"),
    "sygdom": N_("Illness"),
    "barsel": N_("Parental leave"),
    "mindre_intensiv_indsats": N_("Less intensive effort"),
    "jobrettet_uddannelse_6_uger": N_("Six weeks of job-oriented education"),
    "afmeldt": N_("Not registered as unemployed"),
    "fuldtidsarbejde": N_("Full-time work"),
    "arbejdsfordeling": N_("Work sharing"),
    "joblog_fritaget": N_("Exempt from the job log"),
    "virksomhedspraktik": N_("Work placement"),
    "loentilskud": N_("Job with a wage subsidy"),
    "afventer_tidlig_pension": N_("Waiting for early pension"),
    "exempt": N_("Exempt"),
}
STATUSES: Words = {
    "planned": N_("Planned"),
    "applied": N_("Applied"),
    "interview": N_("Interview"),
    "rejected": N_("Turned down"),
    "hired": N_("Hired"),
    "withdrawn": N_("Given up"),
}
WAYS: Words = {
    "posted": N_("Advertised job"),
    "unsolicited": N_("Unsolicited"),
    "network": N_("Network"),
    "agency": N_("Temp agency"),
    "contacted": N_("Was contacted"),
}
CALLS: Words = {
    "open": N_("Waiting to be made"),
    "claimed": N_("Being made"),
    "suspended": N_("Waits until an exemption ends"),
    "done": N_("Made"),
    "closed": N_("No longer needed"),
}
OUTCOMES: Words = {
    "agreed_plan": N_("Agreed what to do"),
    "misregistered": N_("The log was wrong"),
    "exempt": N_("Exempt"),
    "needs_help": N_("Needs help"),
    "not_reached": N_("Not reached"),
}
CALL_INS: Words = {
    "proposed": N_("Waits for a decision"),
    "approved": N_("Approved"),
    "rejected": N_("Rejected"),
    "cancelled": N_("Cancelled"),
    "held": N_("Held"),
    "no_show": N_("The member did not come"),
}
DISPUTES: Words = {
    "open": N_("Waits for an answer"),
    "upheld": N_("The member was right"),
    "dismissed": N_("The rating stands"),
    "withdrawn": N_("Taken back"),
}
ITEMS: Words = {
    "planned": N_("Planned"),
    "booked": N_("Booked"),
    "done": N_("Done"),
    "missed": N_("Missed"),
    "skipped": N_("Not needed"),
    "cancelled": N_("Cancelled"),
}
BOOKINGS: Words = {
    "held": N_("Kept free for some minutes"),
    "booked": N_("Booked"),
    "cancelled": N_("Cancelled"),
    "expired": N_("Not confirmed in time"),
    "attended": N_("Came"),
    "absent": N_("Did not come"),
}
AGREEMENTS: Words = {"open": N_("Open"), "done": N_("Done"), "dropped": N_("Dropped")}
CVS: Words = {
    "missing": N_("Nobody has looked at it yet"),
    "returned": N_("Returned to the member"),
    "approved": N_("Approved"),
}
MISSING: Words = {
    "plan": N_("a plan"),
    "job_goals": N_("a clear job goal"),
    "effort_areas": N_("where the effort goes"),
    "search_strategy": N_("a detailed search strategy"),
    "requirement": N_("the numbers for the search"),
    "acknowledgement": N_("that the member confirms it"),
}
CHANNELS: Words = {
    "push": N_("Push"),
    "sms": N_("SMS"),
    "email": N_("E-mail"),
    "mailbox": N_("Digital mailbox"),
    "paper": N_("Letter by post"),
    "phone": N_("A call by a person"),
}
STEPS: Words = {
    "created": N_("Written"),
    "step": N_("Went on to"),
    "waiting": N_("Is to be sent"),
    "ended": N_("Ended"),
    "replayed": N_("Tried again"),
    "read": N_("Read by the member"),
}
DELIVERIES: Words = {
    "due": N_("Waiting"),
    "sending": N_("Being sent"),
    "sent": N_("Sent"),
    "gone": N_("The phone has no app any more"),
    "rejected": N_("Refused by the provider"),
    "expired": N_("Too late to send"),
    "cancelled": N_("No longer needed"),
    "failed": N_("Did not get through"),
    "bundled": N_("Told together with others"),
}
LADDER: Words = {
    "created": N_("from the start"),
    "at_once": N_("at once"),
    "not_delivered": N_("the step before did not arrive"),
    "no_device": N_("the member has no phone with the app"),
    "unread": N_("it was not read"),
    "exempt": N_("the member is exempt from digital mail"),
}
NOTICES: Words = {
    "created": N_("Written"),
    "rendered": N_("The letter was made"),
    "available": N_("Lay in the mailbox, or went out by post"),
    "announced": N_("The member was told"),
    "undelivered": N_("Did not get through"),
    "opened": N_("Opened by the member"),
    "downloaded": N_("Downloaded by the member"),
    "posted": N_("Sent by post"),
    "returned": N_("Came back"),
    "explanation": N_("The member explained"),
    "contact": N_("Talked about with the member"),
    "cancelled": N_("No longer applies"),
}
REASONS: Words = {**CANCEL_REASONS, **OTHERS}
WAYS_OF_TALKS: Words = FORMS
SOURCES: Words = {"import": N_("the fund's records"), "staff": N_("a person"), "app": N_("the app"),
                  "member": N_("the member"), "my_plan": N_("Min Plan"), "talk": N_("a talk")}  # fmt: skip
RISKS: Words = {"low": N_("Low"), "high": N_("High")}
