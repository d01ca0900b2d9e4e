"""What the evidence sheet of a call-in says, as English msgids. Facts only, no judgement of anybody."""

from collections.abc import Mapping

from backend.i18n import N_

# Heading, and what stands there when nothing was found.
PARTS: Mapping[str, tuple[str, str]] = {
    "member": (
        N_("What speaks for the member"),
        N_("Nothing of the kind is known. The member may still have a reason."),
    ),
    "entries": (N_("The job log of eight weeks"), N_("Nothing is logged.")),
    "exemptions": (N_("Exemptions"), N_("There are none.")),
    "requirements": (N_("What was agreed"), N_("Nothing is agreed yet.")),
    "calls": (N_("Service calls"), N_("Nobody has rung.")),
    "disputes": (N_("Objections"), N_("There are none.")),
}

FOR_THE_MEMBER: Mapping[str, str] = {
    "improved": N_("The colour has improved since the proposal, on {on}."),
    "late_entry": N_(
        "1 application was logged more than {days} days after it was sent; the rating may have missed it."
    ),
    "late_entries": N_(
        "{n} applications were logged more than {days} days after they were sent; the rating may have missed them."
    ),
    "pending": N_("An exemption is on its way, from {from_on}."),
    "exempt": N_("The member was exempt for some of the time, from {from_on}."),
    "disputed": N_("The member says that a rating is wrong, and has no answer yet."),
    "never_rung": N_("Nobody has rung the member about it."),
    "never_reached": N_("We rang, and never reached the member."),
}

ENTRY = N_("{day}: {what}.")
LOGGED_A_DAY_LATER = N_("Logged a day later.")
LOGGED_LATER = N_("Logged {days} days later.")
UPLOADED = N_("The application is uploaded.")
WITHDRAWN = N_("The member has deleted it.")
CHANNELS: Mapping[str, str] = {
    "posted": N_("An advertised job."),
    "unsolicited": N_("Unsolicited."),
    "network": N_("Through people the member knows."),
    "agency": N_("Through an agency."),
    "contacted": N_("The employer made contact."),
}
STATUSES: Mapping[str, str] = {
    "planned": N_("Planned, not sent yet."),
    "interview": N_("An interview."),
    "rejected": N_("Turned down."),
    "hired": N_("Hired."),
    "withdrawn": N_("The member did not go on with it."),
}

PERIOD = N_("{kind}, {from_on} to {to_on}.")
OPEN_PERIOD = N_("{kind}, from {from_on}, without an end.")
PENDING = N_("It has not begun yet.")
KINDS: Mapping[str, str] = {
    "ferie": N_("Holiday"),
    "sygdom": N_("Sickness"),
    "barsel": N_("Parental leave"),
    "mindre_intensiv_indsats": N_("Exempt from searching for work"),
    "jobrettet_uddannelse_6_uger": N_("A course of up to six weeks"),
    "afmeldt": N_("Not registered as unemployed"),
    "fuldtidsarbejde": N_("Full-time work"),
    "arbejdsfordeling": N_("Work sharing"),
    "joblog_fritaget": N_("Exempt from the job log"),
    "virksomhedspraktik": N_("Work placement"),
    "loentilskud": N_("Job with a wage subsidy"),
    "afventer_tidlig_pension": N_("Waits for early retirement"),
}

REQUIREMENT = N_(
    "From {day} {year}: {min_per_week} applications a week, of these {min_posted_per_week} to advertised jobs, and"
    " {uploads_per_month} uploaded a month."
)

CALL = N_("Service call of {day}: {state}.")
CALL_STATES: Mapping[str, str] = {
    "open": N_("waits"),
    "claimed": N_("being made"),
    "suspended": N_("rests"),
    "done": N_("done"),
    "closed": N_("no longer needed"),
}
OUTCOME = N_("Outcome: {outcome}.")
OUTCOMES: Mapping[str, str] = {
    "agreed_plan": N_("a plan was agreed"),
    "misregistered": N_("the log was wrong"),
    "exempt": N_("the member is exempt"),
    "needs_help": N_("the member needs help"),
    "not_reached": N_("not reached"),
}
TRIED = N_("{at}: {result}.")
RESULTS: Mapping[str, str] = {
    "no_answer": N_("no answer"),
    "busy": N_("busy"),
    "wrong_number": N_("wrong number"),
    "reached": N_("reached"),
}
DISPUTE = N_("{day}: “{text}”")
