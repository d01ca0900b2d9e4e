"""What cannot be booked, said in a sentence."""

from backend.errors import Conflict, Forbidden, Invalid
from backend.i18n import N_


class SlotTaken(Conflict):
    type = "slot-taken"
    message = N_("Somebody else took this time. Choose another.")


class SessionFull(Conflict):
    type = "session-full"
    message = N_("All seats are taken. You can join the waiting list.")


class LineFirst(Conflict):
    type = "line-first"
    message = N_("The free seats are for those on the waiting list. You can join it.")


class SeatsFree(Conflict):
    type = "seats-free"
    message = N_("There are free seats: book one.")


class MemberBusy(Conflict):
    type = "member-busy"
    message = N_("The member has booked something at that time. Choose another.")


class OwnTimeTaken(Conflict):
    type = "own-time-taken"
    message = N_("You have another booking at that time.")


class AlreadyBooked(Conflict):
    type = "already-booked"
    message = N_("You have booked this already. You can move your booking.")


class AlreadyInLine(Conflict):
    type = "already-in-line"
    message = N_("You are on the waiting list already.")


class BookingOver(Conflict):
    type = "booking-over"
    message = N_("This booking has ended.")


class HoldOver(Conflict):
    type = "hold-over"
    message = N_("The time was held for you for some minutes, which have passed. Choose again.")


class OfferOver(Conflict):
    type = "offer-over"
    message = N_("This offer has run out.")


class Closed(Conflict):
    type = "booking-closed"
    message = N_("It is too late to book this.")


class Begun(Conflict):
    type = "talk-begun"
    message = N_("It has begun already. Call us.")


class NotForYou(Forbidden):
    type = "not-for-you"
    message = N_("This is for other members than you.")


class FormNotAllowed(Invalid):
    type = "form-not-allowed"
    message = N_("This talk cannot be held in that way.")


class MergeNotAllowed(Invalid):
    type = "merge-not-allowed"
    message = N_("These talks cannot be held as one.")


class OutsideWindow(Invalid):
    type = "outside-window"
    message = N_("Choose a time from {first} to {last}.")


class NothingToBook(Invalid):
    type = "nothing-to-book"
    message = N_("Nothing in your course is to be booked like this.")


class NotOffered(Invalid):
    type = "not-offered"
    message = N_("No adviser offers this time.")


class ReasonUnknown(Invalid):
    type = "reason-unknown"
    message = N_("Choose one of the reasons.")


class DeadlineTooShort(Invalid):
    type = "deadline-too-short"
    message = N_("A member has at least eight days to book.")


class DeadlineOver(Conflict):
    type = "deadline-over"
    message = N_("This deadline has been met, missed or lifted already.")


class AlreadyLent(Conflict):
    type = "already-lent"
    message = N_("This adviser is lent to a branch in that week already.")
