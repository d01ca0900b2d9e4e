"""Messages about the course of a spell: the start, what to book, the CV, own tasks, jobs found, the handover."""

from datetime import date, datetime, timedelta

from backend.clock import COPENHAGEN
from backend.i18n import N_
from backend.notifications.message_type import IMPORTANT_BODY, IMPORTANT_TITLE, MessageType

DAY = date(2026, 9, 23)

WELCOME = MessageType(
    id="N01",
    klass="S",
    category="course",
    trigger=N_("A spell of unemployment has started; the same day."),
    title=N_("Welcome – let's get started"),
    body=N_("See your first steps in the timeline. Questions? Call us on {phone}."),
    validity=timedelta(days=7),
    holds_while="spell",
    ladder=("email",),
)
PLAN_CHANGED = MessageType(
    id="N01.changed",
    klass="S",
    category="course",
    trigger=N_("The member was given another plan; what was done stays, the rest changes."),
    title=N_("Your course has changed"),
    body=N_("See in your timeline what is new and why. Questions? Call us on {phone}."),
    validity=timedelta(days=14),
    holds_while="spell",
    ladder=("email",),
)
BOOK_FIRST_TALK = MessageType(
    id="N02",
    klass="L",
    category="important",
    trigger=N_("The first talk must be booked; on the first day or the next, with at least eight days to do it."),
    title=N_("Book your first talk"),
    body=N_(
        "Book by {date}. If you do not, you may be deregistered on Jobnet and lose your benefit. "
        "Need help to book? Call us on {phone}."
    ),
    lock_title=IMPORTANT_TITLE,
    lock_body=IMPORTANT_BODY,
    validity=timedelta(days=14),
    params={"date": date},
    example={"date": DAY},
    holds_while="deadline",
    ladder=("sms", "phone", "paper"),
)
REMEMBER_TO_BOOK = MessageType(
    id="N03",
    klass="R",
    category="talk",
    trigger=N_("A booking deadline is three days ahead, and again one day ahead."),
    title=N_("Remember to book a time"),
    body=N_("You can book until {date}. Cannot find a time? Call us on {phone}."),
    lock_title=N_("Remember to book a time"),
    lock_body=N_("Open the app to see how long you can book."),
    validity=timedelta(days=3),
    ends_with="date",
    params={"date": date},
    example={"date": DAY},
    holds_while="deadline",
    ladder=("sms",),
)
CV_NOT_READY = MessageType(
    id="N18",
    klass="R",
    category="course",
    trigger=N_("The CV is not approved on day 7 and day 11."),
    title=N_("Get your CV ready"),
    body=N_("It must be on Jobnet by {date}. Need help with it? Call us on {phone}."),
    validity=timedelta(days=4),
    ends_with="date",
    params={"date": date},
    example={"date": DAY},
    holds_while="cv",
    ladder=("sms",),
)
TIME_FOR = MessageType(
    id="N21",
    klass="S",
    category="course",
    trigger=N_("The window of an item of the member's plan opens."),
    title=N_("Time for {activity}"),
    body=N_("Book a place by {date}. Questions? Call us on {phone}."),
    validity=timedelta(days=14),
    ends_with="date",
    params={"activity": str, "date": date},
    example={"activity": "Skriv dig i job", "date": DAY},
    holds_while="obligation",
)
SEAT_FREE = MessageType(
    id="N22",
    klass="S",
    category="course",
    trigger=N_("A seat has come free for the next in the waiting list."),
    title=N_("A seat is free"),
    body=N_("{activity}: confirm by {until}, then the seat goes to the next in line. Questions? Call us on {phone}."),
    lock_title=N_("A seat is free"),
    lock_body=N_("Open the app and confirm, before it goes to the next in line."),
    validity=timedelta(days=2),
    ends_with="until",
    params={"activity": str, "until": datetime},
    example={"activity": "Skriv dig i job", "until": datetime(2026, 9, 23, 14, 30, tzinfo=COPENHAGEN)},
    holds_while="seat",
    ladder=("sms",),
)
OWN_TASK = MessageType(
    id="N24",
    klass="R",
    category="task",
    trigger=N_("A task or agreement of the member's own is due in two days."),
    title=N_("Remember: {task}"),
    body=N_("You set yourself until {date}. Need a hand, or more time? Call us on {phone}."),
    validity=timedelta(days=2),
    ends_with="date",
    params={"task": str, "date": date},
    example={"task": "Ring til to arbejdsgivere", "date": DAY},
    holds_while="task",
    hours="own",
)
NEW_JOBS = MessageType(
    id="N25",
    klass="S",
    category="jobs",
    trigger=N_("The member's job agents found new jobs; one message a day at 9:00."),
    title=N_("New jobs that match your search"),
    body=N_("Found since yesterday: {n}. See them in the app. Want to talk them over? Call us on {phone}."),
    validity=timedelta(days=1),
    params={"n": int},
    example={"n": 12},
)
HANDOVER = MessageType(
    id="N27",
    klass="S",
    category="course",
    trigger=N_("The handover to the jobcentre is three weeks ahead, and again one week ahead."),
    title=N_("You move to the jobcentre around {date}"),
    body=N_("See in the app what happens and whom you can ask. You can also call us on {phone}."),
    validity=timedelta(days=7),
    ends_with="date",
    params={"date": date},
    example={"date": DAY},
    holds_while="spell",
    ladder=("email",),
)

COURSE = (
    WELCOME,
    PLAN_CHANGED,
    BOOK_FIRST_TALK,
    REMEMBER_TO_BOOK,
    CV_NOT_READY,
    TIME_FOR,
    SEAT_FREE,
    OWN_TASK,
    NEW_JOBS,
    HANDOVER,
)
