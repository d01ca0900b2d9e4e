"""What members choose between: every kind of message is of one of these, told in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from backend.i18n import N_


@dataclass(frozen=True, slots=True)
class Category:
    """A group of messages as the member sees it: what it is called, and what it brings."""

    key: str
    label: str
    help: str


# In the order in which they are shown.
CATEGORIES = (
    Category(
        "important",
        N_("Important letters"),
        N_("Letters with a deadline or a decision. They always come; you choose how we tell you."),
    ),
    Category(
        "talk",
        N_("Talks and bookings"),
        N_("Your time is booked, moved or near, a booking deadline, minutes of a talk."),
    ),
    Category("course", N_("Your way to a job"), N_("First steps, CV, workshops and seats, and what comes next.")),
    Category("job_log", N_("Your job log"), N_("A reminder when entries or uploads are missing.")),
    Category("rating", N_("How your job search is going"), N_("News about where you stand with your agreement.")),
    Category("call", N_("Calls from us"), N_("When we tried to call you, and after a call.")),
    Category("benefit", N_("Benefit card"), N_("When the card is ready to send, and when it is missing.")),
    Category("task", N_("Your own tasks"), N_("Reminders of what you have agreed or set yourself.")),
    Category("jobs", N_("New jobs"), N_("What your job agents found, at most once a day.")),
    Category("answer", N_("Answers"), N_("An adviser has answered you, or looked at your application.")),
    Category("absence", N_("Absence"), N_("We have noted your holiday, illness or exemption.")),
    Category("survey", N_("Your opinion"), N_("Short questions after talks and workshops. Answering is up to you.")),
    Category("news", N_("News from us"), N_("What the fund has to tell many members at once.")),
    Category("security", N_("Your account"), N_("A new phone or browser has signed in.")),
)
BY_KEY: Mapping[str, Category] = {one.key: one for one in CATEGORIES}
