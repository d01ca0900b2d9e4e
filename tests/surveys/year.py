"""A year of activities, asked about by the product's rules hour by hour. No database."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from uuid import UUID

from backend import clock
from backend.surveys import rules
from backend.surveys.policy import STANDARD
from backend.surveys.rules import Attended, Series, Standing
from tests.surveys.builders import DAY, HOUR, SETTINGS

STEPS: tuple[Series, ...] = ("first", "middle", "last")
START = clock.local_time(datetime(2026, 1, 5).date(), time(0))
DAYS = 365
# How many activities of each kind a member takes part in over the year, on average: rare ones are rare.
PER_YEAR = {"T1": 1.5, "T2": 4.0, "T3": 1.2, "T4": 9.0, "T5": 0.8}


@dataclass
class Life:
    """One member's year."""

    activities: list[Attended]
    sensitive: list[datetime]
    opted_out_from: datetime | None
    exempt: bool
    invited: list[tuple[str, datetime, Attended]] = field(default_factory=list)
    reminded: list[tuple[datetime, datetime]] = field(default_factory=list)
    skipped: dict[UUID, str] = field(default_factory=dict)

    def standing(self, now: datetime) -> Standing:
        out = self.opted_out_from
        ahead = [a.ended_at for a in self.activities if SETTINGS[a.touchpoint].rare and a.ended_at > now]
        return Standing(
            invited=[(touchpoint, at) for touchpoint, at, _ in self.invited],
            opted_out_until=out + 365 * DAY if out and out <= now else None,
            digital_exempt=self.exempt,
            sensitive_at=max((at for at in self.sensitive if at <= now), default=None),
            rare_ahead_at=min(ahead, default=None),
        )


def life(random: Random) -> Life:
    return Life(
        activities=sorted(_activities(random), key=lambda one: one.ended_at),
        sensitive=[_moment(random, 24) for _ in range(random.choice([0, 0, 1, 3]))],
        opted_out_from=_moment(random, 24) if random.random() < 0.05 else None,
        exempt=random.random() < 0.05,
    )


def _activities(random: Random) -> Iterator[Attended]:
    for touchpoint, many in PER_YEAR.items():
        for _ in range(int(random.expovariate(1 / many) + 0.5)):
            series = random.choice(STEPS) if touchpoint == "T3" else "single"
            made = UUID(int=random.getrandbits(128))
            yield Attended(id=made, touchpoint=touchpoint, ended_at=_moment(random, 11), series=series)


def _moment(random: Random, hours: int) -> datetime:
    """Some instant of the year; with 11, in the daytime of any weekday."""
    day = START.date() + random.randrange(DAYS) * DAY
    while hours < 24 and day.weekday() > 4:
        day += DAY
    return clock.local_time(day, time(8 if hours < 24 else 0)) + timedelta(minutes=random.randrange(hours * 60))


def live(one: Life, random: Random) -> None:
    """Let the product decide at every full hour that could matter to this member."""
    open_ = list(one.activities)
    for now in _hours(one):
        due = [a for a in open_ if a.ended_at <= now]
        for decision in rules.decide(due, one.standing(now), SETTINGS, STANDARD, now) if due else ():
            found = next(a for a in due if a.id == decision.attended_id)
            if decision.action == "invite":
                one.invited.append((found.touchpoint, now, found))
                _remind(one, now, random)
            elif decision.action == "skip":
                one.skipped[found.id] = decision.reason
            if decision.action != "wait":
                open_.remove(found)


def _hours(one: Life) -> list[datetime]:
    """Full hours of the days after each activity: long enough for every window there is."""
    first = {int((a.ended_at - START) / HOUR) for a in one.activities}
    return [START + n * HOUR for n in sorted({n + k for n in first for k in range(1, 24 * 7)})]


def _remind(one: Life, invited: datetime, random: Random) -> None:
    if random.random() < 0.35:  # answered
        return
    for hour in range(24 * 12):
        now = invited + hour * HOUR
        if rules.may_remind(invited, one.standing(now), STANDARD, now):
            one.reminded.append((invited, now))
            return


def count(lives: list[Life]) -> dict[str, Counter[str]]:
    """Per touchpoint, how often each thing happened."""
    found: dict[str, Counter[str]] = {}
    for one in lives:
        invited = {a.id for _, _, a in one.invited}
        for activity in one.activities:
            what = "invited" if activity.id in invited else one.skipped[activity.id]
            found.setdefault(activity.touchpoint, Counter())[what] += 1
    return found
