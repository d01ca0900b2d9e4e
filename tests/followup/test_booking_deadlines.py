"""Asked to book, reminded, missed: each once, and nobody who is away, has booked, or could not."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.booking import outages, service, times
from backend.course import service as course
from backend.course import spells
from backend.course.spells import NewSpell
from backend.followup import booking_deadlines, bookings, talk_attendance
from backend.followup import course as courses
from backend.followup.booking_deadlines import Asked
from backend.followup.bookings import Talk
from backend.talks.rules import Mark
from tests import factories
from tests.booking import factories as make
from tests.booking.factories import NOW, START, at

pytestmark = pytest.mark.db


async def scene(session: AsyncSession, n: int = 1, **values: Any) -> list[UUID]:
    branch = await factories.branch(session)
    await make.adviser(session, branch)
    return [await make.member(session, branch, **values) for _ in range(n)]


def day(n: int, month: int = 8) -> datetime:
    return at(date(2026, month, n), 8, 10)


async def told(session: AsyncSession, member_id: UUID) -> list[str]:
    rows = await session.scalars(
        text("SELECT key FROM message WHERE member_id = :m ORDER BY created_at, key, period"), {"m": member_id}
    )
    return list(rows)


async def tasks(session: AsyncSession) -> list[tuple[str, date]]:
    rows = await session.execute(text("SELECT state, due_on FROM task WHERE kind = 'booking_missed' ORDER BY key"))
    return [(row.state, row.due_on) for row in rows]


async def ask(session: AsyncSession, members: list[UUID], now: datetime) -> Asked:
    return await booking_deadlines.ask(session, members, set_name="metal", now=now)


async def states(session: AsyncSession, member_id: UUID) -> dict[str, str]:
    rows = await session.execute(
        text("SELECT params -> 'activity' ->> 'en' AS title, params ->> 'state' AS state FROM timeline_item"
             " WHERE member_id = :m AND kind = 'course_item'"), {"m": member_id},
    )  # fmt: skip
    return {row.title: row.state for row in rows}


async def test_each_is_asked_once_when_it_is_time(session: AsyncSession) -> None:
    members = await scene(session, 2)
    assert await ask(session, members, NOW) == (2, 2, 0)
    assert await ask(session, members, NOW) == (0, 0, 0)
    assert await told(session, members[0]) == ["N02"]
    seen = await states(session, members[0])
    assert (seen["CV talk and job talk"], seen["Availability talk and job talk"]) == ("book", "")
    # The availability talk begins in week nine: two weeks before, the member is asked.
    assert await ask(session, members, day(13, 9)) == (0, 0, 0)
    assert await ask(session, members, day(14, 9)) == (2, 2, 0)
    assert await told(session, members[0]) == ["N02", "N21"]
    rows = await session.execute(text("SELECT due_on - told_on AS days FROM booking_deadline"))
    assert {row.days for row in rows} == {8}


async def test_what_belongs_to_the_course_is_asked_for_without_a_deadline(session: AsyncSession) -> None:
    [member] = await scene(session, risk="high")
    await ask(session, [member], NOW)
    await ask(session, [member], at(START + timedelta(days=7), 8))
    assert await told(session, member) == ["N02", "N21"]
    deadlines = await session.scalar(text("SELECT count(*) FROM booking_deadline"))
    assert deadlines == 1


async def test_who_is_away_is_asked_when_they_are_back_and_their_deadline_waits(session: AsyncSession) -> None:
    members = await scene(session, 2)
    staff = await factories.staff(session)
    await ask(session, members[:1], NOW)
    for member in members:
        await course.grant_exemption(
            session, member, "sygdom", from_on=date(2026, 8, 4), to_on=date(2026, 8, 6), reason=None,
            staff_id=staff.id, now=NOW,
        )  # fmt: skip
    assert await ask(session, members, day(5)) == (0, 0, 0)
    assert (await states(session, members[0]))["CV talk and job talk"] == "paused"
    assert await booking_deadlines.remind(session, members, now=day(10)) == 0
    assert await ask(session, members, day(7)) == (1, 1, 0)
    rows = await session.execute(text("SELECT due_on FROM booking_deadline WHERE member_id = :m"), {"m": members[0]})
    assert rows.scalar_one() == date(2026, 8, 14)  # Told on the 3rd, ill from the 4th to the 6th.
    assert await ask(session, members, day(7)) == (0, 0, 0)


async def test_reminded_three_days_and_one_day_before(session: AsyncSession) -> None:
    [member] = await scene(session)
    await ask(session, [member], NOW)
    for on, new in ((7, 0), (8, 1), (9, 0), (10, 1), (11, 0)):
        assert await booking_deadlines.remind(session, [member], now=day(on)) == new, on
    assert await told(session, member) == ["N02", "N03", "N03"]
    # A day that was missed is made up for, and a later last day is reminded of anew.
    await session.execute(text("UPDATE booking_deadline SET due_on = '2026-08-14'"))
    assert await booking_deadlines.remind(session, [member], now=day(12)) == 1


async def test_missed_becomes_a_task_that_booking_closes(session: AsyncSession) -> None:
    [member] = await scene(session)
    item = (await make.items(session, member))["cv_job"]
    await ask(session, [member], NOW)
    assert await booking_deadlines.miss(session, set_name="metal", now=day(11)) == 0
    outage = await outages.begin(session, from_at=day(12), note=None)
    assert await booking_deadlines.miss(session, set_name="metal", now=day(12)) == 0
    await booking_deadlines.end_outage(
        session, outage, to_at=day(12) + timedelta(hours=1), set_name="metal", now=day(12)
    )
    assert await booking_deadlines.miss(session, set_name="metal", now=day(12)) == 1
    assert await booking_deadlines.miss(session, set_name="metal", now=day(13)) == 0
    assert await tasks(session) == [("open", date(2026, 8, 14))]
    assert (await states(session, member))["CV talk and job talk"] == "missed"
    await bookings.book_talk(
        session, member, Talk([item], at(date(2026, 8, 14), 9), "personal"), hold=False, by=None, set_name="metal",
        now=day(13),
    )  # fmt: skip
    assert await tasks(session) == [("cancelled", date(2026, 8, 14))]
    assert (await states(session, member))["CV talk and job talk"] == "booked"


async def test_where_eight_days_reach_beyond_the_last_day_a_person_finds_a_time(session: AsyncSession) -> None:
    [member] = await scene(session)
    last = await session.scalar(text("SELECT due_on FROM obligation WHERE activity = 'cv_job'"))
    late = at(last - timedelta(days=7), 8)
    assert await ask(session, [member], late) == (0, 1, 1)
    assert await told(session, member) == ["N21"]
    assert await tasks(session) == [("open", last)]
    assert await ask(session, [member], late) == (0, 0, 0)


async def test_who_fell_ill_before_the_last_day_has_missed_nothing(session: AsyncSession) -> None:
    """Reported on the last day, a Friday, and found by the import on Monday: nobody is rung, no day is lost."""
    staff = await factories.staff(session)
    here, late, after = await scene(session, 3)
    await ask(session, [here, late, after], day(6))

    async def ill(member: UUID, first: int, now: datetime) -> None:
        await course.grant_exemption(
            session, member, "sygdom", from_on=date(2026, 8, first), to_on=None, reason=None, staff_id=staff.id, now=now
        )

    await ill(here, 13, day(14))
    await courses.follow_exemption(session, here, now=day(14))
    assert (await states(session, here))["CV talk and job talk"] == "paused"
    await ill(late, 14, day(14))
    await ill(after, 15, day(15))
    assert await booking_deadlines.miss(session, set_name="metal", now=day(15)) == 1
    assert (await states(session, after))["CV talk and job talk"] == "missed"
    assert (await states(session, late))["CV talk and job talk"] == "paused"
    await session.execute(text("UPDATE exemption SET to_on = '2026-08-19'"))
    await ask(session, [here, late], day(20))
    rows = await session.execute(text("SELECT due_on FROM booking_deadline WHERE state = 'open' ORDER BY due_on"))
    assert [row.due_on.day for row in rows] == [20, 21]


async def test_who_was_ill_on_the_last_day_as_we_hear_later_has_missed_nothing(session: AsyncSession) -> None:
    """The import of the night brings it when the deadline has just been missed: it is open again, and nobody rings."""
    staff = await factories.staff(session)
    members = await scene(session, 2)
    await ask(session, members, day(6))
    await session.execute(text("UPDATE obligation SET due_on = '2026-08-30' WHERE activity = 'cv_job'"))
    assert await booking_deadlines.miss(session, set_name="metal", now=day(15)) == 2
    for member, last in zip(members, (date(2026, 8, 14), None), strict=True):
        await course.grant_exemption(
            session, member, "sygdom", from_on=date(2026, 8, 14), to_on=last, reason=None, staff_id=staff.id, now=NOW
        )
    await ask(session, members, day(17))
    assert [state for state, _ in await tasks(session)] == ["cancelled", "cancelled"]
    rows = await session.execute(text("SELECT state, due_on, paused_on FROM booking_deadline ORDER BY due_on DESC"))
    assert [tuple(row) for row in rows] == [
        ("open", date(2026, 8, 17), None), ("open", date(2026, 8, 14), date(2026, 8, 14))
    ]  # fmt: skip
    await ask(session, members, day(18))
    assert await booking_deadlines.miss(session, set_name="metal", now=day(18)) == 1


async def test_before_holidays_the_reminder_comes_while_it_is_of_use(session: AsyncSession) -> None:
    [member] = await scene(session)
    await ask(session, [member], NOW)
    await session.execute(text("UPDATE booking_deadline SET due_on = '2027-03-29'"))  # Easter Monday.
    sent = [await booking_deadlines.remind(session, [member], now=at(date(2027, 3, n), 8)) for n in (22, 23, 24)]
    assert sent == [0, 0, 1]
    assert await session.scalar(text("SELECT period LIKE '%late' FROM message WHERE key = 'N03'"))


async def test_who_cannot_book_any_more_is_rung_once_and_before_the_last_day_where_all_is_taken(
    session: AsyncSession,
) -> None:
    [member] = await scene(session)
    item = (await make.items(session, member))["cv_job"]
    await ask(session, [member], NOW)
    await session.execute(text("DELETE FROM working_hours"))
    for n in range(10, 20):
        await ask(session, [member], day(n))
        await booking_deadlines.miss(session, set_name="metal", now=day(n))
        await times.for_items(session, member, [item], by_staff=False, now=day(n))
    # On the 10th no time was free until the 16th, the last day: somebody rings, though the deadline was moved.
    assert await tasks(session) == [("open", date(2026, 8, 13))]
    assert await booking_deadlines.miss(session, set_name="metal", now=day(25)) == 1
    assert len(await tasks(session)) == 1


async def test_who_was_lawfully_away_from_a_talk_on_its_last_day_is_rung_when_they_are_back(
    session: AsyncSession,
) -> None:
    [member] = await scene(session)
    staff = await factories.staff(session)
    item, last = (await make.items(session, member))["cv_job"], date(2026, 8, 14)
    await session.execute(text("UPDATE obligation SET due_on = :d WHERE id = :i"), {"d": last, "i": item})
    placed = await service.book_talk(session, member, [item], starts_at=at(last, 9), form="personal", now=NOW)
    ill = {"from_on": last, "to_on": date(2026, 8, 17), "reason": None, "staff_id": staff.id, "now": day(14)}
    await course.grant_exemption(session, member, "sygdom", **ill)  # type: ignore[arg-type]
    marks = [Mark(placed.booking_id, attended=False, reason="sick")]
    await talk_attendance.register(session, marks, by=staff.id, set_name="metal", now=day(17))
    assert [(await ask(session, [member], day(n))).tasks for n in (17, 18, 19)] == [0, 1, 0]
    assert await tasks(session) == [("open", date(2026, 8, 20))]


async def test_of_whose_spell_we_heard_too_late_for_the_first_talk_somebody_rings(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    member = (await factories.member(session, branch_id=branch.id)).id
    late = day(24)
    started = await spells.start_many(
        session, [NewSpell(member, START)], set_name="metal", source="import", now=late
    )  # fmt: skip
    assert "cv_job" in {item.activity for item in started[0].items}
    assert [await ask(session, [member], now) for now in (late, day(25))] == [(0, 0, 1), (0, 0, 0)]
    assert await tasks(session) == [("open", date(2026, 8, 26))]


async def test_whom_an_outage_gives_new_days_nobody_need_ring(session: AsyncSession) -> None:
    [member] = await scene(session)
    await ask(session, [member], NOW)
    assert await booking_deadlines.miss(session, set_name="metal", now=day(12)) == 1
    outage = await outages.begin(session, from_at=day(11), note=None)
    ended = {"to_at": day(11) + timedelta(hours=1), "set_name": "metal", "now": day(12)}
    assert await booking_deadlines.end_outage(session, outage, **ended) == 1  # type: ignore[arg-type]
    assert [state for state, _ in await tasks(session)] == ["cancelled"]


async def test_the_statements_do_not_grow_with_the_members(session: AsyncSession, engine: AsyncEngine) -> None:
    members = await scene(session, 6)
    seen: list[str] = []

    def listen(*args: Any) -> None:
        seen.append(args[2])

    async def count(some: list[UUID]) -> int:
        seen.clear()
        await ask(session, some, NOW)
        await booking_deadlines.remind(session, some, now=day(10))
        return len(seen)

    event.listen(engine.sync_engine, "before_cursor_execute", listen)
    assert await count(members[:1]) == await count(members[1:])
    event.remove(engine.sync_engine, "before_cursor_execute", listen)
