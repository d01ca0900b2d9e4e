"""Sending in stages: everybody once, nobody twice, held, resumed, stopped in the middle, repeated after a kill."""

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.broadcasts import audience, errors, queries, rules, sending, service
from backend.broadcasts.audience import Audience
from backend.broadcasts.rules import Stage
from backend.db.engine import Sessions, transaction
from backend.db.types import new_id
from backend.delivery.types import Outcome
from backend.errors import DomainError
from backend.jobs import send_broadcasts, still_true
from backend.jobs.job import Moment
from backend.notifications import inbox, outbox
from backend.settings import Settings
from tests import factories
from tests.broadcasts.factories import NOON, after, approved, draft, members, minute, people
from tests.notifications.factories import device, rows

pytestmark = pytest.mark.db
STAGED = (Stage(Decimal(20), 60), Stage(Decimal(100)))


async def steps(session: AsyncSession) -> list[str]:
    return list(await session.scalars(text("SELECT kind FROM broadcast_event ORDER BY id")))


async def claim(session: AsyncSession, now: datetime) -> outbox.Claim:
    return await outbox.claim(session, now=now, quiet="on", untrue=still_true.untrue, resting=still_true.resting)


async def test_everybody_gets_one_message_an_inbox_entry_and_a_push_a_phone(session: AsyncSession) -> None:
    first, second = await members(session, 2)
    await device(session, second)
    made = await approved(session)
    assert await minute(session, NOON) == 2
    stored = await rows(session, "message")
    assert {row["member_id"] for row in stored} == {first, second}
    assert {(row["key"], row["period"], row["klass"]) for row in stored} == {("BS.news", str(made.id), "S")}
    assert len(await rows(session, "inbox_entry")) == 2
    due = {row["device_id"]: row["due_at"] for row in await rows(session, "delivery")}
    assert len(due) == 3
    assert all(NOON <= at < after(60) for at in due.values())
    assert {row["id"].version for row in stored} == {7}


async def test_pushes_are_spread_by_a_draw_of_the_member(session: AsyncSession) -> None:
    await members(session, 5)
    made = await approved(session, spread_minutes=100)
    await minute(session, NOON)
    for row in await rows(session, "delivery"):
        _, moment = rules.draw(made.id, row["member_id"])
        assert abs(row["due_at"] - after(100 * moment)) < timedelta(milliseconds=1)


async def test_the_reader_s_language_and_the_text_as_it_was_written(session: AsyncSession) -> None:
    (dane,) = await members(session, 1)
    (other,) = await members(session, 1, language="en")
    await approved(session)
    await minute(session, NOON)
    (danish,) = await inbox.page(session, dane, language="da", fund="Metal A-kasse")
    assert (danish.title, danish.body) == ("Vi flytter", "Fra mandag finder du os på havnen. {Ring} endelig.")
    assert danish.category == "news"
    (english,) = await inbox.page(session, other, language="en", fund="Metal A-kasse")
    assert english.title == "We are moving"


async def test_stages_follow_each_other_after_their_pause(session: AsyncSession) -> None:
    ids = await members(session, 30)
    made = await approved(session, stages=STAGED, spread_minutes=30)
    first = [one for one in ids if rules.draw(made.id, one)[0] < 0.2]
    assert await minute(session, NOON) == len(first) < 30
    assert await minute(session, after(89)) == 0
    assert await minute(session, after(90)) == 30 - len(first)
    assert {row["member_id"] for row in await rows(session, "message")} == set(ids)
    assert (await queries.full(session, made.id)).broadcast.state == "sending", "the last pushes are still to come"
    await minute(session, after(121))
    assert (await queries.full(session, made.id)).broadcast.state == "sending", "nobody has sent them yet"
    await session.execute(text("DELETE FROM delivery"))
    await minute(session, after(122))
    assert (await queries.full(session, made.id)).broadcast.state == "sent"
    assert await steps(session) == [
        "written", "submitted", "approved", "stage_begun", "stage_done", "stage_begun", "stage_done", "sent",
    ]  # fmt: skip


