"""Every message that the product can send: its class, its texts, how long it is worth reading. One explicit list.

What a locked phone shows is chosen apart from what the member reads in the app: anything about status, colour, health,
benefit or decisions shows the generic text. Titles name no colour, and no text blames.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from backend.i18n import N_
from backend.notifications.message_type import GENERIC_BODY, GENERIC_TITLE, GIVEN, Klass, MessageType, Subject

__all__ = [
    "BY_ID",
    "CATALOGUE",
    "GENERIC_BODY",
    "GENERIC_TITLE",
    "GIVEN",
    "Klass",
    "MessageType",
    "Subject",
    "decode",
    "encode",
]

CALL_IN_APPROVED = MessageType(
    id="N04",
    klass="L",
    category="call_in",
    title=N_("You are called in to a talk"),
    body=N_("Read when and where in your timeline. If you cannot come, call us before the talk on {phone}."),
    lock_title=N_("New important message"),
    lock_body=N_("Log in and read the message from {fund}."),
    validity=timedelta(days=14),
    holds_while="call_in",
)
TALK_CANCELLED = MessageType(
    id="N06",
    klass="S",
    category="call_in",
    title=N_("The talk is cancelled"),
    body=N_("You need not come to the talk that we called you in to. Questions? Call us on {phone}."),
    validity=timedelta(days=14),
)
CLOSE_TO_AGREEMENT = MessageType(
    id="N10",
    klass="S",
    category="rating",
    title=N_("Close to what you agreed"),
    body=N_("You are {n} short of what you agreed for the last weeks. The app shows how to get there."),
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
    title=N_("Let's have a chat"),
    body=N_(
        "Your job search is a little below what we agreed. We will call you, or you can call us on {phone}. "
        "Pick a time if you like."
    ),
    validity=timedelta(days=14),
    holds_while="colour",
    smiley=True,
)
CALLED_IN_VAIN = MessageType(
    id="N12",
    klass="S",
    category="call",
    title=N_("We tried to call you"),
    body=N_("We could not reach you. Call us on {phone}, or pick a time in the app."),
    validity=timedelta(days=5),
    holds_while="call",
)
WE_WOULD_LIKE_TO_TALK = MessageType(
    id="N14",
    klass="S",
    category="rating",
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
    title=N_("Well done"),
    body=N_("Your job search is moving the right way. See where you stand in the app."),
    validity=timedelta(days=14),
    holds_while="colour",
)
THANKS_FOR_THE_TALK = MessageType(
    id="N23",
    klass="S",
    category="call",
    title=N_("Thank you for the talk"),
    body=N_("See in your timeline what comes next. Questions? Call us on {phone}."),
    validity=timedelta(days=7),
)
HOW_DID_IT_GO = MessageType(
    id="N26",
    klass="S",
    category="survey",
    title=N_("How did it go?"),
    body=N_("Three short questions about {activity}. It takes less than a minute, and you decide whether to answer."),
    validity=timedelta(days=10),
    params={"activity": str},
    example={"activity": "your workshop"},
)
ABSENCE_NOTED = MessageType(
    id="N28",
    klass="S",
    category="absence",
    title=N_("We have noted your absence"),
    body=N_("See the period in the app, and remember to tell Jobnet too. Questions? Call us on {phone}."),
    validity=timedelta(days=7),
)
EXEMPT = MessageType(
    id="N29",
    klass="S",
    category="absence",
    title=N_("You are exempt from applying for jobs"),
    body=N_("See the period in the app, and stay registered with Jobnet. Questions? Call us on {phone}."),
    validity=timedelta(days=7),
)
ANSWER = MessageType(
    id="N31",
    klass="S",
    category="answer",
    title=N_("Reply from {name}"),
    body=N_("Your question has been answered. Open the app to read it."),
    validity=timedelta(days=14),
    params={"name": str},
    example={"name": "Karen"},
)
NEW_DEVICE = MessageType(
    id="N32",
    klass="S",
    category="security",
    title=N_("New device signed in"),
    body=N_("{device} has signed in to your account. Was it not you? Call us on {phone}."),
    lock_title=N_("New device signed in"),
    lock_body=N_("Was it not you? Open the app or call us."),
    validity=timedelta(days=3),
    params={"device": str},
    example={"device": "Pixel 9"},
)

CATALOGUE = (
    CALL_IN_APPROVED,
    TALK_CANCELLED,
    CLOSE_TO_AGREEMENT,
    LET_US_TALK,
    CALLED_IN_VAIN,
    WE_WOULD_LIKE_TO_TALK,
    ON_TRACK,
    THANKS_FOR_THE_TALK,
    HOW_DID_IT_GO,
    ABSENCE_NOTED,
    EXEMPT,
    ANSWER,
    NEW_DEVICE,
)
BY_ID: Mapping[str, MessageType] = {one.id: one for one in CATALOGUE}


def encode(kind: MessageType, params: Mapping[str, object]) -> dict[str, object]:
    """The params as they are stored (dates in ISO form). Raises ValueError when they are not the catalogue's."""
    if params.keys() != kind.params.keys():
        raise ValueError(f"{kind.id} takes {sorted(kind.params)}, not {sorted(params)}.")
    for name, wanted in kind.params.items():
        if type(params[name]) is not wanted:
            raise ValueError(f"{name} of {kind.id} is to be {wanted.__name__}.")
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in params.items()}


def decode(kind: MessageType, stored: Mapping[str, object]) -> dict[str, object]:
    """Stored params as the texts want them: dates are dates again."""
    return {
        name: wanted.fromisoformat(str(stored[name])) if issubclass(wanted, date) else stored[name]
        for name, wanted in kind.params.items()
    }
