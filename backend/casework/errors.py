"""What a person cannot do to a case, said in a sentence."""

from backend.errors import Conflict, Invalid
from backend.i18n import N_


class CallTaken(Conflict):
    type = "call-taken"
    message = N_("A colleague is making this call.")


class CallNotYours(Conflict):
    type = "call-not-yours"
    message = N_("Take the call before you write down what came of it.")


class CallEnded(Conflict):
    type = "call-ended"
    message = N_("This call is over: the colour improved, or a colleague finished it.")


class CallSuspended(Conflict):
    type = "call-suspended"
    message = N_("This call waits while the member is exempt.")


class TriedTooLittle(Conflict):
    type = "tried-too-little"
    message = N_("Not reached needs two tries on different working days, at least two hours apart in time of day.")


class FillByNotPossible(Invalid):
    type = "fill-by-not-possible"
    message = N_("A last day for the job log belongs to an agreed plan: a working day 5 to 14 days ahead.")


class UndoTooLate(Conflict):
    type = "undo-too-late"
    message = N_("An outcome can be undone for ten minutes, by the one who wrote it.")


class AnotherCallOpen(Conflict):
    type = "another-call-open"
    message = N_("A newer call to this member is open already.")


class TimeNotPossible(Invalid):
    type = "time-not-possible"
    message = N_("Choose a time on a working day from 9 to 16, at most five working days ahead.")


class CallInDecided(Conflict):
    type = "call-in-decided"
    message = N_("This call-in has been decided already.")


class CallInNotApproved(Conflict):
    type = "call-in-not-approved"
    message = N_("Only an approved call-in can be held or missed.")


class EvidenceUnread(Conflict):
    type = "evidence-unread"
    message = N_("Open the evidence before you approve.")


class ReadFirst(Conflict):
    type = "read-first"
    message = N_("Take your time with the evidence. You can approve {seconds} seconds after opening it.")


class ReasonNeeded(Invalid):
    type = "reason-needed"
    message = N_("Write the reason.")


class ShortNotice(Invalid):
    type = "short-notice"
    message = N_("A talk less than three working days ahead needs a reason of its own.")


class TalkTimeNotPossible(Invalid):
    type = "talk-time-not-possible"
    message = N_("The talk must lie in the future, on a working day.")


class PlaceNeeded(Invalid):
    type = "place-needed"
    message = N_("Write where the talk is held, or that it is by phone.")


class HeldDayNotPossible(Invalid):
    type = "held-day-not-possible"
    message = N_("The talk was held between the day of approval and today.")


class TalkNotOver(Conflict):
    type = "talk-not-over"
    message = N_("The time of the talk has not come yet.")


class DisputeOpen(Conflict):
    type = "dispute-open"
    message = N_("You have an open objection already. Your adviser answers it first.")


class DisputeAnswered(Conflict):
    type = "dispute-answered"
    message = N_("This objection is closed already.")


class AnswerNeeded(Invalid):
    type = "answer-needed"
    message = N_("Write an answer that the member can read.")


class TaskTaken(Conflict):
    type = "task-taken"
    message = N_("A colleague is doing this task.")


class TaskNotYours(Conflict):
    type = "task-not-yours"
    message = N_("You do not hold this task.")


class TaskEnded(Conflict):
    type = "task-ended"
    message = N_("This task is over: somebody did it, or its reason is gone.")
