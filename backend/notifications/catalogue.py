"""Every message that the product can send: its class, its texts, how long it is worth reading. One explicit list.

What a locked phone shows is chosen apart from what the member reads in the app: anything about status, colour, health,
benefit or decisions shows the generic text. Titles name no colour, no text blames, and each has a number to call.

Kinds are numbered N01 to N32. Where one number has several texts, each text is a kind of its own with a variant after
the dot (N06, N06.changed, N06.cancelled); one text that goes out at several times (N03, N05, N20) is one kind, and the
message's period tells the times apart. What a coordinator writes to many has rules here, but no texts.
"""

from collections.abc import Mapping
from datetime import date

from backend.notifications.catalogue_account import ACCOUNT, NEW_DEVICE
from backend.notifications.catalogue_benefit import BENEFIT
from backend.notifications.catalogue_broadcasts import BROADCASTS
from backend.notifications.catalogue_course import COURSE
from backend.notifications.catalogue_log import LOG
from backend.notifications.catalogue_rating import RATING
from backend.notifications.catalogue_talks import TALKS
from backend.notifications.message_type import GENERIC_BODY, GENERIC_TITLE, GIVEN, Klass, MessageType, Subject

__all__ = [
    "BY_ID",
    "CATALOGUE",
    "GENERIC_BODY",
    "GENERIC_TITLE",
    "GIVEN",
    "NEW_DEVICE",
    "Klass",
    "MessageType",
    "Subject",
    "decode",
    "encode",
]

CATALOGUE = tuple(sorted((*COURSE, *TALKS, *LOG, *RATING, *BENEFIT, *ACCOUNT), key=lambda kind: kind.id))
BY_ID: Mapping[str, MessageType] = {one.id: one for one in (*CATALOGUE, *BROADCASTS)}


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
