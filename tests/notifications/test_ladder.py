"""Climbing, in the database: each step once, with its delivery, in the order of time."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.engine import Sessions, transaction
from backend.delivery.types import Outcome
from backend.notifications import ladder, ladder_rules, outbox
from backend.notifications.tables_preferences import NotificationPreference
from tests import factories
from tests.notifications.factories import NOON, device, rows, send

pytestmark = pytest.mark.db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
REMINDER, CALL_IN = "N11", "N04"
CAUSE = {"colour": "yellow"}


async def reminded(session: AsyncSession, **values: Any) -> UUID:
    """A member with a phone and a message whose ladder is an SMS; the member's id."""
    member = await factories.member(session, colour="yellow", **values)
    await device(session, member.id)
    await send(session, member.id, key=REMINDER, cause=CAUSE)
    return member.id


async def called_in(session: AsyncSession, now: datetime = NOON, **values: Any) -> UUID:
    member = await factories.member(session, **values)
    await device(session, member.id)
    await send(session, member.id, key=CALL_IN, period="019a9a00-0000-7000-8000-000000000001", now=now)
    return member.id


async def steps(session: AsyncSession) -> dict[str, str]:
    return {row["rung"]: row["reason"] for row in await rows(session, "message_step")}


async def channels(session: AsyncSession) -> list[str]:
    return sorted(row["channel"] for row in await rows(session, "delivery"))


async def test_a_push_that_is_not_delivered_within_a_day_becomes_an_sms(session: AsyncSession) -> None:
    await reminded(session)
    assert await ladder.climb(session, now=NOON + DAY - HOUR) == ([], 0)
    [climbed], _ = await ladder.climb(session, now=NOON + DAY)
    assert climbed.step == ("sms", "not_delivered", False)
    assert await steps(session) == {"sms": "not_delivered"}
    assert await channels(session) == ["push", "sms"]
    [message] = await rows(session, "message")
    assert (message["rung"], message["next_rung_at"]) == (1, None)


async def test_a_step_is_taken_once_however_often_one_looks(session: AsyncSession) -> None:
    await reminded(session)
    await ladder.climb(session, now=NOON + DAY)
    [message] = await rows(session, "message")
    await session.execute(text("UPDATE message SET next_rung_at = :now"), {"now": NOON})
    assert (await ladder.climb(session, now=NOON + 2 * DAY))[0] == []
    assert (await ladder.climb(session, now=NOON + 2 * DAY, only=[message["id"]]))[0] == []
    assert await channels(session) == ["push", "sms"]


@pytest.mark.parametrize(
    "what",
    [
        "UPDATE inbox_entry SET read_at = created_at FROM message",
        "INSERT INTO delivery_done SELECT id, message_id, member_id, device_id, 'push', 'sent', 1, 'p', NULL, due_at, "
        "created_at, created_at FROM delivery",
        "UPDATE member SET phone = ''",
    ],
    ids=["read", "delivered", "no number"],
)
async def test_read_or_delivered_it_stops(session: AsyncSession, what: str) -> None:
    await reminded(session)
    await session.execute(text(what))
    assert await ladder.climb(session, now=NOON + DAY) == ([], 1)
    assert await steps(session) == {}


async def test_what_the_member_does_not_want_is_not_sent(session: AsyncSession) -> None:
    member = await reminded(session)
    session.add(
        NotificationPreference(member_id=member, category="rating", channel="sms", wanted=False, changed_at=NOON)
    )
    await session.flush()
    assert (await ladder.climb(session, now=NOON + DAY))[0] == []


CALLED_OFF: dict[str, Any] = {"key": "N06.cancelled", "params": {"at": NOON + 3 * HOUR}}


