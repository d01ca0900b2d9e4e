"""Messages about talks: called in, reminded, booked, moved, cancelled, missed, written up."""

from datetime import datetime, timedelta

from backend.clock import COPENHAGEN
from backend.i18n import N_
from backend.notifications.message_type import IMPORTANT_BODY, IMPORTANT_TITLE, MessageType

# The longest weekday and month that there are.
WHEN = datetime(2026, 9, 23, 14, 30, tzinfo=COPENHAGEN)

CALLED_IN = MessageType(
    id="N04",
    klass="L",
    category="important",
    trigger=N_("A person has approved that the member is called in to a talk."),
    title=IMPORTANT_TITLE,
    body=N_(
        "There is a letter about a talk in your mailbox. Log in and read it. Cannot come? Call us first on {phone}."
    ),
    lock_title=IMPORTANT_TITLE,
    lock_body=IMPORTANT_BODY,
    validity=timedelta(days=14),
    holds_while="call_in",
    ladder=("sms", "email", "phone", "paper"),
    at_once=("sms", "email"),
)
TALK_REMINDER = MessageType(
    id="N05",
    klass="R",
    category="talk",
    trigger=N_("A talk is two working days ahead; and again on the day, at 8:00 or three hours before."),
    title=N_("Talk {at:weekday} at {at:time}"),
    body=N_("{at:day} at {at:time}: {place}. Can't make it? Tell us before the talk: in the app, or on {phone}."),
    lock_title=N_("Talk {at:weekday} at {at:time}"),
    lock_body=N_("Can't make it? Tell us before the talk, in the app or by phone."),
    validity=timedelta(days=5),
    ends_with="at",
    params={"at": datetime, "place": str},
    example={"at": WHEN, "place": "Metalafdelingen, Nørre Farimagsgade 15, 1364 København K"},
    holds_while="talk",
    ladder=("sms",),
    capped=False,
)
GET_READY = MessageType(
    id="N05.prepare",
    klass="R",
    category="talk",
    trigger=N_("The first talk is four working days ahead, and the member is not ready for it."),
    title=N_("Get ready for your first talk"),
    body=N_("See in the app what is left to do before {at:weekday} {at:day}. Need help with it? Call us on {phone}."),
    lock_title=N_("Get ready for your first talk"),
    lock_body=N_("Open the app to see what is left to do."),
    validity=timedelta(days=4),
    ends_with="at",
    params={"at": datetime},
    example={"at": WHEN},
    holds_while="talk",
)
TALK_BOOKED = MessageType(
    id="N06",
    klass="S",
    category="talk",
    trigger=N_("The member, or somebody for them, has booked a talk or a seat."),
    title=N_("Your time is booked"),
    body=N_("{at:weekday} {at:day} at {at:time}. Put it in your calendar. Questions? Call us on {phone}."),
    lock_title=N_("Your time is booked"),
    lock_body=N_("Open the app to see when, and to put it in your calendar."),
    validity=timedelta(days=7),
    ends_with="at",
    params={"at": datetime},
    example={"at": WHEN},
    holds_while="talk",
)
TALK_CHANGED = MessageType(
    id="N06.changed",
    klass="S",
    category="talk",
    trigger=N_("A booked talk or seat is moved to another time."),
    title=N_("Your time has changed"),
    body=N_("The new time is {at:weekday} {at:day} at {at:time}. Does it not suit you? Call us on {phone}."),
    lock_title=N_("Your time has changed"),
    lock_body=N_("Open the app to see the new time."),
    validity=timedelta(days=7),
    ends_with="at",
    params={"at": datetime},
    example={"at": WHEN},
    holds_while="talk",
    ladder=("sms",),
    hours="same_day",
    capped=False,
)
TALK_CANCELLED = MessageType(
    id="N06.cancelled",
    klass="S",
    category="talk",
    trigger=N_("A talk that was booked, or that the member was called in to, will not be held."),
    title=N_("The talk is cancelled"),
    body=N_("You need not come on {at:day} at {at:time}. Questions, or a new time? Call us on {phone}."),
    lock_title=N_("Your time is cancelled"),
    lock_body=N_("Open the app to read more."),
    validity=timedelta(days=7),
    ends_with="at",
    params={"at": datetime},
    example={"at": WHEN},
    ladder=("sms",),
    hours="same_day",
    capped=False,
)
MISSED = MessageType(
    id="N07",
    klass="L",
    category="important",
    trigger=N_("It was registered the same day that the member did not come to a talk."),
    title=N_("We missed you today"),
    body=N_(
        "Contact us as soon as possible, on {phone}. You get no benefit from today until we have heard from you, "
        "unless you had a lawful reason to be absent."
    ),
    lock_title=IMPORTANT_TITLE,
    lock_body=IMPORTANT_BODY,
    validity=timedelta(days=14),
    holds_while="no_show",
    ladder=("phone", "paper"),
    at_once=("phone",),
)
MINUTES = MessageType(
    id="N23",
    klass="S",
    category="talk",
    trigger=N_("The minutes of a talk are written."),
    title=N_("Your minutes are ready"),
    body=N_("See what we agreed at your talk. Anything that is not right? Call us on {phone}."),
    validity=timedelta(days=14),
)

TALKS = (CALLED_IN, TALK_REMINDER, GET_READY, TALK_BOOKED, TALK_CHANGED, TALK_CANCELLED, MISSED, MINUTES)
