"""The delivery loop, with FCM's own client against a server that speaks its protocol."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework.tables import CallIn, ServiceCall
from backend.db.engine import Sessions, make_engine, make_sessions, transaction
from backend.db.types import new_id
from backend.delivery import fcm
from backend.delivery.types import Outcome, Push, PushSender
from backend.jobs import deliver
from backend.jobs.lines import PUSH
from backend.notifications import outbox
from backend.settings import Settings
from tests import factories
from tests.notifications.factories import NOON, device, rows, send
from tests.standins.fcm import Server, running

pytestmark = pytest.mark.db
SETTINGS = Settings(quiet_hours="off")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with running(keep_bodies=True) as server:
        yield server


@pytest.fixture
async def sender(server: Server, tmp_path: Path) -> AsyncIterator[PushSender]:
    sender = fcm.open_sender(server.credentials(tmp_path), server.url)
    yield sender
    await sender.close()


class Recorder:
    """A channel that answers as told and remembers what it was given."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.batches: list[list[Push]] = []

    async def send(self, batch: Sequence[Push], now: datetime) -> list[Outcome]:
        self.batches.append(list(batch))
        if self.failures:
            raise self.failures.pop(0)
        return [Outcome(push.delivery_id, "sent", provider_id="p") for push in batch]

    async def close(self) -> None:
        return


async def told(session: AsyncSession, token: str) -> UUID:
    """A member with a phone and a message to it; the member's id."""
    member = await factories.member(session)
    await device(session, member.id, token=token)
    await send(session, member.id)
    return member.id


async def test_each_answer_of_fcm_becomes_the_state_it_stands_for(
    sessions: Sessions, server: Server, sender: PushSender
) -> None:
    faults = {"t-gone": "unregistered", "t-bad": "invalid_argument", "t-busy": "503", "t-lost": "lost_answer"}
    server.plan.tokens.update(faults)
    async with transaction(sessions) as session:
        for token in ("t-ok", *faults):
            await told(session, token)
    total = await deliver.drain(sessions, sender, SETTINGS, NOON)
    assert total == {"sent": 1, "gone": 1, "rejected": 1, "due": 2}
    async with sessions() as session:
        phones = {row["id"]: row for row in await rows(session, "device")}
        done = {phones[row["device_id"]]["token"]: row for row in await rows(session, "delivery_done")}
        left = {phones[row["device_id"]]["token"]: row for row in await rows(session, "delivery")}
    assert {token: row["state"] for token, row in done.items()} == {
        "t-ok": "sent",
        "t-gone": "gone",
        "t-bad": "rejected",
    }
    assert done["t-ok"]["provider_id"].startswith("projects/")
    assert {token: row["last_error"] for token, row in left.items()} == {
        "t-busy": "UNAVAILABLE",
        "t-lost": "CONNECTION",
    }
    revoked = {row["token"]: row["revoked_reason"] for row in phones.values() if row["revoked_at"]}
    assert revoked == {"t-gone": "unregistered"}


async def test_what_failed_in_passing_is_sent_when_it_is_due_again(
    sessions: Sessions, server: Server, sender: PushSender
) -> None:
    server.plan.tokens["t"] = ["503", "429"]
    async with transaction(sessions) as session:
        await told(session, "t")
    now = NOON
    for expected in ({"due": 1}, {"due": 1}, {"sent": 1}):
        assert await deliver.drain(sessions, sender, SETTINGS, now) == expected
        now += timedelta(minutes=3)
    async with sessions() as session:
        [row] = await rows(session, "delivery_done")
    assert (row["state"], row["attempts"]) == ("sent", 3)


async def test_the_phone_is_told_nothing_but_that_there_is_a_message(
    sessions: Sessions, server: Server, sender: PushSender
) -> None:
    async with transaction(sessions) as session:
        member = await factories.member(session, language="en", colour="yellow")
        await device(session, member.id, token="t")
        await send(session, member.id, key="N11", cause={"colour": "yellow"}, now=NOON - timedelta(days=1))
        [message] = await rows(session, "message")
    await deliver.drain(sessions, sender, SETTINGS, NOON)
    [body] = server.stand.bodies
    sent = body["message"]
    assert sent["notification"] == {"title": "New message", "body": "You have a new message from Metal A-kasse."}
    assert sent["data"] == {"messageId": str(message["id"]), "category": "rating"}
    assert sent["android"]["ttl"] == f"{13 * 24 * 3600}s"


