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


class AnswerNeeded(Invalid):
    type = "answer-needed"
    message = N_("Every question of the form needs an answer.")


class SpellExists(Conflict):
    type = "spell-exists"
    message = N_("The member is registered as unemployed in that time already.")


class StartOutOfReach(Invalid):
    type = "start-out-of-reach"
    message = N_("A spell starts at most a year back and 90 days ahead, where the course plans reach.")


class SpellEndNotPossible(Invalid):
    type = "spell-end-not-possible"
    message = N_("The last day lies between the first day of the spell and 90 days ahead.")


class NothingProposed(Conflict):
    type = "nothing-proposed"
    message = N_("No later last day is waiting for a decision.")


class ItemByLaw(Conflict):
    type = "item-by-law"
    message = N_("The law asks for this talk. Who is exempt gets an exemption instead.")


class ItemOver(Conflict):
    type = "item-over"
    message = N_("This is done, cancelled or not needed already.")


class ItemNotSkipped(Conflict):
    type = "item-not-skipped"
    message = N_("This is asked for as it is.")
