"""A loan that a coordinator accepts: the times, the capacity and the sight of members follow it, and end with it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import capacity, errors, facts, loans, service, talks, times
from backend.booking.capacity import TALKS, Key
from backend.booking.loans import NewLoan
from backend.booking.tables_loans import CapacityLoan
from backend.clock import local_date
from backend.errors import Invalid, NotFound
from backend.members import access
from backend.members.identity import StaffIdentity
from backend.members.tables import Branch, Member, Staff
from tests import factories
from tests.booking import factories as make
from tests.booking.factories import NOW

pytestmark = pytest.mark.db
TODAY = local_date(NOW)
WEEK = date(2026, 8, 10)


async def _lent(session: AsyncSession, minutes: int = 300) -> tuple[Branch, Branch, Staff, Staff, CapacityLoan]:
    home, short = await factories.branch(session), await factories.branch(session)
    adviser = await make.adviser(session, home)
    chief = await factories.staff(session, role="coordinator")
    loan = NewLoan(adviser.id, short.id, WEEK, minutes)
    made = await loans.accept(session, loan, by=chief.id, today=TODAY, now=NOW)
    return home, short, adviser, chief, made


async def _free(session: AsyncSession, week: date = WEEK) -> dict[Key, float]:
    lines = await capacity.overview(session, set_name="metal", weeks=3, now=NOW)
    return {one.key: one.free for one in lines if one.key.activity == TALKS and one.key.week == week}


async def test_the_minutes_count_where_they_are_lent_to(session: AsyncSession) -> None:
    home, short, *_ = await _lent(session)
    free = await _free(session)
    assert free[Key(short.id, WEEK, TALKS)] == 300
    assert free[Key(home.id, WEEK, TALKS)] == 5 * 6 * 60 - 300
    assert Key(short.id, WEEK + timedelta(days=7), TALKS) not in await _free(session, WEEK + timedelta(days=7))


async def test_members_of_the_branch_are_offered_the_week_at_their_branch(session: AsyncSession) -> None:
    _, short, adviser, _, _ = await _lent(session)
    member = await make.member(session, short)
    items = await make.items(session, member)
    booker = await facts.booker(session, member, TODAY, now=NOW)
    item = next(one for one in booker.items if one.id == items["cv_job"])
    offered = await talks.offered(
        session, member, booker, [item], first=TODAY, last=TODAY + timedelta(days=13), now=NOW
    )
    theirs = [one for one in offered if one.staff_id == adviser.id]
    assert theirs
    assert all(WEEK <= local_date(one.start) < WEEK + timedelta(days=7) for one in theirs)
    assert {(one.forms, one.place) for one in theirs} == {(frozenset(make.FORMS), None)}


async def test_no_more_is_booked_than_was_lent(session: AsyncSession) -> None:
    """Of 100 minutes one talk of an hour; then the branch has 40 left, and the adviser's own branch all the rest."""
    home, short, adviser, _, _ = await _lent(session, minutes=100)
    members = [await make.member(session, short) for _ in range(2)]
    wish = {"starts_at": make.at(WEEK, 9), "form": "personal", "now": NOW}
    ids = [(await make.items(session, one))["cv_job"] for one in members]
    await service.book_talk(session, members[0], [ids[0]], **wish)  # type: ignore[arg-type]
    later = wish | {"starts_at": make.at(WEEK, 10)}
    with pytest.raises(errors.NotOffered):
        await service.book_talk(session, members[1], [ids[1]], **later)  # type: ignore[arg-type]
    [mine] = (await session.scalars(text("SELECT id FROM booking"))).all()
    moved = await service.move_talk(session, mine, members[0], **later)  # type: ignore[arg-type]
    assert moved.staff_id == adviser.id
    offered = await times.for_items(session, members[1], [ids[1]], by_staff=True, now=NOW)
    assert adviser.id not in {one.staff_id for one in offered.offers}
    free = await _free(session)
    assert free[Key(short.id, WEEK, TALKS)] == 40
    assert free[Key(home.id, WEEK, TALKS)] == 5 * 6 * 60 - 100


async def test_a_lent_adviser_is_met_in_person_at_one_place_a_day(session: AsyncSession) -> None:
    home, short, adviser, _, _ = await _lent(session)
    here, there = await make.member(session, home), await make.member(session, short)
    ids = [(await make.items(session, one))["cv_job"] for one in (here, there)]
    wish = {"form": "personal", "now": NOW, "staff_id": adviser.id}
    first = await service.book_talk(session, there, [ids[1]], starts_at=make.at(WEEK, 9), **wish)  # type: ignore[arg-type]
    place = await session.scalar(text("SELECT place FROM activity_session WHERE id = :s"), {"s": first.session_id})
    assert place == f"{short.name}, {short.city}"
    with pytest.raises(errors.NotOffered):
        await service.book_talk(session, here, [ids[0]], starts_at=make.at(WEEK, 13), **wish)  # type: ignore[arg-type]
    found = await times.for_items(session, here, [ids[0]], by_staff=False, now=NOW)
    days = {local_date(one.start) for one in found.offers if one.staff_id == adviser.id and "personal" in one.forms}
    assert WEEK not in days
    assert WEEK + timedelta(days=1) in days


async def test_the_adviser_sees_the_members_in_that_week_and_not_after_the_loan_was_called_off(
    session: AsyncSession,
) -> None:
    _, short, adviser, chief, made = await _lent(session)
    member = await factories.member(session, branch_id=short.id)
    who = StaffIdentity(adviser.id, adviser.staff_no, "adviser", frozenset({"adviser"}), adviser.branch_id)

    async def seen(day: date) -> bool:
        query = select(Member.id).where(Member.id == member.id, access.visible(who, day))
        return (await session.execute(query)).first() is not None

    assert not await seen(WEEK - timedelta(days=1))
    assert await seen(WEEK)
    assert not await seen(WEEK + timedelta(days=7))
    await loans.end(session, made.id, by=chief.id, today=TODAY, now=NOW)
    assert not await seen(WEEK)
    with pytest.raises(NotFound):
        await loans.end(session, made.id, by=chief.id, today=TODAY, now=NOW)


async def test_nobody_is_lent_twice_in_a_week_or_for_a_week_that_is_over(session: AsyncSession) -> None:
    home, _, adviser, chief, _ = await _lent(session)
    again = NewLoan(adviser.id, home.id, WEEK, 120)
    with pytest.raises(errors.AlreadyLent):
        await loans.accept(session, again, by=chief.id, today=TODAY, now=NOW)
    with pytest.raises(Invalid):
        await loans.accept(session, again._replace(week=WEEK - timedelta(days=28)), by=chief.id, today=TODAY, now=NOW)
