"""What can be booked in the demo fund: advisers' hours, and a series of every event of the course plans."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.booking import rules, session_list, templates, working
from backend.booking.rules import Audience
from backend.booking.rules_sessions import PUBLISHED, Setup
from backend.booking.templates import Series
from backend.booking.working import Day
from backend.clock import local_date
from backend.course import plans
from backend.course.plans import Activity
from backend.members.tables import Staff

WEEK = tuple(Day(n, time(9), time(15), ("personal", "phone", "video")) for n in range(1, 6))
HOLD_TALKS = ("adviser", "job_consultant")
# What is held for some is not offered to the others.
AUDIENCES = {
    "td_50plus": Audience(age_from=50),
    "td_graduate": Audience(newly_qualified=True),
    "td_it": Audience(it_member=True),
}
SEATS = {"workshop": 16, "theme_day": 20, "net_cafe": 4}
# A joint talk begins with half an hour together.
LEAD, OWN = 30, 15


class Hosts(NamedTuple):
    """Who holds what is published, and who published it."""

    organisers: list[UUID]
    consultants: list[UUID]


async def open_up(session: AsyncSession, *, now: datetime, plan_set: str) -> None:
    """Hours for everybody who holds talks, and weekly events on working days for sixteen weeks to come."""
    staff = (await session.execute(select(Staff.id, Staff.role).order_by(Staff.staff_no))).all()
    hosts = Hosts(
        [one.id for one in staff if one.role == "organiser"], [one.id for one in staff if one.role == "job_consultant"]
    )
    for one in staff:
        if one.role in HOLD_TALKS:
            await working.set_hours(session, one.id, WEEK, valid_from=local_date(now), by=one.id, now=now)
    monday = calendar.monday(local_date(now)) + calendar.WEEK
    events = [(key, one) for key, one in plans.catalogue(plan_set).items() if one.kind in PUBLISHED]
    for n, (key, activity) in enumerate(events):
        await _hold(session, n, key, activity, hosts, monday, plan_set, now)


async def _hold(  # noqa: PLR0917 - one event of the list
    session: AsyncSession, n: int, key: str, activity: Activity, hosts: Hosts, monday: date, plan_set: str,
    now: datetime,
) -> None:  # fmt: skip
    """Each event on a weekday of its own by turns, in the morning or the afternoon."""
    host = hosts.organisers[n % len(hosts.organisers)]
    setup = Setup(
        activity=key, form="personal", place="Jobteamets lokaler, Fredericia", capacity=SEATS.get(activity.kind, 1),
        minutes=activity.minutes or 120, staff_id=host, audience=AUDIENCES.get(key, Audience()),
    )  # fmt: skip
    if activity.kind == "joint_talk":
        setup = await _joint(session, key, hosts)
    first_on = monday + timedelta(days=n % 5)
    # Half of the day each, so that nobody holds two things at once.
    at = time(9) if (n // len(hosts.organisers)) % 2 == 0 or activity.kind == "theme_day" else time(12, 30)
    series = Series(first_on, None, 1, at)
    await templates.create(session, setup, series, set_name=plan_set, by=host, now=now)


async def _joint(session: AsyncSession, key: str, hosts: Hosts) -> Setup:
    partner = await session_list.add_partner(session, "Jobcenter Fredericia", "Pia Holm", email=None, phone=None)
    seats = rules.joint_capacity(OWN)
    return Setup(
        activity=key, form="personal", place="Jobcenter Fredericia", capacity=seats, minutes=LEAD + seats * OWN,
        lead_minutes=LEAD, own_minutes=OWN, staff_id=hosts.consultants[0], partner_id=partner.id,
    )  # fmt: skip
