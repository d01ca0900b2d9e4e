"""Messages that a coordinator writes to many members. Their texts are data (tables_texts.py); their rules are here.

Outside the app they say nothing of what they are about: not on a locked phone, in no SMS.
"""

from datetime import timedelta
from typing import Literal

from backend.i18n import N_
from backend.notifications.message_type import MessageType

BroadcastKlass = Literal["R", "S"]
BroadcastCategory = Literal["news", "talk", "course", "job_log", "benefit", "jobs"]
KLASSES: tuple[BroadcastKlass, ...] = ("R", "S")
CATEGORIES: tuple[BroadcastCategory, ...] = ("news", "talk", "course", "job_log", "benefit", "jobs")
# The id of the text, which is the broadcast's own.
TEXT = "broadcast"


def key(klass: str, category: str) -> str:
    """The catalogue's key of a broadcast's messages."""
    return f"B{klass}.{category}"


BROADCASTS = tuple(
    MessageType(
        id=key(klass, category),
        klass=klass,
        category=category,
        trigger=N_("A coordinator has written to many members, and a colleague has approved it."),
        title=N_("News from {fund}"),
        body=N_("There is news for you in the app. Questions? Call us on {phone}."),
        validity=timedelta(days=7),
        params={TEXT: str},
        example={TEXT: "01995f1e-7a00-7000-8000-000000000000"},
        holds_while="broadcast",
    )
    for klass in KLASSES
    for category in CATEGORIES
)
