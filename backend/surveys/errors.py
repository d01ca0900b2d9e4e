"""What a member who answers can be told."""

from backend.errors import Conflict, Invalid, NotFound
from backend.i18n import N_


class NoSuchInvitation(NotFound):
    """The same for an unknown, a used and an expired link: nothing can be learned from trying."""

    type = "no-such-invitation"
    message = N_("This survey is closed, answered already, or not yours.")


class AlreadyAnswered(Conflict):
    type = "already-answered"
    message = N_("You have answered already. Thank you!")


class NotAnAnswer(Invalid):
    type = "not-an-answer"
    message = N_("This is not one of the answers to the question.")


class NothingAnswered(Invalid):
    type = "nothing-answered"
    message = N_("Answer at least one question.")
