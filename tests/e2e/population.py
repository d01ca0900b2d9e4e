"""A small fund whose members search unevenly, so that colours move from week to week. The same seed, the same fund."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.course.tables import SearchRequirement
from backend.db.base import Base
from backend.db.types import new_id
from backend.job_log.rules import duplicate_key
from backend.job_log.tables import JobLogEntry
from backend.members.tables import Member
from backend.notifications.tables import Device
from backend.rating.tables import RatingCurrent
from tests import factories

WEEKS = 12
PER_WEEK = 2


@dataclass(frozen=True, slots=True)
class Fund:
    """`quiet` are numbers of members whom only the weekly runs touch; `busy` of those who also use the app."""

    quiet: tuple[str, ...]
    busy: tuple[str, ...]


async def fill(session: AsyncSession, *, members: int, busy: int, last_day: date, seed: int) -> Fund:
    """Members with a requirement, twelve weeks of job log before `last_day`, and none to two phones each."""
    draw = Random(seed)
    branch = await factories.branch(session)
    numbers = [f"9{number:05d}" for number in range(members)]
    rows: list[Base] = []
    for number in numbers:
        member = _member(number, branch.id, last_day)
        rows += [member, *_facts(member, draw, last_day)]
    for kind in (Member, RatingCurrent, SearchRequirement, JobLogEntry, Device):
        session.add_all([row for row in rows if isinstance(row, kind)])
        await session.flush()
    return Fund(tuple(numbers[busy:]), tuple(numbers[:busy]))


def _member(number: str, branch_id: UUID, last_day: date) -> Member:
    return Member(
        id=new_id(),
        member_no=number,
        name="Søren Østergaard",
        search_key="søren østergaard",
        born_on=date(1980, 5, 17),
        email=f"m{number}@mail.example",
        phone="+4520000000",
        language="da" if int(number) % 3 else "en",
        branch_id=branch_id,
        adviser_id=None,
        unemployed_from=last_day - timedelta(weeks=WEEKS + 4),
        insurance="full",
        risk="low",
        newly_qualified=False,
        it_member=False,
    )


def _facts(member: Member, draw: Random, last_day: date) -> Iterator[Base]:
    start = member.unemployed_from
    yield RatingCurrent(member_id=member.id, colour="none", urgency=2, since=start)
    yield SearchRequirement(
        id=new_id(),
        member_id=member.id,
        valid_from=start,
        min_per_week=PER_WEEK,
        min_posted_per_week=0,
        uploads_per_month=0,
        source="import",
        set_at=datetime.combine(start, time(8), tzinfo=UTC),
    )
    pace = draw.choice((0, 1, 2, 3))
    for week in range(WEEKS):
        if draw.random() < 0.4:
            pace = draw.choice((0, 1, 2, 3))
        monday = last_day - timedelta(days=last_day.weekday(), weeks=WEEKS - week)
        yield from (_entry(member, monday, number, draw) for number in range(pace))
    for number in range(draw.choice((0, 1, 1, 1, 2))):
        yield _phone(member, number, start)


def _entry(member: Member, monday: date, number: int, draw: Random) -> JobLogEntry:
    applied = monday + timedelta(days=draw.randrange(5))
    employer = f"Smedje {monday.isoformat()} {number}"
    return JobLogEntry(
        id=new_id(),
        member_id=member.id,
        applied_on=applied,
        logged_at=datetime.combine(applied, time(12), tzinfo=UTC),
        logged_on=applied,
        status="applied",
        channel="posted",
        hours="full",
        country="DK",
        postcode="7100",
        employer=employer,
        title="Smed",
        has_document=True,
        duplicate_key=duplicate_key(employer, "Smed"),
        source="import",
    )


def _phone(member: Member, number: int, start: date) -> Device:
    at = datetime.combine(start, time(8), tzinfo=UTC)
    return Device(
        id=new_id(),
        member_id=member.id,
        token=f"token-{member.member_no}-{number}",
        token_kind="token",
        platform=("android", "ios", "web")[int(member.member_no) % 3],
        name="Pixel 9",
        app_version="1.0",
        registered_at=at,
        last_seen_at=at,
    )
