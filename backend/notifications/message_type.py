"""What a kind of message is: its class, its texts, when it may go out, and what follows when it does not arrive."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID

from backend.clock import local_time
from backend.i18n import N_

Klass = Literal["L", "R", "S"]
# What must still be so when a message is sent; the rules are in backend/jobs/still_true.py. Each names what it needs in
# the message's cause: `CAUSES` below.
Subject = Literal[
    "colour",
    "call",
    "call_in",
    "talk",
    "no_show",
    "deadline",
    "seat",
    "obligation",
    "spell",
    "job_log",
    "uploads",
    "cv",
    "benefit_card",
    "task",
    "invitation",
    "exemption",
    "broadcast",
]
ParamType = type[int] | type[str] | type[date] | type[datetime]
# Where a message can be taken when the phone was not reached. A phone call and a letter are made by people.
Rung = Literal["sms", "email", "phone", "paper"]
# When phones may ring: in office hours as everything; from 07:00 on the day itself, when a booked talk changes;
# whenever the member asked for it, for reminders of their own.
Hours = Literal["office", "daytime", "same_day", "own"]

# Subjects that are one row: its id is in the cause under the subject's name, or else is the message's period.
ROWS: tuple[Subject, ...] = (
    "call",
    "call_in",
    "no_show",
    "deadline",
    "seat",
    "obligation",
    "spell",
    "task",
    "invitation",
    "broadcast",
)
# The subject "talk" is a booking or a call-in: the id of the one that it is.
TALK_CAUSES = ("booking", "call_in")
# What the others need in the cause. Dates in ISO form; `needed` is how many make the message needless.
CAUSES: Mapping[Subject, tuple[str, ...]] = {
    "colour": ("colour",),
    "job_log": ("from_on", "to_on", "needed"),
    "uploads": ("month", "needed"),
    "benefit_card": ("month",),
}

# Filled in for every text by the reader: the phone number of the member's branch, and the fund's name.
GIVEN = ("phone", "fund")
GENERIC_TITLE = N_("New message")
GENERIC_BODY = N_("You have a new message from {fund}.")
IMPORTANT_TITLE = N_("New important message")
IMPORTANT_BODY = N_("Log in and read the message from {fund}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageType:
    """One kind of message. `klass`: L legal notice, R reminder, S service; `trigger` says in words what brings it.

    `id` is the number in the catalogue, after a dot the variant where one number has several texts (N06.changed). The
    same text at two times is one kind: its period tells the times apart.
    `params` are what its texts are filled with, by type; `example` is one such filling, as long as they come in
    practice, for previews and tests. Texts may ask for a part of a day or instant: `backend.i18n.FORMS`.
    It is sent until `validity` after it was made, and no longer than the day or instant in the param `ends_with`.
    `holds_while` names what must still be so when it is sent: see `Subject`.
    `ladder` are the steps after the push, in order; with `at_once` the first of them do not wait for the push to fail.
    `instead`: where it goes at once, in place of the push, when the member has no phone to push to.
    `capped`: counts in, and waits for, the limits of pushes a day and a week. `smiley`: at most one in seven days.
    """

    id: str
    klass: Klass
    category: str
    title: str
    body: str
    validity: timedelta
    ends_with: str | None = None
    trigger: str = ""
    lock_title: str = GENERIC_TITLE
    lock_body: str = GENERIC_BODY
    params: Mapping[str, ParamType] = field(default_factory=dict)
    example: Mapping[str, object] = field(default_factory=dict)
    holds_while: Subject | None = None
    ladder: tuple[Rung, ...] = ()
    at_once: tuple[Rung, ...] = ()
    instead: tuple[Rung, ...] = ()
    hours: Hours = "office"
    capped: bool = True
    smiley: bool = False

    def valid_until(self, params: Mapping[str, object], now: datetime) -> datetime:
        """Until when a message made at `now` is worth sending: by its validity, and by what it is about."""
        longest = now + self.validity
        end = params[self.ends_with] if self.ends_with else None
        if isinstance(end, datetime):
            return min(longest, end)
        if isinstance(end, date):
            return min(longest, local_time(end + timedelta(days=1), time()).astimezone(longest.tzinfo))
        return longest

    def check_cause(self, period: str, cause: Mapping[str, object]) -> None:
        """What is looked up before a message is sent must be there. Raises ValueError."""
        if self.holds_while in ROWS:
            UUID(str(cause.get(self.holds_while, period)))
        elif self.holds_while == "talk":
            UUID(next((str(cause[name]) for name in TALK_CAUSES if name in cause), ""))
        elif missing := set(CAUSES.get(self.holds_while, ())) - cause.keys() if self.holds_while else ():
            raise ValueError(f"The cause of {self.id} needs {sorted(missing)}.")