async def test_what_is_done_again_meets_the_rows_that_are_there(session: AsyncSession) -> None:
    await members(session, 3)
    await approved(session)
    await minute(session, NOON)
    before = [await rows(session, table) for table in ("message", "inbox_entry", "delivery")]
    await session.execute(text("UPDATE broadcast_range SET done_at = NULL"))
    assert await minute(session, after(1)) == 0
    await session.execute(text("DELETE FROM delivery; "))
    await session.execute(text("DELETE FROM inbox_entry"))
    await session.execute(text("DELETE FROM message"))
    await session.execute(text("UPDATE broadcast_range SET done_at = NULL"))
    assert await minute(session, after(2)) == 3
    assert [await rows(session, table) for table in ("message", "inbox_entry", "delivery")] == before


async def test_nothing_is_sent_before_its_time(session: AsyncSession) -> None:
    await members(session, 1)
    await approved(session, send_from=after(30))
    assert await minute(session, after(29)) == 0
    assert await minute(session, after(30)) == 1


async def test_at_night_pushes_wait_for_the_morning(session: AsyncSession) -> None:
    await members(session, 1)
    night = NOON.replace(hour=21)
    await approved(session, now=night)
    await minute(session, night)
    (row,) = await rows(session, "delivery")
    assert row["due_at"] >= NOON.replace(day=19, hour=7, minute=30)


async def test_who_wants_no_pushes_or_no_digital_mail_is_pushed_nothing(session: AsyncSession) -> None:
    wants, refuses, exempt = await members(session, 3)
    values = {"m": refuses, "now": NOON}
    await session.execute(text("INSERT INTO notification_preference VALUES (:m, 'news', 'push', false, :now)"), values)
    await session.execute(text("UPDATE member SET digital_exempt = true WHERE id = :m"), {"m": exempt})
    count = await audience.count(session, Audience(), "news", today=NOON.date())
    assert (count.members, count.pushed, count.not_wanted, count.digital_exempt) == (3, 1, 1, 1)
    await approved(session)
    assert await minute(session, NOON) == 3
    assert [row["member_id"] for row in await rows(session, "delivery")] == [wants]


async def test_a_pause_holds_what_has_not_gone_out(session: AsyncSession) -> None:
    await members(session, 10)
    made = await approved(session, stages=STAGED)
    staff, _ = await people(session)
    stored = await minute(session, NOON)
    paused = await service.pause(session, made.id, staff, "A number is wrong", now=after(1))
    assert paused.state == "paused"
    taken = await outbox.claim(session, now=after(600), quiet="off", untrue=still_true.untrue)
    assert taken.size == 0
    assert await minute(session, after(600)) == 0
    await service.resume(session, made.id, staff, now=after(1200))
    due = [row["due_at"] for row in await rows(session, "delivery")]
    assert len(due) == stored
    assert all(after(1200) <= at < after(1260) for at in due)


async def test_what_a_worker_held_when_it_was_paused_does_not_go_out_later(session: AsyncSession) -> None:
    """It was in hand, failed, and is to be tried again: not before somebody resumes it, and then at once."""
    await members(session, 2)
    made = await approved(session)
    staff, _ = await people(session)
    await minute(session, NOON)
    taken = await claim(session, after(60))
    await service.pause(session, made.id, staff, "A number is wrong", now=after(60))
    failed = [Outcome(row.id, "retry", error_code="UNAVAILABLE") for row in taken.rows]
    await outbox.record(session, taken, failed, now=after(60), quiet="on")
    assert len(taken.rows) == 2
    assert list((await claim(session, after(65))).rows) == []
    assert {row["state"] for row in await rows(session, "delivery")} == {"due"}
    await service.resume(session, made.id, staff, now=after(66))
    assert [row.attempts for row in (await claim(session, after(71))).rows] == [2, 2]


async def test_it_can_be_stopped_for_as_long_as_anything_of_it_waits(session: AsyncSession) -> None:
    """A member who has had two pushes today hears of it tomorrow, when all the stages are long over."""
    await members(session, 1)
    made = await approved(session)
    staff, _ = await people(session)
    await minute(session, NOON)
    await session.execute(text("UPDATE delivery SET due_at = :later"), {"later": after(24 * 60)})
    await minute(session, after(120))
    await service.stop(session, made.id, staff, "The date is wrong", now=after(121))
    await minute(session, after(122))
    assert [row["state"] for row in await rows(session, "delivery_done")] == ["cancelled"]


