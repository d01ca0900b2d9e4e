"""Whether a simulated year kept every rule of sending. Pure, and written from the rules, not from the code that sends.

Each check gives a sentence for each breach; a year without breaches gives none.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

import holidays

from backend.clock import COPENHAGEN
from backend.notifications.catalogue import BY_ID
from backend.simulation.facts import Member, Sent, Year
from backend.simulation.phones import Received

QUIET_FROM, QUIET_UNTIL = time(20), time(8)
SAME_DAY_FROM = time(7)
A_DAY, A_WEEK, SMILEY_DAYS = 2, 5, 7
ENDED = ("sent", "gone", "rejected", "expired", "cancelled", "failed", "bundled")
RINGS = ("push", "sms", "email")


def breaches(year: Year, received: Sequence[Received], until: datetime) -> dict[str, list[str]]:
    """The breaches of each rule by its name; `until` is the end of the year, when nothing old may still be open."""
    came = {one.delivery_id: one.at for one in received}
    arrived = [(one, came[one.delivery_id]) for one in year.deliveries if one.delivery_id in came]
    return {
        "nothing rings in quiet hours": list(_quiet(arrived, year.members)),
        "at most two pushes a day": list(_caps(arrived, lambda day: day.isoformat(), A_DAY)),
        "at most five pushes a week": list(_caps(arrived, _week, A_WEEK)),
        "seven days between two about the colour": list(_smileys(arrived)),
        "nothing arrives after its time": list(_late(arrived)),
        "nobody gets what they refused": list(_refused(arrived, year.members)),
        "nobody exempt is told digitally": list(_exempt(arrived, year.members)),
        "each delivery arrives once": list(_twice(received)),
        "what is recorded as sent arrived, and nothing else": list(_recorded(year.deliveries, came)),
        "every message is in the inbox": [str(one.message_id) for one in year.messages if not one.in_inbox],
        "every message to a phone is accounted for": list(_accounted(year, until)),
        "every legal notice has its letter": list(_letters(year)),
    }


def counts(year: Year, received: Sequence[Received]) -> dict[str, dict[str, int]]:
    """What there was: messages by key, arrivals by channel, ends by state, why something ended unsent, tasks."""
    unsent = Counter(
        f"{one.state}: {one.error or 'past its time'}"
        for one in year.deliveries
        if one.state not in ("sent", "bundled")
    )
    return {
        "messages": dict(sorted(Counter(one.key for one in year.messages).items())),
        "arrived": dict(sorted(Counter(one.channel for one in received).items())),
        "ended": dict(sorted(Counter(one.state for one in year.deliveries).items())),
        "unsent": dict(sorted(unsent.items())),
        "tasks": year.tasks,
    }


Arrived = Sequence[tuple[Sent, datetime]]


def _quiet(arrived: Arrived, members: Mapping[UUID, Member]) -> Iterator[str]:
    closed = holidays.country_holidays("DK")
    for one, at in arrived:
        hours = BY_ID[one.key].hours
        wall = at.astimezone(COPENHAGEN)
        if one.channel not in RINGS or hours == "own":
            continue
        if hours == "same_day" and SAME_DAY_FROM <= wall.time() < QUIET_FROM:
            continue
        member = members[one.member_id]
        opens, closes = max(QUIET_UNTIL, member.quiet_until or time.min), min(QUIET_FROM, member.quiet_from or time.max)
        eve = (wall.month, wall.day) in ((12, 24), (12, 31))
        if wall.weekday() > 4 or wall.date() in closed or eve or not opens <= wall.time() < closes:
            yield f"{one.key} by {one.channel} at {wall:%a %d.%m. %H:%M}"


def _pushes(arrived: Arrived) -> dict[UUID, dict[date, set[UUID]]]:
    """Of each member: day → the messages whose push arrived for the first time that day, of those that count."""
    first: dict[UUID, tuple[UUID, date]] = {}
    for one, at in sorted(arrived, key=lambda each: each[1]):
        if one.channel == "push" and BY_ID[one.key].capped:
            first.setdefault(one.message_id, (one.member_id, at.astimezone(COPENHAGEN).date()))
    found: dict[UUID, dict[date, set[UUID]]] = defaultdict(lambda: defaultdict(set))
    for message_id, (member_id, day) in first.items():
        found[member_id][day].add(message_id)
    return found


def _caps(arrived: Arrived, period: Callable[[date], str], most: int) -> Iterator[str]:
    for member_id, days in _pushes(arrived).items():
        sums: Counter[str] = Counter()
        for day, messages in days.items():
            sums[period(day)] += len(messages)
        yield from (f"{member_id}: {n} in {name}" for name, n in sums.items() if n > most)


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def _smileys(arrived: Arrived) -> Iterator[str]:
    days: dict[UUID, list[date]] = defaultdict(list)
    seen: set[UUID] = set()
    for one, at in sorted(arrived, key=lambda each: each[1]):
        if one.channel in RINGS and BY_ID[one.key].smiley and one.message_id not in seen:
            seen.add(one.message_id)
            days[one.member_id].append(at.astimezone(COPENHAGEN).date())
    for member_id, found in days.items():
        for before, after in pairwise(found):
            if after - before < timedelta(days=SMILEY_DAYS):
                yield f"{member_id}: {before} and {after}"


def _late(arrived: Arrived) -> Iterator[str]:
    return (f"{one.key} at {at}" for one, at in arrived if at >= one.valid_until and one.channel in RINGS)


def _refused(arrived: Arrived, members: Mapping[UUID, Member]) -> Iterator[str]:
    for one, _ in arrived:
        kind = BY_ID[one.key]
        if one.channel == "push" and kind.klass != "L" and kind.category in members[one.member_id].refused:
            yield f"{one.key} to {one.member_id}"


def _exempt(arrived: Arrived, members: Mapping[UUID, Member]) -> Iterator[str]:
    return (
        f"{one.key} by {one.channel}" for one, _ in arrived if members[one.member_id].exempt and one.channel != "paper"
    )


def _twice(received: Iterable[Received]) -> Iterator[str]:
    found = Counter(one.delivery_id for one in received)
    return (f"{delivery}: {n} times" for delivery, n in found.items() if n > 1)


def _recorded(deliveries: Iterable[Sent], came: Mapping[UUID, datetime]) -> Iterator[str]:
    for one in deliveries:
        if (one.state == "sent") != (one.delivery_id in came):
            yield f"{one.key} by {one.channel}: {one.state}"


def _accounted(year: Year, until: datetime) -> Iterator[str]:
    """A message whose member had a phone has a push that ended, or waits; one that is over has nothing left open."""
    pushes: dict[UUID, list[Sent]] = defaultdict(list)
    for one in year.deliveries:
        if one.channel == "push":
            pushes[one.message_id].append(one)
        if one.state not in ENDED and one.valid_until < until - timedelta(hours=1):
            yield f"{one.key} of {one.created_at:%d.%m.} is still {one.state}"
    for message in year.messages:
        member = year.members[message.member_id]
        kind = BY_ID[message.key]
        silent = member.exempt or (kind.klass != "L" and kind.category in member.refused)
        if message.phones and not silent and not pushes[message.message_id] and not _nowhere(message.key):
            yield f"{message.key} of {message.created_at:%d.%m.} went to no phone"


def _nowhere(key: str) -> bool:
    """A new phone's message goes to the member's other phones: with one phone alone there is none."""
    return key == "N32"


def _letters(year: Year) -> Iterator[str]:
    return (f"{one.key} {one.message_id}" for one in year.messages if one.klass == "L" and not one.letter)
