"""Claim and record: each row is held by one worker, and whatever happens to that worker, it is sent and ends once."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.db.engine import Sessions, transaction
from backend.delivery.types import Outcome
from backend.notifications import devices, ladder, outbox, queries, sending
from backend.notifications.outbox import LEASE, Claim, Claimed
from backend.notifications.sending import Quiet
from tests import factories
from tests.notifications.factories import NOON, device, rows, send

pytestmark = pytest.mark.db
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


async def nothing_changed(session: AsyncSession, rows: Sequence[Claimed]) -> set[UUID]:
    return set()


async def claim(session: AsyncSession, now: datetime = NOON, *, quiet: Quiet = "on", limit: int = 500) -> Claim:
    return await outbox.claim(session, now=now, quiet=quiet, untrue=nothing_changed, limit=limit)


async def record(session: AsyncSession, taken: Claim, kind: str = "sent", now: datetime = NOON, **answer: Any) -> Any:
    answers = [Outcome(row.id, kind, **answer) for row in taken.rows]  # type: ignore[arg-type]
    return await outbox.record(session, taken, answers, now=now, quiet="on")


async def one_delivery(session: AsyncSession, **values: Any) -> UUID:
    """A member with a phone and a message due at noon; the member's id."""
    member = await factories.member(session)
    await device(session, member.id)
    await send(session, member.id, **values)
    return member.id


async def test_a_claim_holds_the_row_and_a_second_finds_nothing(session: AsyncSession) -> None:
    member = await one_delivery(session)
    taken = await claim(session)
    assert [(row.member_id, row.attempts, row.language) for row in taken.rows] == [(member, 1, "da")]
    [row] = await rows(session, "delivery")
    assert (row["state"], row["lease_until"], row["claim_id"]) == ("sending", NOON + LEASE, taken.id)
    assert (await claim(session, NOON + LEASE)).size == 0


async def test_what_is_not_due_is_left(session: AsyncSession) -> None:
    await one_delivery(session)
    assert (await claim(session, NOON - SECOND)).size == 0


async def test_sent_ends_the_row_with_the_receipt(session: AsyncSession) -> None:
    await one_delivery(session)
    taken = await claim(session)
    assert await record(session, taken, provider_id="projects/p/messages/1", now=NOON + SECOND) == {"sent": 1}
    assert await rows(session, "delivery") == []
    [row] = await rows(session, "delivery_done")
    assert (row["state"], row["provider_id"], row["attempts"]) == ("sent", "projects/p/messages/1", 1)
    assert row["finished_at"] == NOON + SECOND


async def test_an_unregistered_phone_is_revoked_and_its_other_deliveries_are_not_sent(session: AsyncSession) -> None:
    member = await one_delivery(session)
    taken = await claim(session)
    await send(session, member, period="another")
    assert await record(session, taken, "gone", error_code="UNREGISTERED") == {"gone": 1}
    [phone] = await rows(session, "device")
    assert (phone["revoked_reason"], phone["revoked_at"]) == ("unregistered", NOON)
    assert dict((await claim(session, NOON + SECOND)).closed) == {"cancelled": 1}
    assert Counter(row["last_error"] for row in await rows(session, "delivery_done")) == {
        "UNREGISTERED": 1,
        "DEVICE_REVOKED": 1,
    }


async def test_a_refused_message_never_costs_the_phone(session: AsyncSession) -> None:
    await one_delivery(session)
    assert await record(session, await claim(session), "rejected", error_code="INVALID_ARGUMENT") == {"rejected": 1}
    assert (await rows(session, "device"))[0]["revoked_at"] is None


async def test_a_token_renewed_while_the_old_one_was_tried_stays(session: AsyncSession) -> None:
    member = await one_delivery(session)
    taken = await claim(session)
    device_id = taken.rows[0].device_id
    assert device_id is not None
    await devices.rotate(session, member, device_id, "renewed", now=NOON)
    await record(session, taken, "gone", error_code="UNREGISTERED")
    [phone] = await rows(session, "device")
    assert (phone["token"], phone["revoked_at"]) == ("renewed", None)


async def test_a_passing_failure_is_tried_again_later_and_counts(session: AsyncSession) -> None:
    await one_delivery(session)
    assert await record(session, await claim(session), "retry", error_code="UNAVAILABLE") == {"due": 1}
    [row] = await rows(session, "delivery")
    assert (row["state"], row["attempts"], row["last_error"]) == ("due", 1, "UNAVAILABLE")
    assert NOON + 10 * SECOND <= row["due_at"] <= NOON + 20 * SECOND
    assert (await claim(session, NOON + 5 * SECOND)).size == 0
    assert [row.attempts for row in (await claim(session, NOON + 20 * SECOND)).rows] == [2]


async def test_past_its_validity_nothing_is_sent(session: AsyncSession) -> None:
    await one_delivery(session)
    late = NOON + timedelta(days=7)  # another Wednesday at noon
    taken = await claim(session, late)
    assert (list(taken.rows), dict(taken.closed)) == ([], {"expired": 1})


