"""Reminders of the job log, the CV and the benefit card as they are sent, on the database."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.benefit import service as cards
from backend.benefit.service import Sent
from backend.casework.tables_tasks import Task
from backend.clock import local_time
from backend.course.tables_plans import Spell
from backend.db.types import new_id
from backend.followup import card_reminders, cv_reminders, log_reminders
from backend.members.tables import Member
from backend.notifications.tables import Message
from tests import factories
from tests.casework.test_tasks import identity
from tests.rating.rows import entry, exemption, statements

pytestmark = pytest.mark.db
THURSDAY = local_time(date(2026, 11, 19), time(10))
MONDAY = local_time(date(2026, 11, 23), time(10))
TWENTIETH = local_time(date(2026, 11, 20), time(10))
UPLOADS_DAY = local_time(date(2026, 11, 24), time(10))
NOVEMBER = date(2026, 11, 1)


def at(*day: int) -> datetime:
    return local_time(date(*day), time(9))


async def sent(session: AsyncSession, key: str) -> dict[UUID, Message]:
    return {each.member_id: each for each in await session.scalars(select(Message).where(Message.key == key))}


async def people(session: AsyncSession, n: int) -> list[UUID]:
    branch = await factories.branch(session)
    return [(await factories.member(session, branch_id=branch.id)).id for _ in range(n)]


async def test_an_empty_week_is_told_of_once(session: AsyncSession) -> None:
    wrote, planned, sick, empty, over = members = await people(session, 5)
    await entry(session, wrote, date(2026, 11, 17))
    await entry(session, planned, date(2026, 11, 17), status="planned")
    await exemption(session, sick, date(2026, 11, 16), None)
    session.add(
        Spell(
            id=new_id(), member_id=over, started_on=date(2026, 8, 3), ended_on=date(2026, 11, 10), regime="r",
            source="import", created_at=THURSDAY,
        )
    )  # fmt: skip
    await session.flush()
    assert await log_reminders.this_week(session, members, now=THURSDAY) == 2
    assert await log_reminders.this_week(session, members, now=THURSDAY) == 0
    found = await sent(session, "N08")
    assert found.keys() == {planned, empty}
    assert (found[empty].period, found[empty].cause) == (
        "2026-W47",
        {"from_on": "2026-11-16", "to_on": "2026-11-22", "needed": 1},
    )
    assert found[empty].valid_until < local_time(date(2026, 11, 20), time())
    assert await log_reminders.last_week(session, members, now=MONDAY) == 2
    assert (await sent(session, "N09"))[empty].period == "2026-W47"


async def test_work_placement_excuses_nobody(session: AsyncSession) -> None:
    [member_id] = await people(session, 1)
    await exemption(session, member_id, date(2026, 11, 1), None, "virksomhedspraktik")
    assert await log_reminders.this_week(session, [member_id], now=THURSDAY) == 1


async def test_an_empty_month_and_missing_uploads(session: AsyncSession) -> None:
    bare, wrote, done = members = await people(session, 3)
    await entry(session, wrote, date(2026, 11, 3))
    for day in (4, 5):
        await entry(session, done, date(2026, 11, day))
    assert await log_reminders.this_month(session, members, now=TWENTIETH) == 1
    assert (await sent(session, "N16"))[bare].params == {"month": "2026-11-01"}
    assert await log_reminders.uploads(session, members, now=UPLOADS_DAY) == 2
    found = await sent(session, "N17")
    assert {one: (message.params["n"], message.params["m"]) for one, message in found.items()} == {
        bare: (2, 2),
        wrote: (1, 2),
    }
    assert found[bare].cause == {"month": "2026-11-01", "needed": 2}
    assert await log_reminders.uploads(session, members, now=at(2026, 11, 30)) == 2
    assert await log_reminders.uploads(session, members, now=at(2026, 11, 30)) == 0


async def test_the_number_of_statements_does_not_grow_with_the_members(session: AsyncSession) -> None:
    few, many = await people(session, 2), await people(session, 9)
    async with statements(session) as first:
        await log_reminders.this_week(session, few, now=THURSDAY)
    async with statements(session) as second:
        await log_reminders.this_week(session, many, now=THURSDAY)
    assert len(first) == len(second) <= 8


async def test_the_card_opens_and_is_asked_for_until_it_comes(session: AsyncSession) -> None:
    early, late, away_all_month, new = members = await people(session, 4)
    await exemption(session, away_all_month, date(2026, 10, 1), date(2026, 11, 30), "afmeldt")
    (await session.get_one(Member, new)).unemployed_from = date(2026, 12, 1)
    await session.flush()
    assert await card_reminders.opened(session, members, now=at(2026, 11, 23)) == 0
    assert await card_reminders.opened(session, members, now=at(2026, 11, 24)) == 2
    assert (await sent(session, "N19"))[early].params == {"date": "2026-11-26"}
    await cards.record_many(session, [Sent(early, NOVEMBER, date(2026, 11, 24))], source="import")
    assert await card_reminders.missing(session, members, now=at(2026, 11, 26)) == 1
    assert await card_reminders.missing(session, members, now=at(2026, 12, 31)) == 1
    found = await sent(session, "N20")
    assert found.keys() == {late}
    assert found[late].params == {"date": "2027-01-10"}
    assert await card_reminders.last_day(session, members, now=at(2027, 1, 8)) == 1
    task = (await session.scalars(select(Task))).one()
    assert (task.member_id, task.kind, task.due_on) == (late, "benefit_card", date(2027, 1, 8))
    assert await card_reminders.arrived(session, Sent(late, NOVEMBER, date(2027, 1, 8)), now=at(2027, 1, 8))
    await session.refresh(task)
    assert (task.state, task.ended_reason) == ("cancelled", "sent")


async def test_where_no_card_is_known_none_is_missing(session: AsyncSession) -> None:
    members = await people(session, 2)
    assert await card_reminders.missing(session, members, now=at(2026, 11, 26)) == 0
    assert await card_reminders.last_day(session, members, now=at(2027, 1, 8)) == 0


async def test_tasks_end_when_cards_come_by_the_import(session: AsyncSession) -> None:
    other, late = await people(session, 2)
    await cards.record_many(session, [Sent(other, NOVEMBER, date(2026, 11, 24))], source="import")
    await card_reminders.last_day(session, [late], now=at(2027, 1, 8))
    assert await card_reminders.settle(session, now=at(2027, 1, 8)) == 0
    await cards.record_many(session, [Sent(late, date(2026, 11, 9), date(2027, 1, 8))], source="import")
    assert await card_reminders.settle(session, now=at(2027, 1, 8)) == 1


async def test_the_cv_is_reminded_of_until_it_is_approved(session: AsyncSession) -> None:
    adviser = identity(await factories.staff(session, name="Karen Kjær"))
    branch = await factories.branch(session)
    ready, returned, unseen, other = [
        (await factories.member(session, branch_id=branch.id, unemployed_from=date(2026, 11, day))).id
        for day in (11, 11, 11, 10)
    ]
    wednesday = at(2026, 11, 18)
    assert await cv_reminders.remind(session, now=wednesday) == 0  # no adviser has ever decided about a CV here
    await cv_reminders.decide(session, ready, adviser, "approved", None, now=wednesday)
    await cv_reminders.decide(session, returned, adviser, "approved", None, now=wednesday - timedelta(hours=2))
    await cv_reminders.decide(session, returned, adviser, "returned", "Your last job is missing", now=wednesday)
    assert await cv_reminders.remind(session, now=wednesday) == 2
    assert await cv_reminders.remind(session, now=wednesday) == 0
    found = await sent(session, "N18")
    assert found.keys() == {returned, unseen}
    assert found[unseen].params == {"date": "2026-11-24"}
    assert (await sent(session, "N31.cv"))[returned].params == {"name": "Karen"}
    assert other not in found
    # A decision of an earlier spell says nothing about this one.
    (await session.get_one(Member, ready)).unemployed_from = date(2027, 3, 1)
    await session.flush()
    assert await cv_reminders.remind(session, now=at(2027, 3, 8)) == 1
