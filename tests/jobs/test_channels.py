"""The delivery loops on all channels: with FCM, an HTTP gateway and an SMTP server on loopback."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock
from backend.casework import tasks
from backend.casework.tables import CallIn
from backend.casework.tasks import NewTask
from backend.db.engine import Sessions, transaction
from backend.db.types import new_id
from backend.delivery.types import Outcome
from backend.jobs import deliver, ladder, lines, schedule
from backend.jobs.job import Moment
from backend.notifications import channels, inbox
from backend.settings import Settings
from tests import factories
from tests.notifications.factories import NOON, device, rows, send
from tests.standins import fcm
from tests.standins.gateway import HttpGateway, SmtpGateway, running

pytestmark = pytest.mark.db
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.fixture
async def server() -> AsyncIterator[fcm.Server]:
    async with fcm.running() as server:
        yield server


def moment(now: datetime) -> Moment:
    return Moment(now, now, timely=True)


async def pushed(session: AsyncSession, *tokens: str, now: datetime = NOON) -> None:
    for token in tokens:
        member = await factories.member(session)
        await device(session, member.id, token=token, last_seen_at=now)
        await send(session, member.id, now=now)


async def noticed(session: AsyncSession, *, now: datetime = NOON, **values: Any) -> UUID:
    """A member with a hearing before them: a legal notice that needs no other row to stand."""
    member = await factories.member(session, language="en", **values)
    await device(session, member.id, last_seen_at=now)
    await send(session, member.id, key="N30", now=now)
    return member.id


async def opened(session: AsyncSession, member_id: UUID) -> None:
    """The member opens the letter that they got."""
    [message] = await rows(session, "message")
    await inbox.open_letter(session, member_id, message["id"], now=NOON)


async def ended(sessions: Sessions) -> dict[str, dict[str, Any]]:
    async with sessions() as session:
        return {row["channel"]: row for row in await rows(session, "delivery_done")}


async def test_a_legal_notice_goes_out_on_every_channel_and_each_tells_nothing_but_that(
    sessions: Sessions, tmp_path: Path
) -> None:
    sms, mail = HttpGateway(), SmtpGateway()
    async with running(sms), running(mail), transaction(sessions) as session:
        await noticed(session, phone="20123456", email="kaj@mail.example")
        settings = Settings(data=tmp_path, sms_url=sms.url, email_url=mail.url)
        await session.commit()
        assert await deliver.run_once(sessions, settings, NOON) == {"sent": 4}
    [(number, said)] = sms.taken
    assert number == "+4520123456"
    assert said == "Log in and read the message from Metal A-kasse. Questions? Call 75 00 00 00."
    [(to, letter)] = mail.taken
    assert (to, letter["subject"]) == ("kaj@mail.example", "Metal A-kasse: New important message")
    done = await ended(sessions)
    assert done.keys() == {"push", "sms", "email", "mailbox"}
    box = tmp_path / "mailbox" / str(done["mailbox"]["id"])
    assert (box / "receipt.json").exists()
    assert done["mailbox"]["finished_at"] == NOON


async def test_the_mailbox_receipt_of_a_first_attempt_holds_when_the_record_of_it_was_lost(
    sessions: Sessions, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path)
    async with transaction(sessions) as session:
        await noticed(session)
    await deliver.run_once(sessions, settings, NOON)
    async with transaction(sessions) as session:  # as if the worker had died before it recorded
        await session.execute(
            text(
                "WITH d AS (DELETE FROM delivery_done WHERE channel = 'mailbox' RETURNING *) INSERT INTO delivery (id,"
                " message_id, member_id, channel, due_at, valid_until, created_at) SELECT id, message_id, member_id,"
                " channel, due_at, due_at + interval '1 day', created_at FROM d"
            )
        )
    await deliver.run_once(sessions, settings, NOON + 60 * SECOND)
    assert (await ended(sessions))["mailbox"]["finished_at"] == NOON
    assert len(list((tmp_path / "mailbox").iterdir())) == 1


async def test_what_was_read_meanwhile_is_not_announced(sessions: Sessions, tmp_path: Path) -> None:
    async with transaction(sessions) as session:
        await opened(session, await noticed(session))
    assert await deliver.run_once(sessions, Settings(data=tmp_path), NOON) == {"sent": 2, "cancelled": 2}
    done = await ended(sessions)
    assert {name: row["state"] for name, row in done.items() if row["state"] == "cancelled"} == {
        "sms": "cancelled",
        "email": "cancelled",
    }


async def test_while_fcm_is_down_nothing_is_tried_and_when_it_is_back_everything_goes(
    sessions: Sessions, server: fcm.Server, tmp_path: Path
) -> None:
    settings = Settings(fcm_credentials=server.credentials(tmp_path), fcm_url=server.url)
    tokens = [f"t{number}" for number in range(30)]
    async with transaction(sessions) as session:
        await pushed(session, *tokens[:12])
    server.plan.tokens.update({token: ["503"] for token in tokens[:12]})
    sender = lines.PUSH.open(settings)
    assert await deliver.drain(sessions, sender, settings, NOON) == {"due": 12}
    async with transaction(sessions) as session:
        await pushed(session, *tokens[12:])
    asked = len(server.stand.sends)
    assert await deliver.drain(sessions, sender, settings, NOON + 9 * SECOND) == {}
    assert len(server.stand.sends) == asked
    total: Counter[str] = Counter()
    for later in (60, 61, 62):
        total += await deliver.drain(sessions, sender, settings, NOON + later * SECOND)
    await sender.close()
    assert total == {"sent": 30}
    async with sessions() as session:
        done = await rows(session, "delivery_done")
        assert sorted(row["attempts"] for row in done) == [1] * 18 + [2] * 12
        assert {one.state for one in await channels.states(session)} == {"closed"}


async def test_an_sms_gateway_that_hangs_holds_up_no_push(
    fresh_sessions: Sessions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(deliver, "IDLE_SECONDS", 0.02)
    stop, hung = asyncio.Event(), asyncio.Event()

    class Hanging:
        async def send(self, batch: Sequence[Any], now: datetime) -> list[Outcome]:
            hung.set()
            await stop.wait()
            return [Outcome(each.delivery_id, "sent") for each in batch]

        async def close(self) -> None:
            return

    slow = tuple(replace(line, open=lambda _: Hanging()) if line.channel == "sms" else line for line in lines.LINES)
    monkeypatch.setattr(deliver, "LINES", slow)
    settings = Settings(data=tmp_path, quiet_hours="off")
    async with transaction(fresh_sessions) as session:
        await noticed(session, now=clock.now())
    loop = asyncio.create_task(deliver.run(stop, fresh_sessions, settings))
    await asyncio.wait_for(hung.wait(), 5)
    async with transaction(fresh_sessions) as session:
        await pushed(session, "t", now=clock.now())
    for _ in range(200):
        await asyncio.sleep(0.02)
        async with fresh_sessions() as session:
            states = Counter(row["channel"] for row in await rows(session, "delivery_done"))
        if states["push"] == 2:
            break
    assert states == {"push": 2, "email": 1, "mailbox": 1}
    stop.set()
    await asyncio.wait_for(loop, 10)


async def test_a_row_of_which_nothing_can_be_made_does_not_stop_the_others(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with transaction(sessions) as session:
        await pushed(session, "a", "b", "c", "d", "e")
        poisoned = (await rows(session, "delivery"))[2]["id"]
    whole = lines.PUSH.prepare

    async def fails(sessions: Sessions, claimed: Sequence[Any], settings: Settings, now: datetime) -> Sequence[Any]:
        if poisoned in {row.id for row in claimed}:
            raise KeyError("what a member wrote")
        return await whole(sessions, claimed, settings, now)

    monkeypatch.setattr(deliver, "LINES", (replace(lines.PUSH, prepare=fails),))
    assert await deliver.run_once(sessions, Settings(data=tmp_path), NOON) == {"sent": 4, "due": 1}
    async with sessions() as session:
        [left] = await rows(session, "delivery")
    assert (left["id"], left["last_error"]) == (poisoned, "NOT_PREPARED")


async def test_unread_it_becomes_one_task_and_read_the_task_is_closed(sessions: Sessions, tmp_path: Path) -> None:
    async with transaction(sessions) as session:
        member = await noticed(session)
    settings = Settings(data=tmp_path)
    friday = NOON + 2 * DAY
    assert await ladder.outside(sessions, moment=moment(friday), settings=settings) == {
        "steps": 1,
        "tasks": 1,
        "closed": 0,
    }
    again = await ladder.outside(sessions, moment=moment(friday + 60 * SECOND), settings=settings)
    assert again == {"steps": 0, "tasks": 0, "closed": 0}
    async with transaction(sessions) as session:
        [task] = await rows(session, "task")
        [message] = await rows(session, "message")
        assert (task["member_id"], task["kind"], task["key"]) == (member, "unread_notice", str(message["id"]))
        assert task["due_on"] == friday.date()
        await inbox.mark_all_read(session, member, now=friday)
    assert (await ladder.outside(sessions, moment=moment(friday), settings=settings))["closed"] == 0
    async with transaction(sessions) as session:
        await opened(session, member)
    assert (await ladder.outside(sessions, moment=moment(friday), settings=settings))["closed"] == 1
    async with sessions() as session:
        assert [(row["state"], row["ended_reason"]) for row in await rows(session, "task")] == [("cancelled", "read")]


async def missed(session: AsyncSession) -> CallIn:
    """A talk that the member did not come to, and the letter about it."""
    member, staff = await factories.member(session), await factories.staff(session)
    talk = CallIn(id=new_id(), member_id=member.id, state="no_show", evidence={}, proposed_at=NOON, decided_by=staff.id)
    session.add(talk)
    await session.flush()
    await send(session, member.id, key="N07", period=str(talk.id), cause={"no_show": str(talk.id)})
    return talk


async def test_a_missed_talk_is_telephoned_about_the_same_day_and_reading_is_no_answer(
    sessions: Sessions, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path)
    async with transaction(sessions) as session:
        talk = await missed(session)
        await opened(session, talk.member_id)
    counts = await ladder.outside(sessions, moment=moment(NOON), settings=settings)
    assert counts == {"steps": 0, "tasks": 1, "closed": 0}
    async with transaction(sessions) as session:
        await session.execute(text("UPDATE call_in SET state = 'cancelled'"))
    assert (await ladder.outside(sessions, moment=moment(NOON), settings=settings))["closed"] == 1
    async with sessions() as session:
        assert [row["ended_reason"] for row in await rows(session, "task")] == ["over"]


async def test_two_tasks_never_say_to_ring_about_one_absence(sessions: Sessions, tmp_path: Path) -> None:
    async with transaction(sessions) as session:
        talk = await missed(session)
        await tasks.open_many(session, [NewTask(talk.member_id, "no_show", str(talk.id), NOON.date())], now=NOON)
    counts = await ladder.outside(sessions, moment=moment(NOON), settings=Settings(data=tmp_path))
    assert counts["tasks"] == 0


async def test_nobody_is_rung_up_about_a_letter_that_no_longer_holds(sessions: Sessions, tmp_path: Path) -> None:
    """Called off before anybody read the letter about it."""
    async with transaction(sessions) as session:
        member, staff = await factories.member(session), await factories.staff(session)
        talk = CallIn(
            id=new_id(), member_id=member.id, state="cancelled", evidence={}, proposed_at=NOON, decided_by=staff.id
        )
        session.add(talk)
        await session.flush()
        await send(session, member.id, key="N04", period=str(talk.id))
    counts = await ladder.outside(sessions, moment=moment(NOON + 2 * DAY), settings=Settings(data=tmp_path))
    assert counts == {"steps": 1, "tasks": 0, "closed": 0}


@pytest.mark.parametrize("name", ["climb-ladder", "sweep-messages"])
def test_the_ladder_and_the_sweep_run_every_minute(name: str) -> None:
    job = schedule.BY_NAME[name]
    assert len(list(job.occurrences(NOON, NOON + timedelta(minutes=9)))) == 10
