"""What the rules of a message are called in words: classes, steps, limits, and what must still hold. For people."""

from collections.abc import Mapping

from backend.i18n import N_
from backend.notifications.message_type import Hours, Klass, Rung, Subject

KLASSES: Mapping[Klass, str] = {"L": N_("Legal notice"), "R": N_("Reminder"), "S": N_("Service message")}

INBOX = N_("The app's inbox, and a push to every device.")
MAILBOX = N_("The letter itself: the secure mailbox, at once. All else only announces it.")
AT_ONCE: Mapping[Rung, str] = {
    "sms": N_("SMS at the same time."),
    "email": N_("E-mail at the same time."),
    "phone": N_("A call from us the same day."),
    "paper": N_("A paper letter at the same time."),
}
INSTEAD: Mapping[Rung, str] = {
    "sms": N_("SMS in its place, for members without the app."),
    "email": N_("E-mail in its place, for members without the app."),
}
STEPS: Mapping[Rung, str] = {
    "sms": N_("SMS, when the push did not arrive."),
    "email": N_("E-mail, when nothing else arrived."),
    "phone": N_("A call from us, when it stays unread."),
    "paper": N_("A paper letter at once, for members exempt from digital mail."),
}
# What goes for every message, said once; then what is otherwise for some.
COMMON = (
    N_("Phones ring on working days in the daytime; what comes at other times waits."),
    N_("A member gets few pushes a day and a week; beyond that several become one, and nothing is lost."),
    N_("Members may turn off reminders and service messages, by subject and by channel."),
    N_("What is no longer true when its time comes is not sent."),
)
HOURS: Mapping[Hours, str | None] = {
    "office": None,
    "daytime": N_("Phones ring from 9 to 19 on working days only."),
    "same_day": N_("About the day itself, phones may ring from early morning."),
    "own": N_("The member asked for it, so it may come at any time."),
}
UNCAPPED = N_("Goes out beside the limits of pushes a day and a week.")
SMILEY = N_("At most one message of this sort in seven days.")
REFUSED_NEVER = N_("Cannot be turned off; the member chooses how it is announced.")

FOR_DAYS = N_("{n} days.")
FOR_HOURS = N_("{n} hours.")
ENDS_AT = N_("Never after the time that it is about.")
ENDS_ON = N_("Never after the day that it is about.")

HOLDS: Mapping[Subject, str] = {
    "colour": N_("The rating is still the one that brought it."),
    "call": N_("The call is still to be made."),
    "call_in": N_("The call-in still stands."),
    "talk": N_("The talk still stands, at the time told."),
    "no_show": N_("The absence has not been taken back."),
    "deadline": N_("Nothing is booked yet, and the deadline runs."),
    "seat": N_("The seat is still offered."),
    "obligation": N_("The item is still to be booked."),
    "spell": N_("The member is still unemployed."),
    "job_log": N_("The entries are still missing."),
    "uploads": N_("The uploads are still missing."),
    "cv": N_("The CV is still not approved."),
    "benefit_card": N_("The benefit card is still missing."),
    "task": N_("The task is still open."),
    "invitation": N_("The questions are still unanswered."),
    "exemption": N_("The exemption still stands."),
    "broadcast": N_("Nobody has stopped it."),
}
