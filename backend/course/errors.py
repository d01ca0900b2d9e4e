"""What cannot be agreed or excused, said in a sentence."""

from backend.errors import Conflict, Invalid
from backend.i18n import N_


class NumbersNotPossible(Invalid):
    type = "numbers-not-possible"
    message = N_("At most 20 jobs a week, no more posted ones than jobs in all, and at most 40 uploads a month.")


class StartNotPossible(Invalid):
    type = "start-not-possible"
    message = N_("A new agreement starts today or within a year.")


class VersionExists(Conflict):
    type = "version-exists"
    message = N_("An agreement from that day has been written already.")


class PeriodNotPossible(Invalid):
    type = "period-not-possible"
    message = N_("The last day must not come before the first, and the first at most 90 days back or a year ahead.")


class PeriodTaken(Conflict):
    type = "period-taken"
    message = N_("There is an exemption of this kind in that period already.")


class ExemptionOver(Conflict):
    type = "exemption-over"
    message = N_("This exemption has ended or was cancelled.")


class EndNotPossible(Invalid):
    type = "end-not-possible"
    message = N_("The new last day must lie within the exemption.")


class CommentNeeded(Invalid):
    type = "comment-needed"
    message = N_("Write what is to be better, so that the member can mend it.")
