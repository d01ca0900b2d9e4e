"""Closing by two at once, call-ins that were missed or held, and what a message about an agreement goes by."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import service
from backend.casework.rules_call_ins import READING_PAUSE, Approval
from backend.clock import COPENHAGEN
from backend.course.rules import Numbers
from backend.db.engine import Sessions, transaction
from backend.followup import call_ins, talk_attendance, talk_reminders, talks
from backend.followup.talks import Fund, NewRequirement
from backend.members.identity import StaffIdentity
from backend.talks import minutes
from backend.talks.errors import ChangedSince, MemberAbsent, TalkClosed
from backend.talks.minutes import About
from backend.talks.rules import Content, Mark, NewAgreement
from tests import factories
from tests.booking import factories as make
from tests.booking.factories import NOW, at
from tests.casework.factories import NOW as CALLED
from tests.casework.factories import call_in
from tests.followup.factories import items, messages, pair

pytestmark = pytest.mark.db
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=COPENHAGEN)
FUND = Fund("metal", "branch")
DAY = date(2026, 8, 5)
AFTER = at(DAY, 11)
SAID = Content(
    "We agreed.", DAY, "personal", ("cv_talk", "job_talk"),
    agreements=[NewAgreement("member", "Ring", DAY + timedelta(days=9)), NewAgreement("staff", "Send", DAY)],
)  # fmt: skip


async def booked(session: AsyncSession) -> tuple[StaffIdentity, UUID, UUID]:
    """An adviser, a member, and the member's talk of Wednesday at ten."""
    branch = await factories.branch(session)
    adviser = await make.adviser(session, branch)
    member_id = await make.member(session, branch)
    item = (await make.items(session, member_id))["cv_job"]
    placed = await service.book_talk(session, member_id, [item], starts_at=at(DAY, 10), form="personal", now=NOW)
    staff = StaffIdentity(adviser.id, adviser.staff_no, "adviser", frozenset({"adviser"}), branch.id)
    return staff, member_id, placed.booking_id


async def draft(session: AsyncSession, staff: StaffIdentity, member_id: UUID, booking_id: UUID) -> UUID:
    talk_id = await minutes.open_draft(session, member_id, About(booking_id), by=staff.id, now=AFTER)
    await minutes.save(session, talk_id, SAID, version=1, by=staff.id, now=AFTER)
    return talk_id