async def test_a_message_about_a_colour_is_not_sent_when_the_colour_has_changed(sessions: Sessions) -> None:
    async with transaction(sessions) as session:
        yellow = await factories.member(session, colour="yellow")
        green = await factories.member(session, colour="green")
        for member in (yellow, green):
            await device(session, member.id)
        await send(session, yellow.id, green.id, key="N11", cause={"colour": "yellow"})
    sender = Recorder()
    assert await deliver.drain(sessions, sender, SETTINGS, NOON) == {"sent": 1, "cancelled": 1}
    async with sessions() as session:
        states = {row["member_id"]: row["last_error"] for row in await rows(session, "delivery_done")}
        assert states == {yellow.id: None, green.id: "NO_LONGER_TRUE"}
        assert len(await rows(session, "inbox_entry")) == 2


def call(member: UUID, **values: object) -> ServiceCall:
    return ServiceCall(
        **{
            "id": new_id(),
            "member_id": member,
            "queue": "branch",
            "fast": False,
            "state": "open",
            "due_on": date(2026, 11, 20),
            "opened_at": NOON,
        }
        | values
    )


async def test_calls_and_call_ins_that_are_over_are_not_announced(sessions: Sessions) -> None:
    async with transaction(sessions) as session:
        staff = await factories.staff(session)
        waiting, reached = call(await told(session, "a")), call(await told(session, "b"))
        reached.state, reached.outcome = "done", "agreed_plan"
        approved, cancelled = (
            CallIn(
                id=new_id(), member_id=one.member_id, state=state, evidence={}, proposed_at=NOON, decided_by=staff.id
            )
            for one, state in ((waiting, "approved"), (reached, "cancelled"))
        )
        session.add_all([waiting, reached, approved, cancelled])
        await session.flush()
        for one in (waiting, reached):
            await send(session, one.member_id, key="N12", period=str(one.id), params={"day": date(2026, 11, 20)})
        for talk in (approved, cancelled):
            await send(session, talk.member_id, key="N04", period=str(talk.id))
    total = await deliver.drain(sessions, Recorder(), SETTINGS, NOON)
    # Three for the one who is still waited for: a day has two pushes, so the notice goes alone and the others together.
    assert total == {"sent": 3, "bundled": 1, "cancelled": 2}
    async with sessions() as session:
        found = await session.execute(
            text(
                "SELECT m.period FROM delivery_done d JOIN message m ON m.id = d.message_id WHERE d.state = 'cancelled'"
            )
        )
        assert set(found.scalars()) == {str(reached.id), str(cancelled.id)}


async def test_a_message_that_nobody_can_judge_holds_up_no_other(sessions: Sessions) -> None:
    """Put in by hand, without what it is about: it is not sent, and the next claim does not meet it again."""
    async with transaction(sessions) as session:
        missing = {"from_on": "2026-11-16", "to_on": "2026-11-22", "needed": 1}
        for _ in range(3):
            member = await factories.member(session)
            await device(session, member.id)
            await send(session, member.id, key="N08", cause=missing)
        await session.execute(
            text("UPDATE message SET cause = '{}' WHERE id = (SELECT min(id::text)::uuid FROM message)")
        )
    assert await deliver.drain(sessions, Recorder(), SETTINGS, NOON) == {"sent": 2, "cancelled": 1}


async def test_more_than_one_batch_is_drained(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliver, "PUSH", replace(PUSH, most=2))
    async with transaction(sessions) as session:
        for number in range(5):
            await told(session, f"t{number}")
    sender = Recorder()
    assert await deliver.drain(sessions, sender, SETTINGS, NOON) == {"sent": 5}
    assert [len(batch) for batch in sender.batches] == [2, 2, 1]


async def test_a_sender_that_breaks_costs_a_retry_and_not_the_worker(sessions: Sessions) -> None:
    async with transaction(sessions) as session:
        await told(session, "t")
    sender = Recorder(RuntimeError("broken"))
    assert await deliver.drain(sessions, sender, SETTINGS, NOON) == {"due": 1}
    async with sessions() as session:
        assert (await rows(session, "delivery"))[0]["last_error"] == "SENDER_FAILED"
    assert await deliver.drain(sessions, sender, SETTINGS, NOON + timedelta(minutes=1)) == {"sent": 1}


