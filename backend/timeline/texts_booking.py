"""What the timeline says about the items of a contact course and about bookings."""

from collections.abc import Mapping

from backend.i18n import N_
from backend.timeline.wording import Kind, Wording

_CANNOT_COME = N_("If you cannot come, cancel in the app or call us before it begins.")
_BOOKING = Kind(
    by=("state",),
    wordings={
        "": Wording(
            N_("You have a booking"),
            (
                N_("{activity} on {begins_at}, {place}. If you cannot come, cancel in the app or call us before it."),
                N_("{activity} on {begins_at}. If you cannot come, cancel in the app or call us before it begins."),
                _CANNOT_COME,
            ),
        ),
        "phone": Wording(
            N_("We have a talk on the phone"),
            (N_("{activity} on {begins_at}. We call you. If you cannot, tell us in the app before."), _CANNOT_COME),
        ),
        "video": Wording(
            N_("We have a talk by video"),
            (N_("{activity} on {begins_at}. If you cannot, tell us in the app before."), _CANNOT_COME),
        ),
        "cancelled": Wording(
            N_("Your booking is cancelled"),
            (
                N_("{activity} on {begins_at}. You need not come. Book another time in the app if you still need one."),
                N_("You need not come. Book another time in the app if you still need one."),
            ),
        ),
        "attended": Wording(
            N_("You took part"), (N_("{activity}. Thank you for coming."), N_("Thank you for coming."))
        ),
        "absent": Wording(
            N_("We missed you"),
            (
                N_("{activity} on {begins_at}. Call us, so that we can find a solution together."),
                N_("Call us, so that we can find a solution together."),
            ),
        ),
    },
)
_COURSE_ITEM = Kind(
    by=("state",),
    wordings={
        "": Wording(
            N_("Part of your course"),
            (
                N_("{activity} lies between {from_on} and {to_on}. We tell you when it is time to book."),
                N_("We tell you when it is time to book."),
            ),
        ),
        "book": Wording(
            N_("Book a time"),
            (
                N_("{activity}: book by {book_by_on}. It takes place between {from_on} and {to_on}."),
                N_("Choose a time in the app."),
            ),
        ),
        "paused": Wording(
            N_("Book a time"),
            (
                N_("{activity}: your deadline waits. You need not book yet."),
                N_("Your deadline waits. You need not book yet."),
            ),
        ),
        "booked": Wording(
            N_("Booked"), (N_("{activity}: you have a time. You see it here on the timeline."), N_("You have a time."))
        ),
        "done": Wording(N_("Done"), (N_("{activity}: you have done it. Well done."), N_("Well done."))),
        "missed": Wording(
            N_("We help you to find a time"),
            (
                N_("{activity} is not booked yet. Book a time in the app, or call us, and we find one together."),
                N_("Book a time in the app, or call us, and we find one together."),
            ),
        ),
        "skipped": Wording(
            N_("You do not need this"),
            (
                N_("{activity}: you do not need it. Why: {reason} Would you like to do it all the same? Call us."),
                N_("Would you like to do it all the same? Call us."),
            ),
        ),
        "cancelled": Wording(
            N_("No longer part of your course"),
            (
                N_("{activity} falls away, because your course has changed."),
                N_("It falls away, because your course has changed."),
            ),
        ),
    },
)
_WAITING = Kind(
    by=("state",),
    wordings={
        "": Wording(
            N_("You are on a waiting list"),
            (
                N_("{activity} on {begins_at}. We tell you as soon as there is a seat for you."),
                N_("We tell you as soon as there is a seat for you."),
            ),
        ),
        "offered": Wording(
            N_("A seat is free for you"),
            (
                N_("{activity} on {begins_at}. Take the seat in the app by {until_at}."),
                N_("Take the seat in the app."),
            ),
        ),
        "accepted": Wording(
            N_("You got the seat"), (N_("{activity} on {begins_at}: you have a seat."), N_("You have a seat."))
        ),
        "ended": Wording(
            N_("You are no longer on the waiting list"),
            (
                N_("{activity} on {begins_at}. Other dates are in the app."),
                N_("Other dates are in the app."),
            ),
        ),
    },
)

BOOKING_KINDS: Mapping[str, Kind] = {"booking": _BOOKING, "course_item": _COURSE_ITEM, "waiting_list": _WAITING}
