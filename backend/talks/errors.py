"""What cannot be done about a talk, said in a sentence."""

from backend.errors import Conflict, DomainError, Invalid
from backend.i18n import N_


class NotBegun(Conflict):
    type = "not-begun"
    message = N_("It has not begun yet.")


class NotBooked(Conflict):
    type = "not-booked"
    message = N_("This booking was given back, or never became one.")


class MinutesStand(Conflict):
    type = "minutes-stand"
    message = N_("The minutes of this talk are closed: it was held.")


class MemberAbsent(Conflict):
    type = "member-absent"
    message = N_("The member is noted as absent. Correct that first.")


class TalkClosed(Conflict):
    type = "talk-closed"
    message = N_("The minutes are closed. You can add a correction.")


class TalkOpen(Conflict):
    type = "talk-open"
    message = N_("The minutes are a draft: change them there.")


class ChangedSince(DomainError):
    status = 412
    type = "changed-meanwhile"
    message = N_("Somebody else saved these minutes meanwhile. Fetch them again.")


class AgreementOver(Conflict):
    type = "agreement-over"
    message = N_("This agreement has ended already.")


class NotYours(Conflict):
    type = "agreement-not-yours"
    message = N_("Somebody at the fund has promised this. Its task is ended there.")


class HandedOver(Conflict):
    type = "handed-over"
    message = N_("The member is handed over already.")


class NoSpell(Conflict):
    type = "no-spell-runs"
    message = N_("The member is not unemployed with us.")


class PlanIncomplete(Conflict):
    type = "plan-incomplete"
    message = N_("The plan lacks something that the jobcentre must have. The handover page names it.")


class ReportSettled(Conflict):
    type = "report-settled"
    message = N_("This report is not among the errors any more.")


class Begun(Conflict):
    type = "talk-has-begun"
    message = N_("The talk has begun. Say it there.")


class AbsenceReasonNeeded(Invalid):
    type = "absence-reason-needed"
    message = N_("Say why the member was absent, or that nobody knows.")


class MinutesNeeded(Invalid):
    type = "minutes-needed"
    message = N_("Write short minutes before you close.")


class HeldOnNotPossible(Invalid):
    type = "held-on-not-possible"
    message = N_("The talk was held on its day, and not in the future.")


class TypeNeeded(Invalid):
    type = "talk-type-needed"
    message = N_("Say which kind of talk it was.")


class FormNeeded(Invalid):
    type = "talk-form-needed"
    message = N_("Say how the talk was held.")


class FormNotAllowed(Invalid):
    type = "talk-form-not-allowed"
    message = N_("The law does not allow this talk to be held in that way.")


class MergeNotAllowed(Invalid):
    type = "talk-merge-not-allowed"
    message = N_("These talks cannot be held as one.")


class TypeNotPossible(Invalid):
    type = "talk-type-not-possible"
    message = N_("A talk that the law asks for belongs to a spell of unemployment.")


class AgreementIncomplete(Invalid):
    type = "agreement-incomplete"
    message = N_("An agreement says what is to be done, and by a day after the talk.")


class ReasonNeeded(Invalid):
    type = "reason-needed"
    message = N_("Give a reason.")
