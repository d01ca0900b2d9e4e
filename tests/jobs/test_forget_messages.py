"""Messages are kept by class, and legal notices at least as long as a case of their member runs."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import tasks
from backend.casework.tasks import NewTask
from backend.db.engine import Sessions, transaction
from backend.jobs import forget_messages
from backend.jobs.job import Moment
from backend.notices import service as notices
from backend.notices.service import NewNotice
from backend.notifications import retention
from backend.notifications import service as notifications
from backend.notifications.service import NewMessage
from backend.notifications.tables_retention import MessageRetention
from backend.schema import metadata
from tests import factories
from tests.jobs.helpers import SETTINGS, count, rows
from tests.notifications.factories import device

NOW = factories.MOMENT
DAY = timedelta(days=1)
LONG_AGO = NOW - 3000 * DAY


def test_whatever_hangs_on_a_message_is_known_to_who_deletes_it() -> None:
    def hanging(on: str) -> set[str]:
        return {
            table.name
            for table in metadata.tables.values()
            for key in table.foreign_keys
            if key.column.table.name == on and table.name != on
        }

    assert hanging("message") == {*retention.TABLES, "notice"}
    assert hanging("notice") == {"notice_letter", "notice_event"}


async def forget(sessions: Sessions) -> dict[str, int]:
    return await forget_messages.outside(sessions, moment=Moment(NOW, NOW), settings=SETTINGS)


async def told(sessions: Sessions, key: str, days_ago: int) -> UUID:
    """A message of so many days ago whose push ended the same day."""
    at = NOW - days_ago * DAY
    async with transaction(sessions) as session:
        member = await factories.member(session)
        await device(session, member.id)
        params = {"month": date(2026, 1, 1)} if key == "N16" else {}
        cause = {"from_on": "2026-01-01", "to_on": "2026-01-31", "needed": 1} if key == "N16" else {}
        await notifications.send(session, [NewMessage(member.id, key, "x", params, cause)], now=at)
        await session.execute(
            text(
                "WITH done AS (DELETE FROM delivery WHERE member_id = :member RETURNING *) INSERT INTO delivery_done"
                " (id, message_id, member_id, device_id, channel, state, attempts, due_at, created_at, finished_at)"
                " SELECT id, message_id, member_id, device_id, channel, 'sent', 1, due_at, created_at, :at FROM done"
            ),
            {"member": member.id, "at": at},
        )
        return member.id


async def left(sessions: Sessions) -> set[UUID]:
    return {member for (member,) in await rows(sessions, "SELECT member_id FROM message")}


@pytest.mark.db
async def test_reminders_and_services_go_after_thirteen_months_with_all_that_hangs_on_them(sessions: Sessions) -> None:
    old = [await told(sessions, "N16", 397), await told(sessions, "N28", 397)]
    young = [await told(sessions, "N16", 395), await told(sessions, "N28", 395)]
    async with transaction(sessions) as session:
        await session.execute(text("UPDATE message SET carrier_id = (SELECT id FROM message WHERE member_id = :one)"
                                   " WHERE member_id = :two"), {"one": old[0], "two": young[0]})  # fmt: skip
    assert await forget(sessions) == {"receipts": 2, "reminders": 1, "services": 1, "notices": 0}
    assert await left(sessions) == set(young)
    assert await count(sessions, "inbox_entry") == await count(sessions, "delivery_done") == 2
    assert await forget(sessions) == {"receipts": 0, "reminders": 0, "services": 0, "notices": 0}


@pytest.mark.db
async def test_many_parts_are_taken_one_after_the_other(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forget_messages, "PART", 1)
    for _ in range(3):
        await told(sessions, "N28", 500)
    assert (await forget(sessions))["services"] == 3


@pytest.mark.db
async def test_what_is_still_to_be_sent_is_kept(sessions: Sessions) -> None:
    async with transaction(sessions) as session:
        member = await factories.member(session)
        await device(session, member.id)
        await notifications.send(session, [NewMessage(member.id, "N28", "x")], now=LONG_AGO)
    assert (await forget(sessions))["services"] == 0


@pytest.mark.db
async def test_a_new_version_applies_from_its_day(session: AsyncSession) -> None:
    days = {"receipt_days": 60, "reminder_days": 90, "service_days": 90, "notice_days": 3650}
    session.add(MessageRetention(version=2, valid_from=date(2026, 8, 1), **days))
    await session.flush()
    assert (await retention.kept(session, date(2026, 7, 31))).reminders == 396 * DAY
    assert (await retention.kept(session, date(2026, 8, 1))).reminders == 90 * DAY
    with pytest.raises(LookupError):
        await retention.kept(session, date(1999, 1, 1))


async def noticed(session: AsyncSession, member_id: UUID, *, days_ago: int) -> None:
    days = {"fill_by": date(2026, 1, 9), "from_on": date(2026, 1, 1), "to_on": date(2026, 1, 2)}
    given = NewNotice(
        member_id=member_id,
        template="log_deadline",
        period=str(days_ago),
        letter=days,
        origin="rule",
        params={"date": date(2026, 1, 9)},
        cause={"from_on": "2026-01-01", "to_on": "2026-01-31", "needed": 1},
    )
    await notices.send(session, [given], now=NOW - days_ago * DAY)
    await session.execute(text("DELETE FROM delivery WHERE member_id = :member"), {"member": member_id})


@pytest.mark.db
async def test_a_legal_notice_is_kept_for_years_and_while_a_case_runs(sessions: Sessions) -> None:
    async with transaction(sessions) as session:
        free, held = await factories.member(session), await factories.member(session)
        for member in (free, held):
            await noticed(session, member.id, days_ago=1828)
            await noticed(session, member.id, days_ago=1826)
        await tasks.open_many(session, [NewTask(held.id, "agreement", "x", NOW.date())], now=NOW)
    assert (await forget(sessions))["notices"] == 1
    assert await rows(sessions, "SELECT period, member_id FROM message ORDER BY period, member_id") == sorted(
        [("1826", free.id), ("1826", held.id), ("1828", held.id)]
    )
    assert await count(sessions, "notice") == await count(sessions, "notice_event") == 3
    async with transaction(sessions) as session:
        await tasks.close_many(session, "agreement", ["x"], reason="kept", now=NOW)
    assert (await forget(sessions))["notices"] == 1


@pytest.mark.db
async def test_nobody_else_deletes_a_notice(session: AsyncSession) -> None:
    await noticed(session, (await factories.member(session)).id, days_ago=5000)
    for statement in ("DELETE FROM notice_event", "DELETE FROM notice", "UPDATE notice SET language = 'en'"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with session.begin_nested():
                await session.execute(text(statement))
    await session.execute(text("SELECT set_config('jobvej.retention', 'on', true)"))
    with pytest.raises(DBAPIError, match="append-only"):
        async with session.begin_nested():
            await session.execute(text("UPDATE notice SET language = 'en'"))
    with pytest.raises(DBAPIError, match="append-only"):
        await session.execute(text("DELETE FROM case_history"))
