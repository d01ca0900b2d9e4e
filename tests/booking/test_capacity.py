from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import capacity, service
from backend.booking.capacity import TALKS, Assumptions, Key, Line
from backend.booking.tables_calendar import StaffAbsence
from backend.db.types import new_id
from tests import factories
from tests.booking import factories as make
from tests.booking.factories import NOW, at

pytestmark = pytest.mark.db
PLAIN = Assumptions(again=0, by_need=1)
WEEKS = [date(2026, 8, 3) + timedelta(days=7 * n) for n in range(14)]


async def lines(session: AsyncSession, **more: object) -> dict[Key, Line]:
    given: dict[str, object] = {"set_name": "metal", "weeks": 14, "now": NOW, "assumptions": PLAIN} | more
    return {one.key: one for one in await capacity.overview(session, **given)}  # type: ignore[arg-type]


async def test_need_is_spread_over_the_weeks_of_the_window(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    for _ in range(4):
        await make.member(session, branch)
    found = await lines(session)
    talks = {key.week: one.need for key, one in found.items() if key.branch_id == branch.id and key.activity == TALKS}
    # CV talk of an hour in weeks 1 and 2, availability talk of 45 minutes in 9 and 10.
    assert talks == {WEEKS[0]: 120, WEEKS[1]: 120, WEEKS[8]: 90, WEEKS[9]: 90}
    assert {k.week: one.need for k, one in found.items() if k.activity == "joint_1"} == {WEEKS[10]: 2, WEEKS[11]: 2}
    assert all(k.branch_id is None for k in found if k.activity == "joint_1")
    again = await lines(session, assumptions=Assumptions(again=0.5, by_need=1))
    assert again[Key(branch.id, WEEKS[0], TALKS)].need == 180


async def test_what_is_late_is_needed_this_week(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    await make.member(session, branch)
    found = await lines(session, now=NOW + timedelta(days=21))
    assert found[Key(branch.id, WEEKS[3], TALKS)].need == 60


async def test_what_is_booked_is_neither_needed_nor_free(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    adviser, member = await make.adviser(session, branch), await make.member(session, branch)
    this = Key(branch.id, WEEKS[1], TALKS)
    before = (await lines(session))[this]
    assert (before.need, before.free) == (30, 5 * 6 * 60)
    item = (await make.items(session, member))["cv_job"]
    when = at(date(2026, 8, 12), 10)
    await service.book_talk(session, member, [item], starts_at=when, form="personal", now=NOW)
    away = StaffAbsence(
        id=new_id(), staff_id=adviser.id, from_at=at(date(2026, 8, 13), 0), to_at=at(date(2026, 8, 14), 12)
    )
    session.add(away)
    await session.flush()
    after = (await lines(session))[this]
    assert (after.need, after.free) == (0, 5 * 6 * 60 - 60 - 6 * 60 - 3 * 60)
    # Of the week that runs only what is still to come counts: Monday from nine on.
    assert (await lines(session, now=NOW + timedelta(hours=2)))[Key(branch.id, WEEKS[0], TALKS)].free == 28 * 60


async def test_seats_and_shortages(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    members = [await make.member(session, branch, risk="high") for _ in range(3)]
    write = await make.workshop(session, activity="ws_write", capacity=2)
    key = Key(None, WEEKS[3], "ws_write")
    assert (await lines(session))[key][2:4] == (3, 2)
    await service.book_seat(session, members[0], write, now=NOW)
    found = await lines(session)
    assert found[key][2:4] == (2, 1)
    assert found[key].shortage == 1
    short = capacity.shortages(found.values(), by=WEEKS[3])
    assert key in [one.key for one in short]
    assert short == sorted(short, key=lambda one: -one.shortage)
    assert all(one.key.week <= WEEKS[3] for one in short)


async def test_seats_that_are_for_everybody_make_up_for_what_branches_lack(session: AsyncSession) -> None:
    """Three branches need a seat each in a net café, two are free in one that is held for all."""
    for _ in range(3):
        await make.member(session, await factories.branch(session), risk="high")
    cafe: dict[str, object] = {"activity": "netcafe", "kind": "net_cafe", "capacity": 2}
    await make.workshop(session, starts_at=at(date(2026, 8, 19), 10), **cafe)  # type: ignore[arg-type]
    found = [one for key, one in (await lines(session)).items() if key.activity == "netcafe" and key.branch_id]
    assert sorted((one.need, one.free, one.shared, one.shortage) for one in found) == [
        (1, 0, 0, 1), (1, 0, 1, 0), (1, 0, 1, 0)
    ]  # fmt: skip


async def test_a_gap_that_holds_no_talk_is_not_free_for_one(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    adviser = await make.adviser(session, branch)
    for n in range(5):
        from_at = at(WEEKS[1] + timedelta(days=n), 9, 40)
        away = StaffAbsence(id=new_id(), staff_id=adviser.id, from_at=from_at, to_at=from_at + timedelta(hours=4))
        session.add(away)
    await session.flush()
    # From nine to twenty to ten nobody can have a talk; from twenty to two to three somebody can.
    assert (await lines(session))[Key(branch.id, WEEKS[1], TALKS)].free == 5 * 80


async def test_expected_talks_about_job_search_are_added(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    found = await lines(session, weeks=2, extra={branch.id: 4.0})
    assert [found[Key(branch.id, week, TALKS)].need for week in WEEKS[:2]] == [180, 180]
    assert len(found) == 2


@contextmanager
def counted(session: AsyncSession) -> Iterator[list[str]]:
    connection = session.get_bind()
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(connection, "before_cursor_execute", note)


async def test_as_many_statements_for_many_as_for_few(session: AsyncSession) -> None:
    async def statements() -> int:
        with counted(session) as seen:
            await lines(session)
        return len(seen)

    await statements()  # The first one opens the transaction.
    few = await statements()
    for _ in range(3):
        branch = await factories.branch(session)
        await make.adviser(session, branch)
        await make.crowd(session, branch, 5)
        await session.execute(
            text("UPDATE member SET member_no = member_no || id WHERE branch_id = :b"), {"b": branch.id}
        )
    assert await statements() == few == 7