async def test_a_worker_that_died_before_sending_is_relieved_when_its_lease_ends(session: AsyncSession) -> None:
    await one_delivery(session)
    lost = await claim(session)
    later = NOON + LEASE + SECOND
    relief = await claim(session, later)
    assert [(row.id, row.attempts, row.lapses) for row in relief.rows] == [(lost.rows[0].id, 2, 1)]


async def test_a_worker_that_comes_back_too_late_overwrites_nothing(session: AsyncSession) -> None:
    await one_delivery(session)
    slow = await claim(session)
    relief = await claim(session, NOON + LEASE + SECOND)
    assert await record(session, slow, "rejected", error_code="INVALID_ARGUMENT") == {}
    assert await record(session, slow, "retry", error_code="UNAVAILABLE") == {}
    [row] = await rows(session, "delivery")
    assert (row["claim_id"], row["state"]) == (relief.id, "sending")
    await record(session, relief, provider_id="p/2")
    assert await record(session, slow, provider_id="p/1") == {}
    assert [row["provider_id"] for row in await rows(session, "delivery_done")] == ["p/2"]


async def test_a_delivery_that_keeps_killing_its_worker_is_given_up(session: AsyncSession) -> None:
    await one_delivery(session)
    now, tried = NOON, 0
    while (taken := await claim(session, now)).rows:
        tried += 1
        now += LEASE + SECOND
    assert tried == sending.MOST_LAPSES + 1
    assert dict(taken.closed) == {"failed": 1}


async def test_a_phone_that_changed_hands_never_gets_the_former_members_push(session: AsyncSession) -> None:
    former = await one_delivery(session)
    lost = await claim(session)  # its worker dies here
    phone = devices.NewDevice(lost.rows[0].token, "android", "Pixel 9", "1.0", "token")
    new = await factories.member(session)
    await devices.register(session, new.id, phone, now=NOON + SECOND)
    await send(session, new.id, former, period="later")
    taken = await claim(session, NOON + LEASE + SECOND)
    assert [(row.member_id, row.token) for row in taken.rows] == [(new.id, phone.token)]
    assert dict(taken.closed) == {"cancelled": 1}


@pytest.mark.parametrize(("key", "on_paper"), [("N28", []), ("N04", ["paper"])])
async def test_who_is_exempt_by_now_is_told_nothing_digitally_and_legal_notices_go_on_paper(
    session: AsyncSession, key: str, on_paper: list[str]
) -> None:
    """The message was made, and its push and SMS were queued, before the member was exempted."""
    member = await one_delivery(session, key=key, period="019a9a00-0000-7000-8000-000000000001")
    await session.execute(text("UPDATE member SET digital_exempt = true WHERE id = :id"), {"id": member})
    await session.execute(text("UPDATE message SET next_rung_at = NULL"))
    taken = await claim(session)
    assert (list(taken.rows), taken.closed) == ([], {"cancelled": 1})
    [ended] = await rows(session, "delivery_done")
    assert (ended["state"], ended["last_error"]) == ("cancelled", "EXEMPT")
    climbed, _ = await ladder.climb(session, now=NOON)
    assert [one.step.rung for one in climbed if one.step.rung == "paper"] == on_paper
    assert (await ladder.climb(session, now=NOON))[0] == []


async def test_signing_out_stops_what_is_on_its_way(session: AsyncSession) -> None:
    member = await one_delivery(session)
    await devices.sign_out(session, member, (await rows(session, "device"))[0]["id"], now=NOON)
    taken = await claim(session)
    assert (list(taken.rows), dict(taken.closed)) == ([], {"cancelled": 1})


async def test_the_daily_fuse(session: AsyncSession) -> None:
    member = await factories.member(session)
    await device(session, member.id)
    for number in range(sending.DAILY_FUSE + 3):
        # No cap holds what is said about a talk that was booked.
        await send(session, member.id, key="N06.cancelled", period=f"p{number}", params={"at": NOON + 48 * HOUR})
    first = await claim(session, limit=15)
    await record(session, first, provider_id="p")
    second = await claim(session)
    assert (len(first.rows), len(second.rows), dict(second.closed)) == (15, 5, {"cancelled": 3})
    assert len(await rows(session, "inbox_entry")) == sending.DAILY_FUSE + 3


async def test_a_backlog_that_comes_up_at_night_waits_for_the_morning(session: AsyncSession) -> None:
    await one_delivery(session)
    night = datetime(2026, 11, 18, 22, 0, tzinfo=UTC)
    assert list((await claim(session, night)).rows) == []
    [row] = await rows(session, "delivery")
    opens = datetime(2026, 11, 19, 7, 30, tzinfo=UTC)
    assert (row["state"], row["attempts"]) == ("due", 0)
    assert opens <= row["due_at"] <= opens + sending.SPREAD
    assert (await claim(session, night)).size == 0
    assert [row.attempts for row in (await claim(session, opens + sending.SPREAD)).rows] == [1]


