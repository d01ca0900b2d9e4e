"""Messages about the job log: nothing written, uploads missing, a last day."""

from datetime import date, timedelta

from backend.i18n import N_
from backend.notifications.message_type import IMPORTANT_BODY, IMPORTANT_TITLE, MessageType

NOTHING_THIS_WEEK = MessageType(
    id="N08",
    klass="R",
    category="job_log",
    trigger=N_("Thursday 10:00, when nothing is logged this week and the agreement is not met."),
    title=N_("Have you applied for jobs this week?"),
    body=N_("Write it in the job log; it takes a minute. Need help to find jobs? Call us on {phone}."),
    # Not on Friday, when the week looks different.
    validity=timedelta(hours=12),
    holds_while="job_log",
)
NOTHING_LAST_WEEK = MessageType(
    id="N09",
    klass="R",
    category="job_log",
    trigger=N_("Monday 10:00, when last week is empty."),
    title=N_("Last week is missing in your job log"),
    body=N_("There is still time to write down what you applied for. Need a hand? Call us on {phone}."),
    validity=timedelta(days=1, hours=12),
    holds_while="job_log",
)
DEADLINE_FOR_LOG = MessageType(
    id="N13",
    klass="L",
    category="important",
    trigger=N_("After a service call the member gets about a week to fill in the job log or uploads."),
    title=N_("Update your job log by {date}"),
    body=N_(
        "If it is still missing after {date}, we may call you in to a talk about your availability. "
        "Need help, or more time? Call us on {phone}."
    ),
    lock_title=IMPORTANT_TITLE,
    lock_body=IMPORTANT_BODY,
    validity=timedelta(days=14),
    params={"date": date},
    example={"date": date(2026, 9, 23)},
    holds_while="job_log",
    ladder=("sms", "phone", "paper"),
)
NOTHING_THIS_MONTH = MessageType(
    id="N16",
    klass="R",
    category="job_log",
    trigger=N_("The 20th, when nothing is logged in the month."),
    title=N_("No jobs logged in {month:month}"),
    body=N_(
        "Write down what you applied for before the month ends; it can affect your unemployment benefit. "
        "Need help? Call us on {phone}."
    ),
    validity=timedelta(days=8),
    params={"month": date},
    example={"month": date(2026, 9, 1)},
    holds_while="job_log",
    ladder=("sms",),
)
UPLOADS_MISSING = MessageType(
    id="N17",
    klass="R",
    category="job_log",
    trigger=N_("The 24th and the last weekday of the month, when agreed uploads are missing."),
    title=N_("Remember to upload applications"),
    body=N_("Still to upload this month: {n}. Your agreement is {m} a month. Questions? Call us on {phone}."),
    validity=timedelta(days=3),
    params={"n": int, "m": int},
    example={"n": 2, "m": 4},
    holds_while="uploads",
)

LOG = (NOTHING_THIS_WEEK, NOTHING_LAST_WEEK, DEADLINE_FOR_LOG, NOTHING_THIS_MONTH, UPLOADS_MISSING)
