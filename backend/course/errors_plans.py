"""What cannot be planned, said in a sentence."""

from backend.errors import Conflict, Invalid, NotFound
from backend.i18n import N_


class NoSpell(NotFound):
    type = "no-spell"
    message = N_("The member is not registered as unemployed with us.")


class PlanUnknown(Invalid):
    type = "plan-unknown"
    message = N_("There is no such course plan.")


class ReasonNeeded(Invalid):
    type = "reason-needed"
    message = N_("Write the reason.")


class NothingProposed(Conflict):
    type = "nothing-proposed"
    message = N_("No later last day is waiting for a decision.")
