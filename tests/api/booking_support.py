"""A branch with an adviser, members in the first week of a spell, and an application whose clock can be turned."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api.limits import Limits
from backend.booking import deadlines, outages, service, waiting
from backend.booking.deadlines import NewDeadline
from backend.clock import COPENHAGEN
from backend.course import spells
from backend.course.spells import NewSpell
from backend.db.engine import Sessions
from backend.members.tables import Branch, Member, Staff
from tests import factories
from tests.api.conftest import NOW, Client, connected, signed
from tests.booking import factories as make

# Wednesday 18 November 2026, ten o'clock; the spell began on the Monday of that week.
SPELL = date(2026, 11, 16)
FRIDAY = date(2026, 11, 20)


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(frozen=True)
class Scene:
    branch: Branch
    adviser: Staff
    member: Member
    headers: dict[str, str]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def client(application: Callable[..., Litestar], sessions: Sessions, clock: Clock) -> AsyncIterator[Client]:
    """Limits that only somebody who guesses secrets meets."""
    limits = Limits(per_second=1e6, burst=1e6, tries_per_second=1e-3, tries_burst=30)
    async with connected(application(sessions, clock=clock, limits=limits)) as client:
        yield client


@pytest.fixture
async def here(session: AsyncSession) -> Scene:
    return await scene(session)


async def get(client: Client, here: Scene, path: str, **params: Any) -> Any:
    answer = await client.get(path, headers=here.headers, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def post(client: Client, here: Scene, path: str, body: Any = None, status: int = 201) -> Any:
    answer = await client.post(path, headers=here.headers, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def talk(item: str, hour: int = 9, **more: Any) -> dict[str, Any]:
    wish = {"obligationIds": [item], "startsAt": at(FRIDAY, hour).isoformat(), "form": "personal"}
    return wish | more


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=COPENHAGEN)


async def scene(session: AsyncSession) -> Scene:
    branch = await factories.branch(session)
    adviser = await make.adviser(session, branch, name="Karen Kjær")
    member = await new_member(session, branch)
    await session.commit()
    return Scene(branch, adviser, member, signed(member_no=member.member_no))


async def new_member(session: AsyncSession, branch: Branch, *, started_on: date = SPELL, **values: Any) -> Member:
    made = await factories.member(session, branch_id=branch.id, language="en", **values)
    await spells.start_many(session, [NewSpell(made.id, started_on)], set_name="metal", source="import", now=NOW)
    return made


async def items(session: AsyncSession, member_id: UUID) -> dict[str, str]:
    return {activity: str(found) for activity, found in (await make.items(session, member_id)).items()}


async def messages(session: AsyncSession, member_id: UUID) -> list[str]:
    rows = await session.scalars(
        text("SELECT key FROM message WHERE member_id = :m ORDER BY created_at, key"), {"m": member_id}
    )
    return list(rows)


async def timeline(session: AsyncSession, member_id: UUID, kind: str) -> list[Any]:
    """(state, needs action) of the items of a kind, by time."""
    rows = await session.execute(
        text(
            "SELECT params ->> 'state' AS state, needs_action FROM timeline_item"
            " WHERE member_id = :m AND kind = :k ORDER BY at, id"
        ),
        {"m": member_id, "k": kind},
    )
    return [tuple(row) for row in rows]


async def populate(session: AsyncSession, member: Member, branch: Branch) -> None:
    """Something of everything that booking is about, for requests made from the contract."""
    await make.adviser(session, branch)
    await spells.start_many(session, [NewSpell(member.id, SPELL)], set_name="metal", source="import", now=NOW)
    friend = await new_member(session, branch)
    item = (await make.items(session, member.id))["cv_job"]
    await deadlines.set_many(session, [NewDeadline(item, member.id)], now=NOW)
    full, free = [await make.workshop(session, capacity=1, starts_at=at(FRIDAY, hour)) for hour in (9, 14)]
    await service.book_seat(session, friend.id, full, now=NOW)
    await waiting.join(session, member.id, full, now=NOW)
    await service.book_seat(session, member.id, free, now=NOW)
    await outages.begin(session, from_at=NOW, note=None)
