"""What cannot be done with a broadcast, said in a sentence."""

from backend.errors import Conflict, Forbidden, Invalid
from backend.i18n import N_


class NotDraft(Conflict):
    type = "not-draft"
    message = N_("Only a draft can be changed.")


class NotWaiting(Conflict):
    type = "not-waiting"
    message = N_("This broadcast does not wait for an approval.")


class OwnBroadcast(Forbidden):
    type = "own-broadcast"
    message = N_("Nobody approves what they wrote. Ask a colleague.")


class AnotherVersion(Conflict):
    type = "another-version"
    message = N_("The broadcast was changed since you read it. Read it again.")


class NotSending(Conflict):
    type = "not-sending"
    message = N_("This broadcast is not being sent.")


class NotPaused(Conflict):
    type = "not-paused"
    message = N_("This broadcast is not paused.")


class TextMissing(Invalid):
    type = "text-missing"
    message = N_("Write a title and a text in both languages.")


class StagesWrong(Invalid):
    type = "stages-wrong"
    message = N_("Each stage reaches more members than the one before, and the last reaches all of them.")


class NobodyThere(Invalid):
    type = "nobody-there"
    message = N_("Nobody fits these choices.")


class UnknownNumbers(Invalid):
    type = "unknown-numbers"
    message = N_("There are no members with {count} of the numbers.")


class ReasonMissing(Invalid):
    type = "reason-missing"
    message = N_("Write the reason.")
