"""Those who follow up hear in the morning how much has come: once, in counts; what did not get through comes again."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import tasks
from backend.casework.tables import CallIn, ServiceCall
from backend.casework.tasks import NewTask
from backend.clock import COPENHAGEN
from backend.db.engine import Sessions, transaction
from backend.db.types import new_id
from backend.delivery import channels
from backend.delivery.types import Announcement, Outcome
from backend.jobs import schedule, tell_staff
from backend.jobs.job import Moment
from backend.members.tables import Branch
from backend.settings import Settings
from tests import factories
from tests.notifications.factories import rows

pytestmark = pytest.mark.db
FRIDAY = datetime(2026, 11, 20, 12, 0, tzinfo=COPENHAGEN)
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=COPENHAGEN)
MINUTE = timedelta(minutes=1)


class Gateway:
    """Takes what it is told to; `answer` is what comes of each."""

    def __init__(self, answer: str = "sent") -> None:
        self.answer = answer
        self.taken: list[Announcement] = []

    async def send(self, batch: Sequence[Announcement], now: datetime) -> list[Outcome]:
        del now
        self.taken += batch
        return [Outcome(one.delivery_id, self.answer) for one in batch]  # type: ignore[arg-type]

    async def close(self) -> None:
        """Nothing is open."""


async def tell(monkeypatch: pytest.MonkeyPatch, sessions: Sessions, gateway: Gateway, now: datetime) -> dict[str, int]:
    monkeypatch.setattr(channels, "open_email", lambda _: gateway)
    moment = Moment(now, now, timely=True)
    return await tell_staff.outside(sessions, moment=moment, settings=Settings(data=Path("unused")))


async def call(session: AsyncSession, branch: Branch, at: datetime, **values: Any) -> None:
    member = await factories.member(session, branch_id=branch.id)
    standard = {"queue": "branch", "fast": False, "state": "open", "due_on": date(2026, 11, 27)}
    session.add(ServiceCall(id=new_id(), member_id=member.id, opened_at=at, **(standard | values)))
    await session.flush()


async def test_an_adviser_hears_what_has_come_to_their_branch_since_the_last_working_morning(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with transaction(sessions) as session:
        branch, other = await factories.branch(session), await factories.branch(session)
        adviser = await factories.staff(session, branch_id=branch.id, email="kaj@fund.example")
        await factories.staff(session, branch_id=other.id)
        await factories.staff(session, role="organiser", branch_id=branch.id)
        for at in (FRIDAY, MONDAY - MINUTE, MONDAY, FRIDAY - timedelta(days=1)):
            await call(session, branch, at)
        await call(session, branch, FRIDAY, queue="contact_centre")
        member = await factories.member(session, branch_id=branch.id)
        session.add(CallIn(id=new_id(), member_id=member.id, state="proposed", evidence={}, proposed_at=FRIDAY))
        await tasks.open_many(session, [NewTask(member.id, "unread_notice", "x", FRIDAY.date())], now=FRIDAY)
    gateway = Gateway()
    assert await tell(monkeypatch, sessions, gateway, MONDAY) == {"new": 2, "sent": 2}
    told = {one.title: one.body for one in gateway.taken}
    assert {one.address for one in gateway.taken} == {"kaj@fund.example"}
    assert told.keys() == {
        "Metal A-kasse: Ny opfølgning siden sidste hverdag",
        "Metal A-kasse: Vigtige breve er ulæste",
    }
    async with sessions() as session:
        stored = {row["key"]: row["params"] for row in await rows(session, "staff_notice")}
        assert {row["staff_id"] for row in await rows(session, "staff_notice")} == {adviser.id}
    assert stored == {"follow_up_digest": {"calls": 2, "call_ins": 1}, "notices_unread": {"n": 1}}
    assert await tell(monkeypatch, sessions, gateway, MONDAY + 20 * MINUTE) == {"new": 0, "sent": 0}


async def test_the_contact_centre_hears_of_its_own_queue(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    async with transaction(sessions) as session:
        await factories.staff(session, role="contact_centre")
        await call(session, await factories.branch(session), FRIDAY, queue="contact_centre")
        await call(session, await factories.branch(session), FRIDAY, queue="contact_centre")
    assert await tell(monkeypatch, sessions, Gateway(), MONDAY) == {"new": 1, "sent": 1}
    async with sessions() as session:
        assert [row["params"]["calls"] for row in await rows(session, "staff_notice")] == [2]


async def test_what_did_not_get_through_is_tried_again_and_what_is_refused_is_not(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with transaction(sessions) as session:
        branch = await factories.branch(session)
        await factories.staff(session, branch_id=branch.id)
        await call(session, branch, FRIDAY)
    results = [
        await tell(monkeypatch, sessions, Gateway(answer), MONDAY + number * 20 * MINUTE)
        for number, answer in enumerate(("retry", "rejected", "sent"))
    ]
    assert [found["sent"] for found in results] == [0, 0, 0]
    async with sessions() as session:
        assert [row["error"] for row in await rows(session, "staff_notice")] == ["rejected"]


async def test_nothing_of_a_morning_is_said_on_another_day(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    async with transaction(sessions) as session:
        branch = await factories.branch(session)
        await factories.staff(session, branch_id=branch.id)
        await call(session, branch, FRIDAY)
    monkeypatch.setattr(channels, "open_email", lambda _: Gateway())
    late = Moment(MONDAY, MONDAY + timedelta(days=1), timely=False)
    found = await tell_staff.outside(sessions, moment=late, settings=Settings(data=Path("unused")))
    assert found == {"new": 0, "sent": 0}


def test_staff_are_left_alone_on_holidays() -> None:
    """Christmas Day of 2026 is a Friday."""
    job = schedule.BY_NAME["tell-staff"]
    christmas = datetime(2026, 12, 25, 0, 0, tzinfo=COPENHAGEN)
    assert list(job.occurrences(christmas, christmas + timedelta(days=1))) == []
    assert len(list(job.occurrences(MONDAY - timedelta(hours=8), MONDAY + timedelta(hours=8)))) == 3