async def test_with_quiet_hours_off_what_waits_for_the_morning_goes_at_once(session: AsyncSession) -> None:
    night = datetime(2026, 11, 18, 22, 0, tzinfo=UTC)
    await one_delivery(session, now=night)
    assert (await claim(session, night)).size == 0
    taken = await claim(session, night, quiet="off")
    assert len(taken.rows) == 1
    answers = [Outcome(taken.rows[0].id, "retry", error_code="INTERNAL", retry_after=timedelta(minutes=3))]
    await outbox.record(session, taken, answers, now=night, quiet="off")
    assert (await claim(session, night + timedelta(minutes=2), quiet="off")).size == 0
    assert (await claim(session, night + timedelta(minutes=4), quiet="off")).size == 1


async def test_of_lost_and_due_rows_the_lost_come_first_and_the_limit_holds(session: AsyncSession) -> None:
    member = await one_delivery(session)
    await claim(session)
    for number in range(4):
        await send(session, member, period=f"{number}")
    taken = await claim(session, NOON + LEASE + SECOND, limit=3)
    assert [row.lapses for row in taken.rows].count(1) == 1
    assert taken.size == 3


async def test_what_kills_every_worker_is_given_up_alone(session: AsyncSession) -> None:
    """All that was in hand with it goes out, and so does what is due meanwhile."""
    deadly, *others = [await one_delivery(session) for _ in range(40)]
    now, lost = NOON, 0
    while (taken := await claim(session, now, limit=64)).size:
        if deadly in {row.member_id for row in taken.rows}:
            others += [await one_delivery(session, now=now)] if not lost else []
            lost, now = lost + 1, now + LEASE + SECOND
        else:
            await record(session, taken, now=now)
    ended = {row["member_id"]: (row["state"], row["last_error"]) for row in await rows(session, "delivery_done")}
    assert ended == {deadly: ("failed", "WORKERS_LOST")} | dict.fromkeys(others, ("sent", None))
    assert lost == sending.MOST_LAPSES + 1


async def test_two_workers_at_once_claim_disjointly(fresh_sessions: Sessions) -> None:
    async with transaction(fresh_sessions) as session:
        members = [(await factories.member(session)).id for _ in range(60)]
        for member in members:
            await device(session, member)
        await send(session, *members)
    later = NOON + timedelta(minutes=10)

    async def work() -> list[UUID]:
        async with transaction(fresh_sessions) as session:
            taken = await claim(session, later, limit=20)
            await asyncio.sleep(0.05)  # the locks are held while the other looks
        async with transaction(fresh_sessions) as session:
            await record(session, taken, provider_id="p")
        return [row.id for row in taken.rows]

    claimed = [one for found in await asyncio.gather(*[work() for _ in range(3)]) for one in found]
    assert len(claimed) == len(set(claimed)) == 60
    async with fresh_sessions() as session:
        assert {row["id"] for row in await rows(session, "delivery_done")} == set(claimed)


async def test_the_same_delivery_cannot_be_stored_twice(session: AsyncSession) -> None:
    await one_delivery(session)
    [row] = await rows(session, "delivery")
    with pytest.raises(Exception, match="uq_delivery_message_id_channel_device_id"):
        await session.execute(
            text(
                "INSERT INTO delivery (id, message_id, member_id, device_id, due_at, valid_until, created_at)"
                " SELECT gen_random_uuid(), message_id, member_id, device_id, due_at, valid_until, created_at"
                " FROM delivery"
            )
        )
    assert row["state"] == "due"


async def test_a_round_takes_the_same_statements_whatever_its_size(session: AsyncSession, engine: AsyncEngine) -> None:
    statements: list[str] = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    counts = []
    for size in (2, 40):
        members = [(await factories.member(session)).id for _ in range(size)]
        for member in members:
            await device(session, member)
        statements.clear()
        await send(session, *members, period=f"{size}")
        taken = await claim(session, NOON + timedelta(minutes=10))
        assert taken.size == size
        await record(session, taken, provider_id="p")
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 11


async def test_figures_for_operations(session: AsyncSession) -> None:
    member = await one_delivery(session)
    await claim(session)
    await send(session, member, period="late", now=NOON + timedelta(minutes=1))
    await send(session, member, period="done", now=NOON)
    taken = await claim(session)
    await record(session, taken, provider_id="p")
    found = await queries.outbox_figures(session, now=NOON + timedelta(minutes=3))
    assert (found.due, found.waiting, found.sending, found.overran) == (1, 0, 0, 1)
    assert found.oldest_due == timedelta(minutes=3)
    assert dict(found.finished) == {"sent": 1}
    early = await queries.outbox_figures(session, now=NOON)
    assert (early.waiting, early.sending) == (1, 1)