async def count(session: AsyncSession, table: str) -> int:
    return int(await session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


async def test_two_people_close_at_once_and_one_of_them_does(fresh_sessions: Sessions) -> None:
    async with transaction(fresh_sessions) as session:
        staff, member_id, booking_id = await booked(session)
        talk_id = await draft(session, staff, member_id, booking_id)

    async def close() -> str:
        try:
            async with transaction(fresh_sessions) as session:
                await talks.close(session, talk_id, staff, version=2, requirement=None, fund=FUND, now=AFTER)
        except (TalkClosed, ChangedSince) as refused:
            return refused.type
        return "closed"

    found = await asyncio.gather(*(close() for _ in range(4)))
    assert sorted(found) == ["closed", *["talk-closed"] * 3]
    async with transaction(fresh_sessions) as session:
        tables = ("agreement", "task", "registry_report", "talk WHERE state = 'closed'", "message WHERE key = 'N23'")
        assert [await count(session, table) for table in tables] == [2, 1, 1, 1, 1]


async def test_saving_and_closing_at_once_never_closes_what_was_not_read(fresh_sessions: Sessions) -> None:
    async with transaction(fresh_sessions) as session:
        staff, member_id, booking_id = await booked(session)
        talk_id = await draft(session, staff, member_id, booking_id)

    async def act(kind: str) -> str:
        try:
            async with transaction(fresh_sessions) as session:
                if kind == "save":
                    other = SAID._replace(minutes="Other words.")
                    await minutes.save(session, talk_id, other, version=2, by=staff.id, now=AFTER)
                else:
                    await talks.close(session, talk_id, staff, version=2, requirement=None, fund=FUND, now=AFTER)
        except (TalkClosed, ChangedSince) as refused:
            return refused.type
        return "done"

    saved, closed = await asyncio.gather(act("save"), act("close"))
    assert (saved, closed) in {("done", "changed-meanwhile"), ("talk-closed", "done")}
    async with transaction(fresh_sessions) as session:
        row = (await session.execute(text("SELECT state, minutes FROM talk"))).one()
        assert tuple(row) in {("draft", "Other words."), ("closed", "We agreed.")}


async def test_absence_and_presence_noted_at_once_leave_one_of_them_and_its_consequences(
    fresh_sessions: Sessions,
) -> None:
    async with transaction(fresh_sessions) as session:
        staff, _, booking_id = await booked(session)

    async def note(mark: Mark) -> None:
        async with transaction(fresh_sessions) as session:
            await talk_attendance.register(session, [mark], by=staff.id, set_name="metal", now=AFTER)

    marks = [Mark(booking_id, attended=True), Mark(booking_id, attended=False, reason="unknown")] * 3
    await asyncio.gather(*(note(mark) for mark in marks))
    async with transaction(fresh_sessions) as session:
        state: Any = await session.scalar(text("SELECT state FROM booking"))
        item = await session.scalar(text("SELECT state FROM obligation WHERE activity = 'cv_job'"))
        tasks = await count(session, "task WHERE state = 'open'")
        assert (state, item, tasks) in {("attended", "booked", 0), ("absent", "planned", 1)}


async def called_in(session: AsyncSession) -> tuple[StaffIdentity, UUID, UUID]:
    """An adviser, a member, and the approved call-in to Monday at nine."""
    member, adviser = await pair(session, colour="red")
    case_id = await call_in(session, member.id)
    await call_ins.open_sheet(session, case_id, adviser, now=CALLED - READING_PAUSE)
    approval = Approval("Nothing logged since October", MONDAY, "Vejle, room 2")
    await call_ins.approve(session, case_id, adviser, approval, now=CALLED)
    return adviser, member.id, case_id


async def reported(session: AsyncSession) -> list[str]:
    return list(await session.scalars(text("SELECT kind FROM registry_report ORDER BY seq")))


async def test_a_call_in_that_was_missed_by_mistake(session: AsyncSession) -> None:
    staff, member_id, case_id = await called_in(session)
    after = MONDAY + timedelta(hours=1)
    await call_ins.miss(session, case_id, staff, now=after)
    assert await messages(session, member_id) == ["N04", "N07"]
    assert await count(session, "task WHERE kind = 'no_show' AND state = 'open'") == 1
    assert await reported(session) == ["called_in", "call_in_ended"]
    await call_ins.hold(session, case_id, staff, MONDAY.date(), now=after, call_queue="branch")
    assert await count(session, "task WHERE kind = 'no_show' AND state = 'open'") == 0
    assert await count(session, "notice_event WHERE kind = 'cancelled'") == 1
    [talk] = await items(session, member_id, "call_in_talk")
    assert talk.params["state"] == "held"


async def test_the_minutes_of_a_call_in_set_the_rating_back(session: AsyncSession) -> None:
    staff, member_id, case_id = await called_in(session)
    after = MONDAY + timedelta(hours=1)
    talk_id = await minutes.open_draft(session, member_id, About(call_in_id=case_id), by=staff.id, now=after)
    said = Content("We agreed.", MONDAY.date(), "personal", ("follow_up",))
    await minutes.save(session, talk_id, said, version=1, by=staff.id, now=after)
    requirement = NewRequirement(Numbers(4, 1, 2), MONDAY.date())
    await talks.close(session, talk_id, staff, version=2, requirement=requirement, fund=FUND, now=after)
    held = (await session.execute(text("SELECT state, held_on FROM call_in"))).one()
    assert tuple(held) == ("held", MONDAY.date())
    assert await session.scalar(text("SELECT min_per_week FROM search_requirement WHERE source = 'staff'")) == 4
    assert await messages(session, member_id) == ["N04", "N23"]


async def test_who_was_noted_as_absent_has_no_minutes(session: AsyncSession) -> None:
    staff, member_id, booking_id = await booked(session)
    talk_id = await draft(session, staff, member_id, booking_id)
    absent = Mark(booking_id, attended=False, reason="sick")
    await talk_attendance.register(session, [absent], by=staff.id, set_name="metal", now=AFTER)
    with pytest.raises(MemberAbsent):
        await talks.close(session, talk_id, staff, version=2, requirement=None, fund=FUND, now=AFTER)
    there = Mark(booking_id, attended=True)
    await talk_attendance.register(session, [there], by=staff.id, set_name="metal", now=AFTER)
    await talks.close(session, talk_id, staff, version=2, requirement=None, fund=FUND, now=AFTER)


async def test_a_talk_without_minutes_is_asked_for_once_until_they_close_or_nobody_came(session: AsyncSession) -> None:
    staff, member_id, booking_id = await booked(session)
    _, other, missed = await booked(session)
    tomorrow = AFTER + timedelta(days=1)
    assert [await talk_reminders.to_close(session, now=now) for now in (AFTER, tomorrow, tomorrow)] == [0, 2, 0]
    open_tasks = text("SELECT member_id FROM task WHERE kind = 'talk_to_close' AND state = 'open' ORDER BY opened_at")
    talk_id = await draft(session, staff, member_id, booking_id)
    await talks.close(session, talk_id, staff, version=2, requirement=None, fund=FUND, now=tomorrow)
    assert (await session.scalars(open_tasks)).all() == [other]
    marks = [Mark(missed, attended=False, reason="sick")]
    await talk_attendance.register(session, marks, by=staff.id, set_name="metal", now=tomorrow)
    assert (await session.scalars(open_tasks)).all() == []
    assert await talk_reminders.to_close(session, now=tomorrow + timedelta(days=1)) == 0
