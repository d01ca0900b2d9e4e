"""Messages about the rating and the service call. What a locked phone shows of them says nothing."""

from datetime import date, timedelta

from backend.i18n import N_
from backend.notifications.message_type import MessageType

CLOSE_TO_AGREEMENT = MessageType(
    id="N10",
    klass="S",
    category="rating",
    trigger=N_("The rating is good, but a little below the agreement; at most once a week."),
    title=N_("Close to what you agreed"),
    body=N_(
        "You are {n} short of what you agreed for the last weeks. The app shows how to get there. "
        "You can always call us on {phone}."
    ),
    validity=timedelta(days=14),
    params={"n": int},
    example={"n": 2},
    holds_while="colour",
    smiley=True,
)
LET_US_TALK = MessageType(
    id="N11",
    klass="S",
    category="rating",
    trigger=N_("The rating falls below the agreement, and a service call is to be made."),
    title=N_("Let's have a chat"),
    body=N_(
        "Your job search is a little below what we agreed. We will call you, or you can call us on {phone}. "
        "Pick a time if you like."
    ),
    validity=timedelta(days=14),
    holds_while="colour",
    ladder=("sms",),
    smiley=True,
)
CALLED_IN_VAIN = MessageType(
    id="N12",
    klass="S",
    category="call",
    trigger=N_("Two tries of the service call did not reach the member."),
    title=N_("We tried to call you"),
    body=N_("We could not reach you, and will try again {day:weekday} {day:day}. You can also call us on {phone}."),
    validity=timedelta(days=5),
    ends_with="day",
    params={"day": date},
    example={"day": date(2026, 9, 23)},
    holds_while="call",
    ladder=("sms",),
)
WE_WOULD_LIKE_TO_TALK = MessageType(
    id="N14",
    klass="S",
    category="rating",
    trigger=N_("The rating falls far below the agreement; people look at it before anything is decided."),
    title=N_("We would like to talk with you"),
    body=N_("We are looking at how we can best help your job search along. You can always call us on {phone}."),
    validity=timedelta(days=14),
    holds_while="colour",
    smiley=True,
)
ON_TRACK = MessageType(
    id="N15",
    klass="S",
    category="rating",
    trigger=N_("The rating has improved."),
    title=N_("Well done"),
    body=N_("Your job search is moving the right way. See where you stand in the app, or call us on {phone}."),
    validity=timedelta(days=14),
    holds_while="colour",
)
THANKS_FOR_THE_TALK = MessageType(
    id="N23.call",
    klass="S",
    category="call",
    trigger=N_("A service call has ended."),
    title=N_("Thank you for the talk"),
    body=N_("See in your timeline what comes next. Questions? Call us on {phone}."),
    validity=timedelta(days=7),
)

RATING = (CLOSE_TO_AGREEMENT, LET_US_TALK, CALLED_IN_VAIN, WE_WOULD_LIKE_TO_TALK, ON_TRACK, THANKS_FOR_THE_TALK)
