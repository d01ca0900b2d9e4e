"""What a person cannot do to a hearing or a decision, said in a sentence."""

from backend.errors import Conflict, Forbidden, Invalid
from backend.i18n import N_


class TextNeeded(Invalid):
    type = "text-needed"
    message = N_("Write something here.")


class AnswerByNotPossible(Invalid):
    type = "answer-by-not-possible"
    message = N_("The member has at least {days} working days to answer, and at most two months. Choose a working day.")


class HearingNeeded(Invalid):
    type = "hearing-needed"
    message = N_("Choose the hearing that went before, or write why none was needed.")


class HearingRuns(Conflict):
    type = "hearing-runs"
    message = N_("The member can answer until {day}. Decide after that, or note the answer in the letter's file first.")


class LetterEnded(Conflict):
    type = "letter-ended"
    message = N_("This letter has been sent or withdrawn already.")


class LetterChanged(Conflict):
    type = "letter-changed"
    message = N_("The letter was changed since you read it. Read it again.")


class LetterUnread(Conflict):
    type = "letter-unread"
    message = N_("Read the letter before you send it. It counts on the day that it is read.")


class ReadLetterFirst(Conflict):
    type = "read-letter-first"
    message = N_("Take your time with the letter. You can send it {seconds} seconds after opening it.")


class SecondPersonNeeded(Forbidden):
    type = "second-person-needed"
    message = N_("A decision is sent by a coordinator who did not write it.")
