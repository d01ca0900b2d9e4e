"""A token belongs to whoever signed in last on the phone; a new phone is told to the others."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.engine import Sessions, transaction
from backend.delivery.types import Outcome
from backend.errors import NotFound
from backend.notifications import devices, ladder, outbox
from backend.notifications.devices import NewDevice
from backend.notifications.outbox import Claimed
from tests import factories
from tests.notifications.factories import NOON, device, rows, send

pytestmark = pytest.mark.db
LATER = NOON + timedelta(hours=1)


def phone(token: str = "t1", name: str = "Pixel 9") -> NewDevice:
    return NewDevice(token=token, platform="android", name=name, app_version="1.0", token_kind="token")


async def nothing_changed(session: AsyncSession, rows: Sequence[Claimed]) -> set[UUID]:
    return set()


async def by_token(session: AsyncSession, token: str) -> list[dict[str, Any]]:
    return [row for row in await rows(session, "device") if row["token"] == token]


async def test_registering_twice_is_once(session: AsyncSession) -> None:
    member = await factories.member(session)
    first = await devices.register(session, member.id, phone(), now=NOON)
    again = await devices.register(session, member.id, phone(name="Pixel 10"), now=LATER)
    assert again.id == first.id
    [row] = await rows(session, "device")
    assert (row["name"], row["registered_at"], row["last_seen_at"]) == ("Pixel 10", NOON, LATER)


async def test_the_token_moves_to_whoever_signed_in_last(session: AsyncSession) -> None:
    former, present = await factories.member(session), await factories.member(session)
    await devices.register(session, former.id, phone(), now=NOON)
    await devices.register(session, present.id, phone(), now=LATER)
    old, new = await by_token(session, "t1")
    assert (old["member_id"], old["revoked_at"], old["revoked_reason"]) == (former.id, LATER, "moved")
    assert (new["member_id"], new["revoked_at"]) == (present.id, None)
    assert await devices.list_active(session, former.id) == []


async def test_the_first_phone_is_no_news_and_a_second_is_told_to_the_first_alone(session: AsyncSession) -> None:
    member = await factories.member(session)
    first = await devices.register(session, member.id, phone("t1"), now=NOON)
    assert await rows(session, "message") == []
    second = await devices.register(session, member.id, phone("t2", "iPhone 17"), now=LATER)
    [message] = await rows(session, "message")
    assert (message["key"], message["period"], message["params"]) == ("N32", str(second.id), {"device": "iPhone 17"})
    assert [row["device_id"] for row in await rows(session, "delivery")] == [first.id]


async def test_signing_in_again_on_a_known_phone_is_no_news(session: AsyncSession) -> None:
    member = await factories.member(session)
    await devices.register(session, member.id, phone("t1"), now=NOON)
    known = await devices.register(session, member.id, phone("t2"), now=NOON)
    await devices.sign_out(session, member.id, known.id, now=NOON)
    again = await devices.register(session, member.id, phone("t2"), now=LATER)
    assert again.id != known.id
    assert len(await rows(session, "message")) == 1


async def test_signing_out_revokes_and_only_once(session: AsyncSession) -> None:
    member, other = await factories.member(session), await factories.member(session)
    mine = await devices.register(session, member.id, phone(), now=NOON)
    with pytest.raises(NotFound):
        await devices.sign_out(session, other.id, mine.id, now=LATER)
    await devices.sign_out(session, member.id, mine.id, now=LATER)
    assert (await rows(session, "device"))[0]["revoked_reason"] == "signed_out"
    with pytest.raises(NotFound):
        await devices.sign_out(session, member.id, mine.id, now=LATER)


async def test_a_rotated_token_keeps_the_device_and_what_is_on_its_way(session: AsyncSession) -> None:
    member = await factories.member(session)
    mine = await devices.register(session, member.id, phone("old"), now=NOON)
    await send(session, member.id)
    rotated = await devices.rotate(session, member.id, mine.id, "new", now=LATER)
    assert (rotated.id, rotated.token, rotated.last_seen_at) == (mine.id, "new", LATER)
    assert [row["device_id"] for row in await rows(session, "delivery")] == [mine.id]


async def test_rotating_to_a_token_in_use_takes_it_over(session: AsyncSession) -> None:
    member, other = await factories.member(session), await factories.member(session)
    mine = await devices.register(session, member.id, phone("t1"), now=NOON)
    await devices.register(session, member.id, phone("t2"), now=NOON)
    await devices.register(session, other.id, phone("t3"), now=NOON)
    await devices.rotate(session, member.id, mine.id, "t2", now=LATER)
    await devices.rotate(session, member.id, mine.id, "t3", now=LATER)
    reasons = {row["token"]: row["revoked_reason"] for row in await rows(session, "device") if row["revoked_at"]}
    assert reasons == {"t2": "rotated", "t3": "moved"}
    assert [one.token for one in await devices.list_active(session, member.id)] == ["t3"]


async def test_only_ones_own_device_can_be_rotated(session: AsyncSession) -> None:
    member, other = await factories.member(session), await factories.member(session)
    mine = await devices.register(session, member.id, phone("t1"), now=NOON)
    with pytest.raises(NotFound):
        await devices.rotate(session, other.id, mine.id, "t2", now=LATER)
    assert (await rows(session, "device"))[0]["token"] == "t1"


async def test_past_ten_phones_the_one_unseen_longest_goes(session: AsyncSession) -> None:
    member = await factories.member(session)
    for number in range(devices.MOST_DEVICES):
        await device(session, member.id, token=f"t{number}", last_seen_at=NOON - timedelta(days=(number * 7) % 10))
    await devices.register(session, member.id, phone("new"), now=NOON - timedelta(days=30))
    expired = [row for row in await rows(session, "device") if row["revoked_reason"] == "expired"]
    assert [row["last_seen_at"] for row in expired] == [NOON - timedelta(days=9)]


async def test_a_push_to_a_phone_not_seen_for_a_month_does_not_end_the_ladder(session: AsyncSession) -> None:
    for days in (29, 31):
        member = await factories.member(session)
        await device(session, member.id, last_seen_at=NOON - timedelta(days=days))
        await send(session, member.id, key="N19", params={"date": date(2026, 11, 25)}, cause={"month": "2026-11-01"})
    taken = await outbox.claim(session, now=NOON, quiet="on", untrue=nothing_changed)
    assert sorted(row.stale for row in taken.rows) == [False, True]
    await outbox.record(session, taken, [Outcome(row.id, "sent") for row in taken.rows], now=NOON, quiet="on")
    tomorrow = NOON + timedelta(days=1, minutes=1)
    steps, _ = await ladder.climb(session, now=tomorrow)
    [stale] = [row.member_id for row in taken.rows if row.stale]
    assert [(one.member_id, one.step) for one in steps] == [(stale, ("sms", "no_device", False))]


async def test_phones_without_a_sign_of_life_expire(session: AsyncSession) -> None:
    member = await factories.member(session)
    await device(session, member.id, token="stale", last_seen_at=NOON - timedelta(days=271))
    await device(session, member.id, token="fresh", last_seen_at=NOON - timedelta(days=269))
    # Of these the provider says so itself, when something is sent.
    await device(session, member.id, token="ios", platform="ios", last_seen_at=NOON - timedelta(days=400))
    assert await devices.expire_unseen(session, now=NOON) == 1
    assert await devices.expire_unseen(session, now=NOON) == 0
    assert {one.token for one in await devices.list_active(session, member.id)} == {"fresh", "ios"}


async def test_two_members_registering_one_token_at_once_leave_one_owner(fresh_sessions: Sessions) -> None:
    async with transaction(fresh_sessions) as session:
        members = [await factories.member(session) for _ in range(2)]

    async def take(member: Any) -> None:
        async with transaction(fresh_sessions) as session:
            await devices.register(session, member.id, phone(), now=NOON)
            await asyncio.sleep(0.05)

    await asyncio.gather(*[take(member) for member in members for _ in range(3)])
    async with fresh_sessions() as session:
        found = await by_token(session, "t1")
    assert sum(row["revoked_at"] is None for row in found) == 1


async def test_phones_that_are_given_one_token_at_once_leave_one_owner(fresh_sessions: Sessions) -> None:
    """Rotated to it on two phones, registered with it on a third."""
    async with transaction(fresh_sessions) as session:
        members = [(await factories.member(session)).id for _ in range(3)]
        phones = [await devices.register(session, one, phone(f"t{one}"), now=NOON) for one in members[:2]]

    async def rotate(member_id: UUID, device_id: UUID) -> None:
        async with transaction(fresh_sessions) as session:
            await devices.rotate(session, member_id, device_id, "new", now=NOON)

    async def take(member_id: UUID) -> None:
        async with transaction(fresh_sessions) as session:
            await devices.register(session, member_id, phone("new"), now=NOON)

    given = [rotate(member, one.id) for member, one in zip(members, phones, strict=False)]
    await asyncio.gather(*given, take(members[2]))
    async with fresh_sessions() as session:
        found = await by_token(session, "new")
    assert sum(row["revoked_at"] is None for row in found) == 1


def test_a_token_is_not_shown_in_a_traceback() -> None:
    assert "secret" not in repr(phone("secret"))
