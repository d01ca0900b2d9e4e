"""What a job is: its name, when it is due, how late it may still be made up for, and its work in batches."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Any, Protocol
from uuid import UUID

from apscheduler.triggers.cron import CronTrigger
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import COPENHAGEN, local_date
from backend.db.engine import Sessions
from backend.settings import Settings

Payload = dict[str, Any]
Counts = dict[str, int]
# The rarest job comes once a month; nobody waits longer than this for a run.
LOOKING_AHEAD = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Moment:
    """The time a run is for, which its work goes by, and the present instant, for what leaves the house.

    `waited`: how long ago the run began. `timely`: it began when it was due; else it is made for another time.
    """

    scheduled_for: datetime
    now: datetime
    waited: timedelta = timedelta()
    timely: bool = False

    @property
    def on_its_day(self) -> bool:
        """Whether it is still the Danish day that the run is for: what is said on Thursday is not said on Friday."""
        return local_date(self.now) == local_date(self.scheduled_for)

    @property
    def as_of(self) -> datetime:
        """The present of a timely run; of one for another time, that time and what has passed since it began."""
        return self.now if self.timely else self.scheduled_for + self.waited


class Work(Protocol):
    """The work of one batch, or of a part of its members. Never commits; done twice, it must do nothing more."""

    def __call__(
        self, session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings
    ) -> Awaitable[Counts]: ...


class Outside(Protocol):
    """Work that asks the outside world. Two workers may do it at a time, and one after a kill once more."""

    def __call__(self, sessions: Sessions, *, moment: Moment, settings: Settings) -> Awaitable[Counts]: ...


async def nothing(session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings) -> Counts:
    """The work of a batch whose whole work is outside."""
    del session, member_ids, moment, settings
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One line of the timetable. `cron` holds APScheduler's fields, weekdays by name (its numbers count from Monday).

    `only`, where given, says on which of the days that `cron` names the job is due at all (Danish days).
    `staleness`: a run that was missed is made up for within it, later it is not. `plan` cuts the work into batches when
    the run begins, `members` are those of a batch (none for work that is not about members). `outside` is done before
    the batch's transaction: what asks the network or a disk, with transactions of its own. Its counts are the batch's.
    """

    name: str
    about: str
    cron: Mapping[str, str]
    staleness: timedelta
    work: Work
    plan: Callable[[AsyncSession], Awaitable[list[Payload]]]
    members: Callable[[AsyncSession, Payload], Awaitable[list[UUID]]]
    outside: Outside | None = None
    only: Callable[[date], bool] | None = None

    def trigger(self) -> CronTrigger:
        return CronTrigger(timezone=COPENHAGEN, **self.cron)

    def occurrences(self, since: datetime, until: datetime) -> Iterator[datetime]:
        """The scheduled instants from `since` to `until`, both included."""
        return takewhile(lambda at: at <= until, self._all(since))

    def following(self, now: datetime) -> datetime | None:
        """The next scheduled instant; None when there is none within LOOKING_AHEAD."""
        return next(self.occurrences(now, now + LOOKING_AHEAD), None)

    def _all(self, since: datetime) -> Iterator[datetime]:
        trigger = self.trigger()
        at: datetime | None = trigger.get_next_fire_time(None, since)
        while at is not None:
            if self.only is None or self.only(local_date(at)):
                yield at
            at = trigger.get_next_fire_time(at, at)

    def due(self, now: datetime) -> datetime | None:
        """The latest scheduled instant that is not too stale to be run now."""
        return max(self.occurrences(now - self.staleness, now), default=None)