async def test_a_stop_in_the_middle(session: AsyncSession) -> None:
    """Sent pushes are sent; of the rest nothing goes out, and nobody finds it who was not told and has not read it."""
    ids = await members(session, 6)
    made = await approved(session)
    staff, _ = await people(session)
    await minute(session, NOON)
    told, reader = ids[0], ids[1]
    await session.execute(
        text("WITH gone AS (DELETE FROM delivery WHERE member_id = :m RETURNING *) INSERT INTO delivery_done (id, "
             "message_id, member_id, device_id, channel, state, attempts, due_at, created_at, finished_at) SELECT id, "
             "message_id, member_id, device_id, channel, 'sent', 1, due_at, created_at, :now FROM gone"),
        {"m": told, "now": NOON},
    )  # fmt: skip
    await inbox.mark_all_read(session, reader, now=NOON)
    await service.stop(session, made.id, staff, "The date is wrong", now=after(5))
    claimed = await outbox.claim(session, now=after(5), quiet="off", untrue=still_true.untrue, limit=1)
    assert (claimed.rows, claimed.closed) == ([], {"cancelled": 1})
    assert await minute(session, after(6)) == 0
    assert await rows(session, "delivery") == []
    ends = {row["member_id"]: row["state"] for row in await rows(session, "delivery_done")}
    assert ends == {one: "sent" if one == told else "cancelled" for one in ids}
    assert {row["member_id"] for row in await rows(session, "inbox_entry")} == {told, reader}
    assert len(await rows(session, "message")) == 6, "what keeps them from being written to again"
    assert (await steps(session))[-2:] == ["stopped", "cleared"]
    with pytest.raises(errors.NotPaused):
        await service.resume(session, made.id, staff, now=after(7))


@pytest.mark.parametrize(("values", "fits"), [
    ({}, {"a", "b", "c"}),
    ({"language": "en"}, {"b"}),
    ({"risk": "high"}, {"c"}),
    ({"weeks_from": 10}, {"a", "c"}),
    ({"weeks_to": 10}, {"b"}),
    ({"weeks_from": 10, "risk": "low"}, {"a"}),
    ({"plans": ("x",)}, set()),
])  # fmt: skip
async def test_the_audience(session: AsyncSession, values: dict[str, Any], fits: set[str]) -> None:
    today = NOON.date()
    long_ago, lately = today - timedelta(weeks=10), today - timedelta(weeks=10) + timedelta(days=1)
    made = {
        "a": await factories.member(session, unemployed_from=long_ago),
        "b": await factories.member(session, unemployed_from=lately, language="en"),
        "c": await factories.member(session, unemployed_from=long_ago, risk="high"),
    }
    count = await audience.count(session, Audience(**values), "news", today=today)
    assert count.members == len(fits)
    if fits:
        await approved(session, audience=Audience(**values))
        await minute(session, NOON)
        assert {row["member_id"] for row in await rows(session, "message")} == {made[one].id for one in fits}


