"""Service calls as people work at them: taken once, tried fairly, ended with what follows, undone after a slip."""

import asyncio
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import call_work, errors
from backend.casework import calls as bulk
from backend.casework.tables import CaseHistory, ServiceCall
from backend.clock import COPENHAGEN
from backend.course.tables import Exemption
from backend.db.engine import Sessions, transaction
from backend.errors import DomainError, Invalid, NotFound
from backend.followup import calls
from backend.followup.calls import Excuse
from backend.jobs import still_true
from backend.members.identity import StaffIdentity
from backend.notices.tables import Notice
from backend.notifications.tables import Message
from tests import factories
from tests.casework.factories import NOW, call
from tests.followup.factories import colleague, current, events, items, messages, pair
from tests.rating.rows import entry

pytestmark = pytest.mark.db
TOMORROW_AT_TWO = datetime(2026, 11, 19, 14, 0, tzinfo=COPENHAGEN)
HOLIDAY = Excuse("ferie", date(2026, 11, 16), date(2026, 11, 27), "Booked in June")


async def _complete(session: AsyncSession, call_id: UUID, staff: StaffIdentity, outcome: str, **values: object) -> None:
    given = {"note": None, "excuse": None, "now": NOW, "call_queue": "branch"} | values
    await calls.complete(session, call_id, staff, outcome, **given)  # type: ignore[arg-type]


