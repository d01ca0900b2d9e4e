"""What somebody can be told about messages."""

from backend.errors import Conflict
from backend.i18n import N_


class NotReplayable(Conflict):
    """The message is stale, or the phone is signed out."""

    type = "not-replayable"
    message = N_("This message cannot be sent any more: it is out of date, or the phone has signed out.")
