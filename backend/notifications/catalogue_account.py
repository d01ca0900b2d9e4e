"""Messages about the member's own account: decisions, answers, phones, absence, questions to the member."""

from datetime import date, timedelta

from backend.i18n import N_
from backend.notifications.message_type import IMPORTANT_BODY, IMPORTANT_TITLE, MessageType

DECISION = MessageType(
    id="N30",
    klass="L",
    category="important",
    trigger=N_("A hearing or a decision is in the member's mailbox."),
    title=IMPORTANT_TITLE,
    body=N_("There is a letter from {fund} in your mailbox. Log in and read it. Questions? Call us on {phone}."),
    lock_title=IMPORTANT_TITLE,
    lock_body=IMPORTANT_BODY,
    validity=timedelta(days=28),
    ladder=("sms", "email", "phone", "paper"),
    at_once=("sms", "email"),
)
ANSWER = MessageType(
    id="N31",
    klass="S",
    category="answer",
    trigger=N_("An adviser has answered a question or given feedback on an application."),
    title=N_("Reply from {name}"),
    body=N_("Your question has been answered. Open the app to read it, or call us on {phone}."),
    validity=timedelta(days=14),
    params={"name": str},
    example={"name": "Anne-Kathrine"},
)
CV_RETURNED = MessageType(
    id="N31.cv",
    klass="S",
    category="answer",
    trigger=N_("An adviser has looked at the CV and says what is to be better."),
    title=N_("Reply from {name}"),
    body=N_("Your CV can be better still. Open the app to read how, or call us on {phone}."),
    validity=timedelta(days=14),
    params={"name": str},
    example={"name": "Anne-Kathrine"},
    holds_while="cv",
)
NEW_DEVICE = MessageType(
    id="N32",
    klass="S",
    category="security",
    trigger=N_("A phone or browser signs in that was not known; sent to the member's other devices."),
    title=N_("New device signed in"),
    body=N_("{device} has signed in to your account. Was it not you? Call us on {phone}."),
    lock_title=N_("New device signed in"),
    lock_body=N_("Was it not you? Open the app or call us."),
    validity=timedelta(days=3),
    params={"device": str},
    example={"device": "Samsung Galaxy S26 Ultra"},
    ladder=("sms",),
)
HOW_DID_IT_GO = MessageType(
    id="N26",
    klass="S",
    category="survey",
    trigger=N_("A talk, workshop or touchpoint is over and the member is drawn for a survey."),
    title=N_("How did it go?"),
    body=N_(
        "Three short questions about {activity}. It takes less than a minute, and you decide whether to answer. "
        "Would you rather talk? Call us on {phone}."
    ),
    validity=timedelta(days=10),
    params={"activity": str},
    example={"activity": "Skriv dig i job"},
    holds_while="invitation",
    hours="daytime",
    instead=("email",),
)
SOMETHING_CHANGED = MessageType(
    id="N26.changed",
    klass="S",
    category="survey",
    trigger=N_("An organiser has changed something because of what members answered."),
    title=N_("We have changed something"),
    body=N_("You and others told us how it went. See what we have changed. Questions? Call us on {phone}."),
    validity=timedelta(days=14),
)
ABSENCE_NOTED = MessageType(
    id="N28",
    klass="S",
    category="absence",
    trigger=N_("Holiday or illness was reported."),
    title=N_("We have noted your absence"),
    body=N_("See the period in the app, and remember to tell Jobnet too. Questions? Call us on {phone}."),
    validity=timedelta(days=7),
    holds_while="exemption",
)
EXEMPT = MessageType(
    id="N29",
    klass="S",
    category="absence",
    trigger=N_("The member is granted less intensive effort until a day."),
    title=N_("You are exempt from applying for jobs"),
    body=N_("It holds until {until}. Stay registered with Jobnet. Questions? Call us on {phone}."),
    validity=timedelta(days=7),
    params={"until": date},
    example={"until": date(2026, 9, 23)},
    holds_while="exemption",
    ladder=("email",),
)
EXEMPT_OPEN = MessageType(
    id="N29.open",
    klass="S",
    category="absence",
    trigger=N_("The member is granted less intensive effort, with no last day yet."),
    title=N_("You are exempt from applying for jobs"),
    body=N_("See the period in the app, and stay registered with Jobnet. Questions? Call us on {phone}."),
    validity=timedelta(days=7),
    holds_while="exemption",
    ladder=("email",),
)

ACCOUNT = (
    HOW_DID_IT_GO,
    SOMETHING_CHANGED,
    ABSENCE_NOTED,
    EXEMPT,
    EXEMPT_OPEN,
    DECISION,
    ANSWER,
    CV_RETURNED,
    NEW_DEVICE,
)
