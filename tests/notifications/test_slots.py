"""Caps as the database keeps them: whatever workers do at once, nobody gets more than two pushes a day."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.engine import Sessions, transaction
from backend.db.types import new_id
from backend.delivery.types import Outcome
from backend.notifications import outbox, pushes
from backend.notifications.outbox import Claim, Claimed
from backend.notifications.sending import SPREAD
from tests import factories
from tests.notifications.factories import NOON, device, rows, send

pytestmark = pytest.mark.db
SECOND = timedelta(seconds=1)
THURSDAY = datetime(2026, 11, 19, 7, 30, tzinfo=UTC)  # 08:30 in Denmark


async def all_true(session: AsyncSession, rows: Sequence[Claimed]) -> set[UUID]:
    return set()


async def claim(session: AsyncSession, now: datetime = NOON, limit: int = 500) -> Claim:
    return await outbox.claim(session, now=now, quiet="on", untrue=all_true, limit=limit)


async def record(session: AsyncSession, taken: Claim, kind: str = "sent", now: datetime = NOON) -> Any:
    answers = [Outcome(row.id, kind, error_code=None if kind == "sent" else "INTERNAL") for row in taken.rows]  # type: ignore[arg-type]
    return await outbox.record(session, taken, answers, now=now, quiet="on")


async def member_with(session: AsyncSession, *periods: str, phones: int = 1, **values: Any) -> UUID:
    """A member with phones and a message for each period."""
    member = await factories.member(session)
    for _ in range(phones):
        await device(session, member.id)
    for period in periods:
        await send(session, member.id, period=period, **values)
    return member.id


async def state(session: AsyncSession) -> Counter[tuple[str, str | None]]:
    return Counter((row["state"], row["last_error"]) for row in await rows(session, "delivery_done"))


async def colour(session: AsyncSession, member: UUID, period: str, now: datetime = NOON) -> None:
    await send(session, member, key="N14", period=period, cause={"colour": "red"}, now=now)


async def test_of_three_one_goes_alone_and_one_push_tells_of_the_others(session: AsyncSession) -> None:
    await member_with(session, "a", "b", "c")
    taken = await claim(session)
    assert (sorted(row.things for row in taken.rows), dict(taken.closed)) == ([1, 2], {"bundled": 1})
    await record(session, taken)
    assert await state(session) == {("sent", None): 2, ("bundled", None): 1}
    [told] = [row for row in await rows(session, "message") if row["carrier_id"]]
    [carrier] = [row for row in taken.rows if row.things == 2]
    assert told["carrier_id"] == carrier.message_id
    assert [row["day_slot"] for row in await rows(session, "push_slot")] == [1, 2]


async def test_one_push_for_several_says_how_many_and_nothing_else(session: AsyncSession) -> None:
    await member_with(session, "a", "b", "c")
    taken = await claim(session)
    [several] = [push for push in pushes.build(taken.rows, fund="Metal", now=NOON) if "2" in push.title]
    assert (several.title, several.data["category"]) == ("2 ting venter på dig", "several")


async def test_the_third_of_a_day_waits_for_the_morning_and_goes_with_what_else_waited(session: AsyncSession) -> None:
    member = await member_with(session, "a", "b")
    await record(session, await claim(session))
    for period in ("c", "d"):
        await send(session, member, period=period)
        assert list((await claim(session)).rows) == []
    assert {row["last_error"] for row in await rows(session, "delivery")} == {"CAPPED"}
    assert (await claim(session, THURSDAY - SECOND)).size == 0
    taken = await claim(session, THURSDAY + SPREAD)
    assert ([row.things for row in taken.rows], dict(taken.closed)) == ([2], {"bundled": 1})


async def test_the_sixth_of_a_week_waits_for_monday(session: AsyncSession) -> None:
    member, now = await member_with(session), NOON - timedelta(days=2)
    for number in range(5):
        await send(session, member, period=str(number), now=now)
        await record(session, await claim(session, now), now=now)
        now += timedelta(days=number % 2)
    assert [row["week_slot"] for row in await rows(session, "push_slot")] == [1, 2, 3, 4, 5]
    await send(session, member, period="sixth", now=now)
    assert list((await claim(session, now)).rows) == []
    [row] = await rows(session, "delivery")
    monday = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
    assert monday <= row["due_at"] <= monday + SPREAD


async def test_what_would_be_stale_when_its_turn_comes_goes_to_its_next_step(session: AsyncSession) -> None:
    member = await member_with(session, "a", "b")
    await record(session, await claim(session))
    seat = {"activity": "CV", "until": NOON + timedelta(hours=5)}
    await send(session, member, key="N22", params=seat, cause={"seat": str(new_id())})
    assert dict((await claim(session)).closed) == {"expired": 1}
    [row] = [row for row in await rows(session, "message") if row["key"] == "N22"]
    assert row["next_rung_at"] == NOON


async def test_a_message_has_one_place_whatever_its_phones_and_repeats(session: AsyncSession) -> None:
    await member_with(session, "a", phones=3)
    now = NOON
    for _ in range(3):
        taken = await claim(session, now)
        assert len(taken.rows) == 3
        await record(session, taken, "retry", now=now)
        assert len(await rows(session, "push_slot")) == 1
        now += timedelta(minutes=5)


async def test_a_push_that_ends_unsent_gives_its_place_back(session: AsyncSession) -> None:
    await member_with(session, "a", phones=2)
    taken = await claim(session)
    one, other = taken.rows
    answers = [Outcome(one.id, "rejected", error_code="INVALID_ARGUMENT"), Outcome(other.id, "retry")]
    await outbox.record(session, taken, answers, now=NOON, quiet="on")
    assert len(await rows(session, "push_slot")) == 1
    await record(session, await claim(session, NOON + timedelta(minutes=1)), "rejected")
    assert await rows(session, "push_slot") == []


async def test_one_phone_that_got_it_keeps_the_place(session: AsyncSession) -> None:
    await member_with(session, "a", phones=2)
    taken = await claim(session)
    answers = [Outcome(taken.rows[0].id, "sent"), Outcome(taken.rows[1].id, "rejected", error_code="X")]
    await outbox.record(session, taken, answers, now=NOON, quiet="on")
    assert len(await rows(session, "push_slot")) == 1


async def test_when_the_carrier_fails_the_others_go_on_their_own(session: AsyncSession) -> None:
    await member_with(session, "a", "b", "c")
    taken = await claim(session)
    [carrier] = [row for row in taken.rows if row.things == 2]
    answers = [Outcome(row.id, "rejected" if row is carrier else "sent", error_code="X") for row in taken.rows]
    await outbox.record(session, taken, answers, now=NOON, quiet="on")
    again = await claim(session, NOON + SECOND)
    assert [row.things for row in again.rows] == [1]
    await record(session, again)
    assert await state(session) == {("sent", None): 2, ("rejected", "X"): 1}
    assert {row["carrier_id"] for row in await rows(session, "message")} == {None}


async def test_a_push_of_several_that_is_tried_again_still_tells_of_them(session: AsyncSession) -> None:
    await member_with(session, "a", "b", "c", "d")
    await record(session, await claim(session), "retry")
    again = await claim(session, NOON + timedelta(minutes=1))
    assert sorted(row.things for row in again.rows) == [1, 3]


async def test_a_repeat_on_another_day_takes_a_place_of_that_day(session: AsyncSession) -> None:
    await member_with(session, "a")
    await record(session, await claim(session), "retry")
    taken = await claim(session, THURSDAY)
    assert len(taken.rows) == 1
    assert [row["day"] for row in await rows(session, "push_slot")] == [date(2026, 11, 19)]


async def test_a_legal_notice_without_a_place_is_announced_by_sms_at_once(session: AsyncSession) -> None:
    member = await member_with(session, "a", "b")
    await record(session, await claim(session))
    cause = {"from_on": "2026-11-01", "to_on": "2026-11-18", "needed": 2}
    await send(session, member, key="N13", params={"date": date(2026, 11, 25)}, cause=cause)
    assert dict((await claim(session)).closed) == {"cancelled": 1}
    sms = await outbox.claim(session, now=NOON, quiet="on", untrue=all_true, channel="sms")
    assert [(row.channel, row.device_id, bool(row.address)) for row in sms.rows] == [("sms", None, True)]
    assert ("cancelled", "CAPPED") in await state(session)


async def test_it_is_announced_by_e_mail_where_the_number_is_none(session: AsyncSession) -> None:
    member = await member_with(session, "a", "b")
    await session.execute(text("UPDATE member SET phone = 'unknown', email = 'a@mail.example'"))
    await record(session, await claim(session))
    await send(session, member, key="N30")
    await session.execute(text("DELETE FROM delivery WHERE channel = 'email'"))
    await session.execute(text("DELETE FROM message_step WHERE rung = 'email'"))
    await claim(session)
    found = await outbox.claim(session, now=NOON, quiet="on", untrue=all_true, channel="email")
    assert [row.address for row in found.rows] == ["a@mail.example"]


async def test_a_second_smiley_waits_until_seven_days_have_passed(session: AsyncSession) -> None:
    member = await member_with(session)
    await colour(session, member, "first")
    await record(session, await claim(session))
    await colour(session, member, "second", now=NOON + timedelta(days=1))
    assert list((await claim(session, NOON + timedelta(days=1))).rows) == []
    [row] = await rows(session, "delivery")
    next_week = datetime(2026, 11, 25, 7, 30, tzinfo=UTC)
    assert row["last_error"] == "SMILEY_LIMIT"
    assert next_week <= row["due_at"] <= next_week + SPREAD
    assert len((await claim(session, next_week + SPREAD)).rows) == 1
    assert len(await rows(session, "inbox_entry")) == 2


async def test_a_push_after_an_sms_about_the_colour_waits_too(session: AsyncSession) -> None:
    """The first came by SMS, for want of a phone; then the member got one."""
    member = await member_with(session)
    await colour(session, member, "first")
    await session.execute(text("DELETE FROM delivery"))
    await session.execute(
        text(
            "INSERT INTO message_step (message_id, rung, reason, at) SELECT id, 'sms', 'no_device', :now FROM message"
        ),
        {"now": NOON},
    )
    later = NOON + timedelta(days=1)
    await colour(session, member, "second", now=later)
    assert list((await claim(session, later)).rows) == []
    assert [row["last_error"] for row in await rows(session, "delivery")] == ["SMILEY_LIMIT"]


async def test_an_improvement_is_told_whatever_came_before(session: AsyncSession) -> None:
    member = await member_with(session)
    await colour(session, member, "first")
    await record(session, await claim(session))
    await send(session, member, key="N15", period="better", cause={"colour": "green"})
    assert len((await claim(session)).rows) == 1


async def test_what_is_said_about_a_booked_talk_is_not_counted(session: AsyncSession) -> None:
    member = await member_with(session, "a", "b")
    for number in range(3):
        await send(session, member, key="N06.cancelled", period=str(number), params={"at": NOON + timedelta(days=1)})
    assert len((await claim(session)).rows) == 5
    assert len(await rows(session, "push_slot")) == 2


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ("'2026-11-18', 3, '2026-11-16', 4, false", "ck_push_slot_day_slot"),
        ("'2026-11-18', 1, '2026-11-16', 4, false", "uq_push_slot_member_id_day_day_slot"),
        ("'2026-11-19', 1, '2026-11-16', 6, false", "ck_push_slot_week_slot"),
        ("'2026-11-19', 1, '2026-11-16', 2, false", "uq_push_slot_member_id_week_week_slot"),
        ("'2026-11-19', 1, '2026-11-09', 4, false", "ck_push_slot_week"),
        ("'2026-11-24', 1, '2026-11-23', 1, true", "ex_push_slot_smiley"),
    ],
)
async def test_the_database_refuses_what_passes_a_cap(session: AsyncSession, values: str, constraint: str) -> None:
    member = await member_with(session, "b", "c")
    await colour(session, member, "a")
    await record(session, await claim(session))
    await send(session, member, period="d")
    insert = (
        "INSERT INTO push_slot (message_id, member_id, day, day_slot, week, week_slot, smiley)"
        f" SELECT id, member_id, {values} FROM message WHERE period = 'd'"
    )
    with pytest.raises(IntegrityError, match=constraint):
        await session.execute(text(insert))


async def test_many_workers_at_once_never_pass_a_cap_and_lose_nothing(fresh_sessions: Sessions) -> None:
    """Six messages each to forty members with two phones, some tries failing; three workers take small bites."""
    async with transaction(fresh_sessions) as session:
        members = [await member_with(session, phones=2) for _ in range(40)]
        for number in range(6):
            await send(session, *members, period=str(number))
    later, draw = NOON + timedelta(minutes=20), Random(7)

    async def work(number: int) -> None:
        for turn in range(40):
            now = later + timedelta(seconds=20 * turn)
            async with transaction(fresh_sessions) as session:
                taken = await claim(session, now, limit=9)
            answers = [Outcome(row.id, draw.choice(("sent", "sent", "retry", "rejected"))) for row in taken.rows]
            async with transaction(fresh_sessions) as session:
                await outbox.record(session, taken, answers, now=now, quiet="on")

    await asyncio.gather(*(work(number) for number in range(3)))
    async with fresh_sessions() as session:
        slots = await rows(session, "push_slot")
        assert max(Counter((row["member_id"], row["day"]) for row in slots).values()) == 2
        sent = {
            row["message_id"]
            for row in await rows(session, "delivery_done")
            if row["state"] == "sent" and row["channel"] == "push"
        }
        assert sent <= {row["message_id"] for row in slots}
        assert len(sent) > 40
        kept = len(await rows(session, "delivery")) + len(await rows(session, "delivery_done"))
        assert kept == 40 * 6 * 2
        assert {row["state"] for row in await rows(session, "delivery")} == {"due"}