async def test_the_most_urgent_call_comes_first_and_only_of_members_in_sight(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    other = await factories.member(session, colour="yellow", branch_id=member.branch_id)
    stranger = await factories.member(session, colour="yellow")
    later = await call(session, member.id, due_on=date(2026, 11, 24))
    first = await call(session, other.id, due_on=date(2026, 11, 19))
    await call(session, stranger.id, due_on=date(2026, 11, 18))
    taken = await calls.take_next(session, adviser, now=NOW)
    assert taken is not None
    assert (taken.id, taken.state, taken.claimed_by) == (first, "claimed", adviser.id)
    again = await calls.take_next(session, adviser, now=NOW)
    assert again is not None
    assert again.id == first, "who asks twice keeps the call in hand"
    colleague_ = await colleague(session, branch_id=member.branch_id)
    second = await calls.take_next(session, colleague_, now=NOW)
    assert second is not None
    assert second.id == later
    third = await colleague(session, branch_id=member.branch_id)
    assert await calls.take_next(session, third, now=NOW) is None


async def test_the_contact_centre_takes_only_its_own_queue(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    other = await factories.member(session, colour="yellow", branch_id=member.branch_id)
    await call(session, member.id)
    central = await call(session, other.id, queue="contact_centre")
    centre = await colleague(session, "contact_centre")
    taken = await calls.take_next(session, centre, now=NOW)
    assert taken is not None
    assert taken.id == central
    await calls.release(session, central, centre, next_try=None, now=NOW)
    handed = await calls.take_next(session, adviser, now=NOW)
    assert handed is not None
    assert handed.queue == "branch"


async def test_a_lapsed_claim_is_taken_over(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    call_id = await call(session, member.id)
    await calls.claim(session, call_id, adviser, now=NOW)
    second = await colleague(session, branch_id=member.branch_id)
    with pytest.raises(errors.CallTaken):
        await calls.claim(session, call_id, second, now=NOW + timedelta(minutes=29))
    taken = await calls.take_next(session, second, now=NOW + timedelta(minutes=31))
    assert taken is not None
    assert taken.claimed_by == second.id
    with pytest.raises(errors.CallNotYours):
        await _complete(session, call_id, adviser, "agreed_plan", now=NOW + timedelta(minutes=32))


async def test_two_fair_tries_in_vain_then_one_message_and_giving_up_is_allowed(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    call_id = await call(session, member.id)
    await calls.claim(session, call_id, adviser, now=NOW)
    tried = await calls.attempt(session, call_id, adviser, "no_answer", now=NOW)
    assert (tried.state, tried.attempts, tried.not_before) == ("open", 1, TOMORROW_AT_TWO)
    assert await calls.take_next(session, adviser, now=NOW + timedelta(hours=2)) is None
    assert await messages(session, member.id) == []
    assert await calls.take_next(session, adviser, now=TOMORROW_AT_TWO) is not None
    await calls.attempt(session, call_id, adviser, "no_answer", now=TOMORROW_AT_TWO)
    assert await messages(session, member.id) == ["N12"]
    third = TOMORROW_AT_TWO + timedelta(hours=19)
    await calls.claim(session, call_id, adviser, now=third)
    await calls.attempt(session, call_id, adviser, "busy", now=third)
    assert await messages(session, member.id) == ["N12"]
    await calls.claim(session, call_id, adviser, now=third)
    await _complete(session, call_id, adviser, "not_reached", now=third)
    assert (await current(session, member.id)).colour == "yellow"


async def test_giving_up_after_one_try_is_refused(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    call_id = await call(session, member.id)
    await calls.claim(session, call_id, adviser, now=NOW)
    await calls.attempt(session, call_id, adviser, "no_answer", now=NOW)
    await calls.claim(session, call_id, adviser, now=NOW)
    with pytest.raises(errors.TriedTooLittle):
        await _complete(session, call_id, adviser, "not_reached")


async def test_an_agreed_plan_ends_the_call_and_the_timeline_item(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    call_id = await call(session, member.id)
    await calls.claim(session, call_id, adviser, now=NOW)
    await calls.attempt(session, call_id, adviser, "reached", now=NOW)
    await _complete(session, call_id, adviser, "agreed_plan", note="Two a week from now on")
    done = await session.get_one(ServiceCall, call_id)
    assert (done.state, done.outcome, done.completed_on, done.note) == (
        "done", "agreed_plan", date(2026, 11, 18), "Two a week from now on",
    )  # fmt: skip
    assert await events(session, call_id) == ["opened", "claimed", "attempted", "completed"]
    assert (await current(session, member.id)).deadline == date.max


async def test_exempt_grants_the_exemption_and_pauses_at_once(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    call_id = await call(session, member.id)
    await calls.claim(session, call_id, adviser, now=NOW)
    await _complete(session, call_id, adviser, "exempt", excuse=HOLIDAY)
    assert (await current(session, member.id)).colour == "paused"
    assert "N28" in await messages(session, member.id)
    assert len(await items(session, member.id, "exemption")) == 1


@pytest.mark.parametrize(("outcome", "excuse"), [("exempt", None), ("agreed_plan", HOLIDAY)])
async def test_an_exemption_comes_with_its_outcome_only(
    session: AsyncSession, outcome: str, excuse: Excuse | None
) -> None:
    member, adviser = await pair(session, colour="yellow")
    call_id = await call(session, member.id)
    await calls.claim(session, call_id, adviser, now=NOW)
    with pytest.raises(Invalid):
        await _complete(session, call_id, adviser, outcome, excuse=excuse)


async def test_undoing_a_wrong_exemption_restores_call_and_colour(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    call_id = await call(session, member.id)
    await calls.claim(session, call_id, adviser, now=NOW)
    await _complete(session, call_id, adviser, "exempt", excuse=HOLIDAY)
    soon = NOW + timedelta(minutes=5)
    back = await calls.undo(session, call_id, adviser, now=soon, call_queue="branch")
    assert (back.state, back.claimed_by, back.outcome, back.completed_on) == ("claimed", adviser.id, None, None)
    assert (await current(session, member.id)).colour == "yellow"
    exemption = (await session.scalars(select(Exemption).execution_options(populate_existing=True))).one()
    assert exemption.cancelled_by == adviser.id
    (shown,) = await items(session, member.id, "exemption")
    assert (shown.params["state"], shown.done_at) == ("cancelled", soon)
    assert (await current(session, member.id)).deadline == date(2026, 11, 23)


async def test_undo_is_for_ten_minutes_the_writer_and_no_newer_call(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    call_id = await call(session, member.id)
    await calls.claim(session, call_id, adviser, now=NOW)
    await _complete(session, call_id, adviser, "needs_help")
    second = await colleague(session, branch_id=member.branch_id)
    with pytest.raises(errors.UndoTooLate):
        await calls.undo(session, call_id, second, now=NOW, call_queue="branch")
    with pytest.raises(errors.UndoTooLate):
        await calls.undo(session, call_id, adviser, now=NOW + timedelta(minutes=11), call_queue="branch")
    await call(session, member.id)
    with pytest.raises(errors.AnotherCallOpen):
        await calls.undo(session, call_id, adviser, now=NOW, call_queue="branch")


async def _shown(session: AsyncSession, member_id: UUID) -> tuple[str | None, datetime, bool, bool]:
    """The call on the timeline: state, when, to be acted on, over."""
    (item,) = await items(session, member_id, "service_call")
    return item.params.get("state"), item.at, item.needs_action, item.done_at is not None


async def test_the_timeline_shows_the_call_as_it_stands(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    call_id = await call(session, member.id, due_on=date(2026, 11, 18))
    opens = datetime(2026, 11, 18, 8, tzinfo=COPENHAGEN)
    await calls.choose_time(session, member.id, TOMORROW_AT_TWO, now=NOW)
    assert await _shown(session, member.id) == ("chosen", TOMORROW_AT_TWO, False, False)
    await calls.clear_time(session, member.id, now=NOW)
    assert await _shown(session, member.id) == (None, opens + timedelta(days=1), True, False)
    await calls.claim(session, call_id, adviser, now=NOW)
    await calls.attempt(session, call_id, adviser, "no_answer", now=NOW)
    assert await _shown(session, member.id) == ("tried", opens + timedelta(days=1), True, False)
    await calls.claim(session, call_id, adviser, now=TOMORROW_AT_TWO)
    await _complete(session, call_id, adviser, "needs_help", now=TOMORROW_AT_TWO)
    assert await _shown(session, member.id) == ("needs_help", opens + timedelta(days=1), True, True)
    await calls.undo(session, call_id, adviser, now=TOMORROW_AT_TWO, call_queue="branch")
    assert await _shown(session, member.id) == (None, opens + timedelta(days=1), True, False)


async def test_an_undone_call_at_a_chosen_time_is_open_again(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    call_id = await call(session, member.id)
    await calls.choose_time(session, member.id, TOMORROW_AT_TWO, now=NOW)
    await calls.claim(session, call_id, adviser, now=TOMORROW_AT_TWO)
    await _complete(session, call_id, adviser, "agreed_plan", now=TOMORROW_AT_TWO)
    assert await _shown(session, member.id) == ("agreed_plan", TOMORROW_AT_TWO, False, True)
    await calls.undo(session, call_id, adviser, now=TOMORROW_AT_TWO, call_queue="branch")
    assert await _shown(session, member.id) == ("chosen", TOMORROW_AT_TWO, False, False)


@pytest.mark.parametrize(
    ("outcome", "told"), [("agreed_plan", ["N23.call"]), ("misregistered", ["N23.call"]), ("needs_help", ["N23.call"])]
)
async def test_a_talk_is_summed_up_in_the_inbox_once(session: AsyncSession, outcome: str, told: list[str]) -> None:
    member, adviser = await pair(session, colour="yellow")
    call_id = await call(session, member.id)
    await calls.claim(session, call_id, adviser, now=NOW)
    await _complete(session, call_id, adviser, outcome)
    await calls.undo(session, call_id, adviser, now=NOW, call_queue="branch")
    await _complete(session, call_id, adviser, outcome)
    assert await messages(session, member.id) == told


async def test_the_member_chooses_a_time_and_may_take_it_back(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    with pytest.raises(NotFound):
        await calls.choose_time(session, member.id, TOMORROW_AT_TWO, now=NOW)
    await call(session, member.id, due_on=date(2026, 11, 18))
    chosen = await calls.choose_time(session, member.id, TOMORROW_AT_TWO, now=NOW)
    assert (chosen.call_at, chosen.due_on) == (TOMORROW_AT_TWO, date(2026, 11, 19))
    assert (await current(session, member.id)).deadline == date(2026, 11, 19)
    assert await calls.take_next(session, adviser, now=TOMORROW_AT_TWO - timedelta(minutes=11)) is None
    assert await calls.take_next(session, adviser, now=TOMORROW_AT_TWO - timedelta(minutes=10)) is not None
    with pytest.raises(errors.CallTaken):
        await calls.clear_time(session, member.id, now=TOMORROW_AT_TWO)


async def test_a_cleared_time_makes_the_call_due_again(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    await call(session, member.id)
    await calls.choose_time(session, member.id, TOMORROW_AT_TWO, now=NOW)
    cleared = await calls.clear_time(session, member.id, now=NOW)
    assert cleared.call_at is None
    assert await calls.take_next(session, adviser, now=NOW) is not None


async def test_a_call_closed_by_an_improvement_says_so(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    call_id = await call(session, member.id)
    await calls.claim(session, call_id, adviser, now=NOW)
    await bulk.close_many(session, [member.id], reason="improved", now=NOW)
    with pytest.raises(errors.CallEnded):
        await _complete(session, call_id, adviser, "agreed_plan")


async def test_of_two_who_claim_at_once_one_gets_it(fresh_sessions: Sessions) -> None:
    async with transaction(fresh_sessions) as session:
        member, one = await pair(session, colour="yellow")
        two = await colleague(session, branch_id=member.branch_id)
        call_id = await call(session, member.id)

    async def take(staff: StaffIdentity) -> str:
        try:
            async with transaction(fresh_sessions) as session:
                await calls.claim(session, call_id, staff, now=NOW)
        except DomainError as error:
            return error.type
        return "mine"

    assert sorted(await asyncio.gather(take(one), take(two))) == ["call-taken", "mine"]


async def test_twenty_who_ask_at_once_get_twenty_members(fresh_sessions: Sessions) -> None:
    async with transaction(fresh_sessions) as session:
        branch_id = (await factories.branch(session)).id
        for _ in range(25):
            await call(session, (await factories.member(session, branch_id=branch_id, colour="yellow")).id)
        staff = [await colleague(session, branch_id=branch_id) for _ in range(20)]

    async def take(one: StaffIdentity) -> UUID:
        async with transaction(fresh_sessions) as session:
            taken = await calls.take_next(session, one, now=NOW)
            await asyncio.sleep(0.01)
            assert taken is not None
            return taken.member_id

    assert len(set(await asyncio.gather(*map(take, staff)))) == 20


async def test_a_stale_copy_of_a_call_changes_nothing(session: AsyncSession) -> None:
    """The guard in the UPDATE holds even where the lock was not taken."""
    member, adviser = await pair(session, colour="yellow")
    call_id = await call(session, member.id)
    stale = await session.get_one(ServiceCall, call_id)
    session.expunge(stale)
    await bulk.close_many(session, [member.id], reason="improved", now=NOW)
    with pytest.raises(DomainError) as refused:
        await call_work.claim(session, stale, adviser.id, now=NOW)
    assert refused.value.status == 409


async def test_the_history_is_an_unbroken_chain(session: AsyncSession) -> None:
    """A long way through every state: each line of history starts in the state in which the one before it ended."""
    member, adviser = await pair(session, colour="yellow")
    call_id = await call(session, member.id)
    await calls.claim(session, call_id, adviser, now=NOW)
    await calls.release(session, call_id, adviser, next_try=None, now=NOW)
    await calls.choose_time(session, member.id, TOMORROW_AT_TWO, now=NOW)
    await bulk.suspend_many(session, [member.id], now=NOW)
    await bulk.open_many(
        session, [bulk.NewCall(member.id, None, date(2026, 11, 30), fast=False)], queue="branch", now=NOW
    )
    await calls.claim(session, call_id, adviser, now=NOW)
    await calls.attempt(session, call_id, adviser, "no_answer", now=NOW)
    await calls.claim(session, call_id, adviser, now=NOW)
    await _complete(session, call_id, adviser, "misregistered")
    await calls.undo(session, call_id, adviser, now=NOW, call_queue="branch")
    await bulk.close_many(session, [member.id], reason="improved", now=NOW)
    lines = (await session.scalars(select(CaseHistory).order_by(CaseHistory.id))).all()
    assert [line.event for line in lines] == [
        "opened", "claimed", "released", "time_chosen", "suspended", "resumed", "claimed", "attempted", "claimed",
        "completed", "undone", "closed",
    ]  # fmt: skip
    assert [line.from_state for line in lines[1:]] == [line.to_state for line in lines[:-1]]
    assert lines[0].from_state is None


async def test_a_last_day_for_the_job_log_is_a_letter_and_another_one_after_a_slip(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    call_id = await call(session, member.id)
    await calls.claim(session, call_id, adviser, now=NOW)
    await _complete(session, call_id, adviser, "agreed_plan", fill_by=date(2026, 11, 25))
    await calls.undo(session, call_id, adviser, now=NOW, call_queue="branch")
    assert (await session.get_one(ServiceCall, call_id, populate_existing=True)).fill_by is None
    await _complete(session, call_id, adviser, "agreed_plan", fill_by=date(2026, 11, 26))
    assert (await session.get_one(ServiceCall, call_id, populate_existing=True)).fill_by == date(2026, 11, 26)
    given = select(Message).where(Message.member_id == member.id, Message.key == "N13").order_by(Message.id)
    found = (await session.scalars(given)).all()
    assert [message.params["date"] for message in found] == ["2026-11-25", "2026-11-26"]
    about = {"from_on": "2026-10-19", "to_on": "2026-11-25", "needed": 8, "call": str(call_id)}
    assert found[0].cause == about
    assert await still_true.untrue(session, found) == {found[0].id}
    cancelled = text(
        "SELECT n.message_id FROM notice_event e JOIN notice n ON n.id = e.notice_id WHERE kind = 'cancelled'"
    )
    assert list(await session.scalars(cancelled)) == [found[0].id]
    notice = (await session.scalars(select(Notice).where(Notice.message_id == found[1].id))).one()
    assert (notice.template, notice.approved_by, notice.origin) == ("log_deadline", adviser.id, "decision")


async def test_the_letter_of_a_last_day_is_not_lost_when_enough_is_logged_and_uploads_are_missing(
    session: AsyncSession,
) -> None:
    member, adviser = await pair(session, colour="yellow")
    for day in range(1, 10):
        await entry(session, member.id, date(2026, 11, day))
    call_id = await call(session, member.id)
    await calls.claim(session, call_id, adviser, now=NOW)
    await _complete(session, call_id, adviser, "agreed_plan", fill_by=date(2026, 11, 25))
    given = await session.scalars(select(Message).where(Message.member_id == member.id, Message.key == "N13"))
    letter = given.one()
    assert await still_true.untrue(session, [letter]) == set()
    await entry(session, member.id, date(2026, 11, 20))
    assert await still_true.untrue(session, [letter]) == {letter.id}


@pytest.mark.parametrize(
    ("outcome", "fill_by"),
    [
        ("needs_help", date(2026, 11, 25)),
        ("agreed_plan", date(2026, 11, 22)),  # a Sunday, four days ahead
        ("agreed_plan", date(2026, 11, 28)),  # a Saturday
        ("agreed_plan", date(2026, 12, 3)),
    ],
)
async def test_a_last_day_that_cannot_be(session: AsyncSession, outcome: str, fill_by: date) -> None:
    member, adviser = await pair(session, colour="yellow")
    call_id = await call(session, member.id)
    await calls.claim(session, call_id, adviser, now=NOW)
    with pytest.raises(errors.FillByNotPossible):
        await _complete(session, call_id, adviser, outcome, fill_by=fill_by)