async def test_own_selections_and_branches(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    here = await factories.member(session, branch_id=branch.id)
    await factories.member(session)
    for chosen in (Audience(branches=(branch.id,)), Audience(member_nos=(here.member_no,))):
        assert (await audience.count(session, chosen, "news", today=NOON.date())).members == 1
    author, _ = await people(session)
    wrong = Audience(member_nos=(here.member_no, "nobody", "no one"))
    with pytest.raises(errors.UnknownNumbers) as refused:
        await service.write(session, draft(audience=wrong), author, now=NOON)
    assert refused.value.params == {"count": 2}


async def test_one_s_own_words_are_approved_by_nobody_not_even_by_sql(session: AsyncSession) -> None:
    author, _ = await people(session)
    await members(session, 1)
    made = await service.write(session, draft(), author, now=NOON)
    await service.submit(session, made.id, author, now=NOON)
    with pytest.raises(errors.OwnBroadcast):
        await service.approve(session, made.id, author, version=1, now=NOON)
    with pytest.raises(DBAPIError, match="ck_broadcast_two_people"):
        await session.execute(
            text("UPDATE broadcast SET state = 'sending', approved_by = author_id, approved_at = now()")
        )


async def test_an_edit_makes_another_author_and_another_version(session: AsyncSession) -> None:
    author, editor = await people(session)
    await members(session, 1)
    made = await service.write(session, draft(), author, now=NOON)
    await service.submit(session, made.id, author, now=NOON)
    edited = await service.edit(session, made.id, draft(title_da="Vi flytter ikke"), editor, now=NOON)
    assert (edited.state, edited.version, edited.author_id) == ("draft", 2, editor)
    await service.submit(session, made.id, editor, now=NOON)
    with pytest.raises(errors.AnotherVersion):
        await service.approve(session, made.id, author, version=1, now=NOON)
    assert (await service.approve(session, made.id, author, version=2, now=NOON)).state == "sending"
    with pytest.raises(errors.NotDraft):
        await service.edit(session, made.id, draft(), editor, now=NOON)


async def test_a_broadcast_that_fits_nobody_is_not_submitted(session: AsyncSession) -> None:
    author, _ = await people(session)
    made = await service.write(session, draft(audience=Audience(branches=(new_id(),))), author, now=NOON)
    with pytest.raises(errors.NobodyThere):
        await service.submit(session, made.id, author, now=NOON)
    with pytest.raises(errors.TextMissing):
        await service.write(session, draft(body_en="  "), author, now=NOON)


async def test_history_and_texts_cannot_be_changed(session: AsyncSession) -> None:
    await members(session, 1)
    await approved(session)
    for table in ("broadcast_event", "message_text"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with session.begin_nested():
                await session.execute(text(f"DELETE FROM {table}"))


async def test_of_two_approvers_one_approves(fresh_sessions: Sessions) -> None:
    async with transaction(fresh_sessions) as session:
        author, first = await people(session)
        _, second = await people(session)
        await members(session, 1)
        made = await service.write(session, draft(), author, now=NOON)
        await service.submit(session, made.id, author, now=NOON)

    async def approve(who: Any) -> str:
        try:
            async with transaction(fresh_sessions) as session:
                await service.approve(session, made.id, who, version=1, now=NOON)
        except DomainError as error:
            return error.type
        return "approved"

    found = await asyncio.gather(approve(first), approve(second))
    assert sorted(found) == ["approved", "not-waiting"]


async def test_workers_share_the_ranges_and_a_stop_meets_all_of_them(
    fresh_sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ranges of two, four workers at a time, one of which dies inside its transaction: each message once."""
    monkeypatch.setattr(sending, "RANGE", 2)
    async with transaction(fresh_sessions) as session:
        ids = await members(session, 24)
        made = await approved(session)
        staff, _ = await people(session)
    settings, moment = Settings(), Moment(NOON, NOON, timely=True)
    real = sending.store_range
    died: list[sending.Done] = []

    async def dies_once(session: AsyncSession, **given: Any) -> Any:
        done = await real(session, **given)
        if done and not died:
            died.append(done)
            raise ConnectionResetError
        return done

    monkeypatch.setattr(sending, "store_range", dies_once)
    hands = [send_broadcasts.outside(fresh_sessions, moment=moment, settings=settings) for _ in range(4)]
    await asyncio.gather(*hands, return_exceptions=True)
    await send_broadcasts.outside(fresh_sessions, moment=moment, settings=settings)
    async with transaction(fresh_sessions) as session:
        assert {row["member_id"] for row in await rows(session, "message")} == set(ids)
        assert len(await rows(session, "delivery")) == 24
        assert sum(row["stored"] for row in await rows(session, "broadcast_range")) == 24
        await service.stop(session, made.id, staff, "Enough", now=NOON)
    later = Moment(after(1), after(1), timely=True)
    counts = await send_broadcasts.outside(fresh_sessions, moment=later, settings=settings)
    assert counts == {"stages": 0, "messages": 0, "cleared": 48}
    async with transaction(fresh_sessions) as session:
        assert await send_broadcasts.plan(session) == []
