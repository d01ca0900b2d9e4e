"""The sweep finds what was lost, by whatever cause, and puts it right."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.types import new_id
from backend.notifications import health, ladder, outbox, sweep
from backend.notifications.sweep import Swept
from backend.notifications.tables import Message
from backend.notifications.tables_preferences import NotificationPreference
from tests import factories
from tests.notifications.factories import NOON, device, rows, send
from tests.notifications.test_outbox import claim

pytestmark = pytest.mark.db
MINUTE = timedelta(minutes=1)
LATER = NOON + 10 * MINUTE
CLEAN = Swept({}, 0, 0, 0, 0, 0)


async def bare(session: AsyncSession, member: UUID, key: str = "N28", **values: Any) -> UUID:
    """A message of which nothing but itself was stored."""
    kind: dict[str, Any] = {"klass": "L" if key == "N04" else "S", "params": {}, "cause": {}}
    made = Message(
        **{"id": new_id(), "member_id": member, "key": key, "period": str(new_id()), "created_at": NOON}
        | {"valid_until": NOON + timedelta(days=7)}
        | kind
        | values
    )
    session.add(made)
    await session.flush()
    return made.id


async def member(session: AsyncSession, **values: Any) -> UUID:
    made = await factories.member(session, **values)
    await device(session, made.id, registered_at=NOON - timedelta(days=1))
    return made.id


async def test_when_all_went_well_there_is_nothing_to_do(session: AsyncSession) -> None:
    who = await member(session)
    await send(session, who)
    assert await sweep.sweep(session, now=NOON + MINUTE) == CLEAN
    assert len(await rows(session, "delivery")) == 1


async def test_a_message_that_lost_its_entry_and_its_deliveries_gets_them_once(session: AsyncSession) -> None:
    who = await member(session)
    message = await bare(session, who)
    assert await sweep.sweep(session, now=NOON + MINUTE) == CLEAN  # its own transaction may still be to come
    assert await sweep.sweep(session, now=LATER) == Swept({}, 0, 0, inbox=1, pushes=1, ladders=0)
    assert await sweep.sweep(session, now=LATER) == CLEAN
    assert [row["message_id"] for row in await rows(session, "inbox_entry")] == [message]
    [push] = await rows(session, "delivery")
    assert (push["message_id"], push["channel"], push["valid_until"]) == (message, "push", NOON + timedelta(days=7))


@pytest.mark.parametrize(("phone", "lost"), [("", 0), ("+4520000000", 1)])
async def test_nobody_is_looked_for_again_where_no_step_leads(session: AsyncSession, phone: str, lost: int) -> None:
    one = await factories.member(session, phone=phone, email="")
    await bare(session, one.id, "N05", klass="R")
    assert (await sweep.sweep(session, now=LATER)).ladders == lost


async def test_a_legal_notice_that_never_reached_the_mailbox_is_put_on_its_ladder(session: AsyncSession) -> None:
    who = await member(session)
    await bare(session, who, "N04")
    found = await sweep.sweep(session, now=LATER)
    assert (found.ladders, found.pushes) == (1, 1)
    await ladder.climb(session, now=LATER)
    assert {row["rung"] for row in await rows(session, "message_step")} == {"mailbox", "sms", "email"}
    assert (await sweep.sweep(session, now=LATER)).ladders == 0


async def test_who_has_no_phone_wants_none_or_is_exempt_is_left_in_peace(session: AsyncSession) -> None:
    without = await factories.member(session)
    unwilling, exempt, late = [await member(session) for _ in range(3)]
    session.add(
        NotificationPreference(member_id=unwilling, category="absence", channel="push", wanted=False, changed_at=NOON)
    )
    await session.execute(text("UPDATE member SET digital_exempt = true WHERE id = :id"), {"id": exempt})
    await session.execute(
        text("UPDATE device SET registered_at = :at WHERE member_id = :id"), {"id": late, "at": LATER}
    )
    for who in (without.id, unwilling, exempt, late):
        await bare(session, who)
    found = await sweep.sweep(session, now=LATER)
    assert (found.inbox, found.pushes) == (4, 0)


async def test_what_is_due_for_five_minutes_is_told_by_channel(session: AsyncSession) -> None:
    await send(session, await member(session))
    assert (await sweep.sweep(session, now=NOON + 5 * MINUTE)).late == {}
    assert (await sweep.sweep(session, now=NOON + 6 * MINUTE)).late == {"push": 1}
    assert await health.longest_due(session, now=NOON + 11 * MINUTE) == 11 * MINUTE


async def test_a_delivery_whose_worker_never_came_back_is_released(session: AsyncSession) -> None:
    await send(session, await member(session))
    taken = await claim(session)
    assert len(taken.rows) == 1
    over = NOON + outbox.LEASE + sweep.LATE
    assert (await sweep.sweep(session, now=over)).released == 0
    assert (await sweep.sweep(session, now=over + MINUTE)).released == 1
    [row] = await rows(session, "delivery")
    assert (row["state"], row["lapses"], row["claim_id"]) == ("due", 1, None)


async def test_what_is_stale_is_closed_without_being_sent(session: AsyncSession) -> None:
    await send(session, await member(session))
    await session.execute(text("UPDATE delivery SET valid_until = :at, last_error = 'UNAVAILABLE'"), {"at": LATER})
    assert (await sweep.sweep(session, now=LATER)).expired == 1
    [row] = await rows(session, "delivery_done")
    assert (row["state"], row["last_error"], row["finished_at"]) == ("expired", "UNAVAILABLE", LATER)


@pytest.mark.parametrize(("refused", "answered", "too_many"), [(1, 100, False), (2, 100, True), (5, 50, False)])
def test_refusals_are_too_many_from_one_in_a_hundred_on(refused: int, answered: int, too_many: bool) -> None:
    assert health.Errors(refused, answered).too_many is too_many


async def test_refusals_are_counted_over_a_quarter_of_an_hour(session: AsyncSession) -> None:
    for number, (state, ago) in enumerate([("sent", 1), ("gone", 2), ("rejected", 3), ("expired", 4), ("gone", 20)]):
        await send(session, await member(session), period=f"p{number}")
        await session.execute(
            text(
                "WITH d AS (DELETE FROM delivery RETURNING *) INSERT INTO delivery_done"
                " SELECT id, message_id, member_id, device_id, channel, :state, 1, NULL, NULL, due_at, created_at, :at"
                " FROM d"
            ),
            {"state": state, "at": NOON - ago * MINUTE},
        )
    await send(session, await member(session))
    await session.execute(text("UPDATE delivery SET last_error = 'QUOTA_EXCEEDED'"))
    assert await health.push_errors(session, now=NOON) == health.Errors(refused=3, answered=4)
