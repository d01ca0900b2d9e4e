"""What a member can be told about devices and messages."""

from backend.errors import Conflict
from backend.i18n import N_


class DeviceTaken(Conflict):
    """Two phones claimed one token at the same moment, more often than can be waited for."""

    type = "device-taken"
    message = N_("This phone is being registered from elsewhere. Try again.")


class NotReplayable(Conflict):
    """The message is stale, or the phone is signed out."""

    type = "not-replayable"
    message = N_("This message cannot be sent any more: it is out of date, or the phone has signed out.")
