"""What is offered, and to whom: the item's window, the spell that runs, the advisers who are asked."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import bookable, capacity, deadlines, errors, service, times
from backend.booking.deadlines import NewDeadline
from backend.course import spells
from backend.course.spells import NewSpell
from tests import factories
from tests.booking import factories as make
from tests.booking.factories import NOW, at

pytestmark = pytest.mark.db
TEN = at(date(2026, 8, 5), 10)
AGAIN = date(2026, 10, 5)


async def test_once_the_window_is_over_nothing_is_offered_and_no_deadline_moves(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    await make.adviser(session, branch)
    member = await make.member(session, branch)
    item = (await make.items(session, member))["cv_job"]
    await deadlines.set_many(session, [NewDeadline(item, member, date(2026, 8, 20))], now=NOW)
    for day in (17, 18, 19):
        found = await times.for_items(session, member, [item], by_staff=False, now=at(date(2026, 8, day), 9))
        assert found.offers == ()
    due = await session.scalar(text("SELECT due_on FROM booking_deadline"))
    assert due == date(2026, 8, 20)
    late = await times.for_items(session, member, [item], by_staff=True, now=at(date(2026, 8, 19), 9))
    assert late.offers


async def test_what_was_missed_in_a_spell_that_ended_stands_in_no_way(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    member = await make.member(session, branch, risk="high")
    missed = (await make.items(session, member))["ws_write"]
    await session.execute(text("UPDATE obligation SET state = 'missed' WHERE id = :i"), {"i": missed})
    await spells.end_many(session, [member], on=date(2026, 8, 31), now=at(date(2026, 8, 31), 9))
    now = at(AGAIN, 9)
    await spells.start_many(session, [NewSpell(member, AGAIN)], set_name="metal", source="import", now=now)
    shown = await bookable.of_member(session, member, now=now)
    [wanted] = [one.item.id for one in shown if one.item.activity == "ws_write"]
    assert wanted != missed
    lines = await capacity.overview(session, set_name="metal", weeks=1, now=now)
    assert "ws_write" not in {line.key.activity for line in lines}
    event = await make.workshop(session, activity="ws_write", starts_at=at(date(2026, 10, 27), 10))
    placed = await service.book_seat(session, member, event, now=now)
    linked = await session.scalars(
        text("SELECT obligation_id FROM booking_obligation WHERE booking_id = :b"), {"b": placed.booking_id}
    )
    assert linked.all() == [wanted]


async def _book(session: AsyncSession, member: UUID, item: str, **more: object) -> None:
    items = [(await make.items(session, member))[item]]
    wish = {"starts_at": TEN, "form": "personal", "now": NOW} | more
    await service.book_talk(session, member, items, **wish)  # type: ignore[arg-type]


async def test_a_joint_talk_is_a_seat_and_no_talk_with_one_adviser(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    await make.adviser(session, None, role="job_consultant")
    member = await make.member(session, branch)
    with pytest.raises(errors.NothingToBook):
        await _book(session, member, "joint_1", starts_at=TEN + timedelta(days=70))


async def test_only_staff_ask_for_an_adviser_of_another_branch(session: AsyncSession) -> None:
    branch, other = await factories.branch(session), await factories.branch(session)
    await make.adviser(session, branch)
    far = await make.adviser(session, other)
    member = await make.member(session, branch)
    with pytest.raises(errors.NotOffered):
        await _book(session, member, "cv_job", staff_id=far.id)
    await _book(session, member, "cv_job", staff_id=far.id, by=far.id)