async def test_after_a_crash_between_sending_and_recording_it_is_sent_once_more(
    sessions: Sessions, server: Server, sender: PushSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with transaction(sessions) as session:
        await told(session, "t")

    class Killed(BaseException):
        """What ends a process ends this round too: nothing may catch it."""

    async def killed(*args: object, **options: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "record", killed)
        with pytest.raises(Killed):
            await deliver.drain(sessions, sender, SETTINGS, NOON)
    assert await deliver.drain(sessions, sender, SETTINGS, NOON) == {}
    later = NOON + outbox.LEASE + timedelta(seconds=1)
    assert await deliver.drain(sessions, sender, SETTINGS, later) == {"sent": 1}
    assert await deliver.drain(sessions, sender, SETTINGS, later + outbox.LEASE) == {}
    assert server.stand.counts() | {"tokenRequests": 0} == {
        "requests": 2,
        "faults": {"ok": 2},
        "taken": 1,
        "repeated": 1,
        "tokenRequests": 0,
    }


async def test_an_answer_is_recorded_when_the_database_is_back(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with transaction(sessions) as session:
        await told(session, "t")
    record, failures = outbox.record, [OperationalError("", {}, Exception()), ConnectionRefusedError()]

    async def flaky(*args: object, **options: object) -> object:
        if failures:
            raise failures.pop()
        return await record(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(outbox, "record", flaky)
    monkeypatch.setattr(deliver, "IDLE_SECONDS", 0.01)
    sender = Recorder()
    assert await deliver.drain(sessions, sender, SETTINGS, NOON) == {"sent": 1}
    assert len(sender.batches) == 1


async def test_the_loop_outlives_a_lost_database_and_stops_when_told(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "IDLE_SECONDS", 0.02)
    engine = make_engine(fresh_database, application="deliver-test")
    sessions = make_sessions(engine)
    stop = asyncio.Event()
    loop = asyncio.create_task(deliver.run(stop, sessions, SETTINGS))
    admin = make_engine(fresh_database, application="admin")
    async with admin.begin() as connection:
        for _ in range(3):
            await asyncio.sleep(0.05)
            await connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'deliver-test'")
            )
    async with transaction(make_sessions(admin)) as session:
        await told(session, "t")
    for _ in range(200):
        await asyncio.sleep(0.02)
        async with make_sessions(admin)() as session:
            if await rows(session, "delivery_done"):
                break
    stop.set()
    await asyncio.wait_for(loop, 5)
    async with make_sessions(admin)() as session:
        [row] = await rows(session, "delivery_done")
    assert (row["state"], row["provider_id"]) == ("sent", f"log/{row['id']}")
    await engine.dispose()
    await admin.dispose()


async def test_stopping_finishes_the_batch_at_hand(fresh_sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    async with transaction(fresh_sessions) as session:
        await told(session, "t")
    stop = asyncio.Event()

    class Slow(Recorder):
        async def send(self, batch: Sequence[Push], now: datetime) -> list[Outcome]:
            stop.set()
            await asyncio.sleep(0.1)
            return await super().send(batch, now)

    slow = Slow()
    monkeypatch.setattr(deliver, "LINES", (replace(PUSH, open=lambda settings: slow),))
    await asyncio.wait_for(deliver.run(stop, fresh_sessions, SETTINGS), 5)
    async with fresh_sessions() as session:
        assert [row["state"] for row in await rows(session, "delivery_done")] == ["sent"]


async def test_no_connection_is_held_while_the_provider_is_asked(fresh_database: str) -> None:
    engine = make_engine(fresh_database)
    sessions = make_sessions(engine)
    async with transaction(sessions) as session:
        await told(session, "t")
    held: list[int] = []

    class Watching(Recorder):
        async def send(self, batch: Sequence[Push], now: datetime) -> list[Outcome]:
            held.append(engine.pool.checkedout())  # type: ignore[attr-defined]
            return await super().send(batch, now)

    await deliver.drain(sessions, Watching(), SETTINGS, NOON)
    assert held == [0]
    await engine.dispose()


async def test_the_command_delivers_through_the_deployments_own_channel(sessions: Sessions) -> None:
    async with transaction(sessions) as session:
        await told(session, "t")
    assert await deliver.run_once(sessions, SETTINGS, datetime(2026, 11, 18, 22, 0, tzinfo=UTC)) == {"sent": 1}
