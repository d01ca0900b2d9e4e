"""What a kind of message is: its class, its texts, when it may go out, and what follows when it does not arrive."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from backend.i18n import N_

Klass = Literal["L", "R", "S"]
Subject = Literal["colour", "call", "call_in"]
ParamType = type[int] | type[str] | type[date] | type[datetime]
# Where a message can be taken when the phone was not reached. A phone call and a letter are made by people.
Rung = Literal["sms", "email", "phone", "paper"]
# When phones may ring: in office hours as everything; from 07:00 on the day itself, when a booked talk changes;
# whenever the member asked for it, for reminders of their own.
Hours = Literal["office", "same_day", "own"]

# Filled in for every text by the reader: the phone number of the member's branch, and the fund's name.
GIVEN = ("phone", "fund")
GENERIC_TITLE = N_("New message")
GENERIC_BODY = N_("You have a new message from {fund}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageType:
    """One kind of message. `klass`: L legal notice, R reminder, S service; `trigger` says in words what brings it.

    `params` are what its texts are filled with, by type; `example` is one such filling, for previews and tests.
    `holds_while` names what must still be so when it is sent: the member's `colour` is the one in its cause,
    {"colour": …}; the service `call` or the `call_in` whose id is its period still stands.
    `ladder` are the steps after the push, in order; with `at_once` the first of them do not wait for the push to fail.
    `capped`: counts in, and waits for, the limits of pushes a day and a week. `smiley`: at most one in seven days.
    """

    id: str
    klass: Klass
    category: str
    title: str
    body: str
    validity: timedelta
    trigger: str = ""
    lock_title: str = GENERIC_TITLE
    lock_body: str = GENERIC_BODY
    params: Mapping[str, ParamType] = field(default_factory=dict)
    example: Mapping[str, object] = field(default_factory=dict)
    holds_while: Subject | None = None
    ladder: tuple[Rung, ...] = ()
    at_once: tuple[Rung, ...] = ()
    hours: Hours = "office"
    capped: bool = True
    smiley: bool = False
