"""What follows from changed spells, for many as for few; and that it is done once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.booking import errors_sessions, rules_sessions
from backend.booking.rules_sessions import Setup
from backend.clock import COPENHAGEN
from backend.course import following, obligations, plans, regimes, spells
from backend.course.spells import NewSpell
from backend.followup import course
from tests import factories

START = date(2026, 8, 3)
NOW = datetime(2026, 8, 3, 9, 0, tzinfo=COPENHAGEN)
db = pytest.mark.db


@contextmanager
def counted(session: AsyncSession) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    connection = session.get_bind()
    event.listen(connection, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(connection, "before_cursor_execute", note)


async def members(session: AsyncSession, n: int) -> list[UUID]:
    branch = await factories.branch(session)
    return [(await factories.member(session, branch_id=branch.id)).id for _ in range(n)]


async def statements(session: AsyncSession, n: int) -> list[int]:
    """How many it takes to begin spells, to follow another risk, and to settle each."""
    them = await members(session, n)
    found = []
    with counted(session) as seen:
        items = [NewSpell(one, START) for one in them]
        await spells.start_many(session, items, set_name="metal", source="import", now=NOW)
        found.append(len(seen))
        assert await course.settle_many(session, them, set_name="metal", now=NOW) == n
        found.append(len(seen))
    await session.execute(text("UPDATE member SET risk = 'high' WHERE id = ANY(:m)"), {"m": them})
    with counted(session) as seen:
        assert len((await following.follow(session, them, set_name="metal", now=NOW)).replanned) == n
        found.append(len(seen))
        assert await course.settle_many(session, them, set_name="metal", now=NOW) == n
        found.append(len(seen))
    return found


@db
async def test_as_many_statements_for_many_as_for_few(session: AsyncSession) -> None:
    assert await statements(session, 2) == await statements(session, 12)


@db
async def test_what_is_settled_is_settled_once(session: AsyncSession) -> None:
    (member,) = await members(session, 1)
    items = [NewSpell(member, START)]
    await spells.start_many(session, items, set_name="metal", source="import", now=NOW)
    assert await course.settle_many(session, [member], set_name="metal", now=NOW) == 1
    everything = text("SELECT (SELECT count(*) FROM message), (SELECT count(*) FROM timeline_item)")
    before = (await session.execute(everything)).one()
    assert before == (1, 4)
    assert await course.settle_many(session, [member], set_name="metal", now=NOW) == 0
    await session.execute(text("UPDATE spell SET unsettled = true"))
    await course.settle_many(session, [member], set_name="metal", now=NOW + timedelta(hours=1))
    assert (await session.execute(everything)).one() == before


@given(
    plan=st.sampled_from(sorted(plans.versions("metal")[-1].plans)),
    late=st.integers(min_value=0, max_value=130),
)
def test_only_what_lies_ahead_is_begun_but_for_statutory_talks_of_young_spells(plan: str, late: int) -> None:
    regime = regimes.all_regimes()["flexible_2026"]
    whole = obligations.generate(plans.for_start("metal", START), plan, START, regime)
    today = START + late * calendar.DAY
    kept = obligations.ahead(whole, START, today)
    assert set(kept) <= set(whole)
    for item in whole:
        passed = item.window_to < today
        assert (item in kept) == (not passed or (item.statutory and late < 28))


@given(
    own=st.integers(min_value=5, max_value=60), seats=st.integers(min_value=1, max_value=6),
    lead=st.integers(min_value=0, max_value=60),
)  # fmt: skip
def test_nobody_waits_more_than_45_minutes_for_a_joint_talk(own: int, seats: int, lead: int) -> None:
    setup = Setup(
        activity="joint_1", form="personal", capacity=seats, minutes=min(lead + seats * own, 600), place="Vejle",
        lead_minutes=lead, own_minutes=own,
    )  # fmt: skip
    possible = seats <= 4 and (seats - 1) * own <= 45 and lead + seats * own >= 10
    if possible:
        assert rules_sessions.check(setup, "metal", START).kind == "joint_talk"
    else:
        with pytest.raises((errors_sessions.WaitTooLong, errors_sessions.LengthNotPossible)):
            rules_sessions.check(setup, "metal", START)
