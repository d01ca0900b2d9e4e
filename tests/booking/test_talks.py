from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import errors, expiry, facts, service, talks
from backend.booking.tables import ActivitySession, Booking
from backend.booking.tables_calendar import StaffAbsence
from backend.clock import COPENHAGEN
from backend.course import forms, planning
from backend.db.types import new_id
from backend.errors import NotFound
from tests import factories
from tests.booking import factories as make
from tests.booking.factories import NOW, at

pytestmark = pytest.mark.db
TEN = at(date(2026, 8, 5), 10)


async def book(session: AsyncSession, member_id: UUID, item: str = "cv_job", when: datetime = TEN, **more: Any) -> Any:
    ids = [(await make.items(session, member_id))[item]]
    wish: dict[str, Any] = {"starts_at": when, "form": "personal", "now": NOW} | more
    return await service.book_talk(session, member_id, ids, **wish)


async def state(session: AsyncSession, member_id: UUID, item: str = "cv_job") -> str:
    ids = await make.items(session, member_id)
    found = await session.scalar(text("SELECT state FROM obligation WHERE id = :i"), {"i": ids[item]})
    return str(found)


async def test_a_talk_takes_both_peoples_time_and_counts_for_the_item(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    adviser, member = await make.adviser(session, branch), await make.member(session, branch)
    placed = await book(session, member)
    assert (placed.staff_id, placed.starts_at) == (adviser.id, TEN)
    assert await state(session, member) == "booked"
    talk = await session.get_one(ActivitySession, placed.session_id)
    assert (talk.local_start, talk.zone) == (datetime(2026, 8, 5, 10), "Europe/Copenhagen")
    assert talk.ends_at - talk.starts_at == timedelta(hours=1)
    with pytest.raises(errors.AlreadyBooked):
        await book(session, member, when=at(date(2026, 8, 6), 10))


@pytest.mark.parametrize(("own", "place"), [(None, "Afdeling X, Odense"), ("Room 4", "Room 4")])
async def test_who_is_to_come_in_person_is_told_where(session: AsyncSession, own: str | None, place: str) -> None:
    branch = await factories.branch(session, name="Afdeling X", city="Odense")
    await make.adviser(session, branch)
    member = await make.member(session, branch)
    await session.execute(text("UPDATE working_hours SET place = :own"), {"own": own})
    placed = await book(session, member)
    assert (await session.get_one(ActivitySession, placed.session_id)).place == place


async def test_no_two_talks_of_an_adviser_overlap(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    adviser = await make.adviser(session, branch)
    other = await make.workshop(session)
    await book(session, await make.member(session, branch))
    with pytest.raises(errors.SlotTaken):
        await book(session, await make.member(session, branch))
    with pytest.raises(IntegrityError, match="ex_staff_time_overlap"):
        async with session.begin_nested():
            await session.execute(
                text("INSERT INTO staff_time (session_id, staff_id, span) SELECT :s, :a, tstzrange(:f, :t)"),
                {
                    "s": other,
                    "a": adviser.id,
                    "f": TEN + timedelta(minutes=59),
                    "t": TEN + timedelta(hours=2),
                },
            )


async def test_any_adviser_is_whoever_is_free_the_known_one_first(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    advisers = {(await make.adviser(session, branch)).id for _ in range(3)}
    known = max(advisers)
    members = [await make.member(session, branch, adviser_id=known) for _ in range(4)]
    first = await book(session, members[0])
    assert first.staff_id == known
    others = {(await book(session, one)).staff_id for one in members[1:3]}
    assert others == advisers - {known}
    with pytest.raises(errors.SlotTaken):
        await book(session, members[3])


async def test_an_adviser_who_held_the_last_talk_goes_before_the_assigned_one(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    assigned, other = await make.adviser(session, branch), await make.adviser(session, branch)
    member = await make.member(session, branch, adviser_id=assigned.id)
    await book(session, member, staff_id=other.id)
    second = await book(session, member, "avail_job", at(date(2026, 9, 30), 9))
    assert second.staff_id == other.id


async def test_a_cancelled_time_is_free_at_once(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    await make.adviser(session, branch)
    member, other = await make.member(session, branch), await make.member(session, branch)
    placed = await book(session, member)
    assert await service.cancel(session, placed.booking_id, member, reason="job_interview", now=NOW) is True
    assert await state(session, member) == "planned"
    await book(session, other)
    booking = await session.get_one(Booking, placed.booking_id, populate_existing=True)
    assert (booking.state, booking.lawful, booking.sequence) == ("cancelled", True, 1)
    with pytest.raises(errors.BookingOver):
        await service.cancel(session, placed.booking_id, member, reason="sick", now=NOW)
    with pytest.raises(NotFound):
        await service.cancel(session, placed.booking_id, other, reason="sick", now=NOW)


async def test_what_has_begun_is_not_cancelled_in_the_app(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    await make.adviser(session, branch)
    member = await make.member(session, branch)
    placed = await book(session, member)
    assert (
        await service.cancel(session, placed.booking_id, member, reason="other", now=TEN - timedelta(seconds=1))
        is False
    )
    placed = await book(session, member)
    with pytest.raises(errors.Begun):
        await service.cancel(session, placed.booking_id, member, reason="sick", now=TEN)


async def test_a_hold_takes_the_place_until_it_runs_out(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    await make.adviser(session, branch)
    member, other = await make.member(session, branch), await make.member(session, branch)
    held = await book(session, member, hold=True)
    assert await state(session, member) == "planned"
    with pytest.raises(errors.SlotTaken):
        await book(session, other, now=NOW + timedelta(minutes=9))
    await book(session, other, now=NOW + timedelta(minutes=10))
    with pytest.raises(errors.BookingOver):
        await service.confirm(session, held.booking_id, member, now=NOW + timedelta(minutes=11))


async def test_a_hold_confirmed_in_time_is_a_booking(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    await make.adviser(session, branch)
    member = await make.member(session, branch)
    held = await book(session, member, hold=True)
    await service.confirm(session, held.booking_id, member, now=NOW + timedelta(minutes=5))
    await service.confirm(session, held.booking_id, member, now=NOW + timedelta(minutes=20))
    assert await state(session, member) == "booked"
    assert await make.counters(session, held.session_id) == (1, 0, 0)
    assert await expiry.sweep(session, now=NOW + timedelta(hours=1)) == []
    late = await book(session, member, "avail_job", at(date(2026, 9, 30), 9), hold=True)
    with pytest.raises(errors.HoldOver):
        await service.confirm(session, late.booking_id, member, now=NOW + timedelta(minutes=10))


async def test_a_move_keeps_the_booking_and_frees_the_old_time(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    await make.adviser(session, branch)
    member, other = await make.member(session, branch), await make.member(session, branch)
    placed = await book(session, member)
    await book(session, other, when=at(date(2026, 8, 5), 11))
    # To a time that is taken: nothing changes.
    with pytest.raises(errors.SlotTaken):
        async with session.begin_nested():
            await service.move_talk(
                session, placed.booking_id, member, starts_at=at(date(2026, 8, 5), 11), form="personal", now=NOW
            )
    moved = await service.move_talk(
        session, placed.booking_id, member, starts_at=at(date(2026, 8, 5), 9), form="personal", now=NOW
    )
    assert moved.booking_id == placed.booking_id
    booking = await session.get_one(Booking, placed.booking_id, populate_existing=True)
    assert (booking.state, booking.sequence, booking.session_id) == ("booked", 1, moved.session_id)
    assert await state(session, member) == "booked"
    third = await make.member(session, branch)
    assert (await book(session, third)).starts_at == TEN


async def test_hours_absence_form_and_window_are_kept_to(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    adviser, member = await make.adviser(session, branch), await make.member(session, branch)
    for when in (
        at(date(2026, 8, 5), 8),
        at(date(2026, 8, 5), 15),
        at(date(2026, 8, 5), 10, 30),
        at(date(2026, 8, 8), 10),
    ):
        with pytest.raises(errors.NotOffered):
            await book(session, member, when=when)
    with pytest.raises(errors.FormNotAllowed):
        await book(session, member, form="phone")
    with pytest.raises(errors.OutsideWindow):
        await book(session, member, when=at(date(2026, 8, 17), 10))
    with pytest.raises(errors.NotOffered):
        await book(session, member, now=TEN - timedelta(hours=1))  # Too late for a member.
    session.add(
        StaffAbsence(
            id=new_id(), staff_id=adviser.id, from_at=at(date(2026, 8, 5), 10, 30), to_at=at(date(2026, 8, 6), 0)
        )
    )
    await session.flush()
    with pytest.raises(errors.NotOffered):
        await book(session, member)
    assert (await book(session, member, when=at(date(2026, 8, 17), 10), by=adviser.id)).staff_id == adviser.id


async def test_a_members_own_time_is_never_double(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    await make.adviser(session, branch)
    member = await make.member(session, branch)
    event = await make.workshop(session, starts_at=at(date(2026, 8, 5), 9))
    await service.book_seat(session, member, event, now=NOW)
    with pytest.raises(errors.OwnTimeTaken):
        await book(session, member)
    await book(session, member, when=at(date(2026, 8, 5), 12))
    late = await make.workshop(session, starts_at=at(date(2026, 8, 5), 12))
    with pytest.raises(errors.OwnTimeTaken):
        await service.book_seat(session, member, late, now=NOW)


async def test_two_items_in_one_talk_or_not_at_all(session: AsyncSession) -> None:
    """The trial let an availability talk be held as part of a joint talk; the law of today does not."""
    branch = await factories.branch(session)
    await make.adviser(session, None, role="job_consultant")
    member = await make.member(session, branch)
    ids = await make.items(session, member)
    await session.execute(
        text("UPDATE obligation SET talks = '{availability_talk}' WHERE id = :i"), {"i": ids["avail_job"]}
    )
    await session.execute(
        text("UPDATE obligation SET window_from = '2026-10-05' WHERE activity = 'joint_1' AND member_id = :m"),
        {"m": member},
    )
    both = [ids["avail_job"], ids["joint_1"]]
    wish: dict[str, Any] = {"starts_at": at(date(2026, 10, 6), 9), "form": "personal", "now": NOW}
    with pytest.raises(errors.MergeNotAllowed):
        await service.book_talk(session, member, both, **wish)
    await session.execute(text("UPDATE spell SET regime = 'trial_2020' WHERE member_id = :m"), {"m": member})
    await service.book_talk(session, member, both, **wish)
    assert [await state(session, member, one) for one in ("avail_job", "joint_1")] == ["booked", "booked"]


async def test_what_is_offered_can_be_booked_and_nothing_else(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    for hours in ((9, 12), (10, 14)):
        await make.adviser(session, branch, *hours)
    member = await make.member(session, branch)
    await book(session, await make.member(session, branch), when=at(date(2026, 8, 5), 11))
    day = date(2026, 8, 5)
    booker = await facts.booker(session, member, day, now=NOW)
    items = [item for item in booker.items if item.activity == "cv_job"]
    found = await talks.offered(session, member, booker, items, first=day, last=day, now=NOW)
    times = [one.start.astimezone(COPENHAGEN).hour for one in found]
    assert times == [9, 10, 10, 11, 12, 13]
    for one in found:
        async with session.begin_nested() as nested:
            placed = await book(session, member, when=one.start, staff_id=one.staff_id)
            assert placed.staff_id == one.staff_id
            await nested.rollback()


async def test_a_new_plan_may_leave_a_booking_behind_that_can_be_cancelled(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    staff = await make.adviser(session, branch)
    member = await make.member(session, branch, risk="high")
    event = await make.workshop(session, activity="ws_write")
    placed = await service.book_seat(session, member, event, now=NOW)
    assert await state(session, member, "ws_write") == "booked"
    answers = forms.Answers(job_goal="Smed", strengths="-", search_so_far="-", obstacles="-", help_wanted="-")
    form = planning.Form(risk="low", reason="Has an offer", answers=answers)
    done = await planning.clarify(session, member, form, staff_id=staff.id, now=NOW)
    assert done is not None
    bookings = select(Booking.id).where(Booking.member_id == member, Booking.state == "booked")
    assert (len(done.ended_booked), await session.scalar(bookings)) == (1, placed.booking_id)
    await service.cancel(session, placed.booking_id, member, reason="other", now=NOW, by=staff.id)
    assert await make.counters(session, event) == (0, 0, 0)