async def test_what_is_soon_stale_waits_for_no_phone_that_is_not_there(session: AsyncSession) -> None:
    """A talk of the afternoon is called off: who has no app, or a phone in a drawer, hears of it by SMS at once."""
    none, drawer, phone = [await factories.member(session) for _ in range(3)]
    await device(session, drawer.id, last_seen_at=NOON - 31 * DAY)
    await device(session, phone.id)
    await send(session, none.id, drawer.id, phone.id, **CALLED_OFF)
    climbed, _ = await ladder.climb(session, now=NOON)
    assert {one.member_id for one in climbed} == {none.id, drawer.id}
    assert {row["member_id"] for row in await rows(session, "delivery") if row["channel"] == "sms"} == {
        none.id,
        drawer.id,
    }


async def test_what_lasts_gives_a_member_without_a_phone_a_day_to_get_one(session: AsyncSession) -> None:
    member = await factories.member(session, colour="yellow")
    await send(session, member.id, key=REMINDER, cause=CAUSE)
    assert (await ladder.climb(session, now=NOON + DAY - HOUR))[0] == []
    assert len((await ladder.climb(session, now=NOON + DAY))[0]) == 1


@pytest.mark.parametrize(("kind", "next_rung"), [("gone", NOON), ("rejected", NOON), ("sent", None)])
async def test_a_phone_that_is_gone_is_not_waited_for_when_the_message_is_soon_stale(
    session: AsyncSession, kind: str, next_rung: datetime | None
) -> None:
    member = await factories.member(session)
    await device(session, member.id)
    await send(session, member.id, **CALLED_OFF)
    taken = await outbox.claim(session, now=NOON, quiet="on", untrue=nothing)
    answers = [Outcome(row.id, kind, error_code="UNREGISTERED") for row in taken.rows]  # type: ignore[arg-type]
    await outbox.record(session, taken, answers, now=NOON, quiet="on")
    assert [row["next_rung_at"] for row in await rows(session, "message")] == [next_rung]
    assert [one.step.rung for one in (await ladder.climb(session, now=NOON))[0]] == (["sms"] if next_rung else [])


async def test_an_sms_about_the_day_itself_goes_as_early_as_its_push_would(session: AsyncSession) -> None:
    early = datetime.fromisoformat("2026-11-18T07:05+01:00")
    member = await factories.member(session)
    await send(session, member.id, key="N06.cancelled", params={"at": early + 2 * HOUR}, now=early)
    await ladder.climb(session, now=early)
    taken = await outbox.claim(session, now=early, quiet="on", untrue=nothing, channel="sms")
    assert [row.member_id for row in taken.rows] == [member.id]


@pytest.mark.parametrize("before", ["sms", "push"])
async def test_two_messages_about_the_colour_are_seven_days_apart_by_sms_too(
    session: AsyncSession, before: str
) -> None:
    member = await factories.member(session, colour="yellow")
    if before == "sms":
        await send(session, member.id, key=REMINDER, cause=CAUSE)
        assert len((await ladder.climb(session, now=NOON + DAY))[0]) == 1
    else:
        await send(session, member.id, key="N14", cause=CAUSE)
        await session.execute(
            text(
                "INSERT INTO push_slot (message_id, member_id, day, day_slot, week, week_slot, smiley)"
                " SELECT id, member_id, '2026-11-19', 1, '2026-11-16', 1, true FROM message"
            )
        )
    await send(session, member.id, key=REMINDER, period="again", cause=CAUSE, now=NOON + 2 * DAY)
    assert (await ladder.climb(session, now=NOON + 3 * DAY))[0] == []
    assert (await ladder.climb(session, now=NOON + 7 * DAY - 12 * HOUR))[0] == []
    assert [one.step.rung for one in (await ladder.climb(session, now=NOON + 8 * DAY))[0]] == ["sms"]


async def test_an_sms_in_place_of_pushes_goes_with_the_next_look(session: AsyncSession) -> None:
    member = await factories.member(session, colour="yellow")
    await device(session, member.id)
    for channel, wanted in (("push", False), ("sms", True)):
        values = {"member_id": member.id, "category": "rating", "channel": channel, "wanted": wanted}
        session.add(NotificationPreference(**values, changed_at=NOON))
    await session.flush()
    await send(session, member.id, key=REMINDER, cause=CAUSE)
    await ladder.climb(session, now=NOON)
    assert await steps(session) == {"sms": "at_once"}
    assert await channels(session) == ["sms"]


