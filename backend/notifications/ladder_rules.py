"""The ladder: where a message goes when its push does not arrive, and when. Pure.

A push that is not delivered within a day, or for which there is no phone, is followed by an SMS, that by an e-mail: as
the kind's ladder says, and for reminders and service messages as the member wants. A legal notice lies in the mailbox
at once; unread after two working days it becomes a telephone call; to a member exempt from digital communication it
goes on paper at once. What has been read needs no further announcing.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from backend import calendar
from backend.clock import COPENHAGEN, local_date, local_time
from backend.delivery import addresses
from backend.notifications.message_type import MessageType

Rung = Literal["mailbox", "sms", "email", "phone", "paper"]
Reason = Literal["created", "at_once", "not_delivered", "no_device", "unread", "exempt"]

# How long a push, an SMS or an e-mail has to arrive before the next step is taken. A message that is soon stale gets
# half of what is left of it; and none of it where there is nothing to wait for, since nothing is on its way.
WAIT = timedelta(hours=24)
SOON_STALE = 2 * WAIT
UNREAD_WORKING_DAYS = 2
ANNOUNCEMENTS: tuple[Rung, ...] = ("sms", "email")


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a message when its next step is decided.

    `told_at`: when the latest of its announcements was made, or is due when it was not tried yet; `delivered`: one of
    them was taken by its provider; `given_up`: they all ended, so that there is nothing to wait for.
    `has_device`: there was a phone to push to. `taken`: the steps so far. `wishes`: what the member chose for the
    message's category, by channel (a channel that is missing: nothing); `announce_by`: the channel on which legal
    notices are announced. `not_before`: so lately was the member told of another colour that this one waits until then.
    """

    kind: MessageType
    created_at: datetime
    valid_until: datetime
    told_at: datetime
    delivered: bool
    given_up: bool
    has_device: bool
    read: bool
    exempt: bool
    phone: str
    email: str
    wishes: Mapping[str, bool]
    announce_by: str
    taken: AbstractSet[str]
    not_before: datetime | None = None


class Step(NamedTuple):
    """A step to be taken now. `followed`: another announcement may follow it, and it need not go out after that."""

    rung: Rung
    reason: Reason
    followed: bool = False


class Decision(NamedTuple):
    """The steps to be taken now, and when to look again (None: never)."""

    steps: tuple[Step, ...]
    next_at: datetime | None


def begins(kind: MessageType, due_at: datetime, valid_until: datetime, *, awaited: bool = True) -> datetime | None:
    """When the ladder of a new message whose push is due at `due_at` is looked at first; None when it has none.

    `awaited`: there is a phone that the push may reach. Of what has steps to be taken at once, that is when the message
    is made: whoever makes it climbs then.
    """
    if kind.klass != "L" and not kind.ladder:
        return None
    return due_at + _wait(due_at, valid_until, awaited=awaited)


def decide(at: Standing, now: datetime) -> Decision:
    """What is to be done for the message now. Who is exempt has no mailbox to look into."""
    legal = at.kind.klass == "L"
    steps = [Step("mailbox", "created")] if legal and not at.exempt and "mailbox" not in at.taken else []
    if at.exempt and legal and "paper" not in at.taken:
        steps.append(Step("paper", "exempt"))
    if at.exempt or at.read or now >= at.valid_until:
        return Decision(tuple(steps), None)
    steps += [Step(rung, "at_once") for rung in _at_once(at, now)]
    telling = any(step.rung in ANNOUNCEMENTS for step in steps)
    taken = at.taken | {step.rung for step in steps}
    announced, next_announced = _announced(at, taken, now if telling else at.told_at, now)
    rung_up, next_call = _rung_up(at, taken, now)
    steps += [step for step in (announced, rung_up) if step]
    return Decision(tuple(steps), min((turn for turn in (next_announced, next_call) if turn), default=None))


def _at_once(at: Standing, now: datetime) -> list[Rung]:
    """What does not wait for the push to fail: as the kind says, what stands in for it where there is no phone, where
    the member wants legal notices announced, and what they asked for in its place."""
    wanted: set[str] = set(at.kind.at_once)
    if at.kind.klass == "L":
        wanted.add(at.announce_by)
    elif (rung := in_place_of_push(at.kind, at.wishes)) and now >= (at.not_before or now):
        wanted.add(rung)
    if not at.has_device:
        wanted.update(at.kind.instead)
    order: tuple[Rung, ...] = (*ANNOUNCEMENTS, "phone")
    return [rung for rung in order if rung in wanted and rung not in at.taken and _possible(at, rung)]


def in_place_of_push(kind: MessageType, wishes: Mapping[str, bool]) -> Rung | None:
    """Where such messages go instead for who wants no pushes of them, but said that they want them otherwise."""
    if wishes.get("push", True):
        return None
    return next((rung for rung in ANNOUNCEMENTS if rung in kind.ladder and wishes.get(rung)), None)


def _announced(
    at: Standing, taken: AbstractSet[str], told_at: datetime, now: datetime
) -> tuple[Step | None, datetime | None]:
    """The next announcement when it is its turn, and when to look at what comes after."""
    left: list[Rung] = [rung for rung in ANNOUNCEMENTS if rung in at.kind.ladder and rung not in taken]
    left = [rung for rung in left if _possible(at, rung)]
    if at.delivered or not left:
        return None, None
    since = max(told_at, at.told_at)
    awaited = not at.given_up and (at.has_device or not taken.isdisjoint(ANNOUNCEMENTS))
    turn = now if at.given_up and taken == at.taken else since + _wait(since, at.valid_until, awaited=awaited)
    turn = max(turn, at.not_before or turn)
    if now < turn:
        return None, turn
    tried = at.has_device or not at.taken.isdisjoint(ANNOUNCEMENTS)
    followed = len(left) > 1
    then = now + _wait(now, at.valid_until) if followed else None
    return Step(left[0], "not_delivered" if tried else "no_device", followed), then


def _rung_up(at: Standing, taken: AbstractSet[str], now: datetime) -> tuple[Step | None, datetime | None]:
    if at.kind.klass != "L" or "phone" not in at.kind.ladder or "phone" in taken:
        return None, None
    turn = unread_at(at.created_at)
    return (Step("phone", "unread"), None) if now >= turn else (None, turn)


def unread_at(created_at: datetime) -> datetime:
    """The same time of day two working days on: from when a legal notice that is unread is telephoned about."""
    day = calendar.add_working_days(local_date(created_at), UNREAD_WORKING_DAYS)
    at = local_time(day, created_at.astimezone(COPENHAGEN).time().replace(fold=0))
    return at.astimezone(created_at.tzinfo)


def is_soon_stale(since: datetime, valid_until: datetime) -> bool:
    """Whether waiting a whole day would take more than half of the time that is left."""
    return valid_until - since < SOON_STALE


def _wait(since: datetime, valid_until: datetime, *, awaited: bool = True) -> timedelta:
    if not awaited and is_soon_stale(since, valid_until):
        return timedelta()
    return min(WAIT, max(valid_until - since, timedelta()) / 2)


def _possible(at: Standing, rung: Rung) -> bool:
    if rung == "sms" and addresses.phone(at.phone) is None:
        return False
    if rung == "email" and addresses.email(at.email) is None:
        return False
    return at.kind.klass == "L" or rung == "phone" or _wanted(at.wishes, rung)


def _wanted(wishes: Mapping[str, bool], rung: Rung) -> bool:
    """Who turned pushes off for a category did not ask for SMS instead, unless they said so."""
    return wishes.get(rung, wishes.get("push", True))
