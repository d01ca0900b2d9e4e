"""What cannot be held or entered into a calendar, said in a sentence."""

from backend.errors import Conflict, Invalid
from backend.i18n import N_


class ActivityUnknown(Invalid):
    type = "activity-unknown"
    message = N_("Choose one of the events that can be published.")


class SeatsNotPossible(Invalid):
    type = "seats-not-possible"
    message = N_("There can be from {low} to {high} seats.")


class WaitTooLong(Invalid):
    type = "wait-too-long"
    message = N_("Nobody waits more than 45 minutes for a joint talk: at most {most} seats.")


class OwnTimeNeeded(Invalid):
    type = "own-time-needed"
    message = N_("A joint talk gives each member from 5 to 60 minutes.")


class LengthNotPossible(Invalid):
    type = "length-not-possible"
    message = N_("It lasts from 10 minutes to 10 hours, and long enough for all seats.")


class PlaceNeeded(Invalid):
    type = "place-needed"
    message = N_("Where people meet, there is a place.")


class NoSuchTime(Invalid):
    type = "no-such-time"
    message = N_("The clock skips this hour on that day.")


class NotAhead(Invalid):
    type = "not-ahead"
    message = N_("Choose a time to come, within a year.")


class PersonUnknown(Invalid):
    type = "person-unknown"
    message = N_("There is no such person or branch.")


class AdviserBusy(Conflict):
    type = "adviser-busy"
    message = N_("The adviser has something else at that time.")


class PartnerBusy(Conflict):
    type = "partner-busy"
    message = N_("The consultant of the jobcentre has another joint talk at that time.")


class MembersBusy(Conflict):
    type = "members-busy"
    message = N_("Some of those who have a seat have something else at that time: {n}.")


class SeatsTaken(Conflict):
    type = "seats-taken"
    message = N_("More seats are taken already.")


class TurnsTaken(Conflict):
    type = "turns-taken"
    message = N_("Members have their own times in this joint talk already: its length and turns stay.")


class DaysNotPossible(Invalid):
    type = "days-not-possible"
    message = N_("The last day must not come before the first, and nothing changes in the past.")


class NoOccurrence(Invalid):
    type = "no-occurrence"
    message = N_("Nothing of this series is held on that day.")


class HoursNotPossible(Invalid):
    type = "hours-not-possible"
    message = N_("Hours of one day must not overlap, and each begins before it ends.")


class AbsenceNotPossible(Invalid):
    type = "absence-not-possible"
    message = N_("An absence begins before it ends, today or later, and lasts at most a year.")


class AbsenceOver(Conflict):
    type = "absence-over"
    message = N_("This absence was taken back already.")
