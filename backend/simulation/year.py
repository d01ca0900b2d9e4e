"""A year of a fund in a scratch database: the whole timetable, members, staff, phones. Time is an argument."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.benefit import dates
from backend.clock import local_time
from backend.course.tables import SearchRequirement
from backend.db.engine import Sessions, transaction
from backend.delivery.types import Sender
from backend.jobs import deliver
from backend.jobs.job import Job, Moment
from backend.jobs.schedule import TIMETABLE
from backend.members.identity import StaffIdentity
from backend.members.tables import Staff
from backend.notifications.sending import Channel
from backend.settings import Settings
from backend.simulation import acts, people
from backend.simulation.people import Person
from backend.simulation.phones import Phones, Taken, World

# When the simulation looks at the clock. In between, what is due waits; nothing is due at a moment that none follows.
TICKS = tuple(
    time(hour, minute)
    for hour, minute in (
        (0, 30), (3, 35), (4, 55), (6, 5), (7, 5), (7, 35), (8, 5), (8, 31), (8, 45), (9, 5), (9, 35), (10, 1),
        (10, 15), (11, 5), (12, 5), (13, 5), (14, 5), (15, 5), (16, 5), (17, 5), (18, 30), (19, 45), (20, 30), (22, 45),
    )
)  # fmt: skip
# What leaves the scratch database alone, or asks an outside world that a simulation has none of.
LEFT_OUT = frozenset(
    {"report-talks", "compare-registry", "watch-capacity", "housekeeping", "forget-messages", "tell-staff"}
)
# In the hour of a job that comes many times a day.
MANY_TIMES = "*-,"
# Of these jobs the following matter to the minute; the others put right or tidy up.
EACH_TICK = frozenset({"climb-ladder", "rate-stale", "remind-booked"})
NOW_AND_THEN = frozenset({time(4, 55), time(9, 5), time(13, 5), time(20, 30)})
# Nothing but what a day without work has: people log, read and sleep.
QUIET_TICKS = frozenset({time(0, 30), time(4, 55), time(8, 31), time(11, 5), time(16, 5), time(19, 45)})
LOGGED_AT, STAFF_AT, READ_AT = time(11, 5), time(13, 5), time(19, 45)
Say = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class House:
    """What every step needs."""

    sessions: Sessions
    settings: Settings
    world: World
    people: Sequence[Person]
    adviser: StaffIdentity
    chief: StaffIdentity

    @property
    def senders(self) -> dict[Channel, Sender[Any]]:
        others: tuple[Channel, ...] = ("sms", "email", "mailbox", "paper")
        found: dict[Channel, Sender[Any]] = {channel: Taken(self.world, channel) for channel in others}
        return found | {"push": Phones(self.world)}


async def settle(sessions: Sessions, settings: Settings, world: World, now: datetime) -> House:
    """The people of a fund that was imported: who has the app, who wants what, who works there."""
    async with transaction(sessions) as session:
        rows = await session.execute(
            select(SearchRequirement.member_id, SearchRequirement.min_per_week).order_by(SearchRequirement.member_id)
        )
        persons = people.draw_people(world.chance, dict(rows.all()).items())
        await acts.settings(session, persons, world.chance, now)
        with_app = [one for one in persons if world.chance.random() < people.WITH_APP]
        await acts.new_phones(session, with_app, world, now)
        second = [one for one in with_app if world.chance.random() < people.TWO_PHONES]
        await acts.new_phones(session, second, world, now)
        return House(sessions, settings, world, persons, *await _staff(session))


async def live(house: House, first: date, days: int, say: Say) -> None:
    """Day by day and tick by tick. `say` is told how many of how many days are over."""
    before = local_time(first, time(0, 0))
    for number, now in _ticks(first, days):
        for job in TIMETABLE:
            if job.name not in LEFT_OUT:
                await _due(house, job, before, now)
        await _act(house, number, now)
        await deliver.drain_all(house.sessions, house.senders, house.settings, now)
        before = now
        if now.time() >= READ_AT:
            say(number + 1, days)


def _ticks(first: date, days: int) -> Iterator[tuple[int, datetime]]:
    for number in range(days):
        day = first + timedelta(days=number)
        for at in TICKS if calendar.is_working_day(day) else sorted(QUIET_TICKS):
            yield number, local_time(day, at)


async def _due(house: House, job: Job, before: datetime, now: datetime) -> None:
    """The runs since the last tick; a job that comes every few minutes comes with the tick, some only now and then."""
    if not set(MANY_TIMES).isdisjoint(job.cron["hour"]):
        if job.name in EACH_TICK or now.time() in NOW_AND_THEN:
            await _run(house, job, Moment(now, now, timely=True))
        return
    for at in job.occurrences(before + timedelta(microseconds=1), now):
        if _is_due(job, at):
            await _run(house, job, Moment(at, at, timely=True))


def _is_due(job: Job, at: datetime) -> bool:
    return job.only is None or job.only(at.date())


async def _run(house: House, job: Job, moment: Moment) -> None:
    if job.outside is not None:
        await job.outside(house.sessions, moment=moment, settings=house.settings)
    async with transaction(house.sessions) as session:
        batches = await job.plan(session)
    for batch in batches:
        async with transaction(house.sessions) as session:
            members = await job.members(session, batch)
            await job.work(session, members, moment=moment, settings=house.settings)


async def _act(house: House, number: int, now: datetime) -> None:
    """What people do at this time of the day."""
    today, at = now.date(), now.time()
    chance = house.world.chance
    if at == LOGGED_AT:
        async with transaction(house.sessions) as session:
            await acts.log(session, people.applications(chance, house.people, today, number), now)
            await _phones(session, house, now)
            if today >= dates.opens_on(dates.month_of(today)):
                await acts.send_cards(session, chance, dates.month_of(today), today)
    if at == STAFF_AT and calendar.is_working_day(today):
        async with transaction(house.sessions) as session:
            await acts.ring(session, house.adviser, chance, now)
            talks = calendar.add_working_days(today, acts.TALK_AFTER_DAYS)
            await acts.decide(session, house.chief, chance, now, talks)
            await acts.hold(session, house.chief, today, now)
    if at == READ_AT:
        async with transaction(house.sessions) as session:
            await acts.evening(session, chance, now)


async def _phones(session: AsyncSession, house: House, now: datetime) -> None:
    chance = house.world.chance
    fresh = [one for one in house.people if chance.random() < people.NEW_PHONE]
    await acts.new_phones(session, fresh, house.world, now)
    for person in house.people:
        if person.phones and chance.random() < people.TAKEN_OFF:
            house.world.gone.add(person.phones.pop(0))


async def _staff(session: AsyncSession) -> tuple[StaffIdentity, StaffIdentity]:
    """One adviser and one coordinator do all the work."""
    found = {}
    for role in ("adviser", "coordinator"):
        row = (await session.scalars(select(Staff).where(Staff.role == role).order_by(Staff.staff_no).limit(1))).one()
        found[role] = StaffIdentity(row.id, row.staff_no, role, frozenset({role, "coordinator"}), row.branch_id)
    return found["adviser"], found["coordinator"]


def draw(seed: int) -> random.Random:
    """The one generator of a simulation."""
    return random.Random(seed)  # noqa: S311 - nothing secret
