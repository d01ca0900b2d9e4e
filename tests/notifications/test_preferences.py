"""What members chose holds for what is sent to them; what is fixed stays."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.types import new_id
from backend.delivery.types import Outcome
from backend.errors import Invalid, NotFound
from backend.notifications import outbox, policy, preferences_change, preferences_view, reasons
from backend.notifications.catalogue import BY_ID
from backend.notifications.categories import CATEGORIES
from backend.notifications.outbox import Claim, Claimed
from backend.notifications.preferences_change import Change, NewWish
from tests import factories
from tests.notifications.factories import NOON, device, rows, send

pytestmark = pytest.mark.db
EVENING = datetime(2026, 11, 18, 17, 30, tzinfo=UTC)  # 18:30 in Denmark
JOB_LOG = {"from_on": "2026-11-01", "to_on": "2026-11-18", "needed": 2}


async def nothing_changed(session: AsyncSession, rows: Sequence[Claimed]) -> set[UUID]:
    return set()


async def claim(session: AsyncSession, now: datetime = NOON, channel: str = "push") -> Claim:
    return await outbox.claim(session, now=now, quiet="on", untrue=nothing_changed, channel=channel)  # type: ignore[arg-type]


async def member_with_phone(session: AsyncSession) -> UUID:
    member = await factories.member(session)
    await device(session, member.id)
    return member.id


async def choose(session: AsyncSession, member: UUID, **values: Any) -> None:
    await preferences_change.change(session, member, Change(**values), now=NOON)


async def notice(session: AsyncSession, member: UUID) -> None:
    await send(session, member, key="N13", params={"date": date(2026, 11, 25)}, cause=JOB_LOG)


async def wanted(session: AsyncSession, member: UUID) -> dict[tuple[str, str], bool]:
    found = await preferences_view.overview(session, member, language="en", today=NOON.date())
    return {(one.category, way.channel): way.wanted for one in found.categories for way in one.channels}


async def test_who_opts_out_gets_no_push_and_keeps_the_inbox(session: AsyncSession) -> None:
    member = await member_with_phone(session)
    await choose(session, member, wishes=[NewWish("absence", "push", False)])
    await send(session, member)
    await send(session, member, key="N31", params={"name": "Karen"})
    assert [row.key for row in (await claim(session)).rows] == ["N31"]
    assert len(await rows(session, "inbox_entry")) == 2


async def test_who_opts_out_while_it_waits_does_not_get_it_either(session: AsyncSession) -> None:
    member = await member_with_phone(session)
    await send(session, member)
    await choose(session, member, wishes=[NewWish("absence", "push", False)])
    assert dict((await claim(session)).closed) == {"cancelled": 1}
    assert (await rows(session, "delivery_done"))[0]["last_error"] == "NOT_WANTED"


async def test_a_wish_taken_back_is_as_for_everybody(session: AsyncSession) -> None:
    member = await member_with_phone(session)
    await choose(session, member, wishes=[NewWish("benefit", "push", False), NewWish("benefit", "email", True)])
    found = await wanted(session, member)
    assert [found["benefit", way] for way in ("push", "sms", "email")] == [False, False, True]
    await choose(session, member, wishes=[NewWish("benefit", way, None) for way in ("push", "email")])
    found = await wanted(session, member)
    assert [found["benefit", way] for way in ("push", "sms", "email")] == [True, True, True]


async def test_a_legal_notice_cannot_be_opted_out_of(session: AsyncSession) -> None:
    member = await member_with_phone(session)
    with pytest.raises(Invalid, match="cannot be turned off"):
        await choose(session, member, wishes=[NewWish("important", "push", False)])
    await session.execute(
        text("INSERT INTO notification_preference VALUES (:member, 'important', 'push', false, now())"),
        {"member": member},
    )
    await notice(session, member)
    assert len((await claim(session)).rows) == 1
    assert (await wanted(session, member))["important", "push"]


async def test_a_legal_notice_is_announced_the_way_the_member_chose(session: AsyncSession) -> None:
    for way in ("sms", "email"):
        member = await member_with_phone(session)
        await choose(session, member, announce_by=way)
        await notice(session, member)
        assert (await claim(session)).size == 0
        assert [row.member_id for row in (await claim(session, channel=way)).rows] == [member]


async def test_a_legal_notice_is_pushed_when_the_number_that_was_chosen_is_none_any_more(session: AsyncSession) -> None:
    member = await member_with_phone(session)
    await choose(session, member, announce_by="sms")
    await session.execute(text("UPDATE member SET phone = 'unknown' WHERE id = :id"), {"id": member})
    await notice(session, member)
    assert [row.member_id for row in (await claim(session)).rows] == [member]


@pytest.mark.parametrize("phone", ["", "unknown"])
async def test_without_such_an_address_the_way_cannot_be_chosen(session: AsyncSession, phone: str) -> None:
    member = await factories.member(session, phone=phone)
    with pytest.raises(Invalid) as error:
        await choose(session, member.id, announce_by="sms")
    assert error.value.field == "announceBy"


async def test_own_quiet_hours_hold_what_the_fund_would_send(session: AsyncSession) -> None:
    member, other = await member_with_phone(session), await member_with_phone(session)
    await choose(session, member, quiet_from=time(18), quiet_until=time(10))
    await send(session, member, other, now=EVENING)
    assert [row.member_id for row in (await claim(session, EVENING)).rows] == [other]
    [row] = [row for row in await rows(session, "delivery") if row["member_id"] == member]
    ten = datetime(2026, 11, 19, 9, tzinfo=UTC)
    assert ten <= row["due_at"] <= ten + timedelta(minutes=10)


async def test_a_choice_made_meanwhile_holds_what_is_due(session: AsyncSession) -> None:
    member = await member_with_phone(session)
    await send(session, member, now=EVENING)
    await choose(session, member, quiet_from=time(18))
    assert list((await claim(session, EVENING)).rows) == []
    assert (await rows(session, "delivery"))[0]["due_at"] > EVENING + timedelta(hours=12)


async def test_a_talk_cancelled_on_its_day_rings_early_and_one_of_tomorrow_does_not(session: AsyncSession) -> None:
    early = datetime(2026, 11, 18, 6, 15, tzinfo=UTC)  # 07:15 in Denmark
    member = await member_with_phone(session)
    await choose(session, member, quiet_until=time(11))
    for period, at in (("today", NOON), ("tomorrow", NOON + timedelta(days=1))):
        await send(session, member, key="N06.cancelled", period=period, params={"at": at}, now=early)
    assert [row.period for row in (await claim(session, early)).rows] == ["today"]


async def test_ones_own_reminder_comes_when_it_was_set_for(session: AsyncSession) -> None:
    night = datetime(2026, 11, 21, 22, 0, tzinfo=UTC)
    member = await member_with_phone(session)
    params = {"task": "Ring to the school", "date": date(2026, 11, 23)}
    await send(session, member, key="N24", params=params, cause={"task": str(new_id())}, now=night)
    assert len((await claim(session, night)).rows) == 1


async def test_hours_that_would_disturb_or_leave_no_time_are_refused(session: AsyncSession) -> None:
    member = await member_with_phone(session)
    for values, field in (
        ({"quiet_from": time(20, 30)}, "quietFrom"),
        ({"quiet_from": time(15)}, "quietFrom"),
        ({"quiet_until": time(7)}, "quietUntil"),
        ({"quiet_until": time(12, 1)}, "quietUntil"),
    ):
        with pytest.raises(Invalid) as error:
            await choose(session, member, **values)
        assert error.value.field == field
    with pytest.raises(IntegrityError, match="ck_notification_setting_quiet_from"):
        await session.execute(
            text("INSERT INTO notification_setting (member_id, quiet_from, changed_at) VALUES (:m, '06:00', now())"),
            {"m": member},
        )


async def test_what_is_not_named_stays(session: AsyncSession) -> None:
    member = await member_with_phone(session)
    await choose(session, member, quiet_from=time(18), quiet_until=time(10), announce_by="email", language="en")
    await choose(session, member, quiet_until=None)
    found = await preferences_view.overview(session, member, language="da", today=NOON.date())
    assert (found.quiet_from, found.quiet_until, found.announce_by) == (time(18), None, "email")
    assert found.language == "en"


async def test_every_category_is_told_in_words_with_the_channels_it_uses(session: AsyncSession) -> None:
    member = await member_with_phone(session)
    found = await preferences_view.overview(session, member, language="da", today=NOON.date())
    assert {one.category for one in found.categories} == {kind.category for kind in BY_ID.values()}
    jobs = next(one for one in found.categories if one.category == "jobs")
    assert (jobs.name, [way.channel for way in jobs.channels]) == ("Nye job", ["push"])
    important = next(one for one in found.categories if one.category == "important")
    assert all(way.fixed and way.wanted and "kan ikke slås fra" in way.why for way in important.channels)
    assert not any(way.fixed for one in found.categories[1:] for way in one.channels)
    assert "højst 2 beskeder på telefonen om dagen og 5 om ugen" in found.rules[2]
    assert len(CATEGORIES) == len(found.categories)


async def test_a_newer_policy_holds_from_its_day(session: AsyncSession) -> None:
    await session.execute(
        text("INSERT INTO sending_policy VALUES (2, '2026-11-18', '19:00', '08:00', '08:30', '07:00', 1, 3, 14)")
    )
    assert (await policy.in_force(session, date(2026, 11, 17))).pushes_a_day == 2
    member = await member_with_phone(session)
    for period in "ab":
        await send(session, member, period=period)
    taken = await claim(session)
    assert ([row.things for row in taken.rows], dict(taken.closed)) == ([2], {"bundled": 1})


@pytest.mark.parametrize("change", ["pushes_a_day = 3", "pushes_a_week = 6", "smiley_days = 6"])
async def test_no_policy_can_be_laxer_than_the_law_of_the_house(session: AsyncSession, change: str) -> None:
    with pytest.raises(IntegrityError, match="ck_sending_policy"):
        await session.execute(text(f"UPDATE sending_policy SET {change}"))


async def test_why_a_message_came_and_what_became_of_it(session: AsyncSession) -> None:
    member = await member_with_phone(session)
    for period in "abc":
        await send(session, member, period=period)
    taken = await claim(session)
    await outbox.record(session, taken, [Outcome(row.id, "sent") for row in taken.rows], now=NOON, quiet="on")
    texts = set()
    for row in await rows(session, "message"):
        found = await reasons.of_message(session, member, row["id"], language="en")
        assert (found.klass, found.subject_id) == ("S", None)
        assert found.preference == "You have messages about “Absence” turned on for your phone."
        texts |= {step.text for step in found.steps}
    assert texts == {"Sent to Pixel 9.", "Pixel 9 was told of it together with other messages."}


async def test_the_reason_names_what_the_message_is_about_and_what_waits(session: AsyncSession) -> None:
    member, task = await member_with_phone(session), str(new_id())
    await choose(session, member, wishes=[NewWish("task", "push", False)])
    params = {"task": "Ring to the school", "date": date(2026, 11, 23)}
    await send(session, member, key="N24", params=params, cause={"task": task})
    [message] = await rows(session, "message")
    found = await reasons.of_message(session, member, message["id"], language="en")
    assert (found.subject, found.subject_id, found.klass) == ("task", task, "R")
    assert "turned off for your phone, so it lies in your inbox" in found.preference
    assert found.steps == []


async def test_steps_of_a_legal_notice_are_told(session: AsyncSession) -> None:
    member = await member_with_phone(session)
    await notice(session, member)
    [message] = await rows(session, "message")
    found = await reasons.of_message(session, member, message["id"], language="da")
    assert "kan ikke slås fra" in found.preference
    assert {step.channel: step.text for step in found.steps} == {
        "push": "Er på vej til Pixel 9.",
        "mailbox": "Er på vej til din sikre postkasse.",
    }
    with pytest.raises(NotFound):
        await reasons.of_message(session, (await factories.member(session)).id, message["id"], language="da")