async def nothing(session: AsyncSession, rows: object) -> set[UUID]:
    del session, rows
    return set()


async def test_an_sms_keeps_the_quiet_hours(session: AsyncSession) -> None:
    await reminded(session)
    evening = datetime.fromisoformat("2026-11-20T20:30+01:00")  # a Friday
    await ladder.climb(session, now=evening)
    [sms] = [row for row in await rows(session, "delivery") if row["channel"] == "sms"]
    assert datetime.fromisoformat("2026-11-23T08:30+01:00") <= sms["due_at"]
    assert sms["due_at"] <= datetime.fromisoformat("2026-11-23T08:40+01:00")


async def test_a_legal_notice_lies_in_the_mailbox_as_soon_as_it_is_made_also_at_night(session: AsyncSession) -> None:
    night = datetime.fromisoformat("2026-11-21T02:30+01:00")
    await called_in(session, now=night)
    assert await steps(session) == {"mailbox": "created", "sms": "at_once", "email": "at_once"}
    due = {row["channel"]: row["due_at"] for row in await rows(session, "delivery")}
    assert due["mailbox"] == night
    assert min(due["sms"], due["email"], due["push"]) >= datetime.fromisoformat("2026-11-23T08:30+01:00")


async def test_an_exempt_member_gets_paper_at_once_and_no_push(session: AsyncSession) -> None:
    await called_in(session, digital_exempt=True)
    assert await steps(session) == {"paper": "exempt"}
    assert await channels(session) == ["paper"]
    assert [row["next_rung_at"] for row in await rows(session, "message")] == [None]


async def test_unread_after_two_working_days_a_person_is_to_call(session: AsyncSession) -> None:
    member = await called_in(session)
    friday = NOON + 2 * DAY
    assert await ladder.climb(session, now=friday - HOUR) == ([], 0)
    [climbed], _ = await ladder.climb(session, now=friday)
    assert (climbed.member_id, climbed.key, climbed.step) == (member, CALL_IN, ("phone", "unread", False))
    assert "phone" not in await channels(session)


async def test_an_announcement_that_another_may_follow_ends_when_its_turn_comes(session: AsyncSession) -> None:
    member = await factories.member(session)
    await device(session, member.id)
    last = NOON.date() + 9 * DAY
    await send(session, member.id, key="N20", params={"date": last}, cause={"month": "2026-11"})
    await ladder.climb(session, now=NOON + DAY)
    [sms] = [row for row in await rows(session, "delivery") if row["channel"] == "sms"]
    assert sms["valid_until"] == NOON + DAY + ladder_rules.WAIT
    await ladder.climb(session, now=NOON + 2 * DAY)
    assert await channels(session) == ["email", "push", "sms"]


async def test_two_workers_at_once_take_a_step_once(fresh_sessions: Sessions) -> None:
    async with transaction(fresh_sessions) as session:
        for _ in range(20):
            await reminded(session)

    async def climb() -> int:
        async with transaction(fresh_sessions) as session:
            taken, _ = await ladder.climb(session, now=NOON + DAY)
            return len(taken)

    assert sum(await asyncio.gather(*(climb() for _ in range(4)))) == 20
    async with fresh_sessions() as session:
        assert (await channels(session)).count("sms") == 20


async def test_the_number_of_statements_does_not_grow_with_the_messages(session: AsyncSession) -> None:
    for _ in range(12):
        await reminded(session)
    assert (await ladder.climb(session, now=NOON + DAY, limit=10))[1] == 10
    taken, looked = await ladder.climb(session, now=NOON + DAY, limit=10)
    assert (len(taken), looked) == (2, 2)
